"""Whether two homes hold the same: what is known in one, row for row, is known in the other."""

from __future__ import annotations

import duckdb

from pipelines.settings import Settings
from pipelines.storage import open_build
from pipelines.verification import Check, history_tables


def compare(settings: Settings, rebuilt: Settings) -> Check:
    """Whether a rebuilt home has the same registry and statistics, row for row and known time for known time.

    Counts outlive the persons who were erased, so that a rebuild does not give them again: the registry is compared.
    """
    with open_build(settings) as one, open_build(rebuilt) as other:
        is_erased = bool(one.execute("FROM intake.erased LIMIT 1").fetchall())
        before, after = (_contents(connection, with_counts=not is_erased) for connection in (one, other))
    problems = [
        f"{table}: {before.get(table)} here, {after.get(table)} rebuilt (rows, hash)"
        for table in sorted(before.keys() | after.keys())
        if before.get(table) != after.get(table)
    ]
    what = "registry" if is_erased else "registry and statistics"
    return Check(f"a rebuild gives the same {what}", len(before), problems)


def _contents(connection: duckdb.DuckDBPyConnection, with_counts: bool) -> dict[str, tuple[int, str]]:
    """Rows of each table with history, and a hash of them that does not depend on their order."""
    contents = {}
    for table in [*history_tables(connection), *(_delta_tables(connection) if with_counts else [])]:
        names = sorted(column[0] for column in connection.execute(f"FROM {table} LIMIT 0").description or [])
        rows, content = connection.execute(f"SELECT count(*), sum(hash({', '.join(names)})) FROM {table}").fetchall()[0]
        contents[table] = (int(rows), str(content))
    return contents


def _delta_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The signed changes that statistics are sums of."""
    query = """SELECT schema_name || '.' || table_name FROM duckdb_tables()
    WHERE database_name = current_database() AND schema_name = 'statistics' AND ends_with(table_name, '_delta')
    ORDER BY ALL"""
    return [table for (table,) in connection.execute(query).fetchall()]
