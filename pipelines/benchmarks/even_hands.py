"""Whether control errs alike for everybody: false overstays and false missing exits by citizenship and sex.

An overstay is false where the person in truth had left by the last allowed day; an exit that was not matched is false
where the border had recorded and reported it. Groups are compared with the one that fares best.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from pipelines.benchmarks.processes import Measure
from pipelines.storage.database import quoted

LEAST_STAYS = 5_000
MOST_APART = 1.25
# Days within which the simulated border reports a late passage.
REPORTED_WITHIN = 6
JUDGED = """CREATE TEMP TABLE judged_stay AS
WITH truth AS (
  SELECT who.person_id, person.citizenship, person.sex, stay.exit_recorded,
    CAST(CAST(stay.entered_at AS TIMESTAMPTZ) AS DATE) AS first_day,
    CAST(CAST(stay.left_at AS TIMESTAMPTZ) AS DATE) AS left_on
  FROM read_parquet({stays}) AS stay JOIN read_parquet({persons}) AS person USING (person_no) JOIN who USING (person_no)
)
SELECT truth.citizenship, truth.sex,
  stay.allowed_until < $last AND truth.left_on <= stay.allowed_until AS left_in_time,
  coalesce(stay.control_state IN ('overstay', 'left_late'), false) AS is_overstay,
  truth.exit_recorded AND truth.left_on + {reported} <= $last AS exit_told,
  coalesce(stay.control_state = 'exit_not_matched', false) AS is_unmatched
FROM registry.stay AS stay
ASOF JOIN truth ON stay.person_id = truth.person_id AND stay.entered_on >= truth.first_day
WHERE stay.entered_on <= truth.left_on"""
RATES = """WITH grouped AS (
  SELECT kind, name, measure, count(*) AS stays, count(*) FILTER (is_false) AS wrong FROM (
    SELECT unnest(['citizenship', 'sex']) AS kind, unnest([citizenship, sex]) AS name, measure, is_false FROM (
      SELECT citizenship, sex, 'false_overstay' AS measure, is_overstay AS is_false FROM judged_stay WHERE left_in_time
      UNION ALL SELECT citizenship, sex, 'false_unmatched', is_unmatched FROM judged_stay WHERE exit_told))
  WHERE name IS NOT NULL GROUP BY ALL HAVING count(*) >= $least
), bounded AS (
  SELECT *, wrong / stays AS rate, greatest((wrong + 1.9207 - w) / (stays + 3.8415), 0) AS lower,
    (wrong + 1.9207 + w) / (stays + 3.8415) AS upper
  FROM (SELECT *, sqrt(3.8415 * (wrong * (stays - wrong) / stays + 0.9604)) AS w FROM grouped)
), compared AS (
  SELECT *, min(rate) OVER best AS least, arg_min(upper, rate) OVER best AS least_upper FROM bounded
  WINDOW best AS (PARTITION BY kind, measure)
)
SELECT measure, kind, name, stays, wrong, rate, lower, upper, rate / nullif(least, 0) AS times_the_least,
  rate <= $apart * least OR lower <= least_upper AS is_even
FROM compared ORDER BY ALL"""
NAMES = ("measure", "kind", "group", "stays", "wrong", "rate", "lower", "upper", "times_the_least", "is_even")


def judge_control(
    connection: duckdb.DuckDBPyConnection, truth: Path, last: date, least: int = LEAST_STAYS
) -> list[Measure]:
    """One measure per kind of error and group of enough stays.

    Args:
        connection: The build database, with the table `who` that names the persons of the truth.
        truth: Folder of the truth.
        last: Last day that the centre covers.
        least: Stays that a group needs to be compared.
    """
    files = {name: quoted(truth / f"{name}.parquet") for name in ("persons", "stays")}
    connection.execute(JUDGED.format(reported=REPORTED_WITHIN, **files), {"last": last})
    found = connection.execute(RATES, {"least": least, "apart": MOST_APART}).fetchall()
    return [{name: _rounded(value) for name, value in zip(NAMES, row, strict=True)} for row in found]


def _rounded(value: float | str | bool | None) -> float | str | bool | None:
    return round(value, 5) if isinstance(value, float) else value
