"""A load killed at any step, and run again, equals a load never killed.

Steps are tried one by one in the run of faults, and every write of taking in and publishing in `test_each_write`; here
one load is struck at five of them, one after the other.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from pipelines import nightly
from pipelines.intake import Selection
from pipelines.storage import ledger, open_build
from tests.intake.intake_world import crossings, sent
from tests.laws import small_home
from tests.laws.nights import Content, content, copied, difference, in_child, night, settings_of

STRIKES = [
    "delivery.commit:1:kill",
    "ledger.write:1:kill",
    "link.commit:1:kill",
    "model.start:40:kill",
    "publish.link.rename:2:kill",
]
STEPS = [
    "delivery.commit:1",
    "link.commit:1",
    "model.start:40",
    "publish.link.rename:2",
    "standing.commit:1",
    "model.start:3",
    "identity.fsync:1",
    "identity.rename:1",
    "model.start:60",
    "report.rename:1",
]


@dataclass
class Struck:
    """A load that was struck again and again, and run to its end at last.

    Attributes:
        home: Where it lies.
        ends: How each run ended, by its fault.
        releases: Releases that a reader found after each run.
        published: The generation before and after.
    """

    home: Path
    ends: dict[str, int] = field(default_factory=dict)
    releases: list[int] = field(default_factory=list)
    published: list[str] = field(default_factory=list)

    def run(self, fault: str = "") -> None:
        """One run, and a look at what readers find afterwards."""
        self.ends[fault] = in_child(night, self.home, fault)
        with duckdb.connect(str(self.home / "aggregates.duckdb"), read_only=True) as reader:
            self.releases += [count for (count,) in reader.execute("SELECT count(*) FROM meta.release").fetchall()]
        self.published.append((self.home / "aggregates.duckdb").resolve().name)


@pytest.fixture(scope="module")
def struck(begun_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Struck:
    """A second night that meets all strikes before it is left alone."""
    found = Struck(copied(begun_home, tmp_path_factory.mktemp("struck") / "home"))
    for fault in [*STRIKES, ""]:
        found.run(fault)
    return found


def test_every_strike_ends_the_run_and_readers_keep_a_whole_release(struck: Struck) -> None:
    expected = dict.fromkeys(STRIKES, -signal.SIGKILL) | {"": 0}
    assert struck.ends == expected
    assert set(struck.releases) == {1}
    assert struck.published[:-2] == struck.published[:1] * (len(STRIKES) - 1)
    assert struck.published[-1] != struck.published[0]


def test_night_struck_again_and_again_equals_a_night_never_struck(struck: Struck, undisturbed: Content) -> None:
    assert difference(content(struck.home), undisturbed) == []


def test_verdict_that_a_kill_kept_from_the_ledger_is_written_by_the_next_run(struck: Struck) -> None:
    with open_build(settings_of(struck.home), read_only=True) as connection:
        kept = connection.execute("SELECT delivery_id FROM intake.delivery WHERE state = 'accepted'").fetchall()
    entries = ledger.read(struck.home / "build" / "ledger.jsonl")
    said = [entry["delivery_id"] for entry in entries if entry["what"] == "delivery"]
    assert sorted(said) == sorted(name for (name,) in kept)


@pytest.mark.faults
@pytest.mark.parametrize("step", STEPS)
def test_killed_night_run_again_equals_a_night_never_killed(
    step: str, new_night: Callable[[], Path], undisturbed: Content
) -> None:
    once = Struck(new_night())
    once.run(f"{step}:kill")
    once.run()
    assert list(once.ends.values()) == [-signal.SIGKILL, 0], "the fault point was never passed"
    assert once.releases == [1, 1]
    assert difference(content(once.home), undisturbed) == []


@pytest.mark.faults
def test_full_disk_fails_the_night_and_loses_nothing(new_night: Callable[[], Path], undisturbed: Content) -> None:
    once = Struck(new_night())
    before = (once.home / "aggregates.duckdb").resolve().name
    once.run("bronze.fsync:1:full")
    assert (list(once.ends.values()), once.published) == ([1], [before])
    once.run()
    assert difference(content(once.home), undisturbed) == []


def test_resumed_load_counts_what_it_judged_before_it_was_killed(tmp_path: Path) -> None:
    home = small_home.make_home(tmp_path)
    small_home.land(home, small_home.SECOND)
    small_home.land(home, sent(crossings("c", 5), sequence=3, manifest={"rows": 6}))
    for landed in ({"accepted": 1, "rejected": 1}, {"accepted": 2, "rejected": 1}):
        load = nightly.begin(small_home.settings_of(home), lambda: small_home.NOW)
        assert nightly.take_in(small_home.settings_of(home), load, Selection()) == (landed, 0)
        small_home.land(home, sent(crossings("d", 5), sequence=4))
