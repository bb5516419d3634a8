"""Bronze by the month: small files of loads of closed months become one file per feed and month.

Every load leaves a file per feed, and opening a view costs in proportion to their number. A compacted file holds the
same rows in the order of loads, with `load_seq` as a column, so that reading one load's arrivals skips the others by
the row groups' least and greatest load. It is written beside, then named, then the database points at it, then the
ledger says so, then the small files go: a kill anywhere leaves the one or the other, and the next run tidies up.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from pipelines.contracts import Contract
from pipelines.intake.agreement import note_compacted
from pipelines.intake.tables import HIVE, load_folders, refresh_raw
from pipelines.storage.database import ZONE, quoted
from pipelines.storage.faults import passage
from pipelines.storage.home import Home
from pipelines.storage.kept import keep

CLOSED = f"""
SELECT feed, min(load_seq), max(load_seq), list(DISTINCT path ORDER BY path)
FROM intake.kept_file JOIN meta.load USING (load_seq)
WHERE kind = 'bronze' AND state = 'committed' AND path LIKE '%/load_seq=%'
  AND date_trunc('month', known_at AT TIME ZONE '{ZONE}') < date_trunc('month', $today::DATE)
GROUP BY feed, date_trunc('month', known_at AT TIME ZONE '{ZONE}') HAVING count(DISTINCT path) > 1
ORDER BY ALL"""
POINT = """UPDATE intake.kept_file SET path = $path, size = $size, sha256 = $sha256
WHERE kind = 'bronze' AND feed = $feed AND list_contains($small, path)"""
LAST = "SELECT max(load_seq) FROM intake.kept_file WHERE kind = 'bronze' AND feed = $1 AND path NOT LIKE '%/load_seq=%'"


def compact(connection: duckdb.DuckDBPyConnection, home: Home, contracts: Mapping[str, Contract], today: date) -> int:
    """Compacts bronze of every feed and closed month that still has several files.

    Args:
        connection: The build database, between two loads.
        home: Where bronze lies.
        contracts: The feeds.
        today: Local date; months before its own are closed.

    Returns:
        The number of files that became fewer.
    """
    fewer = 0
    for feed, first, last, small in connection.execute(CLOSED, {"today": today}).fetchall():
        _write(connection, home, feed, (first, last), small)
        note_compacted(connection, home)
        if feed in contracts:
            refresh_raw(connection, home, [contracts[feed]])
        fewer += len(small) - 1
    for feed in contracts:
        _tidy(connection, home, feed)
    return fewer


def _write(
    connection: duckdb.DuckDBPyConnection, home: Home, feed: str, loads: tuple[int, int], small: list[str]
) -> None:
    beside = home.temporary / "compacted.parquet"
    paths = [home.build / path for path in small]
    listed = ", ".join(quoted(path) for path in paths)
    connection.execute(
        f"""COPY (SELECT * FROM read_parquet([{listed}], {HIVE}) ORDER BY load_seq, delivery_id, record_id)
        TO {quoted(beside)} (FORMAT parquet)"""
    )
    before, after = sum(map(_rows, paths)), _rows(beside)
    if before != after:
        raise AssertionError(f"compaction of {feed}, loads {loads}: {before} rows became {after}")
    file = keep(home, beside, home.bronze / feed / f"loads-{loads[0]}-{loads[1]}.parquet", "compact")
    passage("compact.commit")
    connection.execute(POINT, {"feed": feed, "small": small, **vars(file)})


def _rows(path: Path) -> int:
    return int(pq.read_metadata(path).num_rows)


def _tidy(connection: duckdb.DuckDBPyConnection, home: Home, feed: str) -> None:
    """Removes small files that no longer count, also those that a killed run left."""
    (last,) = connection.execute(LAST, [feed]).fetchall()[0]
    if last is None:
        return
    kept = {
        path for (path,) in connection.execute("SELECT path FROM intake.kept_file WHERE feed = $1", [feed]).fetchall()
    }
    for number, folder in load_folders(home, feed):
        if number > last:
            continue
        for path in folder.iterdir():
            if path.relative_to(home.build).as_posix() not in kept:
                passage("compact.remove")
                path.unlink()
        if not any(folder.iterdir()):
            folder.rmdir()
