"""One published file: its tables, views, macros and comments, written beside and checked before anybody sees it.

The file is attached as `part_<name>` to the connection of the build database while it is written. Views and macros
name schema and table only: the catalogue's name is the file's and changes with every generation.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.publication.plan import Macro, Table, comment, identifier
from pipelines.storage import attach_file

COPIED = ("statistics.", "quality.")


class PublicationError(Exception):
    """A file could not be finished; readers keep the last generation."""


class PublishedFile:
    """A published file that is being written.

    Attributes:
        name: Name of the file without its ending.
        path: Where it is written.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, name: str, path: Path, key: str | None) -> None:
        self.name = name
        self.path = path
        self.catalogue = f"part_{name}"
        self._connection = connection
        self._remove()
        attach_file(connection, path, self.catalogue, key)

    def write(self, tables: list[Table], macros: tuple[Macro, ...], copied: PublishedFile | None = None) -> int:
        """Writes everything and returns the number of rows.

        Args:
            tables: All published tables; those of this file are taken.
            macros: All table macros; those of this file are taken.
            copied: A finished file; tables that both hold are copied from it, so that both show the same.
        """
        self._connection.execute(f"USE {self.catalogue}")
        self._connection.begin()
        for table in tables:
            if self.name in table.files:
                self._write_table(table, copied)
        for macro in macros:
            if self.name in macro.files:
                self._write_macro(macro)
        self._write_meanings()
        self._connection.commit()
        self._connection.execute("USE build")
        counted = "SELECT coalesce(sum(estimated_size), 0) FROM duckdb_tables() WHERE database_name = $1"
        return int(self._connection.execute(counted, [self.catalogue]).fetchall()[0][0])

    def close(self) -> None:
        """Checkpoints and detaches the file; what is on the disk is then all of it.

        Raises:
            PublicationError: A write-ahead log stays beside the file.
        """
        self._connection.execute(f"CHECKPOINT {self.catalogue}")
        self._connection.execute(f"DETACH {self.catalogue}")
        if log_of(self.path).exists():
            raise PublicationError(
                f"{self.path.name}: a write-ahead log stands beside it after closing, so the file is not whole. Run "
                "the night again; readers keep the last generation."
            )

    def _remove(self) -> None:
        for left in (self.path, log_of(self.path)):
            left.unlink(missing_ok=True)

    def _write_table(self, table: Table, copied: PublishedFile | None) -> None:
        self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {table.name.partition('.')[0]}")
        query = table.query
        if copied is not None and copied.name in table.files and table.name.startswith(COPIED):
            query = f"SELECT * FROM {copied.catalogue}.{table.name}"
        self._connection.execute(f"CREATE TABLE {table.name} AS {query}{self._order(table)}")
        self._describe("TABLE", table.name, table)
        if table.current_view:
            self._connection.execute(
                f"CREATE VIEW {table.current_view} AS SELECT * FROM {table.name} WHERE known_to_seq IS NULL"
            )
            self._describe("VIEW", table.current_view, table)

    def _order(self, table: Table) -> str:
        """Rows of persons stand in an order of their keys, so that no two generations can be joined by position.

        The engine sorts numbers faster than texts, and keys have no order that means anything.
        """
        keys = [f"hash({name})" for name in ("person_key", "stay_key") if name in table.columns]
        return f" ORDER BY {', '.join(keys)}" if keys else ""

    def _describe(self, kind: str, name: str, table: Table) -> None:
        words = table.description if kind == "TABLE" else f"What is known now of {table.name}. {table.description}"
        columns = (comment("COLUMN", f"{name}.{identifier(column)}", of) for column, of in table.columns.items())
        self._connection.execute("; ".join([comment(kind, name, words), *columns]))

    def _write_macro(self, macro: Macro) -> None:
        """Makes the macro and runs its example, because the engine binds a macro only where it is used."""
        parameters = ", ".join(macro.parameters)
        self._connection.execute(f"CREATE MACRO main.{macro.name}({parameters}) AS TABLE {macro.sql}")
        self._connection.execute(comment("MACRO TABLE", f"main.{macro.name}", macro.description))
        self._connection.execute(f"SELECT * FROM ({macro.example}) LIMIT 0")

    def _write_meanings(self) -> None:
        """Fills `reference.column_meaning` from the comments of the file."""
        self._connection.execute(
            """INSERT INTO reference.column_meaning
            SELECT schema_name || '.' || table_name, NULL, NULL, comment FROM duckdb_tables()
            WHERE database_name = $catalogue
            UNION ALL SELECT schema_name || '.' || view_name, NULL, NULL, comment FROM duckdb_views()
            WHERE database_name = $catalogue AND NOT internal
            UNION ALL SELECT schema_name || '.' || table_name, column_name, data_type, comment FROM duckdb_columns()
            WHERE database_name = $catalogue AND NOT internal
            ORDER BY 1, 2 NULLS FIRST""",
            {"catalogue": self.catalogue},
        )


def log_of(path: Path) -> Path:
    """The write-ahead log that would stand beside a database file."""
    return path.with_name(f"{path.name}.wal")
