"""How errors are told: by a sentence with what to do, and never with a value of a row."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from click.testing import CliRunner

from pipelines import overview
from pipelines.alerts import advise
from pipelines.cli import main
from pipelines.commands.failures import sentence
from pipelines.erasure.planning import UnfinishedErasureError
from pipelines.modelling import ModellingError
from pipelines.settings import Settings
from pipelines.storage import Home, KeyMissingError, LockHeldError
from pipelines.storage.database import DamagedDatabaseError
from pipelines.storage.home import UnfinishedRestoreError
from pipelines.storage.kept import DamagedFileError
from pipelines.storage.ledger import LedgerBehindError
from pipelines.storage.loads import LayoutError

PLANTED = "Planted Person 870315300126"
OUT = "registry.stay_history: Out of Memory Error: failed to allocate data of size 16.0 MiB"


def test_own_errors_are_told_in_their_own_words() -> None:
    assert sentence(LockHeldError("another run is writing: pid 7")) == "another run is writing: pid 7"
    assert sentence(KeyMissingError("no key for registry")) == "no key for registry"


@pytest.mark.parametrize("error", [ValueError(PLANTED), KeyError(PLANTED), RuntimeError(PLANTED)])
def test_what_a_library_says_is_not_repeated(error: Exception) -> None:
    told = sentence(error)
    assert type(error).__name__ in told
    assert PLANTED not in told


@pytest.mark.parametrize(
    ("code", "word"), [(errno.ENOSPC, "disk is full"), (errno.EROFS, "read-only"), (errno.EACCES, "rights")]
)
def test_a_refusal_of_the_system_says_what_to_do(code: int, word: str) -> None:
    assert word in sentence(OSError(code, os.strerror(code)))


def test_the_engine_s_full_disk_is_told_as_one() -> None:
    assert "disk is full" in sentence(RuntimeError("IO Error: Could not write file: No space left on device"))


@pytest.mark.parametrize(
    "error", [MemoryError(), duckdb.OutOfMemoryException(f"Out of Memory Error: {PLANTED}"), ModellingError(OUT)]
)
def test_memory_that_ran_out_says_what_to_raise(error: Exception) -> None:
    assert "MIC_MEMORY_LIMIT" in sentence(error)
    assert PLANTED not in sentence(error)
    assert "MIC_MEMORY_LIMIT" in advise(error) or isinstance(error, ModellingError)


def test_what_to_do_is_the_same_in_the_message_and_in_the_advice_beside_it() -> None:
    told: list[tuple[Exception, str]] = [
        (LedgerBehindError(), "mic rebuild --replace"),
        (LayoutError(), "mic rebuild --replace"),
        (DamagedDatabaseError(), "mic rebuild --replace"),
        (DamagedFileError(), "mic restore FOLDER --mend"),
        (UnfinishedErasureError(), "mic erase --finish"),
        (UnfinishedRestoreError(), "mic restore"),
    ]
    for error, command in told:
        assert command in advise(error)


def test_a_load_without_room_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path)
    landed = tmp_path / "landing" / "treaties" / "treaties_20260101_001.csv"
    landed.parent.mkdir(parents=True)
    landed.write_bytes(b"x" * 1000)
    overview.check_room(settings)
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=2999))
    with pytest.raises(overview.DiskSpaceError, match="free some space"):
        overview.check_room(settings)


def test_a_home_that_is_not_there_yet_has_the_room_of_its_disk(tmp_path: Path) -> None:
    overview.check_room(Settings(home=tmp_path / "not" / "there yet"))


def test_a_night_without_room_to_publish_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be told at its end otherwise, after hours of work."""
    home = Home(tmp_path)
    home.generations.mkdir()
    (home.generations / "aggregates-1.duckdb").write_bytes(b"x" * 3_000_000)
    (tmp_path / "aggregates.duckdb").symlink_to("generations/aggregates-1.duckdb")
    monkeypatch.setenv("MIC_HOME", str(tmp_path))
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=5_000_000))
    refused = CliRunner().invoke(main, ["nightly"])
    assert (refused.exit_code, home.ledger.exists(), home.database.exists()) == (1, False, False)
    assert "needs 6 MB free" in refused.output and "has 5" in refused.output


def test_what_the_ledger_has_judged_is_not_new(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    for number in (1, 2):
        landed = tmp_path / "landing" / "treaties" / f"treaties_20260101_00{number}.csv"
        landed.parent.mkdir(parents=True, exist_ok=True)
        landed.write_bytes(b"treaty_id")
    ledger = tmp_path / "build" / "ledger.jsonl"
    ledger.parent.mkdir()
    entry = '{"what":"delivery","load":1,"feed":"treaties","file_name":"treaties_20260101_001.csv","state":"accepted"}'
    torn = '{"what":"deliv'
    ledger.write_text(f"{entry}\n{torn}")
    assert [path.name for path in overview.landed_new(settings)] == ["treaties_20260101_002.csv"]
    assert ledger.read_text().endswith(torn), "a line that is being written is left alone"
