"""Which manifests are new in the landing folders.

Only names and times of change are looked at; deliveries are opened by intake alone, and the build database and its
ledger are left to the run that writes them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pipelines.intake.delivery import MANIFEST


@dataclass(frozen=True)
class Arrivals:
    """Manifests that came after a given moment.

    Attributes:
        newest_ns: When the last of them came, in nanoseconds; the given moment where none came.
        feeds: How many came, by feed.
    """

    newest_ns: int
    feeds: dict[str, int]


def find_arrivals(landing: Path, feeds: Collection[str], since_ns: int) -> Arrivals:
    """Looks for manifests that came after `since_ns`.

    The time of change of the file's entry counts: copying with the times of the original does not alter it.
    """
    newest, counts = since_ns, dict[str, int]()
    for feed in sorted(feeds):
        folder = landing / feed
        times = [path.stat().st_ctime_ns for path in folder.glob(f"*{MANIFEST}")] if folder.is_dir() else []
        new = [time for time in times if time > since_ns]
        if new:
            counts[feed] = len(new)
            newest = max(newest, *new)
    return Arrivals(newest, counts)
