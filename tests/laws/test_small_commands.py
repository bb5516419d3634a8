"""What is written beside a night, killed at its writes: the same command again leaves what it would have left."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines import erasure, reporting
from pipelines.demonstration import clear, demonstrate
from pipelines.modelling import sources
from pipelines.modelling.preparing import prepare_manifest
from pipelines.reporting import page_path, read_night, write_night
from pipelines.serving import INSTANCE, prepare_ui
from pipelines.settings import CHECKOUT
from pipelines.simulation import World
from pipelines.stewardship.delivering import FEED, Decision, deliver
from pipelines.storage import Home, faults, ledger, open_build
from tests.laws import small_home
from tests.laws.nights import in_child, settings_of

pytestmark = pytest.mark.faults
MOMENT = datetime(2026, 3, 4, tzinfo=UTC)
HOLD = erasure.Hold("person", "litigation", "2026-7")
DECISION = Decision(("border_crossings", "a"), ("border_crossings", "b"), "same")
Work = Callable[[Path], None]


def struck(home: Path, fault: str, work: Work) -> None:
    """`work` with a fault planted; a process ends with it."""
    faults.arm(fault)
    work(home)


def killed(work: Work, home: Path, *points: str) -> None:
    """`work` in processes of their own, each killed at one of the points, then once to its end."""
    for point in points:
        assert in_child(struck, home, f"{point}:kill", work) == -signal.SIGKILL, f"{point} was never passed"
    assert in_child(struck, home, "", work) == 0


def held(home: Path) -> None:
    erasure.place(Home(home), HOLD, "clerk", MOMENT)


def lifted(home: Path) -> None:
    assert erasure.lift(Home(home), HOLD.person, HOLD.case, "clerk", MOMENT) == 1


def told(home: Path) -> None:
    write_night(settings_of(home), [reporting.failure("link", MemoryError())])


def settled(home: Path) -> None:
    prepare_ui(settings_of(home))


def prepared(home: Path) -> None:
    prepare_manifest(settings_of(home))


def decided(home: Path) -> None:
    deliver(Home(home), [DECISION], "steward", "the same passport", MOMENT)


def demonstrated(home: Path) -> None:
    demonstrate(settings_of(home), World(persons=20, days=2), 0, lambda part: pytest.fail(f"{part} has begun"))


def test_a_hold_stands_once_it_was_said_however_often_saying_it_was_killed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    killed(held, tmp_path, "hold.write:1", "hold.fsync:1")
    assert {entry["case"] for entry in ledger.read(home.holds)} == {HOLD.case}
    killed(lifted, tmp_path, "hold.write:1")
    assert [entry["what"] for entry in ledger.read(home.holds)][-1] == "lift"


def test_page_and_list_of_the_night_are_whole_at_any_time(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    Home(tmp_path).prepare()
    told(tmp_path)
    before = page_path(settings).read_text(encoding="utf-8")
    for point in ("report.write:1", "report.rename:1", "report.list.write:1", "report.list.rename:1"):
        assert in_child(struck, tmp_path, f"{point}:kill", told) == -signal.SIGKILL
        left = read_night(settings)
        assert left is not None and [matter.kind for matter in left.matters] == ["failed"]
        assert len(page_path(settings).read_text(encoding="utf-8")) == len(before)
    Home(tmp_path).empty_temporary()
    assert sorted(path.name for path in Home(tmp_path).reports.iterdir()) == ["night.html", "night.json"]


def test_settings_of_dagster_and_the_manifest_are_whole_or_not_there(tmp_path: Path) -> None:
    home = Home(tmp_path)
    killed(settled, tmp_path, "dagster.settings.write:1", "dagster.settings.rename:1", "modelling.manifest.rename:1")
    assert (home.dagster / "dagster.yaml").read_text(encoding="utf-8") == INSTANCE
    manifest = home.dbt_target / "manifest.json"
    whole = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    manifest.unlink()
    killed(prepared, tmp_path, "modelling.manifest.write:1", "modelling.manifest.fsync:1")
    assert json.loads(manifest.read_text(encoding="utf-8"))["nodes"] == whole


def derived(home: Path) -> None:
    """What dbt must know of one feed, written beside the checkout's own."""
    sources.MODELS, sources.MACROS = home / "models", home / "macros"
    feeds = home / "sources"
    shutil.copytree(CHECKOUT / "sources" / "treaties", feeds / "treaties", dirs_exist_ok=True)
    sources.write_sources(small_home.settings_of(home))


def test_what_dbt_reads_of_the_contracts_is_whole_when_it_was_derived_again(tmp_path: Path) -> None:
    killed(derived, tmp_path / "plain")
    killed(derived, tmp_path / "home", "modelling.sources.rename:1", "modelling.sources.write:1")
    for folder in ("models", "macros"):
        plain, left = (
            {path.name: path.read_text() for path in (tmp_path / name / folder).iterdir() if path.name[0] != "."}
            for name in ("plain", "home")
        )
        assert plain == left != {}


@pytest.mark.parametrize(
    ("point", "rows"),
    [
        ("laying.meant.rename:1", 0),
        ("laying.data.write:1", 0),
        ("laying.data.rename:1", 0),  # before the data file has its name: taken back
        ("laying.manifest.rename:1", 1),  # after: carried out
    ],
)
def test_a_decision_that_was_killed_is_carried_out_or_taken_back_by_the_next_load(
    point: str, rows: int, tmp_path: Path
) -> None:
    """No file of it waits for ever; of a correction it would hold a person."""
    home = small_home.make_home(tmp_path)
    shutil.copytree(CHECKOUT / "sources" / FEED, home / "sources" / FEED)
    folder = home / "landing" / FEED
    assert in_child(struck, home, f"{point}:kill", decided) == -signal.SIGKILL
    assert any(path.name.startswith(".") for path in folder.iterdir())
    if rows:
        assert in_child(small_home.load, home, "laying.finish.rename:1:kill") == -signal.SIGKILL
    small_home.load(home)
    assert len([path for path in folder.iterdir() if path.name.endswith(".csv")]) == rows
    assert len(list(folder.iterdir())) == 2 * rows, "nothing is left beside it"
    with open_build(small_home.settings_of(home)) as connection:
        judged = connection.execute(
            "SELECT state, rows_accepted FROM quality.delivery WHERE feed = $1", [FEED]
        ).fetchall()
    assert judged == [("accepted", 1)] * rows
    decided(home)
    small_home.load(home)
    assert len(list(folder.glob("*.manifest.json"))) == rows + 1


def test_a_demonstration_that_was_killed_is_made_again(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    for point in ("demo.write:1", "demo.rename:1"):
        assert in_child(struck, home.root, f"{point}:kill", demonstrated) == -signal.SIGKILL
        clear(home, fresh=False)
    assert in_child(struck, home.root, "", demonstrated) == 1, "it goes on to simulate"
    clear(home, fresh=True)
    assert [path for path in home.root.iterdir() if path.is_dir()] == []
