"""The result of one check, and the table that keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime

import duckdb

FEEDS, REGISTRY, RELEASE = "feeds", "registry", "release"
TABLE = """
    CREATE SCHEMA IF NOT EXISTS quality;
    CREATE TABLE IF NOT EXISTS quality.expectation_result (
        load_seq INTEGER, feed VARCHAR, expectation VARCHAR, column_name VARCHAR, success BOOLEAN,
        severity VARCHAR, observed_value DOUBLE, threshold VARCHAR, reason VARCHAR, rows_judged BIGINT,
        judged_at TIMESTAMPTZ
    )"""


@dataclass(frozen=True)
class Outcome:
    """One check of one load; it holds numbers and names of columns, never a value of a row.

    Attributes:
        load_seq: The load that was judged.
        feed: The feed, or `registry` or `release`.
        expectation: Type of the promise in the contract, or id of the promise about the registry.
        column_name: The column concerned, where there is one.
        success: Whether the promise holds.
        severity: `critical` stops publication, `warning` is shown.
        observed_value: The number that was found; empty where the check could not be run.
        threshold: What was demanded of it, in words.
        reason: Why the promise is made, or why the check counts as failed.
        rows_judged: Rows that the check saw.
    """

    load_seq: int
    feed: str
    expectation: str
    column_name: str | None
    success: bool
    severity: str
    observed_value: float | None
    threshold: str
    reason: str
    rows_judged: int

    @property
    def metadata(self) -> dict[str, float]:
        """Its numbers, under the same keys for every check, so that they can be plotted over loads."""
        numbers: dict[str, float] = {"success": float(self.success), "rows_judged": float(self.rows_judged)}
        return numbers if self.observed_value is None else numbers | {"observed_value": self.observed_value}


def replace_outcomes(
    connection: duckdb.DuckDBPyConnection,
    load_seq: int,
    outcomes: Iterable[Outcome],
    judged_at: datetime | None,
    *,
    about: str = FEEDS,
) -> None:
    """Writes the outcomes of a load in place of those that an earlier try left, in one transaction.

    Args:
        connection: The build database.
        load_seq: The load.
        outcomes: All outcomes of what they are about.
        judged_at: Moment to note; the database's clock where there is none.
        about: `FEEDS`, `REGISTRY` or `RELEASE`.
    """
    connection.execute(TABLE)
    connection.begin()
    connection.execute(
        "DELETE FROM quality.expectation_result "
        f"WHERE load_seq = $1 AND if(feed IN ('{REGISTRY}', '{RELEASE}'), feed, '{FEEDS}') = $2",
        [load_seq, about],
    )
    for outcome in outcomes:
        connection.execute(
            "INSERT INTO quality.expectation_result "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, coalesce($11, now()))",
            [*astuple(outcome), judged_at],
        )
    connection.commit()
