"""What a load did, read back from the build database in numbers alone.

For those who show a load while it is open: Dagster's assets and checks. Nothing is written here, and no value of a
row is read.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import duckdb

from pipelines.quality.outcome import TABLE as OUTCOMES
from pipelines.quality.outcome import Outcome
from pipelines.storage.loads import TABLE as LOADS
from pipelines.storage.loads import Load

NUMBERS = ("deliveries", "rows_in_file", "rows_accepted", "rows_quarantined", "rows_repeated", "lateness_days")

STATES = ("accepted", "rejected", "held", "duplicate", "waiting")


@dataclass(frozen=True)
class Day:
    """One feed's accepted deliveries of one business date.

    Attributes:
        feed: The feed.
        business_date: The day that they report.
        numbers: A number for each of `NUMBERS`.
    """

    feed: str
    business_date: date
    numbers: dict[str, int]


@dataclass(frozen=True)
class Punctuality:
    """How one feed stands.

    Attributes:
        feed: The feed.
        state: `on_time`, `late`, `never` or `not_scheduled`.
        missing_deliveries: Deliveries due and not there.
        rejected: Deliveries that were refused whole.
        held: Deliveries that wait for an operator.
        waiting: Files whose manifest has not come.
    """

    feed: str
    state: str
    missing_deliveries: int
    rejected: int
    held: int
    waiting: int


def find_open_load(connection: duckdb.DuckDBPyConnection) -> Load | None:
    """The load that is open, if one is."""
    connection.execute(LOADS)
    found = connection.execute("SELECT load_seq, known_at FROM meta.load WHERE state = 'open'").fetchone()
    return Load(found[0], found[1], True) if found else None


def read_days(
    connection: duckdb.DuckDBPyConnection, load_seq: int, business_dates: Collection[date] | None = None
) -> list[Day]:
    """One row per feed and business date with accepted deliveries.

    Args:
        connection: The build database.
        load_seq: The load that took them in.
        business_dates: These days instead, whichever load took them in.
    """
    rows = connection.execute(
        """SELECT feed, business_date, count(*), coalesce(sum(rows_in_file), 0), coalesce(sum(rows_accepted), 0),
          coalesce(sum(rows_quarantined), 0), coalesce(sum(rows_repeated), 0),
          max(greatest(0, CAST(coalesce(created_at, landed_at) AS DATE) - business_date - 1))
        FROM quality.delivery WHERE state = 'accepted'
          AND CASE WHEN $days IS NULL THEN load_seq = $load ELSE list_contains($days, business_date) END
        GROUP BY feed, business_date ORDER BY feed, business_date""",
        {"load": load_seq, "days": None if business_dates is None else sorted(business_dates)},
    ).fetchall()
    return [Day(feed, day, dict(zip(NUMBERS, map(int, counts), strict=True))) for feed, day, *counts in rows]


def add_up(days: Collection[Day], feed: str) -> dict[str, int]:
    """A feed's numbers over all its days; of the lateness, the greatest."""
    own = [day.numbers for day in days if day.feed == feed]
    total = {name: sum(numbers[name] for numbers in own) for name in NUMBERS}
    return total | {"lateness_days": max((numbers["lateness_days"] for numbers in own), default=0)}


def count_deliveries(connection: duckdb.DuckDBPyConnection, load_seq: int) -> dict[str, int]:
    """Number of deliveries that a load judged, for each of `STATES`."""
    rows = connection.execute(
        "SELECT state, count(*) FROM quality.delivery WHERE load_seq = $1 GROUP BY state", [load_seq]
    ).fetchall()
    return dict.fromkeys(STATES, 0) | dict(rows)


def read_punctuality(connection: duckdb.DuckDBPyConnection) -> list[Punctuality]:
    """One row per feed: whether its deliveries come, and whether any was refused or held."""
    rows = connection.execute(
        """SELECT f.feed, f.state, coalesce(f.missing_deliveries, 0), count(*) FILTER (d.state = 'rejected'),
          count(*) FILTER (d.state = 'held'), count(*) FILTER (d.state = 'waiting')
        FROM quality.freshness f LEFT JOIN quality.delivery d USING (feed) GROUP BY ALL ORDER BY f.feed"""
    ).fetchall()
    return [Punctuality(*row) for row in rows]


def read_outcomes(connection: duckdb.DuckDBPyConnection, load_seq: int) -> list[Outcome]:
    """Every outcome that was noted for a load."""
    connection.execute(OUTCOMES)
    rows = connection.execute(
        """SELECT load_seq, feed, expectation, column_name, success, severity, observed_value, threshold, reason,
          rows_judged
        FROM quality.expectation_result WHERE load_seq = $1 ORDER BY ALL""",
        [load_seq],
    ).fetchall()
    return [Outcome(*row) for row in rows]
