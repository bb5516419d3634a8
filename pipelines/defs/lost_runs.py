"""Runs whose process ended without a word, by a kill or a power cut: found, shown as failed, out of the way.

Where the process that watched a run has ended too, Dagster goes on showing the run as started: it starts no other
beside it, and the run keeps its place in the pool. Which run is dead is said by the writer's lock, which the kernel
takes from everybody who ends; whoever comes to an end takes its name out of the file.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import dagster as dg

from pipelines.storage.lock import Holder

PURPOSE = "Dagster run "
BEGINS_WITHIN = 120.0
TOLD = (
    "The run ended without a word: its process was killed or the machine went down. Nothing is lost: its load stays "
    "open, and the next run goes on with it."
)


def end_lost_runs(instance: dg.DagsterInstance, holder: Holder, waits: float, own: str = "") -> list[str]:
    """Shows runs as failed whose process is gone, and frees what they held in pools; returns their ids.

    Args:
        instance: Dagster's storage.
        holder: Who holds the lock, or was killed while holding it.
        waits: Seconds for which a run may wait for the lock.
        own: The run that asks.
    """
    lost = [record.dagster_run for record in _lost(instance, holder, waits) if record.dagster_run.run_id != own]
    for run in lost:
        instance.report_run_failed(run, TOLD)
    _free_places(instance)
    return [run.run_id for run in lost]


def _lost(instance: dg.DagsterInstance, holder: Holder, waits: float) -> Iterator[dg.RunRecord]:
    """Started runs that were killed while they held the lock, or have had the time to get it and do not hold it."""
    for record in instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        is_named = holder.purpose == PURPOSE + record.dagster_run.run_id
        has_had_time = time.time() - (record.start_time or time.time()) > waits + BEGINS_WITHIN
        if (is_named and not holder.is_alive) or (has_had_time and not is_named):
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
