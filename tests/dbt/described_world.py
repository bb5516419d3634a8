"""Two years of a few persons, by how long they stay, where they were born and on what paper.

The border tells of 2024 to January 2026, so that the stock is described at the ends of 2024, 2025 and January 2026.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.dbt.modelled_world import World, crossing, notification, permit

ALMATY = {"kato": "751110000"}


def populate(world: World) -> None:
    """One person per way of being here, or of having a paper."""
    world.deliver(1, "border_crossings", passages(), on=date(2024, 1, 1))
    world.deliver(1, "stay_notifications", signs())
    held = ALMATY | {"valid_from": "2025-11-01", "valid_until": "2026-12-31"}
    born = {"birth_country": "KGZ"}
    world.deliver(
        1,
        "residence_permits",
        [
            permit("p1", "PAPER", "permanent_residence", "granted", "2025-11-01", **held),
            permit("p2", "SETTLED", "permanent_residence", "granted", "2025-11-01", **held, **born),
            permit("p3", "REFUGEE", "temporary_residence", "granted", "2025-11-01", **held),
            permit("p4", "WORKER", "temporary_residence", "granted", "2025-11-01", **held),
        ],
    )
    labour = {"decision_id": "l1", "permit_id": "l", "scheme": "seasonal", "action": "granted", "kato": "751110000"}
    labour |= {"decided_on": "2025-11-01", "valid_from": "2025-11-01", "valid_until": "2026-12-31"}
    workers = ("WORKER", "REFUGEE")
    world.deliver(1, "labour_permits", [person(name) | labour | {"decision_id": f"l{name}"} for name in workers])
    recognised = {"event_id": "a1", "case_id": "a", "event": "recognised", "event_on": "2025-11-01"}
    world.deliver(1, "asylum_cases", [person("REFUGEE") | recognised])


def person(name: str) -> dict[str, Any]:
    """Who has the document `name`."""
    own = crossing("", "", "", name)
    return {key: own[key] for key in ("surname", "birth_date", "sex", "citizenship", "document_number")}


def passages() -> list[dict[str, Any]]:
    """Entries and exits of everybody who crosses the border."""
    days = {
        "SETTLED": [("entry", "2024-02-01")],
        "HOLIDAY": [("entry", "2024-02-01"), ("exit", "2025-12-20"), ("entry", "2026-01-10")],
        "GONE": [("entry", "2024-02-01"), ("exit", "2025-06-01")],
        "HALF": [("entry", "2025-08-15"), ("exit", "2026-01-20")],
        "VISITOR": [("entry", "2025-12-25"), ("exit", "2026-01-05")],
        "REFUGEE": [("entry", "2025-10-20"), ("exit", "2026-01-25")],
        "WORKER": [("entry", "2025-12-01"), ("exit", "2026-01-25")],
        "UNTOLD": [("exit", "2026-01-04")],
    }
    born = {"SETTLED": {"birth_country": "KGZ"}, "VISITOR": {"birth_country": "DEU"}}
    return [
        crossing(f"{name}{number}", f"{day} 10:00", direction, name, destination_kato="751110000", **born.get(name, {}))
        for name, told in days.items()
        for number, (direction, day) in enumerate(told)
    ]


def signs() -> list[dict[str, Any]]:
    """Notifications by which those who live here are heard of."""
    months = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(2, 13)]
    heard = {"SETTLED": [*months, "2026-01"], "HOLIDAY": months, "GONE": [m for m in months if m < "2025-06"]}
    return [
        notification(f"{name}{month}", name, f"{month}-15 12:00", stay_from=f"{month}-15", host_type="person", **ALMATY)
        for name, told in heard.items()
        for month in told
    ] + [notification("UNTOLD1", "UNTOLD", "2025-12-30 12:00", stay_from="2025-12-30", **ALMATY)]
