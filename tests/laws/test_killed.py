"""A load killed at any step, and run again, equals a load never killed."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.laws.nights import Content, content, difference, in_child, night

STEPS = [
    "bronze.rename:3",
    "delivery.commit:2",
    "ledger.fsync:2",
    "standing.commit:4",
    "model.start:5",
    "link.commit:1",
    "identity.rename:1",
    "model.start:120",
    "generation.rename:2",
    "link.rename:2",
    "load.commit:1",
]


@pytest.mark.parametrize("step", STEPS)
def test_killed_night_run_again_equals_a_night_never_killed(
    step: str, new_night: Callable[[], Path], undisturbed: Content
) -> None:
    home = new_night()
    published = (home / "aggregates.duckdb").resolve().name
    assert in_child(lambda: night(home, f"{step}:kill")) == -signal.SIGKILL, "the fault point was never passed"
    with duckdb.connect(str(home / "aggregates.duckdb"), read_only=True) as reader:
        assert reader.execute("SELECT count(*) FROM meta.release").fetchall() == [(1,)]
    assert in_child(lambda: night(home)) == 0
    assert difference(content(home), undisturbed) == []
    assert (home / "aggregates.duckdb").resolve().name != published


@pytest.mark.parametrize("step", ["bronze.fsync:1", "quarantine.fsync:1", "generation.fsync:1"])
def test_full_disk_fails_the_night_and_loses_nothing(
    step: str, new_night: Callable[[], Path], undisturbed: Content
) -> None:
    home = new_night()
    before = (home / "aggregates.duckdb").resolve().name
    assert in_child(lambda: night(home, f"{step}:full")) == 1
    assert (home / "aggregates.duckdb").resolve().name == before
    assert in_child(lambda: night(home)) == 0
    assert difference(content(home), undisturbed) == []
