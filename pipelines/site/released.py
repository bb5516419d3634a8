"""What the site may know: the tables of one release, and those of the release before it.

The files are read once; from then on the connection can reach no file at all. A table bears the name of its file, so
that a query shown on a page runs as it stands in the folder of the data.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.storage import open_memory
from pipelines.storage.database import quoted

EARLIER = "earlier"
COMMUNITIES = "community.parquet"
CLOSED = "SELECT max(period) FROM 'calendar.parquet' WHERE state <> 'planned'"
COLUMNS = """SELECT table_schema, table_name, list(column_name ORDER BY ordinal_position)
FROM information_schema.columns GROUP BY ALL ORDER BY ALL"""


@dataclass(frozen=True)
class Answer:
    """A query and what it gave.

    Attributes:
        query: As it stands on the page.
        rows: One mapping per row, by column name.
        later: The last closed month, where the rows are of months and none of that one.
    """

    query: str
    rows: list[dict[str, Any]]
    later: str | None = None


class Released:
    """The tables of a release.

    Attributes:
        columns: Columns of each table, by its name without the ending.
        columns_before: The same of the release before; empty where there is none.
        files: The files for machines, by their way from the folder of the release.
        closed: The last closed month, as `YYYY-MM`; None where none has closed.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, files: frozenset[str] = frozenset()) -> None:
        """Takes a connection with the tables, and the names of the files for machines beside them."""
        self._connection = connection
        self.files = files
        found = connection.execute(COLUMNS).fetchall()
        self.columns = {table.removesuffix(".parquet"): names for schema, table, names in found if schema == "main"}
        self.columns_before = {
            table.removesuffix(".parquet"): names for schema, table, names in found if schema == EARLIER
        }
        self.closed: str | None = connection.execute(CLOSED).fetchall()[0][0]

    def ask(self, query: str) -> Answer:
        """Runs a query over the released files."""
        connection = self._connection.execute(query)
        names = [column[0] for column in connection.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in connection.fetchall()]
        last = max((row["period"] for row in rows), default=self.closed) if "period" in names else self.closed
        return Answer(query, rows, None if last == self.closed else self.closed)


@contextmanager
def opened(data: Path, before: Path | None = None) -> Iterator[Released]:
    """The released Parquet files of a folder, and nothing else of the machine.

    Args:
        data: The folder of the released files.
        before: That of the release before.
    """
    with open_memory() as connection:
        connection.execute(f"CREATE SCHEMA {EARLIER}")
        for schema, folder in (("main", data), (EARLIER, before)):
            for path in sorted(folder.glob("*.parquet")) if folder else ():
                name = f'{schema}."{path.name}"'
                connection.execute(f"CREATE TABLE {name} AS FROM read_parquet({quoted(path)})")
        if (data / COMMUNITIES).exists():  # there may be a page for each of thousands
            connection.execute(f'CREATE INDEX by_community ON main."{COMMUNITIES}" (community_id)')
        connection.execute("SET threads = 1")  # many small questions
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield Released(connection, _machine_files(data))


def _machine_files(data: Path) -> frozenset[str]:
    folder = data.parent
    found = (*folder.glob("*.jsonld"), *data.glob("*.json"), *(folder / "sdmx").glob("*"))
    return frozenset(path.relative_to(folder).as_posix() for path in found)
