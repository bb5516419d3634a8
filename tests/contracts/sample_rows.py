"""Header and rows of the samples beside a contract, whatever their format."""

from __future__ import annotations

import csv
from pathlib import Path

from pipelines.intake.edifact_envelope import opened
from pipelines.intake.edifact_segments import UnreadableError, cut
from pipelines.intake.paxlst import COLUMNS, Values, flight_of, person_of

SOURCES = Path(__file__).parents[2] / "sources"


def sample_path(feed: str, name: str) -> Path:
    """The file of a feed's `good` or `bad` sample; tables stand as CSV, interchanges as they are sent."""
    found = [path for path in (SOURCES / feed).glob(f"{name}.*") if path.suffix in (".csv", ".edi")]
    return found[0] if found else SOURCES / feed / f"{name}.csv"


def rows_of(path: Path) -> list[list[str]]:
    """Header and rows of a sample."""
    if path.suffix == ".edi":
        return [list(COLUMNS), *([values.get(name, "") for name in COLUMNS] for values in _persons(path.read_bytes()))]
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _persons(content: bytes) -> list[Values]:
    found = cut(content)
    interchange = opened(found)
    persons: list[Values] = []
    for message in interchange.messages:
        flight = flight_of([(piece.tag, found.words(piece.raw)) for piece in message.header], "2026-03-01")
        for number, pieces in enumerate(message.persons, 1):
            named = {"passenger_id": f"{interchange.reference}/{message.reference}/{number}"}
            try:
                told = person_of([(piece.tag, piece.raw, found.words(piece.raw)) for piece in pieces], "2026-03-01")
            except UnreadableError:
                told = {}
            persons.append(named | flight | told)
    return persons
