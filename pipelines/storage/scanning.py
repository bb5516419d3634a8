"""Reading a database whole: a block that the disk has changed shows only when it is read.

DuckDB keeps a checksum of every block and compares it when the block is read, so reading all columns of all tables
finds what opening the file does not.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb


@dataclass
class Scan:
    """What reading every table found.

    Attributes:
        tables: Number of tables.
        problems: Those that cannot be read.
    """

    tables: int = 0
    problems: list[str] = field(default_factory=list)


def unreadable_tables(connection: duckdb.DuckDBPyConnection) -> Scan:
    """Reads every column of every table of the database in use; a damaged one ends the scan.

    After a damaged block the engine refuses everything else, so the tables behind it are not looked at.
    """
    tables = connection.execute(
        """SELECT schema_name, table_name FROM duckdb_tables()
        WHERE database_name = current_database() AND NOT temporary ORDER BY ALL"""
    ).fetchall()
    scan = Scan(len(tables))
    for schema, table in tables:
        try:
            connection.execute(f'SELECT bit_xor(hash(t)) FROM "{schema}"."{table}" AS t').fetchall()
        except duckdb.Error as error:
            scan.problems.append(
                f"{schema}.{table} cannot be read ({type(error).__name__}): run `mic rebuild --replace`"
            )
            break
    return scan
