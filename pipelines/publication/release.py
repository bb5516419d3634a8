"""The public release: national monthly totals of closed months, rounded.

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
    _write_files(connection, beside, _totals(connection, settings), load.known_at.date())
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


def _write_files(connection: duckdb.DuckDBPyConnection, folder: Path, rows: list[Row], made_on: date) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "site").mkdir()
    safe = [(*map(escaped, texts), value) for *texts, value in rows]
    _copy(connection, _table(rows), folder / "data" / f"{TABLE}.parquet", "FORMAT parquet")
    _copy(connection, _table(safe), folder / "data" / f"{TABLE}.csv", "FORMAT csv, HEADER")
    (folder / "site" / "index.html").write_text(page(rows, made_on), encoding="utf-8")


def _table(rows: Sequence[tuple[object, ...]]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], schema=SCHEMA)


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
