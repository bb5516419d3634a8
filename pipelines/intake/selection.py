"""Which of the deliveries that have landed a load takes in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from pipelines.intake.delivery import Landed, RejectedError


@dataclass(frozen=True)
class Selection:
    """Which deliveries a load takes in; everything that has landed by default.

    Attributes:
        feeds: Feeds that are taken in; all where none are named.
        business_dates: Business dates that are taken in; all where none are named.
        most_rows: Rows that a load may take in; where more have landed, the latest business dates wait for the next.
    """

    feeds: Collection[str] | None = None
    business_dates: Collection[date] | None = None
    most_rows: int | None = None

    def wants(self, landed: Landed) -> bool:
        """Whether the delivery is part of the selection, by its folder and file name."""
        if self.feeds is not None and landed.contract.feed not in self.feeds:
            return False
        dates = self.business_dates
        return dates is None or any(day.strftime("_%Y%m%d_") in landed.name for day in dates)

    def fitting(self, landed: list[Landed], taken: int) -> list[Landed]:
        """Those of the oldest business dates that fit into a load, in the order given.

        A business date is taken whole, and one always is into a load that has nothing yet.

        Args:
            landed: Deliveries that are wanted.
            taken: Rows that the load has taken in already.
        """
        if self.most_rows is None:
            return landed
        declared = [_declared(delivery) for delivery in landed]
        rows_of: dict[date, int] = defaultdict(int)
        for day, rows in declared:
            rows_of[day] += rows
        fitting = set()
        for day in sorted(rows_of):
            if taken and taken + rows_of[day] > self.most_rows:
                break
            taken += rows_of[day]
            fitting.add(day)
        return [delivery for delivery, (day, _) in zip(landed, declared, strict=True) if day in fitting]


def _declared(landed: Landed) -> tuple[date, int]:
    """Business date and rows by the manifest; one that cannot be used brings nothing and is judged first."""
    try:
        manifest = landed.manifest()
    except RejectedError:
        return date.min, 0
    return manifest.business_date, manifest.rows
