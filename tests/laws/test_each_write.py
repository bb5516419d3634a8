"""Taking in and publishing, killed at each write in turn: nobody has to think of the write that matters.

Both are run as a step by itself, on a home that stands just before it, so that every write can be tried; what the
whole night makes of a kill is shown in `test_killed`.
"""

from __future__ import annotations

import re
import signal
from itertools import count
from pathlib import Path

import duckdb
import pytest

from pipelines.intake.replay import request_replay
from pipelines.storage import Home, ledger, open_build
from tests.intake.intake_world import crossings, sent
from tests.laws import small_home
from tests.laws.conftest import MadeOnce
from tests.laws.invariants import broken
from tests.laws.nights import Content, content, copied, difference, in_child, publication

pytestmark = pytest.mark.faults
FILES = ("restricted", "asylum", "analysis", "aggregates")
STOPPED = {
    "publish.fsync:1:full": 1,
    "publish.rename:2:io": 1,
    "publish.link.rename:2:term": -signal.SIGTERM,
    "publish.link.rename:3:files": 1,
    "publish.release.rename:1:kill": -signal.SIGKILL,
    "publish.release_link.rename:1:readonly": 1,
    "load.commit:1:kill": -signal.SIGKILL,
}


@pytest.fixture(scope="session")
def published_home(modelled_home: Path, made_once: MadeOnce) -> Path:
    """The home after a publication that nothing disturbed; it is only read."""

    def work(home: Path) -> None:
        assert in_child(publication, copied(modelled_home, home)) == 0

    return made_once("published", work)


def released(home: Path) -> dict[str, bytes]:
    """The public release, file by file; nothing where none stands."""
    files = (path for path in (home / "release").rglob("*") if path.is_file())
    return {path.relative_to(home / "release").as_posix(): path.read_bytes() for path in files}


def what_readers_find(home: Path) -> set[str]:
    """Generations of the published files; each is there, and the one that needs no key is whole."""
    with duckdb.connect(str(home / "aggregates.duckdb"), read_only=True) as reader:
        assert reader.execute("SELECT count(*) FROM meta.release").fetchall() == [(1,)]
    return {(home / f"{name}.duckdb").resolve(strict=True).stem.removeprefix(name) for name in FILES}


@pytest.mark.parametrize("fault", STOPPED)
def test_publication_that_was_stopped_is_old_or_new_and_the_next_run_finishes_it(
    fault: str, modelled_home: Path, published_home: Path, undisturbed: Content, tmp_path: Path
) -> None:
    home = copied(modelled_home, tmp_path / "home")
    assert in_child(publication, home, fault) == STOPPED[fault], "the fault point was never passed"
    assert what_readers_find(home) <= {"-1", "-2"}
    assert released(home) in ({}, released(published_home))
    assert in_child(publication, home) == 0
    assert what_readers_find(home) == {"-2"}
    assert released(home) == released(published_home)
    assert difference(content(home), undisturbed) == []
    assert broken(home) == []


def test_publication_killed_at_one_write_after_the_other_always_shows_whole_files(
    modelled_home: Path, published_home: Path, undisturbed: Content, tmp_path: Path
) -> None:
    """Each run is killed one write later than the one before; the last is not reached by its fault."""
    home = copied(modelled_home, tmp_path / "home")
    ends: list[int] = []
    while not ends or ends[-1] != 0:
        ends.append(in_child(publication, home, f"*:{len(ends) + 1}:kill"))
        assert len(what_readers_find(home)) <= 2
        assert released(home) in ({}, released(published_home))
    assert ends == [-signal.SIGKILL] * (len(ends) - 1) + [0]
    assert len(ends) > 16, "most writes were not tried"
    assert len(what_readers_find(home)) == 1
    assert difference(content(home), undisturbed) == []
    assert broken(home) == []


@pytest.fixture(scope="session")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds a row back by a rule that has been mended since, and is asked to judge it again."""
    home = small_home.make_home(tmp_path_factory.mktemp("asked"))
    rows = crossings("s", 10)
    rows[-1]["document_state"] = "UTO"
    delivery = sent(rows, sequence=5)
    small_home.land(home, delivery)
    small_home.load(home)
    contract = home / "sources" / small_home.FEED / "feed.yml"
    contract.write_text(re.sub("(id: specimen_document\n +holds:) .*", r"\1 'true'", contract.read_text()))
    with open_build(small_home.settings_of(home)) as connection:
        assert request_replay(connection, Home(home), small_home.FEED, delivery.file_name) == 1
    return home


@pytest.mark.parametrize("fault", ["replay.commit:1:kill", "ledger.write:1:kill", "ledger.fsync:1:kill"])
def test_replay_killed_beside_its_commit_is_repeated_or_is_done(fault: str, asked: Path, tmp_path: Path) -> None:
    plain, home = copied(asked, tmp_path / "plain"), copied(asked, tmp_path / "home")
    small_home.load(plain)
    assert in_child(small_home.load, home, fault) == -signal.SIGKILL, "the fault point was never passed"
    small_home.load(home)
    assert small_home.content(home) == small_home.content(plain)
    [of_one], [of_other] = (
        [entry for entry in ledger.read(Home(one).ledger) if entry["what"] == "replay"] for one in (home, plain)
    )
    assert of_one == of_other


def test_load_killed_at_each_write_is_repeated_whole(tmp_path: Path) -> None:
    begun = small_home.make_home(tmp_path / "begun")
    for delivery in (small_home.SECOND, sent(crossings("d", 5), sequence=4), sent(crossings("c", 5), sequence=3)):
        small_home.land(begun, delivery)
    plain = copied(begun, tmp_path / "plain")
    small_home.load(plain)
    ends = []
    for number in count(1):
        home = copied(begun, tmp_path / f"home-{number}")
        ends.append(in_child(small_home.load, home, f"*:{number}:kill"))
        if ends[-1] == 0:
            break
        small_home.load(home)
        said, kept = small_home.accepted(home)
        assert said == kept
        assert small_home.content(home) == small_home.content(plain), f"killed at write {number}"
    assert ends == [-signal.SIGKILL] * (len(ends) - 1) + [0]
    assert len(ends) > 12, "most writes were not tried"
