"""Making a backup: a copy of the home between two loads, its hashes, and a manifest written last.

Each backup is a folder that looks like the home. Files that have not changed since the last backup are hard links to
it. Left out are the keys, which would open it, and what is made anew: temporary files, Dagster's own storage, dbt's
target, reports, and generations that no published name points at.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.backup import manifest
from pipelines.backup.copying import copy
from pipelines.backup.manifest import UNFINISHED, BackedUpFile, BackupError, Manifest
from pipelines.erasure.planning import demand_none_unfinished
from pipelines.intake import agree
from pipelines.settings import Settings
from pipelines.storage import Home, open_build, run_lock
from pipelines.storage.faults import arm, passage
from pipelines.storage.files import sync_folder
from pipelines.storage.kept import sha256
from pipelines.storage.loads import LAYOUT, compare, last_load, layout_of

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Backup:
    """A finished backup.

    Attributes:
        path: Its folder.
        load_seq: Last load that it holds.
        files: Number of its files.
        copied: Number of those that were copied; the others are links to the backup before.
        copied_bytes: Size of those.
    """

    path: Path
    load_seq: int
    files: int
    copied: int
    copied_bytes: int


def back_up(settings: Settings, folder: Path, now: datetime, progress: Progress, keep: int | None = None) -> Backup:
    """Backs a home up into a new folder below `folder`, under the lock; an interrupted one is taken up again.

    Args:
        settings: The home.
        folder: Where backups are kept, outside the home.
        now: The moment, for its name.
        progress: Told how many files are done.
        keep: Number of backups to leave, the newest; all by default.

    Raises:
        BackupError: The folder lies in the home, no load has run, or the database cannot be closed.
        LedgerBehindError: The database has lost something; a backup of it would be no backup.
        UnfinishedErasureError: An erasure was stopped; of what is half erased a backup would keep the other half.
    """
    home, folder = Home(settings.home), folder.absolute()
    if folder.resolve().is_relative_to(home.root.resolve()):
        raise BackupError(f"{folder} lies in the home that it would save. Name a folder on another disk.")
    if not home.database.exists():
        raise BackupError(f"no load has run in {home.root}: there is nothing to back up.")
    arm(settings.fault)
    with run_lock(home.lock, "mic backup", settings.lock_wait_seconds):
        demand_none_unfinished(home)
        load_seq = _close(settings, home)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = _Making(home, folder)
        made.bring(progress)
        about = Manifest(load_seq, now.isoformat(), settings.code_version, _links(home), made.files)
        path = made.finish(about, f"{now:%Y%m%dT%H%M%SZ}-load-{load_seq}")
    for old in manifest.finished(folder)[: -keep if keep else 0]:
        shutil.rmtree(old)
    return Backup(path, load_seq, len(made.files), made.copied, made.copied_bytes)


def _close(settings: Settings, home: Home) -> int:
    """Closes the database with nothing left beside it; returns its last committed load.

    One of an older layout is backed up as it is: that is wanted before it is made anew.
    """
    with open_build(settings) as connection:
        load_seq = last_load(connection)
        compare(connection, home)
        if layout_of(connection) == LAYOUT:
            agree(connection, home, load_seq + 1)
        connection.execute("CHECKPOINT build")
    log = home.database.with_name(f"{home.database.name}.wal")
    if log.exists():
        raise BackupError(f"{log} stands beside the closed database, so that the file alone is not whole. Try again.")
    return load_seq


def _links(home: Home) -> dict[str, str]:
    names = [*sorted(home.root.glob("*.duckdb")), home.release]
    return {link.name: str(link.readlink()) for link in names if link.is_symlink()}


def _sources(home: Home) -> Iterator[Path]:
    """Every file that a home cannot do without, immutable ones first."""
    trees = [home.landing, home.bronze, home.quarantine, home.build / "identity"]
    for tree in [*trees, *((home.root / target) for target in _links(home).values()), home.audit]:
        found = sorted(tree.rglob("*")) if tree.is_dir() else [tree]
        yield from (path for path in found if path.is_file() and not path.is_symlink())
    yield from (path for path in (home.holds,) if path.exists())
    yield home.ledger
    yield home.database


class _Making:
    """One backup in the making.

    Attributes:
        files: What it holds so far.
        copied: Number of files copied by this run.
        copied_bytes: Their size.
    """

    def __init__(self, home: Home, folder: Path) -> None:
        self.files: dict[str, BackedUpFile] = {}
        self.copied = 0
        self.copied_bytes = 0
        self._home = home
        self._folder = folder
        self._part = folder / UNFINISHED
        before = manifest.finished(folder)
        self._before = before[-1] if before else folder
        self._known = manifest.read(before[-1]).files if before else {}

    def bring(self, progress: Progress) -> None:
        """Copies or links every file; leftovers of an interrupted run that the home no longer has go."""
        self._part.mkdir(exist_ok=True, mode=0o700)
        (self._part / manifest.NAME).unlink(missing_ok=True)
        sources = list(_sources(self._home))
        for number, source in enumerate(sources, start=1):
            progress("back up", number, len(sources))
            path = source.relative_to(self._home.root).as_posix()
            if source.exists() or not source.is_relative_to(self._home.landing):
                self.files[path] = self._take(source, path)
        for left in self._part.rglob("*"):
            if left.is_file() and left.relative_to(self._part).as_posix() not in self.files:
                left.unlink()

    def finish(self, about: Manifest, name: str) -> Path:
        """Writes the manifest and gives the backup its name."""
        manifest.write(self._part, about)
        passage("backup.finish")
        final = self._folder / name
        self._part.rename(final)
        sync_folder(self._folder)
        return final

    def _take(self, source: Path, path: str) -> BackedUpFile:
        about = source.stat()
        target, known = self._part / path, self._known.get(path)
        is_known = known and (known.size, known.modified_ns) == (about.st_size, about.st_mtime_ns)
        if known and is_known and self._link(path, target):
            return known
        if target.exists() and _is_same(target.stat(), about):
            return BackedUpFile(path, about.st_size, about.st_mtime_ns, sha256(target))
        digest = copy(source, target)
        size = target.stat().st_size
        self.copied += 1
        self.copied_bytes += size
        return BackedUpFile(path, size, about.st_mtime_ns, digest)

    def _link(self, path: str, target: Path) -> bool:
        """Links the file of the backup before; where the file system has no links it is copied instead."""
        before = self._before / path
        if not before.exists():
            return False
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target.unlink(missing_ok=True)
        try:
            os.link(before, target)
        except OSError:
            return False
        return True


def _is_same(one: os.stat_result, other: os.stat_result) -> bool:
    return (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)
