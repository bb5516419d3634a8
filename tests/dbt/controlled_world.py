"""A January of control that can be counted by hand: a centre, cases, notifications, inspections, posts, flights."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.dbt import flown_world
from tests.dbt.modelled_world import World, crossing, notification, permit

PERSON = {"surname": "Example", "birth_date": "1990-03-05", "sex": "F", "citizenship": "UZB"}
ALMATY, ASTANA = "751110000", "711110000"
FINED, KEPT = "990000000011", "990000000022"
LATER = "2026-01-27 11:00:00+05:00"


def step(case: str, event: str, day: str, **more: Any) -> dict[str, Any]:
    """One event at ten o'clock in the case of the person whose document is `case`."""
    own = {"event_id": f"{case} {event}", "case_id": f"case {case}", "event": event, "document_number": case}
    return PERSON | own | {"event_at": f"{day} 10:00:00+05:00"} | more


def found(case: str, occurred: str, detected: str, employer: str | None = None) -> dict[str, Any]:
    """The violation that opens a case in Almaty, maybe with an employer."""
    at = f"{detected} 09:00:00+05:00"
    return step(case, "violation", detected, occurred_on=occurred, detected_at=at, kato=ALMATY, employer_bin=employer)


def cases() -> list[dict[str, Any]]:
    """A is expelled, B and C are fined, D's expulsion stays open, E and F are known by a centre alone.

    B is told to leave too. F is handed from SR to SX and back: once in a minute, once before SX says that it released.
    A, B and C were found at work. F was born in February 2008, and a guardian comes to the second admission.
    """
    young = {"birth_date": "2008-02", "guardian_present": False}
    guarded = young | {"guardian_present": True}
    return [
        found("A", "2026-01-01", "2026-01-05", FINED),
        step("A", "expulsion_ordered", "2026-01-07"),
        step("A", "centre_admitted", "2026-01-07", centre_code="SR"),
        step("A", "centre_released", "2026-01-09", centre_code="SR"),
        step("A", "expulsion_executed", "2026-01-12"),
        found("B", "2026-01-02", "2026-01-03", KEPT),
        step("B", "fine", "2026-01-03"),
        step("B", "expulsion_ordered", "2026-01-05"),
        found("C", "2026-01-02", "2026-01-02", FINED),
        step("C", "fine", "2026-01-04"),
        found("D", "2026-01-10", "2026-01-10"),
        step("D", "expulsion_ordered", "2026-01-10"),
        step("D", "centre_admitted", "2026-01-10", centre_code="SR"),
        step("E", "centre_admitted", "2026-01-10", centre_code="RF"),
        step("E", "centre_released", "2026-01-11", centre_code="RF"),
        step("F", "centre_admitted", "2026-01-20", centre_code="SR", **young),
        step("F", "centre_released", "2026-01-25", centre_code="SR", **young),
        step("F", "centre_admitted", "2026-01-25", centre_code="SX", event_id="F to SX", **guarded),
        step("F", "centre_admitted", "2026-01-27", centre_code="SR", event_id="F back", **young),
        step("F", "centre_released", "2026-01-27", centre_code="SX", event_id="F late", event_at=LATER, **young),
        step("F", "centre_released", "2026-01-29", centre_code="SR", event_id="F free", **young),
    ]


def inspections() -> list[dict[str, Any]]:
    """Three at random, one of them without a result; one on a complaint and one by plain words, where nobody knows."""
    at_random = {"kato": ALMATY, "object_type": "employer", "plan": "random"}
    followed_up = {"follow_up_on": "2026-02-06"}
    return [
        at_random | {"inspection_id": "1", "inspected_on": "2026-01-05", "violations": 0, "object_id": KEPT},
        at_random
        | {"inspection_id": "2", "inspected_on": "2026-01-06", "violations": 3, "object_id": FINED}
        | followed_up,
        at_random | {"inspection_id": "3", "inspected_on": "2026-01-07"},
        {"inspection_id": "4", "inspected_on": "2026-01-08", "kato": "99", "plan": "complaint", "violations": 2},
        {"inspection_id": "5", "inspected_on": "2026-01-09", "kato": "99", "object_type": "employer"}
        | {"plan": "by the word of a neighbour", "flags": ["unknown_code:plan"]},
    ]


def notifications() -> list[dict[str, Any]]:
    """Of a stay since the second of January: on the third working day, on the fourth, and without a day.

    In Astana, on a Monday after a Friday, on a Saturday after the third working day, and on the third and fourth
    working day over Nauryz and over New Year.
    """
    since = {"stay_from": "2026-01-02", "kato": ALMATY, "host_type": "person"}
    astana = [
        ("n4", "2026-02-06", "2026-02-09"),
        ("n9", "2026-02-10", "2026-02-14"),
        ("n5", "2026-03-20", "2026-03-30"),
        ("n6", "2026-03-20", "2026-03-31"),
        ("n7", "2025-12-31", "2026-01-08"),
        ("n8", "2025-12-31", "2026-01-09"),
    ]
    return [
        notification("n1", "N1", "2026-01-08 12:00", **since, stay_until="2026-02-15"),
        notification("n2", "N2", "2026-01-09 12:00", **since, stay_until="2026-01-20"),
        notification("n3", "N3", "2026-01-08 12:00", kato=ALMATY, stay_until="2026-01-10"),
        *(
            notification(number, number.upper(), f"{told} 12:00", stay_from=came, stay_until=told, kato=ASTANA)
            for number, came, told in astana
        ),
    ]


def determinations() -> list[dict[str, Any]]:
    """Twelve who applied in Almaty, of whom one is refused, and three in Astana."""
    kind, filed = "status_determination", "2025-12-20"
    people = [("U", ALMATY, number) for number in range(12)] + [("V", ASTANA, number) for number in range(3)]
    applied = [
        permit(f"{name}{number}", f"{name}{number}", kind, "applied", filed, filed_on=filed, kato=kato)
        for name, kato, number in people
    ]
    return [*applied, permit("refused", "U3", kind, "refused", "2026-01-20", kato=ALMATY)]


def hours(*lanes: int) -> list[dict[str, Any]]:
    """The same hour of as many days in January, with lanes open."""
    named = [(f"2026-01-{day:02d} 08:00:00+05:00", open_) for day, open_ in enumerate(lanes, start=5)]
    return [{"post_code": "ALA", "hour_from": hour, "lanes_open": open_} for hour, open_ in named]


def populate(world: World) -> None:
    """Load 1: registers on the first day, so that all of January is covered."""
    first = date(2026, 1, 1)
    centres = [
        {"centre_code": "SR", "kind": "special_receiver", "capacity": 2, "legal_max_days": 3},
        {"centre_code": "SX", "kind": "special_receiver", "capacity": 2},
        {"centre_code": "RF", "kind": "refugee", "capacity": 9},
    ]
    world.deliver(1, "placement_centres", centres, on=first)
    posts = [{"post_code": "ALA", "kato": ALMATY}, {"post_code": "NQZ", "kato": ASTANA}, {"post_code": "XX"}]
    world.deliver(1, "control_posts", posts, on=first)
    world.deliver(1, "control_posts", posts, kind="snapshot")
    world.deliver(1, "post_hours", hours(2, 4))
    world.deliver(1, "enforcement_cases", cases())
    left = [crossing("B before", "2026-01-04 10:00", "exit", "B"), crossing("B out", "2026-01-08 10:00", "exit", "B")]
    world.deliver(1, "border_crossings", left)
    world.deliver(1, "inspections", inspections())
    state = {"kato": "000000000", "period": "2026-01", "occupation_isco": "9"}
    world.deliver(1, "vacancies", [state, state | {"kato": ALMATY}])
    world.deliver(1, "stay_notifications", notifications())
    world.deliver(1, "residence_permits", determinations())
    flown_world.populate(world)
    world.load(1)
    world.first_night = world.rows("SELECT indicator, value FROM statistics.control_effectiveness ORDER BY ALL")


def annul(world: World) -> None:
    """Load 2: case C is annulled, an inspection is sent again, and an hour is corrected.

    The centre SR and the post NQZ vanish from their registers; that of the posts is the second of one day.
    """
    world.deliver(2, "placement_centres", [{"centre_code": "RF", "kind": "refugee", "capacity": 9}], kind="snapshot")
    world.deliver(2, "control_posts", [{"post_code": "ALA", "kato": ALMATY}, {"post_code": "XX"}], kind="snapshot")
    world.deliver(2, "enforcement_cases", [step("C", "annulled", "2026-01-20")])
    world.deliver(2, "inspections", inspections()[:1], kind="correction")
    world.deliver(2, "post_hours", hours(2, 6)[1:], kind="correction")
    flown_world.bring_late(world)
    world.load(2)
