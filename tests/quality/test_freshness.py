"""Facts about what is late."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from pipelines.contracts import Cadence
from pipelines.quality import refresh_freshness
from tests.quality.judged_world import CONTRACT, record


def measured(
    connection: duckdb.DuckDBPyConnection, today: str, cadence: str = "daily", grace_days: int = 1
) -> tuple[object, ...]:
    """State, missing deliveries and the day by which the next one is expected."""
    contract = CONTRACT.model_copy(update={"cadence": Cadence(cadence), "grace_days": grace_days})
    refresh_freshness(connection, {"visits": contract}, date.fromisoformat(today))
    row = connection.execute("SELECT state, missing_deliveries, CAST(expected_by AS VARCHAR) FROM quality.freshness")
    [found] = row.fetchall()
    return found


@pytest.mark.parametrize(
    ("today", "state", "missing"),
    [("2026-03-01", "on_time", 0), ("2026-03-03", "on_time", 0), ("2026-03-04", "late", 1), ("2026-03-06", "late", 3)],
)
def test_daily_feed_is_late_when_its_grace_has_passed(
    connection: duckdb.DuckDBPyConnection, today: str, state: str, missing: int
) -> None:
    record(connection, rows=1, business_date="2026-03-01")
    assert measured(connection, today) == (state, missing, "2026-03-03")


def test_day_missing_between_two_deliveries_is_counted(connection: duckdb.DuckDBPyConnection) -> None:
    for day in ("2026-03-01", "2026-03-02", "2026-03-05"):
        record(connection, rows=1, business_date=day)
    assert measured(connection, "2026-03-05")[:2] == ("on_time", 2)


@pytest.mark.parametrize(
    ("cadence", "second", "missing"),
    [
        ("weekly", "2026-01-18", 0),
        ("weekly", "2026-01-22", 1),
        ("monthly", "2026-02-05", 0),
        ("monthly", "2026-03-05", 1),
    ],
)
def test_period_is_missing_only_when_a_whole_one_is_skipped(
    connection: duckdb.DuckDBPyConnection, cadence: str, second: str, missing: int
) -> None:
    record(connection, rows=1, business_date="2026-01-08" if cadence == "weekly" else "2026-01-05")
    record(connection, rows=1, business_date=second)
    assert measured(connection, second, cadence)[1] == missing


def test_rejected_delivery_has_not_come(connection: duckdb.DuckDBPyConnection) -> None:
    record(connection, rows=1, state="rejected")
    assert measured(connection, "2026-03-01") == ("never", None, None)


@pytest.mark.parametrize("cadence", ["snapshot", "as_decided"])
def test_feed_without_calendar_is_never_late(connection: duckdb.DuckDBPyConnection, cadence: str) -> None:
    record(connection, rows=1)
    assert measured(connection, "2030-01-01", cadence) == ("not_scheduled", None, None)


def test_delivery_dated_after_today_does_not_make_a_feed_fresh(connection: duckdb.DuckDBPyConnection) -> None:
    record(connection, rows=1, business_date="2026-03-01")
    record(connection, rows=1, business_date="2036-03-01")
    assert measured(connection, "2026-03-06")[0] == "late"
