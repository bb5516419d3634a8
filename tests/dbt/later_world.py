"""Four loads after the two nights. Their cases are of other persons each and share nothing but the night."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.dbt.modelled_world import World, crossing, notification, permit

PERSON = {"surname": "Example", "citizenship": "UZB", "birth_date": "1990-03-05", "sex": "F"}
AGAIN = crossing("again", "2026-01-22 10:00", "entry", "AGAIN")


def third(world: World) -> None:
    """A card of emigration, papers of strangers; passages after a death, of old years, and of one then detained."""
    world.deliver(3, "border_crossings", [AGAIN], on=date(2026, 1, 25))
    card = {"card_id": "e1", "direction": "emigration", "moved_on": "2026-01-25", "document_number": "DOUBLE"}
    of_resident = {"card_id": "e3", "document_number": "RESIDENT"}
    world.deliver(3, "residence_moves", [PERSON | card, PERSON | card | of_resident])
    world.deliver(3, "residence_permits", [permit("g1", "STRANGER", "temporary_residence", "granted", "2026-01-20")])
    case = {"event_id": "y1", "case_id": "y", "event": "applied", "event_on": "2026-01-20"}
    world.deliver(3, "asylum_cases", [PERSON | case | {"citizenship": "AFG", "document_number": "SEEKER"}])
    passages = [
        crossing("ghost", "2026-01-25 10:00", "exit", "DEAD"),
        crossing("old", "2023-05-01 10:00", "entry", "OLD", post_code="GUW"),
        crossing("held", "2026-01-10 10:00", "entry", "HELD"),
    ]
    world.deliver(3, "border_crossings", passages)
    admitted: dict[str, Any] = {"event_id": "held", "case_id": "held", "event": "centre_admitted", "centre_code": "C"}
    admitted |= {"event_at": "2026-01-20 10:00:00+05:00", "document_number": "HELD"}
    world.deliver(3, "enforcement_cases", [PERSON | admitted])


def fourth(world: World) -> None:
    """A sign against the card, the entry of a stranger; a passage is withdrawn, and registers say what lies where."""
    world.deliver(4, "border_crossings", [AGAIN], on=date(2026, 1, 28), kind="correction")
    world.deliver(4, "stay_notifications", [notification("e2", "DOUBLE", "2026-01-28 12:00")])
    world.deliver(4, "border_crossings", [crossing("late", "2026-01-19 10:00", "entry", "STRANGER")])
    world.deliver(4, "residence_permits", [permit("g2", "STRANGER", "temporary_residence", "extended", "2026-01-25")])
    world.withdraw(4, "border_crossings", "ghost")
    world.deliver(4, "control_posts", [{"post_code": "GUW", "kato": "231010000"}], kind="snapshot")
    world.deliver(4, "placement_centres", [{"centre_code": "C", "kato": "711110000"}], kind="snapshot")


def fifth(world: World) -> None:
    """A delivery made earlier comes later."""
    world.deliver(5, "border_crossings", [AGAIN], on=date(2026, 1, 23))


def sixth(world: World) -> None:
    """What came again and again is withdrawn, and so are all notifications."""
    world.withdraw(6, "border_crossings", "again")
    for (record_id,) in world.rows("SELECT record_id FROM intermediate.notification_event"):
        world.withdraw(6, "stay_notifications", str(record_id))


LOADS = {3: third, 4: fourth, 5: fifth, 6: sixth}
