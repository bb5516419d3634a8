"""A run whose process is gone is shown as failed and keeps nothing; one that lives is left alone."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import dagster as dg
import pytest

from pipelines.defs.centre import centre_resource
from pipelines.defs.lost_runs import PATIENCE_SECONDS, PURPOSE, TOLD, end_lost_runs
from pipelines.defs.sensors import lost_run_sensor
from pipelines.settings import Settings
from pipelines.storage import Home
from pipelines.storage.alive import ENDED, signs_of_life
from pipelines.storage.lock import Holder, read_holder

STARTED, FAILURE = dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.FAILURE
LONG = 1e6


def begin(instance: dg.DagsterInstance) -> dg.DagsterRun:
    """A run that has started and says nothing more."""
    begun = instance.create_run_for_job(dg.GraphDefinition("nightly").to_job(), status=dg.DagsterRunStatus.STARTING)
    started = dg.DagsterEvent(dg.DagsterEventType.PIPELINE_START.value, begun.job_name)
    instance.report_dagster_event(started, begun.run_id)
    return begun


@pytest.fixture
def run(instance: dg.DagsterInstance) -> dg.DagsterRun:
    """A run that has started."""
    return begin(instance)


def status(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRunStatus:
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found.status


@pytest.mark.parametrize(
    ("left", "after", "expected"),
    [
        ("held", LONG, STARTED),  # it lives, however long it works, or waits for another
        ("killed", 0.0, FAILURE),
        ("ended", 0.0, STARTED),  # it has come to its end, and says in a moment how
        ("ended", LONG, FAILURE),
        ("nothing", 0.0, STARTED),  # it is just beginning
        ("nothing", LONG, FAILURE),
    ],
)
def test_the_file_that_a_run_holds_says_whether_it_is_dead(
    left: str,
    after: float,
    expected: dg.DagsterRunStatus,
    settings: Settings,
    instance: dg.DagsterInstance,
    run: dg.DagsterRun,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = Home(settings.home)
    path, moment = home.runs_alive / run.run_id, time.time() + after
    monkeypatch.setattr(time, "time", lambda: moment)
    with signs_of_life(path) if left == "held" else contextlib.nullcontext():
        if left in ("killed", "ended"):
            leave(path, b"" if left == "killed" else ENDED)
        assert end_lost_runs(instance, home, own="another") == ([run.run_id] if expected is FAILURE else [])
        assert status(instance, run) is expected
        assert end_lost_runs(instance, home) == [], "it is ended once"
    assert path.exists() is (expected is STARTED and left != "nothing")


def leave(path: Path, content: bytes) -> None:
    """What a run leaves that holds its file no more."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def test_the_run_that_asks_is_alive(settings: Settings, instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    leave(Home(settings.home).runs_alive / run.run_id, b"")
    assert end_lost_runs(instance, Home(settings.home), own=run.run_id) == []


def test_a_dead_run_leaves_its_place_in_the_pool_and_a_living_one_keeps_it(settings: Settings, tmp_path: Path) -> None:
    home = Home(settings.home)
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        run, storage = begin(instance), instance.event_log_storage
        storage.set_concurrency_slots("pool", 1)
        assert storage.claim_concurrency_slot("pool", run.run_id, "step").is_claimed
        with signs_of_life(home.runs_alive / run.run_id):
            end_lost_runs(instance, home)
            assert storage.get_concurrency_run_ids() == {run.run_id}
        leave(home.runs_alive / run.run_id, b"")
        end_lost_runs(instance, home)
        assert storage.get_concurrency_run_ids() == set()
        assert storage.claim_concurrency_slot("pool", "another", "step").is_claimed


def test_a_run_that_gets_the_lock_ends_the_one_that_was_killed_and_not_itself(
    settings: Settings, instance: dg.DagsterInstance, run: dg.DagsterRun
) -> None:
    home = Home(settings.home)

    @dg.op(required_resource_keys={"centre"})
    def write() -> None:
        assert PURPOSE in read_holder(home.lock).said
        assert status(instance, run) is FAILURE, "it would have kept this step waiting"

    @dg.job(resource_defs={"centre": centre_resource(settings)})
    def nightly() -> None:
        write()

    leave(home.runs_alive / run.run_id, b"")
    assert nightly.execute_in_process(instance=instance).success
    assert read_holder(home.lock) == Holder()


def test_the_sensor_leaves_a_run_alone_that_waits_and_ends_one_that_was_killed(
    settings: Settings, instance: dg.DagsterInstance, run: dg.DagsterRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run may be told to wait longer than the daemon is, which must not take it for dead."""
    path, moment = Home(settings.home).runs_alive / run.run_id, time.time() + 10 * PATIENCE_SECONDS
    monkeypatch.setattr(time, "time", lambda: moment)
    with signs_of_life(path):
        said = lost_run_sensor(settings)(dg.build_sensor_context(instance=instance))
        assert isinstance(said, dg.SkipReason) and "alive" in str(said.skip_message)
    leave(path, b"")
    said = lost_run_sensor(settings)(dg.build_sensor_context(instance=instance))
    assert isinstance(said, dg.SkipReason) and run.run_id in str(said.skip_message)
    assert status(instance, run) is FAILURE
    [failed] = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.PIPELINE_FAILURE)
    assert failed.message == TOLD
