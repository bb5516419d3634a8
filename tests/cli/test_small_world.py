"""A small demonstration from its first delivery to what is published of it."""

from __future__ import annotations

import json
import shutil
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.audit import chain
from pipelines.cli import main
from pipelines.demonstration import Demonstration, HomeInUseError, clear, demonstrate
from pipelines.identity import sealing
from pipelines.nightly import silent
from pipelines.settings import Settings
from pipelines.simulation import World
from pipelines.storage import Home
from pipelines.verification import Check, verify

pytestmark = pytest.mark.slow
WORLD = World(persons=150, days=2, first_day=date(2026, 1, 1))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Demonstration]:
    settings = Settings(home=tmp_path_factory.mktemp("demonstration"), threads=1)
    return settings, demonstrate(settings, WORLD, 1, lambda part: nullcontext(silent))


@pytest.fixture
def copied(shown: tuple[Settings, Demonstration], tmp_path: Path) -> Settings:
    """The home without its last generations, to be broken."""
    settings = replace(shown[0], home=tmp_path / "home")
    shutil.copytree(shown[0].home, settings.home, symlinks=True)
    return settings


def broken(checks: list[Check]) -> list[str]:
    return [check.name for check in checks if not check.holds]


def mic(settings: Settings, *arguments: str) -> str:
    result = CliRunner().invoke(main, list(arguments), env={"MIC_HOME": str(settings.home)})
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_last_nights_are_loads_of_their_own(shown: tuple[Settings, Demonstration]) -> None:
    settings, done = shown
    assert [night.load_seq for night in done.nights] == [1, 2]
    assert all(night.deliveries["accepted"] for night in done.nights)
    assert json.loads(mic(settings, "status", "--json"))["release"]["load_seq"] == 2


def test_what_is_published_can_be_asked(shown: tuple[Settings, Demonstration]) -> None:
    day = "(SELECT as_of FROM meta.release)"
    answer = json.loads(mic(shown[0], "sql", "--json", f"SELECT sum(value) AS present FROM stock_on({day})"))
    assert 0 < answer[0]["present"] <= WORLD.persons


def test_an_untouched_home_holds(shown: tuple[Settings, Demonstration]) -> None:
    assert broken(verify(shown[0])) == []


def test_a_lost_row_a_changed_file_and_a_lost_verdict_are_found(copied: Settings) -> None:
    home = Home(copied.home)
    next((home.bronze / "border_crossings").rglob("*.parquet")).unlink()
    with min((home.landing / "treaties").iterdir(), key=lambda path: len(path.name)).open("ab") as file:
        file.write(b"\n")
    lines = home.ledger.read_text().splitlines(keepends=True)
    kept = [line for line in lines if '"feed":"control_posts"' not in line]
    assert len(kept) < len(lines)
    home.ledger.write_text("".join(kept))
    assert {
        "ledger and database tell the same",
        "landed files are those that were accepted",
        "bronze files hold the rows that were accepted",
    } <= set(broken(verify(copied)))


def test_an_identity_ledger_written_anew_has_another_head_than_the_one_that_was_kept(copied: Settings) -> None:
    kept = json.loads(mic(copied, "status", "--json"))["identity"]
    assert kept["count"] == 2 and broken(verify(copied, identity_head=kept["hash"])) == []
    lines = [entry for _, entry in chain.entries(sealing.chain_path(Home(copied.home)))]
    sealing.chain_path(Home(copied.home)).unlink()
    for line in lines:
        anew = {name: line[name] for name in ("file", "sha256")} | {"what": "written anew"}
        chain.append(sealing.chain_path(Home(copied.home)), anew)
    assert broken(verify(copied)) == []
    found = broken(verify(copied, identity_head=kept["hash"]))
    assert found == ["the identity ledger goes on from the head that was kept"]


def test_a_demonstration_is_made_anew_only_when_asked(copied: Settings) -> None:
    with pytest.raises(HomeInUseError, match="--fresh"):
        clear(Home(copied.home), fresh=False)
    clear(Home(copied.home), fresh=True)
    assert not Home(copied.home).database.exists()
    assert not (copied.home / "aggregates.duckdb").is_symlink()
