"""Making a home of a backup: every file is copied and its hash compared before anything has its name.

Files gather in `restoring/` of the new home. While that folder stands, no load runs there, and `restore` takes up
where it was interrupted.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb

from pipelines.backup import manifest
from pipelines.backup.copying import copy
from pipelines.backup.manifest import BackedUpFile, BackupError, Manifest, NoSuchBackupError
from pipelines.contracts import load_contracts
from pipelines.intake.tables import refresh_raw
from pipelines.settings import Settings
from pipelines.storage import Home, attach_file, open_build, open_memory, read_key, run_lock
from pipelines.storage.faults import arm, passage
from pipelines.storage.files import point_link, sync_folder
from pipelines.storage.home import megabytes
from pipelines.storage.kept import sha256
from pipelines.storage.keys import KeyMissingError

Progress = Callable[[str, int, int], None]
MAY_STAND = {"keys", Home.RESTORING}
DATABASE = "build/mic.duckdb"
OLDER = (
    "Nothing was restored. This backup is damaged: take an older one, by its own folder or by --load SEQ. What did not "
    "change between two backups is one file on the disk, damaged in both."
)


def restore(settings: Settings, folder: Path, progress: Progress, load_seq: int | None = None) -> Manifest:
    """Makes the home of `settings` from the newest backup in `folder`, or from `folder` where it is one itself.

    Args:
        settings: The home: a folder that is new or empty but for its keys.
        folder: Where backups are kept, or one of them.
        progress: Told how many files are done.
        load_seq: Take the newest backup of this load instead.

    Raises:
        NoSuchBackupError: None of the backups is of that load.
        BackupError: There is no backup, the home is in use, a file is damaged, or the key is of another home.
        KeyMissingError: The keys have not been put back yet.
    """
    arm(settings.fault)
    source, found = _choose(folder.absolute(), load_seq)
    home = Home(settings.home)
    _demand_room(home, found)
    _demand_key(settings, source)
    part = home.restoring
    part.mkdir(parents=True, exist_ok=True, mode=0o700)
    with run_lock(part / "lock", "mic restore"):
        for number, file in enumerate(found.files.values(), start=1):
            progress("restore", number, len(found.files))
            _bring(file, source / file.path, part / file.path, home.root / file.path)
        _move(home, part, found)
        for name, target in found.links.items():
            point_link(home.root / name, home.root / target, "restore.link")
        _show_raw(settings, home)
        shutil.rmtree(part)
    home.prepare()
    return found


def _choose(folder: Path, load_seq: int | None) -> tuple[Path, Manifest]:
    standing = [folder] if (folder / manifest.NAME).exists() else manifest.finished(folder)
    for path in reversed(standing):
        found = manifest.read(path)
        if load_seq in (None, found.load_seq):
            return path, found
    if load_seq is not None and (loads := {manifest.read(path).load_seq for path in standing}):
        known = ", ".join(map(str, sorted(loads)))
        raise NoSuchBackupError(f"{folder} holds no finished backup of load {load_seq}, but of these: {known}.")
    raise BackupError(f"{folder} holds no finished backup. Name the folder that `mic backup` was given.")


def _demand_room(home: Home, found: Manifest) -> None:
    """Refuses a home that has anything but keys, and a disk that is too small."""
    standing = {path.name for path in home.root.iterdir()} if home.root.exists() else set()
    if home.RESTORING not in standing and standing - MAY_STAND:
        raise BackupError(
            f"{home.root} is in use ({', '.join(sorted(standing - MAY_STAND)[:3])}). Set MIC_HOME to a new folder that "
            "holds nothing but `keys`, and restore there."
        )
    home.root.mkdir(parents=True, exist_ok=True)
    needed, free = sum(file.size for file in found.files.values()), home.free_bytes
    if home.RESTORING not in standing and free < needed:
        raise BackupError(
            f"the backup needs {megabytes(needed)} MB free on the disk of {home.root} and has {megabytes(free)}. Free "
            "some space, then run it again."
        )


def _demand_key(settings: Settings, source: Path) -> None:
    """Opens the backup's database, so that a wrong key shows before anything is copied."""
    key = read_key(settings, "registry")
    with open_memory(settings) as connection:
        try:
            attach_file(connection, source / DATABASE, "kept", key, read_only=True)
        except (KeyMissingError, duckdb.Error) as error:
            raise BackupError(
                f"{source / DATABASE} does not open ({type(error).__name__}): the registry key is not the one of this "
                "backup, or the file is damaged. Put the right key back, or choose another backup."
            ) from None


def _bring(file: BackedUpFile, source: Path, target: Path, final: Path) -> None:
    """Copies one file and compares its hash; one that an interrupted run brought is compared alone."""
    for brought in (final, target):
        if brought.exists() and sha256(brought) == file.sha256:
            return
    if not source.exists():
        raise BackupError(f"{source} is missing in the backup. {OLDER}")
    if copy(source, target) != file.sha256:
        target.unlink()
        raise BackupError(f"{source} is not the file that was backed up. {OLDER}")


def _show_raw(settings: Settings, home: Home) -> None:
    """Lets `raw` read the files of this home: its views name them by their whole path."""
    with open_build(settings) as connection:
        refresh_raw(connection, home, load_contracts(settings.sources).values())


def _move(home: Home, part: Path, found: Manifest) -> None:
    """Gives the verified folders their names, the database's first."""
    tops = sorted({path.partition("/")[0] for path in found.files}, key=lambda name: (name != "build", name))
    for name in tops:
        if (part / name).exists():
            passage("restore.rename")
            (part / name).rename(home.root / name)
    sync_folder(home.root)
