"""Canaries: persons whom no other in their district is like, looked for in what is published.

A person is re-identified where a published count that holds the person holds fewer than three: its row then says of
somebody whom the neighbours know what they did not know.
"""

from __future__ import annotations

import duckdb

FEWEST = 3

UNIQUE = """CREATE OR REPLACE TEMP TABLE canary AS
SELECT region, district, citizenship, category, sex, age_group
FROM aggregates.released_stock_delta
WHERE indicator IN ('present_confirmed', 'presence_unknown')
  AND valid_day <= (SELECT last_day(max(first_day)) FROM closed_month)
GROUP BY ALL HAVING sum(change) = 1"""


def find(connection: duckdb.DuckDBPyConnection) -> int:
    """Makes `canary`, one row per person who is alone in a district with citizenship, category, sex and age group."""
    connection.execute(UNIQUE)
    ((number,),) = connection.execute("SELECT count(*) FROM canary").fetchall()
    return int(number)


def identified(
    connection: duckdb.DuckDBPyConnection, exact: str, judged: str, dimensions: tuple[str, ...], grouped: str | None
) -> int:
    """How many canaries stand in a published count of fewer than three in the last month.

    Args:
        connection: With `canary`.
        exact: Cells of the table before grouping, with `shown_as`.
        judged: The table as published, with `exact` and `value`.
        dimensions: Of the table.
        grouped: The dimension of which `shown_as` is the published code.
    """
    known = ", ".join(dimensions)
    names = ", ".join(f"shown_as AS {name}" if name == grouped else name for name in dimensions)
    ((number,),) = connection.execute(
        f"""SELECT count(*) FROM (
          SELECT period, {names} FROM canary JOIN {exact} USING ({known})
          WHERE indicator = 'stock' AND period = (SELECT max(period) FROM {exact})
        ) JOIN {judged} AS judged USING (period, {known})
        WHERE judged.indicator = 'stock' AND judged.value IS NOT NULL AND round(judged.exact) < {FEWEST}"""
    ).fetchall()
    return int(number)
