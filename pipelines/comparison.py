"""Whether a rebuilt home tells the same as the home that it was rebuilt from."""

from __future__ import annotations

import duckdb

from pipelines.settings import Settings
from pipelines.storage import Home, ledger, open_build
from pipelines.storage.database import quoted
from pipelines.verification import Check, history_tables


def compare(settings: Settings, rebuilt: Settings) -> Check:
    """Whether a rebuilt home has the same registry and statistics, row for row and known time for known time.

    Counts outlive the persons who were erased, so that a rebuild does not give them again: the registry is compared. Of
    others to whom records of theirs belonged for a time it is what is known now.
    """
    erasures = [entry for entry in ledger.read(Home(settings.home).ledger) if entry["what"] == "erase"]
    shared = sorted({person for entry in erasures for person in entry.get("shared", [])})
    with open_build(settings) as one, open_build(rebuilt) as other:
        before, after = (_contents(connection, shared, with_counts=not erasures) for connection in (one, other))
    problems = [
        f"{table}: {before.get(table)} here, {after.get(table)} rebuilt (rows, hash)"
        for table in sorted(before.keys() | after.keys())
        if before.get(table) != after.get(table)
    ]
    what = "registry" if erasures else "registry and statistics"
    return Check(f"a rebuild gives the same {what}", len(before), problems)


def _contents(
    connection: duckdb.DuckDBPyConnection, shared: list[str], with_counts: bool
) -> dict[str, tuple[int, str]]:
    """Rows of each table with history, and a hash of them that does not depend on their order."""
    contents = {}
    for table in [*history_tables(connection), *(_delta_tables(connection) if with_counts else [])]:
        names = sorted(column[0] for column in connection.execute(f"FROM {table} LIMIT 0").description or [])
        if shared and "person_id" in names:
            theirs = f"coalesce(person_id IN ({', '.join(map(quoted, shared))}), false)"
            contents[table] = _content(connection, f"{table} WHERE NOT {theirs}", names)
            lasting = [name for name in names if not name.startswith("known_")]
            now = f"{table} WHERE {theirs} AND known_to_seq IS NULL"
            contents[f"{table}, of those who once had records of the erased"] = _content(connection, now, lasting)
        else:
            contents[table] = _content(connection, table, names)
    return contents


def _content(connection: duckdb.DuckDBPyConnection, rows: str, names: list[str]) -> tuple[int, str]:
    number, content = connection.execute(f"SELECT count(*), sum(hash({', '.join(names)})) FROM {rows}").fetchall()[0]
    return int(number), str(content)


def _delta_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The signed changes that statistics are sums of."""
    query = """SELECT schema_name || '.' || table_name FROM duckdb_tables()
    WHERE database_name = current_database() AND schema_name = 'statistics' AND ends_with(table_name, '_delta')
    ORDER BY ALL"""
    return [table for (table,) in connection.execute(query).fetchall()]
