"""Runs whose process ended without a word, by a kill or a power cut: found, shown as failed, out of the way.

Where the process that watched a run has ended too, Dagster goes on showing the run as started: it starts no other
beside it, and the run keeps its place in the pool. Which run is dead is said by a file that each run holds locked from
its first moment, while it waits for the writer's lock too; the kernel frees it from everybody who ends.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import dagster as dg

from pipelines.storage import Home
from pipelines.storage.alive import is_gone

PURPOSE = "Dagster run "
PATIENCE_SECONDS = 120.0
TOLD = (
    "The run ended without a word: its process was killed or the machine went down. Nothing is lost: its load stays "
    "open, and the next run goes on with it."
)


def end_lost_runs(instance: dg.DagsterInstance, home: Home, own: str = "") -> list[str]:
    """Shows runs as failed whose process is gone, and frees what they held in pools; returns their ids.

    Args:
        instance: Dagster's storage.
        home: Where runs have their files.
        own: The run that asks.
    """
    lost = [record.dagster_run for record in _lost(instance, home) if record.dagster_run.run_id != own]
    for run in lost:
        instance.report_run_failed(run, TOLD)
    _free_places(instance)
    _forget_ended(instance, home)
    return [run.run_id for run in lost]


def _lost(instance: dg.DagsterInstance, home: Home) -> Iterator[dg.RunRecord]:
    """Started runs whose process was killed, never came to its file, or ended and has not said how."""
    for record in instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        began = record.start_time or time.time()
        if is_gone(home.runs_alive / record.dagster_run.run_id, began, PATIENCE_SECONDS):
            yield record


def _free_places(instance: dg.DagsterInstance) -> None:
    """Frees places in pools that runs have kept beyond their end, as those do that were killed."""
    storage = instance.event_log_storage
    if not storage.supports_global_concurrency_limits:
        return
    for run_id in storage.get_concurrency_run_ids():
        run = instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            storage.free_concurrency_slots_for_run(run_id)


def _forget_ended(instance: dg.DagsterInstance, home: Home) -> None:
    """Removes the files of runs that have ended."""
    for path in home.runs_alive.glob("*"):
        run = instance.get_run_by_id(path.name.removeprefix("."))
        if run is not None and run.is_finished:
            path.unlink(missing_ok=True)
