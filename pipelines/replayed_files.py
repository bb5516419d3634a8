"""Files of bronze and quarantine that a rebuild takes from the home that it replays.

Each is compared with its hash in the ledger. Files of one load are linked; what was compacted is taken out of the
month's file again, so that a rebuild needs no more than the ledger says.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from pipelines.intake.tables import PLAIN, bronze_path
from pipelines.overview import whole_entries
from pipelines.storage import Home
from pipelines.storage.compacted import Compactions
from pipelines.storage.database import quoted
from pipelines.storage.kept import KeptFile, keep, sha256
from pipelines.storage.ledger import Entry

POINT = """UPDATE intake.kept_file SET path = $path, size = $size, sha256 = $sha256
WHERE kind = 'bronze' AND feed = $feed AND load_seq BETWEEN $first AND $last"""


class CannotRebuildError(Exception):
    """What a rebuild needs is not there, or the folder for it is in use."""


class Kept:
    """Kept files of a home that is replayed into another one.

    Attributes:
        old: The home that is replayed.
        home: The one that is made.
    """

    def __init__(self, old: Home, home: Home) -> None:
        self.old = old
        self.home = home
        self._compactions = Compactions(whole_entries(old.ledger))
        self._whole: set[str] = set()

    def bring_bronze(self, connection: duckdb.DuckDBPyConnection, entry: Entry, name: str, rows: int) -> KeptFile:
        """Lets the new home have the accepted rows of a delivery, or of its replay.

        Raises:
            CannotRebuildError: The file is missing or is not what was written.
        """
        compacted = self._compactions.holding(entry["feed"], entry["load"])
        path = bronze_path(self.old, entry["feed"], entry["load"], name)
        if compacted is None:
            return self._bring(path, entry.get("bronze"))
        self._demand(compacted)
        beside = self.home.temporary / "taken_out.parquet"
        connection.execute(
            f"""COPY (SELECT * EXCLUDE (load_seq) FROM read_parquet({quoted(self.old.build / compacted.path)}, {PLAIN})
              WHERE load_seq = {int(entry["load"])} AND delivery_id = {quoted(entry["delivery_id"])})
            TO {quoted(beside)} (FORMAT parquet)"""
        )
        if (found := pq.read_metadata(beside).num_rows) != rows:
            raise CannotRebuildError(f"{compacted.path} holds {found} rows of {name}, the ledger says {rows}.")
        return keep(self.home, beside, self.home.build / path.relative_to(self.old.build), "rebuild")

    def bring_quarantine(self, entry: Entry) -> KeptFile:
        """Lets the new home have the rows of a delivery that were held back.

        Raises:
            CannotRebuildError: The file is missing or is not what was written.
        """
        folder = self.old.quarantine / entry["feed"] / f"load_seq={entry['load']}"
        return self._bring(folder / f"{entry['delivery_id']}.parquet", entry.get("quarantine"))

    def _bring(self, source: Path, said: list[Any] | None) -> KeptFile:
        """Links a file after comparing it; ledgers of older homes say nothing of files, these are taken as they lie."""
        if said is not None:
            self._demand(KeptFile(*said))
        path = source.relative_to(self.old.build)
        link(source, self.home.build / path)
        return KeptFile(*said) if said else KeptFile(path.as_posix(), source.stat().st_size, sha256(source))

    def _demand(self, file: KeptFile) -> None:
        if file.path in self._whole:
            return
        if problem := file.problem(self.old):
            raise CannotRebuildError(
                f"{problem}. Put it back from a backup (`mic restore FOLDER --mend`); without it no later load can be "
                "derived."
            )
        self._whole.add(file.path)


def link(source: Path, target: Path) -> None:
    """Links an immutable file on the same disk, copies it across disks.

    Raises:
        CannotRebuildError: It is missing.
    """
    if not source.exists():
        raise CannotRebuildError(
            f"{source} is missing although the ledger names it: it was erased or lost. Restore it from a backup; "
            "without it no later load can be derived."
        )
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.unlink(missing_ok=True)
    if source.stat().st_dev == target.parent.stat().st_dev:
        os.link(source, target)
    else:
        shutil.copyfile(source, target)


def point_at_compacted(connection: duckdb.DuckDBPyConnection, entries: Iterable[Entry]) -> None:
    """Lets a rebuilt database read the compacted files that the ledger names, as the one before it did."""
    for each in Compactions(entries).files:
        names = {"feed": each.feed, "first": each.first, "last": each.last}
        connection.execute(POINT, names | vars(each.file))
