"""Whole nights under faults: one run after the fault, everything is as if nothing had happened."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines import nightly
from pipelines.backup import back_up, restore
from pipelines.comparison import compare
from pipelines.nightly import run_nightly, silent
from pipelines.publication.generations import KEPT
from pipelines.rebuilding import replace_database
from pipelines.storage import Home, open_build
from pipelines.storage.ledger import LedgerBehindError
from pipelines.storage.loads import LayoutError
from pipelines.storage.sessions import open_published
from tests.laws.invariants import broken
from tests.laws.nights import MANIFEST, Content, clock, content, difference, in_child, night, publication, settings_of

pytestmark = pytest.mark.faults
NOW = datetime(2026, 4, 2, 1, tzinfo=UTC)


def undisturbed_again(home: Path, undisturbed: Content) -> None:
    """Runs the night again and compares what it leaves."""
    assert in_child(night, home) == 0
    assert difference(content(home), undisturbed) == []
    assert broken(home) == []


def scarce(home: Path) -> None:
    """A night with hardly any memory."""
    run_nightly(replace(settings_of(home), memory_limit="24MB"), clock=clock)


def rebuilt_in_place(home: Path, fault: str = "") -> None:
    """The database made anew."""
    replace_database(settings_of(home, fault))


@pytest.mark.parametrize("point", ["bronze.fsync:1", "model.start:30"])
def test_night_asked_to_end_is_resumed(point: str, new_night: Callable[[], Path], undisturbed: Content) -> None:
    home = new_night()
    assert in_child(night, home, f"{point}:term") == -signal.SIGTERM, "the fault point was never passed"
    undisturbed_again(home, undisturbed)


def test_night_that_the_disk_stopped_leaves_readers_alone(new_night: Callable[[], Path], undisturbed: Content) -> None:
    home = new_night()
    before = (home / "restricted.duckdb").resolve().name
    assert in_child(night, home, "identity.fsync:1:readonly") == 1
    assert (home / "restricted.duckdb").resolve().name == before
    undisturbed_again(home, undisturbed)


def test_same_night_again_changes_nothing(new_night: Callable[[], Path], undisturbed: Content) -> None:
    home = new_night()
    for _ in range(2):
        undisturbed_again(home, undisturbed)
    with open_build(settings_of(home), read_only=True) as connection:
        found = connection.execute("SELECT count(*) FROM intake.delivery WHERE load_seq = 3").fetchall()
        assert found == [(0,)]


def test_feeds_that_fail_are_named_and_the_others_are_published(new_night: Callable[[], Path]) -> None:
    home = new_night()
    crossings, permits, notices = (
        next((home / "landing" / feed).glob(f"{feed}_20260312_*[!n]"))
        for feed in ("border_crossings", "residence_permits", "stay_notifications")
    )
    crossings.unlink()
    permits.write_bytes(permits.read_bytes()[:-30])
    notices.with_name(notices.name + MANIFEST).unlink()
    assert in_child(night, home) == 0
    with open_published(settings_of(home), "aggregates") as connection:
        states = connection.execute("SELECT feed, state FROM quality.delivery WHERE state <> 'accepted'").fetchall()
        late = connection.execute("SELECT feed FROM quality.freshness WHERE state = 'late'").fetchall()
        assert connection.execute("SELECT load_seq FROM meta.release").fetchall() == [(2,)]
    assert set(states) >= {("residence_permits", "rejected"), ("stay_notifications", "waiting")}
    assert ("border_crossings",) in late
    assert broken(home) == []


def test_memory_that_runs_out_fails_the_night_and_loses_nothing(
    new_night: Callable[[], Path], undisturbed: Content
) -> None:
    home = new_night()
    before = (home / "aggregates.duckdb").resolve().name
    assert in_child(scarce, home) == 1
    assert (home / "aggregates.duckdb").resolve().name == before
    undisturbed_again(home, undisturbed)


def test_reader_of_an_old_generation_keeps_it_and_the_disk_stays_bounded(new_night: Callable[[], Path]) -> None:
    home = new_night()
    with duckdb.connect(str((home / "aggregates.duckdb").resolve()), read_only=True) as reader:
        before = reader.execute("FROM statistics.stock_daily ORDER BY ALL").fetchall()
        for work in (night, *[publication] * KEPT):
            assert in_child(work, home) == 0
        assert reader.execute("FROM statistics.stock_daily ORDER BY ALL").fetchall() == before
        assert reader.execute("SELECT load_seq FROM meta.release").fetchall() == [(1,)]
    assert len(list((home / "generations").glob("aggregates-*.duckdb"))) == KEPT


def test_lost_log_stops_the_night_and_a_rebuild_in_place_takes_it_up(
    new_night: Callable[[], Path], undisturbed: Content
) -> None:
    home = new_night()
    assert in_child(night, home, "standing.commit:1:kill") == -signal.SIGKILL
    (home / "build" / "mic.duckdb.wal").unlink()
    with pytest.raises(LedgerBehindError, match="mic rebuild"):
        nightly.begin(settings_of(home), clock)
    assert in_child(rebuilt_in_place, home) == 0
    undisturbed_again(home, undisturbed)


def test_rebuild_in_place_makes_the_home_current(new_night: Callable[[], Path], undisturbed: Content) -> None:
    home = new_night()
    with open_build(settings_of(home)) as connection:
        connection.execute("DROP TABLE meta.layout")
    with pytest.raises(LayoutError):
        nightly.begin(settings_of(home), clock)
    assert in_child(rebuilt_in_place, home) == 0
    undisturbed_again(home, undisturbed)


def test_rebuild_in_place_that_was_killed_is_repeated_or_is_done(
    new_night: Callable[[], Path], undisturbed: Content
) -> None:
    """Killed before its file has the name of the lost database, and again when it has it."""
    home = new_night()
    database = Home(home).database
    database.unlink()
    for fault, is_there in (("rebuild.replace.rename:1:kill", False), ("rebuild.done:1:kill", True)):
        assert in_child(rebuilt_in_place, home, fault) == -signal.SIGKILL, "the fault point was never passed"
        assert database.exists() == is_there
    undisturbed_again(home, undisturbed)


def test_drill_a_restored_home_is_the_same_and_the_next_night_runs_on_it(
    new_night: Callable[[], Path], undisturbed: Content, tmp_path: Path
) -> None:
    home, other = new_night(), tmp_path / "other"
    back_up(settings_of(home), tmp_path / "backups", NOW, silent)
    restore(settings_of(other), tmp_path / "backups", silent)
    assert compare(settings_of(home), settings_of(other)).problems == []
    for name in ("restricted", "asylum", "analysis", "aggregates"):
        assert (other / f"{name}.duckdb").read_bytes() == (home / f"{name}.duckdb").read_bytes()
    shutil.rmtree(home)
    undisturbed_again(other, undisturbed)
