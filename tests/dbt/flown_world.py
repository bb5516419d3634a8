"""Flights of a January whose lists and passages can be counted by hand. A person is the document number."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.dbt.modelled_world import World, crossing

LANDS, LEAVES = ("ALA", "2026-01-12", "07:10"), ("ALA", "2026-01-15", "00:30")
Row = dict[str, Any]


def announced(number: str, person: str, flight: str = "KC912", **more: Any) -> Row:
    """One person on the list of a flight from Istanbul."""
    row = {"passenger_id": number, "flight": flight, "role": "FL", "list_type": "745", "document_number": person}
    row |= {"departure_airport": "IST", "departs_on": "2026-01-11", "departs_clock": "23:30"}
    row |= dict(zip(("arrival_airport", "arrives_on", "arrives_clock"), LANDS, strict=True))
    return row | {"surname": "Example", "birth_date": "1990-03-05", "sex": "F", "citizenship": "UZB"} | more


def leaving(number: str, person: str) -> Row:
    """One person on the list of a flight that leaves half an hour after midnight."""
    row = announced(number, person, "KC911", arrival_airport="IST", arrives_on="2026-01-15", arrives_clock="04:00")
    return row | dict(zip(("departure_airport", "departs_on", "departs_clock"), LEAVES, strict=True))


def flown(number: str, at: str, person: str, conveyance: str | None, direction: str = "entry", **more: Any) -> Row:
    """One passage by air."""
    return crossing(number, at, direction, person, transport="air", conveyance=conveyance, **more)


def populate(world: World) -> None:
    """Of load 1: everybody but LATE, who is seen in load 2."""
    lists = [
        announced("a1", "CAME"),
        announced("a2", "LATE"),
        announced("a3", "TWICE"),
        announced("a4", "TWICE", "KC0912"),
        announced("a5", "ELSEWHERE"),
        announced("a6", "CREW", role="FM"),
        announced("a7", "REFUSED"),
        announced("a8", None, citizenship="KAZ", is_citizen_stripped=True),  # type: ignore[arg-type]
        announced("a9", "REBOOKED"),
        announced("a10", "REBOOKED", "KC914", arrives_clock="12:00"),
        leaving("a11", "LEFT"),
    ]
    passages = [
        flown("f1", "2026-01-12 07:40", "CAME", "kc 0912"),
        flown("f2", "2026-01-12 07:50", "TWICE", "KC921"),
        flown("f3", "2026-01-12 08:00", "ELSEWHERE", "KC912", post_code="NQZ"),
        flown("f4", "2026-01-12 08:10", "REFUSED", "KC912", direction="refused_entry"),
        flown("f5", "2026-01-12 07:45", "UNLISTED", "KC912"),
        flown("f6", "2026-01-12 09:45", "LISTLESS", "XY1"),
        flown("f7", "2026-01-12 12:20", "REBOOKED", "KC914"),
        flown("f8", "2026-01-14 22:50", "LEFT", None, direction="exit"),
        crossing("f9", "2026-01-12 10:00", "entry", "DRIVER", transport="road", conveyance="01KZ"),
    ]
    world.deliver(1, "advance_passengers", lists)
    world.deliver(1, "border_crossings", passages)


def populate_two_clocks(world: World) -> None:
    """Of load 1 in another home: two passages at one moment, whose flights landed by the clocks of their airports."""
    day, people = "2024-01-15", {"URA": "WEST", "ALA": "EAST"}
    lands = {"arrives_on": day, "arrives_clock": "08:00", "departs_on": day, "departs_clock": "06:00"}
    lists = [announced(f"a{post}", who, arrival_airport=post, **lands) for post, who in people.items()]
    seen = [flown(f"f{post}", f"{day} 20:00", who, None, post_code=post) for post, who in people.items()]
    world.deliver(1, "advance_passengers", lists, on=date(2024, 1, 15))
    world.deliver(1, "border_crossings", seen, on=date(2024, 1, 15))


def bring_late(world: World) -> None:
    """Of load 2: the passage that was reported late."""
    world.deliver(2, "border_crossings", [flown("f10", "2026-01-12 07:55", "LATE", "KC912")])


def correct_lists(world: World) -> None:
    """Of load 3: one person goes on another flight and one a week later, a document is another's, a list is withdrawn.

    And the officer had written down a wrong document for who came with KC914.
    """
    later = {"arrives_on": "2026-01-20", "departs_on": "2026-01-19"}
    lists = [
        announced("a1", "CAME", "KC914", arrives_clock="12:00"),
        announced("a2", "LATE", **later),
        announced("a5", "UNLISTED"),
    ]
    world.deliver(3, "advance_passengers", lists, kind="correction")
    world.withdraw(3, "advance_passengers", "a4")
    world.deliver(3, "border_crossings", [flown("f7", "2026-01-12 12:20", "NOBODY", "KC914")], kind="correction")
