"""Which feeds are on time: what was due by the calendar against what was accepted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb

from pipelines.contracts import Contract

MEASURE = """
    CREATE OR REPLACE TABLE quality.freshness AS
    WITH due AS (
        SELECT * FROM (SELECT unnest($feeds) AS feed, unnest($cadences) AS cadence,
                              unnest($grace_days) AS grace_days, unnest($cadence_days) AS cadence_days)
    ), reported AS (
        SELECT DISTINCT feed, business_date FROM quality.delivery WHERE state = 'accepted' AND business_date <= $today
    ), gap AS (
        SELECT feed, business_date,
               business_date - lag(business_date) OVER (PARTITION BY feed ORDER BY business_date) AS days
        FROM reported
    ), history AS (
        SELECT feed, max(business_date) AS last_business_date,
               sum(greatest(round(days / cadence_days) - 1, 0)) AS missing_between
        FROM gap JOIN due USING (feed)
        GROUP BY feed
    ), measured AS (
        SELECT feed, cadence, grace_days, last_business_date,
               last_business_date + cadence_days + grace_days AS expected_by,
               CASE WHEN cadence_days IS NOT NULL AND last_business_date IS NOT NULL THEN
                   coalesce(missing_between, 0)
                   + greatest(0, $today - grace_days - last_business_date - 1) // cadence_days
               END AS missing_deliveries
        FROM due LEFT JOIN history USING (feed)
    )
    SELECT feed, cadence, grace_days, last_business_date, expected_by,
           CAST(missing_deliveries AS INTEGER) AS missing_deliveries,
           CASE WHEN cadence IN ('snapshot', 'as_decided') THEN 'not_scheduled'
                WHEN last_business_date IS NULL THEN 'never'
                WHEN $today > expected_by THEN 'late'
                ELSE 'on_time' END AS state,
           CAST($today AS DATE) AS measured_on
    FROM measured
    ORDER BY feed
"""


def refresh_freshness(connection: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], today: date) -> None:
    """One row per feed in `quality.freshness`: how far its deliveries are behind the calendar.

    A delivery for a day counts as missing when the feed's grace has passed since that day; deliveries missing
    between two that came count too. Feeds without a calendar are never late, and what never came has no number
    of missing deliveries, because nobody knows since when it was due.

    Args:
        connection: The build database, with `quality.delivery`.
        contracts: The feeds, by name.
        today: The day to measure against: the clock's, or the last business date known.
    """
    feeds = list(contracts.values())
    connection.execute("CREATE SCHEMA IF NOT EXISTS quality")
    connection.execute(
        MEASURE,
        {
            "feeds": [contract.feed for contract in feeds],
            "cadences": [contract.cadence.value for contract in feeds],
            "grace_days": [contract.grace_days for contract in feeds],
            "cadence_days": [contract.cadence.days for contract in feeds],
            "today": today,
        },
    )
