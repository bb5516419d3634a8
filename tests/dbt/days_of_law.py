"""Persons drawn by number, and until when the law lets them stay, counted day by day.

The rules are invented, of the kinds that real ones have. The counting here goes through the days one after the other
and shares nothing with the models.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.dbt.modelled_world import World, crossing, permit

DRAWN = 150
DAY = timedelta(days=1)
LAST_DAY = date(2025, 12, 31)
AMENDED = date(2023, 1, 27)
RULES: tuple[dict[str, Any], ...] = (
    {"rule_id": "old-90", "citizenship": ["KGZ", "RUS"], "days_per_entry": 90, "valid_until": AMENDED - DAY},
    {
        "rule_id": "window-90",
        "citizenship": ["KGZ", "RUS"],
        "days_in_window": 90,
        "window_days": 180,
        "valid_from": AMENDED,
    },
    {
        "rule_id": "three-counters",
        "citizenship": ["DEU", "FRA"],
        "days_per_entry": 30,
        "days_in_window": 90,
        "window_days": 180,
        "days_in_year": 120,
    },
    {"rule_id": "transit-5", "citizenship": ["DEU"], "purpose": "transit", "days_per_entry": 5},
    {"rule_id": "year-60", "citizenship": ["MNG"], "days_in_year": 60},
    {"rule_id": "visa", "citizenship": ["*"], "days_per_entry": 0, "needs_visa": True},
    {
        "rule_id": "closed-borders",
        "citizenship": ["MNG"],
        "effect": "suspend_clock",
        "valid_from": date(2024, 3, 1),
        "valid_until": date(2024, 3, 31),
    },
)


@dataclass
class Person:
    """One person: stays from entry to exit (none while open) and papers from day to day."""

    name: str
    citizenship: str
    stays: list[tuple[date, date | None]]
    papers: list[tuple[date, date]] = field(default_factory=list)
    purpose: str = "private"


def somebody(number: int) -> Person:
    """A person with a few stays and papers, drawn by number."""
    draw = random.Random(number)
    day = date(2022, 6, 1) + draw.randrange(500) * DAY
    stays: list[tuple[date, date | None]] = []
    for _ in range(draw.randint(1, 6)):
        left = day + draw.randint(1, 100) * DAY
        stays.append((day, left))
        day = left + draw.choice((0, 1, draw.randint(1, 120))) * DAY
    papers = []
    for _ in range(draw.choice((0, 0, 1, 2))):
        first = stays[0][0] + draw.randrange(-50, 500) * DAY
        papers.append((first, first + draw.randint(5, 200) * DAY))
    return Person(f"SOMEBODY{number}", draw.choice(("KGZ", "RUS", "DEU", "FRA", "MNG")), stays, papers)


def populate(world: World) -> None:
    """Delivers rules and drawn persons as load 1."""
    world.deliver(1, "stay_rules", [rule | {"verified": False} for rule in RULES], LAST_DAY)
    crossings, permits = [], []
    for person in map(somebody, range(DRAWN)):
        before: date | None = None
        for number, (entered, left) in enumerate(person.stays):
            told = {"citizenship": person.citizenship, "purpose": person.purpose}
            name = f"{person.name}-{number}"
            at = "20:00" if entered == before else "10:00"
            crossings.append(crossing(f"{name}-in", f"{entered} {at}", "entry", person.name, **told))
            if left:
                crossings.append(crossing(f"{name}-out", f"{left} 18:00", "exit", person.name, **told))
            before = left
        for number, (first, last) in enumerate(person.papers):
            paper = {"valid_from": first, "valid_until": last, "permit_id": f"{person.name} {number}"}
            told = {"citizenship": person.citizenship}
            name = f"{person.name}-paper-{number}"
            permits.append(permit(name, person.name, "temporary_residence", "granted", f"{first}", **paper, **told))
    world.deliver(1, "border_crossings", crossings, LAST_DAY)
    world.deliver(1, "residence_permits", permits, LAST_DAY)


def rule_on(person: Person, day: date) -> dict[str, Any] | None:
    """The rule that grants days to a person on a day."""
    found = [
        rule
        for rule in RULES
        if rule.get("effect", "grant") == "grant"
        and person.citizenship in rule["citizenship"]
        and rule.get("purpose", person.purpose) == person.purpose
        and rule.get("valid_from", day) <= day <= rule.get("valid_until", day)
    ]
    return max(found, key=lambda rule: ("purpose" in rule, -len(rule["citizenship"])), default=None)


def allowed_until(person: Person) -> list[date | None]:
    """The end of the last run of lawful days that begins in each stay, as if the stay went on.

    What is spent comes back with a paper or the next entry alone, not with the passing of days.
    """
    used: set[date] = set()
    answers: list[date | None] = []
    for entered, left in person.stays:
        last = left or LAST_DAY
        answer: date | None = entered - DAY if rule_on(person, entered) else None
        of_entry: list[date] = []
        day, before_was_lawful, is_spent = entered, False, False
        while day <= last or before_was_lawful:
            is_free = not is_covered(person, day, last)
            spent = sorted({one for one in used if one < entered} | set(of_entry))
            rule = rule_on(person, day)
            is_spent = is_free and (is_spent or rule is None or not fits(rule, spent, of_entry, day))
            is_lawful = not is_spent
            if is_lawful and (before_was_lawful or day <= last):
                answer = day
            if is_free:
                of_entry.append(day)
            before_was_lawful = is_lawful
            day += DAY
        answers.append(answer)
        used |= {
            entered + number * DAY
            for number in range((last - entered).days + 1)
            if not is_covered(person, entered + number * DAY, last)
        }
    return answers


def is_covered(person: Person, day: date, last: date) -> bool:
    """Whether a paper begun in the stay, or a clock that stands still, makes the day lawful and uses up nothing."""
    stopped = [rule for rule in RULES if rule.get("effect") == "suspend_clock"]
    return any(first <= min(day, last) and day <= until for first, until in person.papers) or any(
        person.citizenship in rule["citizenship"] and rule["valid_from"] <= day <= rule["valid_until"]
        for rule in stopped
    )


def fits(rule: dict[str, Any], used: list[date], of_entry: list[date], day: date) -> bool:
    """Whether one more day keeps within all limits of a rule."""
    within = {
        "days_per_entry": len(of_entry),
        "days_in_window": sum(one > day - timedelta(days=rule.get("window_days", 1)) for one in used),
        "days_in_year": sum(one.year == day.year for one in used),
    }
    return all(count < rule[limit] for limit, count in within.items() if limit in rule)
