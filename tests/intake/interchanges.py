"""PAXLST interchanges as carriers send them, whole and damaged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.contracts import Contract
from tests.intake.intake_world import LABEL, Sent

FEED = "passengers"
COLUMNS = ("passenger_id", "flight", "arrives_on", "surname_latin", "given_names_latin", "full_name", "birth_date")
FLIGHT = (
    "BGM+745",
    "NAD+MS+++DESK",
    "TDT+20+KC912+++KC",
    "LOC+125+IST",
    "DTM+189:2603012330:201",
    "LOC+87+ALA",
    "DTM+232:2603020710:201",
)


def freed(text: str) -> str:
    """A text with release characters before what separates."""
    return "".join("?" + letter if letter in "?+:'" else letter for letter in text)


def passenger(surname: str = "SYNAQOV", given: str = "TEST", *more: str) -> list[str]:
    """Segments of one passenger."""
    return [f"NAD+FL+++{freed(surname)}:{freed(given)}", "ATT+2++M", "DTM+329:900517", "NAT+2+UZB", *more]


def message(
    persons: Sequence[Sequence[str]],
    reference: str = "M1",
    kind: str = "PAXLST:D:12B:UN:IATA",
    head: Sequence[str] = FLIGHT,
) -> list[str]:
    """Segments of one message, control count included."""
    inside = [*head, *(segment for person in persons for segment in person), f"CNT+42:{len(persons)}"]
    return [f"UNH+{reference}+{kind}", *inside, f"UNT+{len(inside) + 2}+{reference}"]


def interchange(
    *messages: list[str], reference: str = "API1", syntax: str = "UNOA:4", encoding: str = "ascii", end: str = "'"
) -> bytes:
    """Bytes of an interchange."""
    header = f"UNB+{syntax}+KC:ZZ+MIC:ZZ+260301:2000+{reference}++APIS"
    segments = [header, *(segment for each in messages for segment in each), f"UNZ+{len(messages)}+{reference}"]
    return ("UNA:+.? '" + "".join(segment + end for segment in segments)).encode(encoding)


def edi(content: bytes, rows: int, **members: Any) -> Sent:
    """A delivery of an interchange."""
    return Sent(content, rows, "edi", feed=FEED, **members)


def passengers_contract() -> Contract:
    """A feed that takes interchanges and asks for few of their columns."""
    kinds = {"arrives_on": "date", "birth_date": "partial_date"}
    columns = [{"name": name, "type": kinds.get(name, "text"), "meaning": "As its name says."} for name in COLUMNS]
    columns[0]["required"] = "true"
    shape = {
        "feed": FEED,
        "title": LABEL,
        "agency": "test",
        "description": "One row per person on a list.",
        "cadence": "daily",
        "record_id": ["passenger_id"],
        "formats": ["edi"],
        "hold_share": 1.0,
        "columns": columns,
    }
    return Contract.model_validate(shape)
