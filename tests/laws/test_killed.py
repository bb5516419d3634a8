"""A load killed at any step, and run again, equals a load never killed."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipelines.storage import ledger, open_build
from tests.laws.nights import Content, content, difference, in_child, night, settings_of

STEPS = [
    "delivery.commit:1",
    "link.commit:1",
    "model.start:40",
    "publish.link.rename:2",
]
MORE_STEPS = [
    "standing.commit:4",
    "load.commit:1",
    "bronze.fsync:1",
    "bronze.rename:3",
    "ledger.fsync:1",
    "ledger.write:2",
    "standing.commit:9",
    "model.start:3",
    "identity.fsync:1",
    "identity.rename:1",
    "model.start:60",
    "report.rename:1",
    "publish.fsync:1",
    "publish.rename:3",
    "publish.link.rename:1",
    "publish.link.rename:4",
]


@pytest.mark.parametrize("step", [*STEPS, *(pytest.param(step, marks=pytest.mark.faults) for step in MORE_STEPS)])
def test_killed_night_run_again_equals_a_night_never_killed(
    step: str, new_night: Callable[[], Path], undisturbed: Content
) -> None:
    home = new_night()
    published = (home / "aggregates.duckdb").resolve().name
    assert in_child(night, home, f"{step}:kill") == -signal.SIGKILL, "the fault point was never passed"
    with duckdb.connect(str(home / "aggregates.duckdb"), read_only=True) as reader:
        assert reader.execute("SELECT count(*) FROM meta.release").fetchall() == [(1,)]
    assert in_child(night, home) == 0
    assert difference(content(home), undisturbed) == []
    assert (home / "aggregates.duckdb").resolve().name != published


@pytest.mark.parametrize("step", ["bronze.fsync:1", pytest.param("publish.fsync:1", marks=pytest.mark.faults)])
def test_full_disk_fails_the_night_and_loses_nothing(
    step: str, new_night: Callable[[], Path], undisturbed: Content
) -> None:
    home = new_night()
    before = (home / "aggregates.duckdb").resolve().name
    assert in_child(night, home, f"{step}:full") == 1
    assert (home / "aggregates.duckdb").resolve().name == before
    assert in_child(night, home) == 0
    assert difference(content(home), undisturbed) == []


def test_verdict_that_a_kill_kept_from_the_ledger_is_written_by_the_next_run(new_night: Callable[[], Path]) -> None:
    home = new_night()
    assert in_child(night, home, "ledger.write:1:kill") == -signal.SIGKILL
    assert in_child(night, home) == 0
    with open_build(settings_of(home), read_only=True) as connection:
        kept = connection.execute("SELECT delivery_id FROM intake.delivery WHERE state = 'accepted'").fetchall()
    entries = ledger.read(home / "build" / "ledger.jsonl")
    said = [entry["delivery_id"] for entry in entries if entry["what"] == "delivery"]
    assert sorted(said) == sorted(name for (name,) in kept)
