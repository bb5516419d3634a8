"""Which kept files hold the rows of several loads, as the ledger says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipelines.storage.kept import KeptFile
from pipelines.storage.ledger import Entry


@dataclass(frozen=True)
class CompactedFile:
    """Bronze of one feed over several loads.

    Attributes:
        feed: The feed.
        first: Its first load.
        last: Its last load; everything that the feed brought between them is in it.
        file: The file.
    """

    feed: str
    first: int
    last: int
    file: KeptFile


class Compactions:
    """All compacted files that a ledger names."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.files = [
            CompactedFile(entry["feed"], entry["loads"][0], entry["loads"][1], KeptFile(*entry["bronze"]))
            for entry in entries
            if entry["what"] == "compact"
        ]

    def holding(self, feed: str, load_seq: int) -> KeptFile | None:
        """The file that holds what a feed brought in a load, where it was compacted."""
        found = (each.file for each in self.files if each.feed == feed and each.first <= load_seq <= each.last)
        return next(found, None)
