"""Persons whom no rule of stay concerns, in the world of the law: born here, or citizens by now."""

from __future__ import annotations

from typing import Any

from tests.dbt.modelled_world import World, crossing, notification, permit

PERSON = {"surname": "Example", "birth_date": "2026-01-01", "sex": "F", "citizenship": "UZB"}


def born(name: str) -> dict[str, Any]:
    """The birth of a foreign child on New Year's Day in Almaty."""
    act = {"act_id": name, "event": "birth", "event_on": "2026-01-01", "kato": "751110000", "document_number": name}
    return PERSON | act


def populate(world: World) -> None:
    """Two children, one of whom gets a paper, and a visitor who becomes a citizen on 20 January."""
    child = {"birth_date": "2026-01-01"}
    world.deliver(1, "civil_events", [born("child"), born("child with a paper")])
    until = {"valid_until": "2026-05-31"} | child
    paper = permit("child", "child with a paper", "temporary_residence", "granted", "2026-01-20", **until)
    world.deliver(1, "residence_permits", [paper])
    world.deliver(1, "stay_notifications", [notification("child", "child", "2026-03-05 12:00", **child)])
    world.deliver(1, "border_crossings", [crossing("new", "2026-01-01 10:00", "entry", "new citizen")])
    act = {"act_id": "new", "action": "acquired", "effective_on": "2026-01-20", "to_citizenship": "KAZ"}
    world.deliver(
        1, "citizenship_acts", [PERSON | act | {"birth_date": "1990-03-05", "document_number": "new citizen"}]
    )
