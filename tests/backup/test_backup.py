"""A backup is whole or not there; a home made of it is the one that was backed up."""

from __future__ import annotations

import hashlib
import multiprocessing
import shutil
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.backup import BackupError, back_up, manifest, mend, restore
from pipelines.cli import main
from pipelines.erasure import UnfinishedErasureError
from pipelines.nightly import begin, silent
from pipelines.settings import Settings
from pipelines.storage import KeyMissingError, LockHeldError, open_build, run_lock
from pipelines.storage.home import Home, UnfinishedRestoreError
from pipelines.storage.kept import DamagedFileError
from tests.backup.conftest import settings_of

NOW = datetime(2026, 4, 1, 22, tzinfo=UTC)
LANDED = "landing/border_crossings/border_crossings_20260301_001.csv"


def backed_up(home: Path, folder: Path, fault: str = "") -> None:
    back_up(settings_of(home, fault), folder, NOW, silent)


def restored(home: Path, folder: Path, fault: str = "") -> None:
    restore(settings_of(home, fault), folder, silent)


def in_child(work: Callable[..., None], *arguments: object) -> int:
    """Runs `work` in a process of its own, and returns its exit status or minus the signal that ended it."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    process.start()
    process.join()
    assert process.exitcode is not None
    return process.exitcode


def files(home: Path) -> dict[str, str]:
    """Hashes of everything that a home cannot do without."""
    kept = [path for name in ("landing", "build", "generations", "audit") for path in (home / name).rglob("*")]
    temporary = (home / "build" / "lock", home / "build" / "mic.duckdb")
    return {
        path.relative_to(home).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in kept
        if path.is_file() and path not in temporary
    }


def crossings_in(home: Path) -> list[tuple[object, ...]]:
    """What the database of a home says of the crossings, hashed."""
    with open_build(settings_of(home), read_only=True) as connection:
        return connection.execute(
            """SELECT count(*), bit_xor(hash(record_id, surname, load_seq, outcome)) FROM raw.border_crossings
            UNION ALL SELECT count(*), bit_xor(hash(file_name, reasons)) FROM quality.quarantine"""
        ).fetchall()


def test_restored_home_is_the_one_backed_up(new_home: Callable[[str], Path], tmp_path: Path) -> None:
    home, folder, other = new_home("home"), tmp_path / "backups", tmp_path / "other"
    before, rows = files(home), crossings_in(home)
    backed_up(home, folder)
    shutil.rmtree(home)
    restored(other, folder)
    assert files(other) == before
    assert crossings_in(other) == rows
    assert (other / "aggregates.duckdb").read_bytes() == b"a finished publication"
    assert [path.stat().st_mode & 0o777 for path in (other / "build", other / "audit")] == [0o700, 0o700]


def test_keys_are_not_in_a_backup(new_home: Callable[[str], Path], tmp_path: Path) -> None:
    home, folder = new_home("home"), tmp_path / "backups"
    backed_up(home, folder)
    assert [path for path in folder.rglob("*") if path.suffix == ".key"] == []
    assert not any(b"not to be backed up" in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_backup_has_the_holds_and_is_refused_while_an_erasure_is_stopped(
    new_home: Callable[[str], Path], tmp_path: Path
) -> None:
    home, other = Home(new_home("home")), Home(tmp_path / "other")
    home.holds.write_text('{"what":"hold"}\n')
    backed_up(home.root, tmp_path / "backups")
    restored(other.root, tmp_path / "backups")
    assert other.holds.read_text() == home.holds.read_text()
    home.erasing.write_text("{}")
    with pytest.raises(UnfinishedErasureError, match="--finish"):
        backed_up(home.root, tmp_path / "backups")


def test_second_backup_copies_only_what_changed(new_home: Callable[[str], Path], tmp_path: Path) -> None:
    home, folder = new_home("home"), tmp_path / "backups"
    backed_up(home, folder)
    (home / "audit" / "access.jsonl").write_text('{"what":"find"}\n{"what":"find"}\n')
    done = back_up(settings_of(home), folder, NOW + timedelta(days=1), silent)
    first, second = manifest.finished(folder)
    assert done.copied <= 2, "the note of looks and, where it was touched, the database"
    assert (first / LANDED).stat().st_ino == (second / LANDED).stat().st_ino
    assert (first / "audit" / "access.jsonl").read_text().count("\n") == 1


def test_a_load_that_no_backup_is_of_is_wrong_use(new_home: Callable[[str], Path], tmp_path: Path) -> None:
    home, folder = new_home("home"), tmp_path / "backups"
    backed_up(home, folder)
    asked = ["restore", str(folder), "--load", "9"]
    told = CliRunner().invoke(main, asked, env={"MIC_HOME": str(tmp_path / "other")})
    assert told.exit_code == 2 and "no finished backup of load 9" in told.stderr


def test_a_backup_may_be_named_itself(new_home: Callable[[str], Path], tmp_path: Path) -> None:
    home, folder = new_home("home"), tmp_path / "backups"
    backed_up(home, folder)
    log = home / "audit" / "access.jsonl"
    before = log.read_text()
    log.write_text(before * 2)
    back_up(settings_of(home), folder, NOW + timedelta(days=1), silent)
    first, second = manifest.finished(folder)
    (second / "audit" / "access.jsonl").write_text("damaged")
    with pytest.raises(BackupError, match="take an older one, by its own folder"):
        restored(tmp_path / "other", folder)
    restored(tmp_path / "other", first)
    assert (tmp_path / "other" / "audit" / "access.jsonl").read_text() == before


def test_old_backups_go_only_when_asked(new_home: Callable[[str], Path], tmp_path: Path) -> None:
    home, folder = new_home("home"), tmp_path / "backups"
    for day in range(3):
        back_up(settings_of(home), folder, NOW + timedelta(days=day), silent)
    assert len(manifest.finished(folder)) == 3
    back_up(settings_of(home), folder, NOW + timedelta(days=3), silent, keep=2)
    assert [path.name[:8] for path in manifest.finished(folder)] == ["20260403", "20260404"]
    restored(tmp_path / "other", folder)


def points(first: str, *others: str) -> list[object]:
    """A point at which every run of the tests kills, and those that `make test-faults` adds."""
    return [first, *(pytest.param(point, marks=pytest.mark.faults) for point in others)]


@pytest.mark.parametrize(
    "point", points("backup.manifest.rename:1", "backup.copy:5", "backup.rename:7", "backup.finish:1")
)
def test_killed_backup_is_never_used_and_is_taken_up_again(
    point: str, new_home: Callable[[str], Path], tmp_path: Path
) -> None:
    home, folder = new_home("home"), tmp_path / "backups"
    before = files(home)
    assert in_child(backed_up, home, folder, f"{point}:kill") == -signal.SIGKILL, "the fault point was never passed"
    assert manifest.finished(folder) == []
    with pytest.raises(BackupError, match="no finished backup"):
        restored(tmp_path / "other", folder)
    backed_up(home, folder)
    assert not (folder / manifest.UNFINISHED).exists()
    restored(tmp_path / "other", folder)
    assert files(tmp_path / "other") == before


@pytest.mark.parametrize(
    "point", points("restore.rename:1", "backup.copy:3", "backup.rename:6", "restore.link.rename:1")
)
def test_killed_restore_leaves_no_home_and_is_taken_up_again(
    point: str, new_home: Callable[[str], Path], tmp_path: Path
) -> None:
    home, folder, other = new_home("home"), tmp_path / "backups", tmp_path / "other"
    backed_up(home, folder)
    assert in_child(restored, other, folder, f"{point}:kill") == -signal.SIGKILL, "the fault point was never passed"
    with pytest.raises(UnfinishedRestoreError, match="mic restore"):
        Home(other).prepare()
    assert not (other / "aggregates.duckdb").exists()
    restored(other, folder)
    assert files(other) == files(home)


def test_damaged_file_is_named_and_nothing_is_restored(new_home: Callable[[str], Path], tmp_path: Path) -> None:
    home, folder, other = new_home("home"), tmp_path / "backups", tmp_path / "other"
    backed_up(home, folder)
    kept = manifest.finished(folder)[0] / LANDED
    content = kept.read_bytes()
    kept.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
    with pytest.raises(BackupError, match=r"border_crossings_20260301_001\.csv is not the file"):
        restored(other, folder)
    assert not (other / "build").exists()


def test_damaged_manifest_is_refused(new_home: Callable[[str], Path], tmp_path: Path) -> None:
    home, folder = new_home("home"), tmp_path / "backups"
    backed_up(home, folder)
    path = manifest.finished(folder)[0] / manifest.NAME
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-2]))
    with pytest.raises(BackupError, match="is damaged"):
        restored(tmp_path / "other", folder)


def test_home_in_use_is_refused(new_home: Callable[[str], Path], tmp_path: Path) -> None:
    home, folder = new_home("home"), tmp_path / "backups"
    backed_up(home, folder)
    with pytest.raises(BackupError, match="is in use"):
        restored(home, folder)


def test_home_with_nothing_but_its_keys_is_restored(new_home: Callable[[str], Path], tmp_path: Path) -> None:
    home, folder, other = new_home("home"), tmp_path / "backups", tmp_path / "other"
    backed_up(home, folder)
    (other / "keys").mkdir(parents=True)
    (other / "keys" / "registry.key").write_text(settings_of(home).keys["registry"])
    restore(Settings(home=other), folder, silent)
    assert files(other) == files(home)


def test_key_is_asked_for_before_anything_is_copied(new_home: Callable[[str], Path], tmp_path: Path) -> None:
    home, folder, other = new_home("home"), tmp_path / "backups", tmp_path / "other"
    backed_up(home, folder)
    with pytest.raises(KeyMissingError, match="MIC_REGISTRY_KEY"):
        restore(Settings(home=other), folder, silent)
    with pytest.raises(BackupError, match="the registry key is not the one"):
        restore(Settings(home=other, keys={"registry": "another"}), folder, silent)
    assert not (other / Home.RESTORING).exists()


def test_backup_into_the_home_itself_is_refused(new_home: Callable[[str], Path]) -> None:
    home = new_home("home")
    with pytest.raises(BackupError, match="lies in the home"):
        backed_up(home, home / "backups")


def test_home_of_an_older_layout_is_backed_up_as_it_is(new_home: Callable[[str], Path], tmp_path: Path) -> None:
    home = new_home("home")
    with open_build(settings_of(home)) as connection:
        connection.execute("DROP TABLE meta.layout")
        connection.execute("DROP TABLE intake.kept_file")
    backed_up(home, tmp_path / "backups")
    assert len(manifest.finished(tmp_path / "backups")) == 1


def test_backup_waits_for_the_writer(new_home: Callable[[str], Path], tmp_path: Path) -> None:
    home = new_home("home")
    with run_lock(home / "build" / "lock", "a test"), pytest.raises(LockHeldError, match="a test"):
        backed_up(home, tmp_path / "backups")


@pytest.mark.parametrize("damage", ["removed", "cut", "altered"])
def test_damaged_bronze_is_named_and_put_back(damage: str, new_home: Callable[[str], Path], tmp_path: Path) -> None:
    home, folder = new_home("home"), tmp_path / "backups"
    backed_up(home, folder)
    before = files(home)
    (bronze,) = (home / "build" / "bronze").glob("*/*/*.parquet")
    content = bronze.read_bytes()
    if damage == "removed":
        bronze.unlink()
    else:
        bronze.write_bytes(content[:-1] if damage == "cut" else content[:50] + b"\x00\x01" + content[52:])
    with pytest.raises(DamagedFileError, match=bronze.name):
        begin(settings_of(home))
    assert mend(settings_of(home), folder) == [bronze]
    assert files(home) == before
    begin(settings_of(home))


def test_file_that_no_backup_holds_stays_named(new_home: Callable[[str], Path], tmp_path: Path) -> None:
    home = new_home("home")
    (bronze,) = (home / "build" / "bronze").glob("*/*/*.parquet")
    bronze.unlink()
    with pytest.raises(BackupError, match=bronze.name):
        mend(settings_of(home), tmp_path / "backups")
