"""A run whose process is gone is shown as failed and keeps nothing; one that lives is left alone."""

from __future__ import annotations

import time
from pathlib import Path

import dagster as dg
import pytest

from pipelines.defs.centre import centre_resource
from pipelines.defs.lost_runs import PURPOSE, TOLD, end_lost_runs
from pipelines.defs.sensors import lost_run_sensor
from pipelines.settings import Settings
from pipelines.storage import Home, run_lock
from pipelines.storage.lock import Holder, read_holder

STARTED, FAILURE = dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.FAILURE
WAITS = 60.0


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
    ("is_named", "is_alive", "after", "expected"),
    [
        (True, False, 0.0, FAILURE),  # it was killed while it held the lock
        (True, True, 1e6, STARTED),  # it holds the lock, however long
        (False, False, 0.0, STARTED),  # it has not asked for the lock yet
        (False, True, WAITS, STARTED),  # it may still wait for another one
        (False, True, 1e6, FAILURE),  # it would have got the lock, or given up
        (False, False, 1e6, FAILURE),
    ],
)
def test_who_holds_the_lock_says_which_run_is_dead(
    is_named: bool,
    is_alive: bool,
    after: float,
    expected: dg.DagsterRunStatus,
    instance: dg.DagsterInstance,
    run: dg.DagsterRun,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moment = time.time() + after
    monkeypatch.setattr(time, "time", lambda: moment)
    holder = Holder("", PURPOSE + run.run_id if is_named else "mic nightly", is_alive)
    assert end_lost_runs(instance, holder, WAITS, own="another") == ([run.run_id] if expected is FAILURE else [])
    assert status(instance, run) is expected
    assert end_lost_runs(instance, holder, WAITS) == [], "it is ended once"


def test_the_run_that_asks_is_alive(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    assert end_lost_runs(instance, Holder(purpose=PURPOSE + run.run_id), WAITS, own=run.run_id) == []


def test_a_dead_run_leaves_its_place_in_the_pool_and_a_living_one_keeps_it(tmp_path: Path) -> None:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        run, storage = begin(instance), instance.event_log_storage
        storage.set_concurrency_slots("pool", 1)
        assert storage.claim_concurrency_slot("pool", run.run_id, "step").is_claimed
        for is_alive, kept in ((True, {run.run_id}), (False, set())):
            end_lost_runs(instance, Holder(purpose=PURPOSE + run.run_id, is_alive=is_alive), WAITS)
            assert storage.get_concurrency_run_ids() == kept
        assert storage.claim_concurrency_slot("pool", "another", "step").is_claimed


def test_a_run_that_gets_the_lock_ends_the_one_that_was_killed_over_it_and_not_itself(
    settings: Settings, instance: dg.DagsterInstance, run: dg.DagsterRun
) -> None:
    lock = Home(settings.home).lock

    @dg.op(required_resource_keys={"centre"})
    def write() -> None:
        assert PURPOSE in read_holder(lock).purpose
        assert status(instance, run) is FAILURE, "it would have kept this step waiting"

    @dg.job(resource_defs={"centre": centre_resource(settings)})
    def nightly() -> None:
        write()

    with run_lock(lock, PURPOSE + run.run_id):
        left = lock.read_bytes()
    lock.write_bytes(left)
    assert nightly.execute_in_process(instance=instance).success
    assert read_holder(lock) == Holder()


def test_the_sensor_ends_a_run_that_was_killed_over_the_lock(
    settings: Settings, instance: dg.DagsterInstance, run: dg.DagsterRun
) -> None:
    lock = Home(settings.home).lock
    with run_lock(lock, PURPOSE + run.run_id):
        left = lock.read_bytes()
        said = lost_run_sensor(settings)(dg.build_sensor_context(instance=instance))
        assert isinstance(said, dg.SkipReason) and "alive" in str(said.skip_message)
    lock.write_bytes(left)
    said = lost_run_sensor(settings)(dg.build_sensor_context(instance=instance))
    assert isinstance(said, dg.SkipReason) and run.run_id in str(said.skip_message)
    assert status(instance, run) is FAILURE
    [failed] = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.PIPELINE_FAILURE)
    assert failed.message == TOLD
