"""When each month is released, revised and final: the calendar of the release, as a table."""

from __future__ import annotations

import duckdb

from pipelines.release.protecting import FINAL_AFTER, REVISED_AFTER

TABLE = "calendar"
DUE_AFTER_DAYS = 30
AHEAD = 12

CALENDAR = f"""CREATE OR REPLACE TEMP TABLE released_{TABLE} AS
WITH month AS (
  SELECT first_day, age FROM closed_month
  UNION ALL
  SELECT CAST(last.first_day + to_months(CAST(number AS INTEGER)) AS DATE), -number
  FROM (SELECT max(first_day) AS first_day FROM closed_month) AS last, range(1, {AHEAD + 1}) AS ahead(number)
  WHERE last.first_day IS NOT NULL
)
SELECT strftime(first_day, '%Y-%m') AS period,
  CASE WHEN age < 0 THEN 'planned' WHEN age >= {FINAL_AFTER} THEN 'final' WHEN age >= {REVISED_AFTER} THEN 'revised'
    ELSE 'provisional' END AS state,
  last_day(first_day) + {DUE_AFTER_DAYS} AS provisional_by,
  CAST(last_day(first_day) + INTERVAL {REVISED_AFTER} MONTH AS DATE) AS revised_on,
  CAST(last_day(first_day) + INTERVAL {FINAL_AFTER} MONTH AS DATE) AS final_on
FROM month ORDER BY period"""


def lay_out(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes `released_calendar` from `closed_month`: the months released and the twelve to come."""
    connection.execute(CALENDAR)
