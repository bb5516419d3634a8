"""The public release: national monthly totals of closed months, rounded, and how good the links are.

A release changes only when another month has closed, because the difference of two nights shows a person. It is
written beside as a folder of its own and swapped whole; `release` is a link to it.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.publication import linkage_page
from pipelines.publication.rounding import rounded
from pipelines.publication.site import page
from pipelines.settings import Settings
from pipelines.storage.database import quoted
from pipelines.storage.faults import passage
from pipelines.storage.files import point_link, sync_folder
from pipelines.storage.home import Home
from pipelines.storage.keys import derived_key
from pipelines.storage.loads import Load

TABLE = "national_monthly"
TEXTS = ("month", "indicator", "direction", "obs_status")
SCHEMA = pa.schema([*((name, pa.string()) for name in TEXTS), ("value", pa.int64())])
Row = tuple[str, str, str, str, int]

CLOSED = """CREATE OR REPLACE TEMP TABLE closed_month AS
WITH reported AS (
  SELECT min(business_date) AS first_day, max(business_date) AS last_day
  FROM quality.delivery WHERE feed = 'border_crossings' AND state = 'accepted'
), month AS (
  SELECT CAST(unnest(range(date_trunc('month', first_day), last_day + 1, INTERVAL 1 MONTH)) AS DATE) AS first_day
  FROM reported
)
SELECT month.first_day FROM month, reported
WHERE month.first_day >= reported.first_day AND last_day(month.first_day) <= reported.last_day"""

TOTALS = """
SELECT strftime(first_day, '%Y-%m') AS month, indicator, '_T' AS direction, CAST(sum(value) AS BIGINT) AS value
FROM statistics.stock JOIN closed_month ON date_trunc('month', period) = first_day
WHERE cube = 'citizenship_category' AND indicator = 'stock'
GROUP BY ALL
UNION ALL
SELECT strftime(first_day, '%Y-%m'), indicator, direction, CAST(sum(change) AS BIGINT)
FROM statistics.flow_delta JOIN closed_month ON date_trunc('month', valid_day) = first_day
GROUP BY ALL
ORDER BY ALL"""


def write(connection: duckdb.DuckDBPyConnection, settings: Settings, load: Load) -> Path | None:
    """Writes the release of a load beside, where another month has closed since the release that stands.

    Args:
        connection: The build database.
        settings: Where the centre lies.
        load: The load being published.

    Returns:
        The finished folder, or None where the release that stands remains.
    """
    home = Home(settings.home)
    connection.execute(CLOSED)
    last = connection.execute("SELECT strftime(max(first_day), '%Y-%m') FROM closed_month").fetchall()[0][0]
    if (home.release / "data").exists() and last == _last_month(connection, home.release):
        return None
    beside = home.temporary / "release"
    shutil.rmtree(beside, ignore_errors=True)
    linkage = _linkage(connection, settings, last) if last else []
    _write_files(connection, beside, _totals(connection, settings), linkage, load.known_at.date())
    return _settle(beside, home.generations / f"release-{load.load_seq}")


def swap(home: Home, target: Path) -> None:
    """Points `release` at a finished folder."""
    point_link(home.release, target, "publish.release_link")


def escaped(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _last_month(connection: duckdb.DuckDBPyConnection, folder: Path) -> str | None:
    path = folder / "data" / f"{TABLE}.parquet"
    found: str | None = connection.execute("SELECT max(month) FROM read_parquet($1)", [str(path)]).fetchall()[0][0]
    return found


def _totals(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[Row]:
    """Rounded totals; there are a few for each month, so they are rounded one by one."""
    key = derived_key(settings, "release")
    return [
        (month, indicator, direction, "P", rounded(key, f"{TABLE}/{month}/{indicator}/{direction}", count))
        for month, indicator, direction, count in connection.execute(TOTALS).fetchall()
    ]


def _linkage(connection: duckdb.DuckDBPyConnection, settings: Settings, month: str) -> list[linkage_page.Line]:
    """Shares of the links, those of earlier months as the release that stands tells them."""
    standing = Home(settings.home).release / "data" / f"{linkage_page.TABLE}.parquet"
    key = derived_key(settings, "release")
    return linkage_page.lines(connection, month, key, str(standing) if standing.exists() else None)


def _write_files(
    connection: duckdb.DuckDBPyConnection, folder: Path, rows: list[Row], linkage: list[linkage_page.Line], on: date
) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "site").mkdir()
    _write_data(connection, folder / "data" / TABLE, SCHEMA, rows)
    _write_data(connection, folder / "data" / linkage_page.TABLE, linkage_page.SCHEMA, linkage)
    (folder / "site" / "index.html").write_text(page(rows, on), encoding="utf-8")
    (folder / "site" / "linkage.html").write_text(linkage_page.page(linkage, on), encoding="utf-8")


def _write_data(
    connection: duckdb.DuckDBPyConnection, path: Path, schema: pa.Schema, rows: Sequence[tuple[object, ...]]
) -> None:
    """Writes one table twice: as Parquet, and as CSV that no spreadsheet runs."""
    safe = [tuple(escaped(value) if isinstance(value, str) else value for value in row) for row in rows]
    _copy(connection, _table(schema, rows), path.with_suffix(".parquet"), "FORMAT parquet")
    _copy(connection, _table(schema, safe), path.with_suffix(".csv"), "FORMAT csv, HEADER")


def _table(schema: pa.Schema, rows: Sequence[tuple[object, ...]]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)


def _copy(connection: duckdb.DuckDBPyConnection, table: pa.Table, path: Path, options: str) -> None:
    connection.register("released", table)
    connection.execute(f"COPY released TO {quoted(path)} ({options})")
    connection.unregister("released")


def _settle(written: Path, final: Path) -> Path:
    """Moves the finished folder to its name, on the disk file by file before the rename."""
    passage("publish.release.fsync")
    for path in sorted(written.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        sync_folder(path)
    written.chmod(0o755)
    sync_folder(written)
    passage("publish.release.rename")
    shutil.rmtree(final, ignore_errors=True)
    written.replace(final)
    sync_folder(final.parent)
    return final
