"""Putting damaged files of bronze and quarantine back from a backup, each compared with the hash in the ledger."""

from __future__ import annotations

from pathlib import Path

from pipelines.backup import manifest
from pipelines.backup.copying import copy
from pipelines.backup.manifest import BackupError
from pipelines.settings import Settings
from pipelines.storage import Home, ledger, run_lock
from pipelines.storage.compacted import Compactions
from pipelines.storage.kept import KeptFile, sha256


def mend(settings: Settings, folder: Path) -> list[Path]:
    """Puts back every file of a home that is missing or not what the ledger says.

    Args:
        settings: The home.
        folder: Where its backups are kept.

    Returns:
        The files put back.

    Raises:
        BackupError: No backup holds one of them as the ledger says; the others are put back all the same.
    """
    home = Home(settings.home)
    backups = list(reversed(manifest.finished(folder.absolute())))
    with run_lock(home.lock, "mic restore --mend", settings.lock_wait_seconds):
        damaged = [file for file in _named(home) if file.problem(home)]
        mended = [home.build / file.path for file in damaged if _put_back(home, file, backups)]
    lost = sorted(file.path for file in damaged if home.build / file.path not in mended)
    if lost:
        raise BackupError(
            f"{len(lost)} files stay damaged, the first is {lost[0]}: no backup in {folder} holds it as it was "
            f"written. Try an older folder of backups ({len(mended)} other files were put back)."
        )
    return mended


def _named(home: Home) -> list[KeptFile]:
    """Files that the ledger names and that still count; the database is not asked, it may be damaged too."""
    entries = list(ledger.read(home.ledger))
    compactions = Compactions(entries)
    named = [
        KeptFile(*entry[kind])
        for entry in entries
        for kind in ("bronze", "quarantine")
        if kind in entry and (kind != "bronze" or not compactions.holding(entry["feed"], entry["load"]))
    ]
    return named + [each.file for each in compactions.files]


def _put_back(home: Home, file: KeptFile, backups: list[Path]) -> bool:
    for backup in backups:
        kept = backup / "build" / file.path
        if kept.is_file() and sha256(kept) == file.sha256:
            copy(kept, home.build / file.path)
            return True
    return False
