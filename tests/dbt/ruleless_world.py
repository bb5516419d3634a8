"""Persons whom rules of stay do not concern, in the world of the law: born here, citizens by now, seekers of asylum."""

from __future__ import annotations

from typing import Any

from tests.dbt.modelled_world import World, crossing, notification, permit

PERSON = {"surname": "Example", "birth_date": "2026-01-01", "sex": "F", "citizenship": "UZB"}


def born(name: str) -> dict[str, Any]:
    """The birth of a foreign child on New Year's Day in Almaty."""
    act = {"act_id": name, "event": "birth", "event_on": "2026-01-01", "kato": "751110000", "document_number": name}
    return PERSON | act


def step(case: str, event: str, on: str, **more: Any) -> dict[str, Any]:
    """One step in the case of the person whose document is `case`."""
    own = {"event_id": f"{case} {event}", "case_id": case, "event": event, "event_on": on, "document_number": case}
    return PERSON | own | {"birth_date": "1990-03-05"} | more


def populate_cases(world: World) -> None:
    """A seeker of asylum whose certificate runs out undecided, and two kandas whose status lapses."""
    seeker = [
        step("seeker", "applied", "2026-01-10"),
        step("seeker", "certificate_issued", "2026-01-12", valid_until="2026-04-12"),
    ]
    world.deliver(1, "asylum_cases", seeker)
    returnees = [step(who, "granted", "2026-01-10") for who in ("returnee", "never seen")]
    returnees += [step(who, "lapsed", "2026-03-10") for who in ("returnee", "never seen")]
    world.deliver(1, "kandas_cases", returnees)
    entries = [crossing(who, "2026-01-05 10:00", "entry", who) for who in ("seeker", "returnee")]
    world.deliver(1, "border_crossings", entries)


def populate(world: World) -> None:
    """Two children, one of whom gets a paper, and a visitor who becomes a citizen on 20 January."""
    populate_cases(world)
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
