"""The two jobs, and when the night begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import dagster as dg

from pipelines.contracts import Contract
from pipelines.defs.feed_assets import raw_key
from pipelines.storage.database import ZONE

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

NIGHTLY, INTAKE = "nightly", "intake"
NIGHT_BEGINS = "0 2 * * *"
# A night whose process was killed is started again once, whole: publication is refused to a run that skips steps. A
# step that fails by itself is for a person.
AGAIN_ONCE = {"dagster/max_retries": "1", "dagster/retry_strategy": "ALL_STEPS"}


def nightly_job() -> UnresolvedAssetJobDefinition:
    """One load, from what has landed to what is published."""
    return dg.define_asset_job(
        NIGHTLY,
        selection=dg.AssetSelection.all(),
        tags=AGAIN_ONCE,
        description="One load: takes in whatever has landed, models, links, judges, publishes and commits.",
    )


def intake_job(contracts: Mapping[str, Contract]) -> UnresolvedAssetJobDefinition:
    """What has landed, taken in and judged by day; the load stays open for the night."""
    return dg.define_asset_job(
        INTAKE,
        selection=dg.AssetSelection.assets(*(raw_key(feed) for feed in contracts)),
        description="Takes in and judges what has landed, so that an agency hears of a bad delivery the same day. "
        "The load stays open; the night publishes it.",
    )


def nightly_schedule() -> dg.ScheduleDefinition:
    """The night begins at two by the clock of the capital; it is on from the first start."""
    return dg.ScheduleDefinition(
        name="every_night",
        job_name=NIGHTLY,
        cron_schedule=NIGHT_BEGINS,
        execution_timezone=ZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Every night at 02:00, when the agencies' deliveries for the day before are in.",
    )
