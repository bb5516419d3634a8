"""A home that was damaged, or is opened with the wrong key or code, says so before anything is loaded."""

from __future__ import annotations

import random
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from pipelines import nightly
from pipelines.audit.chain import entries
from pipelines.cli import main
from pipelines.intake import Selection
from pipelines.storage import Home, open_build
from pipelines.storage.kept import DamagedFileError
from pipelines.storage.keys import KeyMissingError
from pipelines.storage.ledger import LedgerBehindError
from pipelines.storage.loads import LayoutError
from pipelines.storage.scanning import unreadable_tables
from tests.laws.nights import in_child
from tests.laws.small_home import SECOND, accepted, content, land, load, make_home, settings_of

FLIPS = 12


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home that others are copies of."""
    return make_home(tmp_path_factory.mktemp("small"))


@pytest.fixture
def new_home(small: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Makes copies of the small home."""

    def make(name: str) -> Path:
        return Path(shutil.copytree(small, tmp_path / name))

    return make


@pytest.fixture(scope="session")
def unclosed(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose second load was killed after its verdicts, so that a log stands beside the database."""
    home = Path(shutil.copytree(small, tmp_path_factory.mktemp("unclosed") / "home"))
    land(home, SECOND)
    assert in_child(load, home, "standing.commit:1:kill") == -signal.SIGKILL
    assert log_of(home).exists()
    return home


def database_of(home: Path) -> Path:
    return home / "build" / "mic.duckdb"


def log_of(home: Path) -> Path:
    return home / "build" / "mic.duckdb.wal"


def flip(path: Path, place: int) -> None:
    """Changes one bit of a file."""
    content = bytearray(path.read_bytes())
    content[place] ^= 1 << place % 8
    path.write_bytes(content)


def whole(home: Path) -> bool:
    """Whether the database opens and every table of it can be read."""
    with open_build(settings_of(home), read_only=True) as connection:
        return unreadable_tables(connection).problems == []


def test_flipped_bit_of_the_database_is_found_or_lies_in_free_space(new_home: Callable[[str], Path]) -> None:
    chance, found, before = random.Random(5), 0, None
    for number in range(FLIPS):
        home = new_home(f"flipped-{number}")
        before = before or content(home)
        flip(database_of(home), chance.randrange(database_of(home).stat().st_size))
        try:
            is_whole = whole(home)
        except duckdb.Error:
            is_whole = False
        found += not is_whole
        assert not is_whole or content(home) == before
        shutil.rmtree(home)
    assert found > 0, "no flip hit a used block: the test shows nothing"


def test_deleted_log_is_found_by_the_ledger(unclosed: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(unclosed, tmp_path / "home"))
    log_of(home).unlink()
    with pytest.raises(LedgerBehindError, match="lacks 1 accepted deliveries"):
        nightly.begin(settings_of(home))


@pytest.mark.parametrize("share", [0.3, *(pytest.param(n / 20, marks=pytest.mark.faults) for n in range(1, 20))])
def test_cut_log_loses_nothing_in_silence(share: float, unclosed: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(unclosed, tmp_path / "home"))
    with log_of(home).open("rb+") as log:
        log.truncate(int(log_of(home).stat().st_size * share))
    try:
        nightly.begin(settings_of(home))
    except (LedgerBehindError, duckdb.Error):
        return
    said, kept = accepted(home)
    assert said == kept


def test_log_of_another_database_is_not_taken_in(unclosed: Path, tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", "c")
    shutil.copyfile(log_of(unclosed), log_of(home))
    with pytest.raises((DamagedFileError, LedgerBehindError, duckdb.Error)):
        nightly.begin(settings_of(home))


def test_killed_load_with_its_log_is_resumed(unclosed: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(unclosed, tmp_path / "home"))
    load(home)
    plain = make_home(tmp_path / "plain")
    land(plain, SECOND)
    load(plain)
    assert content(home) == content(plain)


@pytest.mark.parametrize("missing", ["removed", "altered"])
def test_load_does_not_begin_over_damaged_bronze(missing: str, new_home: Callable[[str], Path]) -> None:
    home = new_home("home")
    (bronze,) = (home / "build" / "bronze").glob("*/*/*.parquet")
    if missing == "removed":
        bronze.unlink()
    else:
        flip(bronze, 100)
    with pytest.raises(DamagedFileError, match=bronze.name):
        nightly.begin(settings_of(home))


def test_database_without_its_key_stays_shut(new_home: Callable[[str], Path]) -> None:
    home = new_home("home")
    before = database_of(home).read_bytes()
    wrong = replace(settings_of(home), keys={**settings_of(home).keys, "registry": "another key"})
    with pytest.raises(KeyMissingError, match="does not open"):
        nightly.begin(wrong)
    assert database_of(home).read_bytes() == before


def test_key_that_changes_while_a_load_runs_stops_it(new_home: Callable[[str], Path]) -> None:
    home = new_home("home")
    begun = nightly.begin(settings_of(home))
    changed = replace(settings_of(home), keys={**settings_of(home).keys, "registry": "another key"})
    with pytest.raises(KeyMissingError, match="does not open"):
        nightly.take_in(changed, begun, Selection())
    assert list((home / "build" / "tmp").iterdir()) == []


def test_held_back_rows_are_not_shown_where_the_look_cannot_be_noted(new_home: Callable[[str], Path]) -> None:
    home = new_home("home")
    Home(home).access_log.mkdir()
    environment = {"MIC_HOME": str(home), "MIC_SOURCES": str(home / "sources")} | {
        f"MIC_{name.upper()}_KEY": key for name, key in settings_of(home).keys.items()
    }
    look = ["quarantine", "show", "border_crossings", SECOND.file_name.replace("002", "001")]
    look += ["--purpose", "data_quality", "--case", "Q-1"]
    result = CliRunner().invoke(main, look, env=environment)
    assert result.exit_code == 1
    assert "not answered" in result.stderr
    assert "Сынақов" not in result.output
    Home(home).access_log.rmdir()
    assert "Сынақов" in CliRunner().invoke(main, look, env=environment).output
    logged = [entry for _, entry in entries(Home(home).access_log)]
    assert [entry["what"] for entry in logged] == ["look", "answer"]
    assert (logged[0]["purpose"], logged[0]["case"], logged[1]["rows"]) == ("data_quality", "Q-1", 1)
    assert CliRunner().invoke(main, look[:-2], env=environment).exit_code == 2


@pytest.mark.parametrize("statement", ["DROP TABLE meta.layout", "UPDATE meta.layout SET number = 99"])
def test_database_of_other_code_is_refused_with_what_to_do(statement: str, new_home: Callable[[str], Path]) -> None:
    home = new_home("home")
    with open_build(settings_of(home)) as connection:
        connection.execute(statement)
    with pytest.raises(LayoutError, match="mic rebuild --replace"):
        nightly.begin(settings_of(home))
