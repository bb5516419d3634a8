"""How many days of stay a person has used and has left, by each counter of the rule that governs the last stay.

The days are those of the macro `stay_days`, so that a statement and a query say the same. The copy without the asylum
officers' key counts the days under a paper of asylum as used: fewer days than the stays shown would tell of the paper.
"""

from __future__ import annotations

from datetime import date

import duckdb

from pipelines.persons.sections import ASYLUM_FEEDS, Row, Section, read_rows

COLUMNS = ("counter", "used", "allowed", "left_over", "rule_id", "act", "clause")
KEY = "SELECT person_key FROM registry.person_key WHERE person_id = $person"
COUNTED = """SELECT told.*, rule.window_days FROM stay_days($key, $day) AS told
LEFT JOIN reference.stay_rule AS rule USING (rule_id) ORDER BY told.counter"""
# One row per counter: days of stays that a paper of asylum covers and no other one does.
UNDER_ASYLUM = """WITH stay AS (
  SELECT entered_on, coalesce(entered_on, first_sign_on) AS begins_on,
    least(coalesce(left_on, if(ended_on <= $day, last_sign_on, $day)), $day) AS ends_on
  FROM registry.stay WHERE person_id = $person AND coalesce(entered_on, first_sign_on) <= $day
), paper AS (
  SELECT valid_from, coalesce(valid_to, $day + 1) AS valid_to, list_contains($hidden, basis_feed) AS is_hidden
  FROM registry.legal_status
  WHERE person_id = $person AND status NOT IN ('pending', 'undetermined_status', 'visa_free')
), day AS (
  SELECT DISTINCT CAST(unnest(range(stay.begins_on, stay.ends_on + 1, INTERVAL 1 DAY)) AS DATE) AS day FROM stay
), hidden AS (
  SELECT day.day FROM day JOIN paper ON day.day >= paper.valid_from AND day.day < paper.valid_to
  GROUP BY day.day HAVING bool_and(paper.is_hidden)
)
SELECT count(*) FILTER (day >= (SELECT max(entered_on) FROM stay)) AS entry,
  count(*) FILTER (day > $day - $window) AS "window", count(*) FILTER (year(day) = year($day)) AS "year"
FROM hidden"""


def count_days(
    restricted: duckdb.DuckDBPyConnection,
    analysis: duckdb.DuckDBPyConnection,
    person_id: str,
    day: date,
    with_asylum: bool,
) -> Section:
    """One row per counter: days used on a day, days that the rule allows, days left, with act and clause.

    Args:
        restricted: The restricted file, in use.
        analysis: The analysts' file of the same generation, in use.
        person_id: The person. Who has no stay begun by that day has no rows.
        day: The day up to which days count.
        with_asylum: Whether papers of asylum may be told of.
    """
    rows = read_rows(analysis, COUNTED, key=_key_of(restricted, person_id), day=day)
    if rows and not with_asylum:
        asked = {"person": person_id, "day": day, "hidden": list(ASYLUM_FEEDS), "window": rows[0]["window_days"] or 0}
        hidden = read_rows(restricted, UNDER_ASYLUM, **asked)[0]
        rows = [_with_days(row, hidden[row["counter"]]) for row in rows]
    return Section("stay_days", COLUMNS, [{column: row[column] for column in COLUMNS} for row in rows])


def _key_of(restricted: duckdb.DuckDBPyConnection, person_id: str) -> str | None:
    keys = read_rows(restricted, KEY, person=person_id)
    return str(keys[0]["person_key"]) if keys else None


def _with_days(row: Row, more: int) -> Row:
    used = None if row["used"] is None else row["used"] + more
    left = None if row["left_over"] is None else max(row["allowed"] - used, 0)
    return row | {"used": used, "left_over": left}
