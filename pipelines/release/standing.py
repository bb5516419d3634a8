"""Months that stand: the figures of a month are told anew as its calendar says, and as they were in between.

A month is told when it has closed, anew a month later when late reports have come, revised after six months and final
after seventeen. Were it told anew with each release, whoever compares two of them would see each late record by itself:
where little changes, a figure that moves tells of one person. So corrections come out together, three times.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.release import catalogue
from pipelines.release.designs import Design
from pipelines.release.protecting import FINAL_AFTER, REVISED_AFTER
from pipelines.storage.database import quoted

STAGE = f"((({{age}}) >= 1)::INTEGER + (({{age}}) >= {REVISED_AFTER})::INTEGER + (({{age}}) >= {FINAL_AFTER})::INTEGER)"
AGE_THEN = "date_diff('month', first_day, CAST($1 || '-01' AS DATE))"
MONTHS = f"""CREATE OR REPLACE TEMP TABLE standing_month AS
SELECT strftime(first_day, '%Y-%m') AS period FROM closed_month
WHERE {AGE_THEN} >= 0 AND {STAGE.format(age=AGE_THEN)} = {STAGE.format(age="age")}"""


def find(connection: duckdb.DuckDBPyConnection, release: Path, is_anew: bool = False) -> None:
    """Makes `standing_month`, one row per month that the release that stands tells at the same stage.

    Args:
        connection: With `closed_month`.
        release: The release that stands.
        is_anew: Whether all months are told anew, after an error that was announced.
    """
    month = None if is_anew else catalogue.month_of(release)
    connection.execute(MONTHS, [month or None])


def keep(connection: duckdb.DuckDBPyConnection, design: Design, release: Path) -> None:
    """Puts the figures of months that stand in place of those just made.

    What was not told of such a month stays untold, a whole table that is new or has other dimensions now too, since
    nobody attacked it together with what stands; but for a table that grows: a community is known three months after it
    formed, or later. What is added to a month so is fresh to the attacks, and nothing is added of which the month tells
    under another name: the two figures would show what came between them.
    """
    if not design.published:
        return
    keys = ", ".join(("period", *design.dimensions, "indicator"))
    name, columns = design.name, ", ".join(design.columns)
    is_known = catalogue.tables_of(release).get(name) == design.dimensions
    told = f"read_parquet({quoted(release / 'data' / f'{name}.parquet')})" if is_known else f"released_{name}"
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE standing AS
        SELECT {columns} FROM {told} SEMI JOIN standing_month USING (period) WHERE {is_known}"""
    )
    is_fresh = f"(period NOT IN (FROM standing_month) OR {_grows(design)})"
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE released_{name} AS
        SELECT * FROM (SELECT {columns} FROM released_{name} WHERE {is_fresh} UNION ALL FROM standing) ORDER BY ALL"""
    )
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE judged_{name} AS
        SELECT judged.* REPLACE (shown.value AS value, {is_fresh} AS is_fresh)
        FROM judged_{name} AS judged LEFT JOIN (FROM released_{name}) AS shown USING ({keys})"""
    )
    connection.execute("DROP TABLE standing")


def _grows(design: Design) -> str:
    """Whether a row is of something that the month does not tell yet, by its name or by what it is of, as SQL."""
    if not design.grows:
        return "false"
    known = (f"period, {design.grows}", ", ".join(("period", *design.subject)))
    return " AND ".join(f"({one}) NOT IN (SELECT ({one}) FROM standing)" for one in known)
