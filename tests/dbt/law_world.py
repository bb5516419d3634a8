"""A world of stays under invented rules of stay, for the golden cases of the law.

Every case is one person, named after it. The rules are made up: each shows one thing that a rule can say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.dbt.modelled_world import World, crossing, notification, permit

ASKED = date(2026, 6, 30)
Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One golden case.

    Attributes:
        name: What it shows; the document of its person.
        citizenship: Citizenship, which decides the rule.
        stays: Days of entry and exit, the exit empty where none is recorded; the last stay is judged.
        allowed_until: Last allowed day of the last stay.
        rule_id: Rule that governs the day asked about.
        state: State of control on the day asked about.
        overstay_days: Days past the last allowed one.
        papers: Decisions on papers: type, action, decided on, and further columns.
        notified: Day of a notification.
        purpose: Purpose of the journey.
        post: Post of entry.
    """

    name: str
    citizenship: str
    stays: tuple[tuple[str, str | None], ...]
    allowed_until: str | None
    rule_id: str | None
    state: str | None
    overstay_days: int | None = 0
    papers: tuple[tuple[str, str, str, Row], ...] = ()
    notified: str | None = None
    purpose: str = "tourism"
    post: str = "ALA"


def rule(rule_id: str, citizenship: str, **more: Any) -> Row:
    """One rule of stay; citizenships are separated by a semicolon."""
    row = {"rule_id": rule_id, "citizenship": citizenship.split(";"), "needs_visa": False, "clause": "clause 2"}
    return row | {"act": "Sample act N 1 of 2020-01-10", "valid_from": "2020-01-01"} | more


REFUSED = ("2026-02-20", "entry_30", "exit_not_matched")
OVERDUE = ("2026-01-30", "entry_30", "exit_not_matched")
OVERSTAYED = ("2026-01-30", "entry_30", "overstay", 151)
FILED_LATE = (("temporary_residence", "applied", "2026-02-05", {"filed_on": "2026-02-05"}),)
PROLONGED: tuple[tuple[str, str, str, Row], ...] = (
    ("visa", "granted", "2025-12-20", {"valid_from": "2026-01-01", "valid_until": "2026-03-01"}),
    ("visa", "applied", "2026-02-20", {"filed_on": "2026-02-20", "permit_id": "the next visa"}),
    ("visa", "expired", "2026-03-01", {}),
)

FILED = ("temporary_residence", "applied", "2026-01-25", {"filed_on": "2026-01-25"})
LONGER = {"valid_from": "2026-01-10", "valid_until": "2026-03-31"}
FROM_FIRST_DAY = (FILED, ("temporary_residence", "extended", "2026-02-10", LONGER))
DETERMINED_LONGER = (
    ("status_determination", "applied", "2026-01-20", {"filed_on": "2026-01-20"}),
    ("status_determination", "extended", "2026-02-10", {"valid_from": "2026-02-20"}),
)

ONE_VISA = {"valid_from": "2026-01-01", "valid_until": "2026-03-01", "entries_allowed": 1}
ONE_ENTRY = (("visa", "granted", "2025-12-20", ONE_VISA),)


def refused(kind: str) -> tuple[tuple[str, str, str, Row], ...]:
    """An application for a paper, and its refusal."""
    return (kind, "applied", "2026-01-25", {"filed_on": "2026-01-25"}), (kind, "refused", "2026-02-20", {})


RULES = [
    rule("entry_30", "UZB", days_per_entry=30),
    rule("window_90", "KGZ;ARM", days_in_window=90, window_days=180),
    rule("three_counters", "DEU;FRA", days_per_entry=30, days_in_window=90, window_days=180, days_in_year=120),
    rule("year_50", "ITA", days_in_year=50),
    rule("old_30", "TJK", days_per_entry=30, valid_until="2026-01-31"),
    rule("new_60", "TJK", days_per_entry=60, valid_from="2026-02-01"),
    rule("by_treaty", "GEO", days_per_entry=90, act="TR-GEO"),
    rule("many_30", "AZE;MDA", days_per_entry=30),
    rule("one_10", "AZE", days_per_entry=10),
    rule("any_purpose", "TUR", days_per_entry=30),
    rule("transit_3", "TUR", days_per_entry=3, purpose="transit"),
    rule("one_post", "CHN", days_per_entry=14, applies_to_posts=["URA"]),
    rule("with_visa", "IND", days_per_entry=0, needs_visa=True),
    rule("rus_30", "RUS", days_per_entry=30),
    rule("closed_borders", "RUS", effect="suspend_clock", valid_from="2026-01-11", valid_until="2026-01-20"),
    rule("blr_30", "BLR", days_per_entry=30),
    rule("later_5", "NPL", days_per_entry=5, valid_from="2026-02-01"),
    rule("relief", "BLR", effect="extend", valid_from="2026-01-15", valid_until="2026-02-20"),
]
AMENDED = [
    rule("window_90", "KGZ;ARM", days_in_window=90, window_days=180, valid_until="2026-01-31"),
    rule("window_20", "KGZ;ARM", days_in_window=20, window_days=180, valid_from="2026-02-01"),
]
TREATIES = [
    {"treaty_id": "TR-GEO", "partner": "GEO", "subject": "visa_free", "in_force_until": "2026-02-10"},
]
NEW_YEAR = (("2026-01-01", None),)
CASES = (
    Case("an open stay past its day without an act", "UZB", NEW_YEAR, *OVERDUE),
    Case("a notification after the last day", "UZB", NEW_YEAR, *OVERSTAYED, notified="2026-02-05"),
    Case("a notification the day after the last", "UZB", NEW_YEAR, *OVERSTAYED, notified="2026-01-31"),
    Case(
        "a notification on the last day",
        "UZB",
        NEW_YEAR,
        "2026-01-30",
        "entry_30",
        "exit_not_matched",
        notified="2026-01-30",
    ),
    Case("left three days late", "UZB", (("2026-01-01", "2026-02-02"),), "2026-01-30", "entry_30", "left_late", 3),
    Case("left on the last day", "UZB", (("2026-01-01", "2026-01-30"),), "2026-01-30", "entry_30", "lawful"),
    Case("the last day is today", "UZB", (("2026-06-01", None),), "2026-06-30", "entry_30", "due"),
    Case(
        "each entry counts anew",
        "UZB",
        (("2026-01-01", "2026-01-30"), ("2026-06-10", None)),
        "2026-07-09",
        "entry_30",
        "lawful",
    ),
    Case(
        "90 in 180, 60 of them used",
        "KGZ",
        (("2025-11-01", "2025-12-30"), ("2026-01-10", None)),
        "2026-02-08",
        "window_90",
        "exit_not_matched",
    ),
    Case(
        "90 in 180, the window moves on",
        "KGZ",
        (("2025-07-01", "2025-08-29"), ("2026-01-10", None)),
        "2026-04-09",
        "window_90",
        "exit_not_matched",
    ),
    Case(
        "90 in 180, all used at the entry",
        "KGZ",
        (("2025-10-01", "2025-12-29"), ("2026-01-10", "2026-01-12")),
        "2026-01-09",
        "window_90",
        "left_late",
        3,
    ),
    Case(
        "out and in on one day counts once",
        "KGZ",
        (("2025-12-01", "2025-12-20"), ("2025-12-20", None)),
        "2026-02-28",
        "window_90",
        "exit_not_matched",
    ),
    Case("the earliest of three is the entry", "DEU", NEW_YEAR, "2026-01-30", "three_counters", "exit_not_matched"),
    Case(
        "the earliest of three is the window",
        "DEU",
        (("2025-10-01", "2025-12-19"), ("2026-01-10", None)),
        "2026-01-19",
        "three_counters",
        "exit_not_matched",
    ),
    Case("the calendar year begins anew", "ITA", (("2025-12-20", None),), "2026-02-19", "year_50", "exit_not_matched"),
    Case("left before the amendment", "TJK", (("2026-01-01", "2026-01-05"),), "2026-01-30", "old_30", "lawful"),
    Case("in the country at the amendment", "TJK", (("2026-01-10", None),), "2026-03-10", "new_60", "exit_not_matched"),
    Case("came after the amendment", "TJK", (("2026-03-01", None),), "2026-04-29", "new_60", "exit_not_matched"),
    Case("the treaty ends", "GEO", NEW_YEAR, "2026-02-10", "by_treaty", "exit_not_matched"),
    Case("one code beats a list", "AZE", NEW_YEAR, "2026-01-10", "one_10", "exit_not_matched"),
    Case(
        "a named purpose beats an empty one",
        "TUR",
        NEW_YEAR,
        "2026-01-03",
        "transit_3",
        "exit_not_matched",
        purpose="transit",
    ),
    Case("another purpose has the general rule", "TUR", NEW_YEAR, "2026-01-30", "any_purpose", "exit_not_matched"),
    Case("a rule for one post", "CHN", NEW_YEAR, "2026-01-14", "one_post", "exit_not_matched", post="URA"),
    Case("a rule for another post", "CHN", NEW_YEAR, None, None, None, None),
    Case(
        "a permit extends and uses no days",
        "UZB",
        NEW_YEAR,
        "2026-04-11",
        "entry_30",
        "exit_not_matched",
        papers=(("temporary_residence", "granted", "2026-01-20", {"valid_until": "2026-03-31"}),),
    ),
    Case(
        "a residence without end",
        "UZB",
        NEW_YEAR,
        None,
        "entry_30",
        "lawful",
        papers=(("permanent_residence", "granted", "2026-01-20", {}),),
    ),
    Case(
        "a permit after a gap ends the overstay",
        "UZB",
        NEW_YEAR,
        "2026-12-31",
        "entry_30",
        "lawful",
        papers=(("temporary_residence", "granted", "2026-02-20", {"valid_until": "2026-12-31"}),),
    ),
    Case("an application filed in time, refused", "UZB", NEW_YEAR, *REFUSED, papers=refused("temporary_residence")),
    Case("an application filed in time, waiting", "UZB", NEW_YEAR, None, "entry_30", "lawful", papers=(FILED,)),
    Case("an application for work, refused", "UZB", NEW_YEAR, *REFUSED, papers=refused("household")),
    Case("a longer visa, waiting", "IND", (("2026-01-05", None),), None, "with_visa", "lawful", papers=PROLONGED),
    Case("a paper told from its first day", "UZB", NEW_YEAR, "2026-04-21", *REFUSED[1:], papers=FROM_FIRST_DAY),
    Case("a status still being determined", "UZB", NEW_YEAR, None, "entry_30", "lawful", papers=DETERMINED_LONGER),
    Case("an application filed too late", "UZB", NEW_YEAR, *OVERDUE, papers=FILED_LATE),
    Case("seen as it was filed too late", "UZB", NEW_YEAR, *OVERSTAYED, papers=FILED_LATE, notified="2026-02-05"),
    Case(
        "a visa allows days per entry",
        "IND",
        (("2026-01-05", None),),
        "2026-01-14",
        "with_visa",
        "exit_not_matched",
        papers=(
            (
                "visa",
                "granted",
                "2025-12-20",
                {"valid_from": "2026-01-01", "valid_until": "2026-03-01", "days_per_entry": 10},
            ),
        ),
    ),
    Case(
        "a visa allows one entry",
        "IND",
        (("2026-01-05", "2026-01-07"), ("2026-01-20", None)),
        None,
        "with_visa",
        None,
        None,
        papers=ONE_ENTRY,
    ),
    Case(
        "a visa allows one entry, and a rule the next",
        "UZB",
        (("2026-01-05", "2026-01-07"), ("2026-01-20", None)),
        "2026-02-18",
        "entry_30",
        "exit_not_matched",
        papers=ONE_ENTRY,
    ),
    Case("came before the rule, all its days spent", "NPL", NEW_YEAR, None, "later_5", None, None),
    Case("came shortly before the rule", "NPL", (("2026-01-30", None),), "2026-02-03", "later_5", "exit_not_matched"),
    Case("a visa that nobody told of", "IND", NEW_YEAR, None, "with_visa", None, None),
    Case("no rule names the citizenship", "PAK", NEW_YEAR, None, None, None, None),
    Case("days of closed borders are not counted", "RUS", NEW_YEAR, "2026-02-09", "rus_30", "exit_not_matched"),
    Case("a general relief prolongs", "BLR", NEW_YEAR, "2026-02-20", "blr_30", "exit_not_matched"),
)


def populate(world: World) -> None:
    """Delivers rules, treaties and the facts of all cases in load 1."""
    world.deliver(1, "stay_rules", RULES, kind="snapshot")
    world.deliver(1, "treaties", TREATIES, kind="snapshot")
    crossings: list[Row] = []
    papers: dict[str, list[Row]] = {"residence_permits": [], "labour_permits": []}
    notifications: list[Row] = []
    for case in CASES:
        told = {"citizenship": case.citizenship, "purpose": case.purpose, "post_code": case.post}
        for number, (entered, left) in enumerate(case.stays):
            crossings.append(crossing(f"{case.name}{number}", f"{entered} 10:00", "entry", case.name, **told))
            if left:
                crossings.append(crossing(f"{case.name}-{number}", f"{left} 09:00", "exit", case.name, **told))
        for number, (kind, action, on, more) in enumerate(case.papers):
            named = {"citizenship": case.citizenship} | more
            paper = permit(f"{case.name}{number}", case.name, kind, action, on, **named)
            if kind == "household":
                paper["scheme"] = paper.pop("permit_type")
            papers["labour_permits" if kind == "household" else "residence_permits"].append(paper)
        if case.notified:
            at = f"{case.notified} 12:00"
            notifications.append(notification(case.name, case.name, at, citizenship=case.citizenship))
    world.deliver(1, "border_crossings", crossings, on=ASKED)
    for feed, rows in papers.items():
        world.deliver(1, feed, rows)
    world.deliver(1, "stay_notifications", notifications)
