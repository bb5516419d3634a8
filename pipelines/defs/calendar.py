"""Days: the partitions of the feeds, and until when a feed counts as fresh."""

from __future__ import annotations

from datetime import date, timedelta

import dagster as dg

from pipelines.contracts import Contract
from pipelines.storage.database import ZONE

# Deliveries of earlier days are taken in all the same; they have no partition of their own to look at.
FIRST_DAY = "2025-01-01"
# What was published between ten in the evening and eight in the morning is of this night.
OFFICE_OPENS, NIGHT_HOURS = "0 8 * * *", 10
BUSINESS_DAYS = dg.DailyPartitionsDefinition(start_date=FIRST_DAY, timezone=ZONE)


def has_partition(day: date) -> bool:
    """Whether a business date has a partition already: from the first day to yesterday."""
    return BUSINESS_DAYS.has_partition_key(day.isoformat())


def chosen_days(context: dg.AssetExecutionContext) -> list[date] | None:
    """The business dates that the run is about; `None` where it is about whatever has landed."""
    if not (context.has_partition_key or context.has_partition_key_range):
        return None
    return [date.fromisoformat(key) for key in context.partition_keys]


def every_night() -> dg.FreshnessPolicy:
    """Fresh where the night has published before the office opens."""
    return dg.FreshnessPolicy.cron(
        deadline_cron=OFFICE_OPENS, lower_bound_delta=timedelta(hours=NIGHT_HOURS), timezone=ZONE
    )


def freshness(contract: Contract) -> dg.FreshnessPolicy | None:
    """Fresh for a cadence and its grace after a delivery, then a warning for one more cadence.

    A feed without a calendar, sent when it changes or as decided, never ages.
    """
    days = contract.cadence.days
    if days is None:
        return None
    due = timedelta(days=days + contract.grace_days)
    return dg.FreshnessPolicy.time_window(warn_window=due, fail_window=due + timedelta(days=days))
