"""How chances of open stays agree with who was here: by citizenship, last allowed day, and for exits not matched.

A sum of chances has the bounds of the model, and those of single persons who are here or not by chance beside them.
"""

from __future__ import annotations

from datetime import date

import duckdb

from pipelines.benchmarks.processes import Measure
from pipelines.storage.database import quoted

LARGE = 300
PAST = "$last - allowed_until"
GROUPS = {
    "all open stays": "true",
    "silent ones": "chance < 1",
    "no last allowed day": "allowed_until IS NULL",
    "last allowed day not past": f"{PAST} <= 0",
    "1 to 30 days past it": f"{PAST} BETWEEN 1 AND 30",
    "31 to 90 days past it": f"{PAST} BETWEEN 31 AND 90",
    "91 to 180 days past it": f"{PAST} BETWEEN 91 AND 180",
    "more than 180 days past it": f"{PAST} > 180",
    "exit not matched": "control_state = 'exit_not_matched'",
}

OPEN = """CREATE TEMP TABLE judged AS
SELECT stay.citizenship, stay.allowed_until, stay.control_state, stay.presence_probability AS chance,
  if(stay.silent_since < $last, curve.lower, 1) AS lower, if(stay.silent_since < $last, curve.upper, 1) AS upper,
  CAST(stay.person_id IN (
    SELECT true_stay.person_id FROM true_stay
    WHERE first_day <= $last AND gone_on > $last AND true_stay.person_id IS NOT NULL
  ) AS INTEGER) AS is_here
FROM registry.stay
LEFT JOIN presence.age ON age.days = $last - stay.silent_since
LEFT JOIN intermediate.weighed_curve AS curve ON curve.presence_class = stay.presence_class AND curve.ending = 'open'
  AND curve.band = age.band AND curve.silent_band = age.band AND curve.known_to_seq IS NULL
WHERE ended_on IS NULL AND departed_on IS NULL
AND stay.person_id IN (SELECT person_id FROM true_stay WHERE gone_on > DATE '0001-01-01')
AND stay.person_id NOT IN (SELECT person_id FROM registry.legal_status WHERE status = 'citizen')"""
CALIBRATION = """WITH bin AS (
  SELECT least(floor(chance * 20), 19) AS bin, count(*) AS n, avg(chance) AS chance, avg(is_here) AS is_here
  FROM judged WHERE {which} GROUP BY 1),
whole AS (
  SELECT count(*) AS n, sum(chance) AS chance, sum(is_here) AS is_here, sum(lower) AS lower, sum(upper) AS upper,
    sum(chance * (1 - chance)) AS variance
  FROM judged WHERE {which})
SELECT n, chance / n, is_here / n, (SELECT sum(bin.n * abs(bin.chance - bin.is_here)) FROM bin) / n,
  chance, is_here, lower, upper, abs(is_here - chance)
    <= sqrt(if(is_here < chance, chance - lower, upper - chance) ^ 2 + 3.84 * variance)
FROM whole WHERE n > 0"""
NAMES = ("open_stays", "mean_chance", "share_here", "calibration_error", "expected", "here", "lower", "upper")


def judge_open_stays(connection: duckdb.DuckDBPyConnection, last: date, large: int = LARGE) -> list[Measure]:
    """A row for each group that has open stays on the last day.

    Args:
        connection: The registry and the curves, with the table `true_stay` of who was where.
        last: The last day.
        large: Open stays from which on a citizenship is a group.
    """
    connection.execute(OPEN, {"last": last})
    states = connection.execute(
        "SELECT citizenship FROM judged GROUP BY 1 HAVING count(*) >= $1 ORDER BY count(*) DESC, citizenship", [large]
    ).fetchall()
    groups = GROUPS | {f"citizens of {name}": f"citizenship = {quoted(name)}" for (name,) in states}
    found: list[Measure] = []
    for name, which in groups.items():
        query = CALIBRATION.format(which=which.replace("$last", f"DATE '{last}'"))
        for *values, within in connection.execute(query).fetchall():
            row: Measure = {"group": name, "within_both": bool(within)}
            found.append(row | {n: round(float(value), 4) for n, value in zip(NAMES, values, strict=True)})
    return found
