"""What a night computes again of persons with a past, and that nobody can tell it from computing everything."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.dbt.modelled_world import World, crossing, notification, permit

NOW = (
    "registry.stay_history",
    "registry.placement_history",
    "registry.released_placement_history",
    "registry.person_history",
    "registry.source_link_history",
    "registry.crossing_conflict_history",
    "registry.told_again_history",
)
ALL_CHANGES = """SELECT * EXCLUDE (change, known_seq, cause), sum(change) AS change
FROM statistics.stock_delta GROUP BY ALL HAVING sum(change) <> 0 ORDER BY ALL"""


@pytest.fixture(scope="module")
def frequent(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Three persons with a stay every ten days from January on, in one load."""
    world = World(tmp_path_factory.mktemp("frequent"))
    world.deliver(1, "border_crossings", [row for person in ("A", "B", "C") for row in stays(person, 5)])
    world.load(1)
    return world


def stays(person: str, count: int) -> list[dict[str, Any]]:
    """Stays of four days each, the first on 1 January."""
    days = [date(2026, 1, 1) + timedelta(days=10 * number) for number in range(count)]
    entries = [
        crossing(f"{person}{on}", f"{on} 10:00", "entry", person, destination_kato="751110000", purpose="work")
        for on in days
    ]
    exits = [crossing(f"{person}{on}x", f"{on + timedelta(days=4)} 10:00", "exit", person) for on in days]
    return entries + exits


def known_now(world: World) -> list[list[tuple[Any, ...]]]:
    """What the tables say now, without since when, and the stock's changes of all loads together."""
    tables = [
        f"SELECT * EXCLUDE (known_from_seq, known_to_seq) FROM {table} WHERE known_to_seq IS NULL ORDER BY ALL"
        for table in NOW
    ]
    return [world.rows(query) for query in (*tables, ALL_CHANGES)]


def computed_from(world: World) -> dict[str, str]:
    return dict(world.rows("SELECT person_id, CAST(computed_from AS VARCHAR) FROM intermediate.touched_period"))


def test_a_further_entry_computes_again_from_the_last_stay_on(frequent: World, tmp_path: Path) -> None:
    world = frequent.copy(tmp_path / "copy")
    world.deliver(2, "border_crossings", [crossing("next", "2026-02-25 10:00", "entry", "A")])
    world.load(2)
    assert computed_from(world) == {"PA": "2026-02-10"}
    opened = "SELECT count(*), min(known_from_seq) FROM registry.stay_history WHERE person_id = 'PA'"
    assert world.rows(opened) == [(6, 1)]


def test_nights_of_late_and_corrected_events_give_what_a_full_refresh_gives(frequent: World, tmp_path: Path) -> None:
    world = frequent.copy(tmp_path / "copy")
    late = [
        crossing("late", "2026-01-07 10:00", "entry", "A"),
        crossing("A2026-01-21x", "2026-01-26 09:00", "exit", "A"),
        crossing("same day", "2026-02-14 18:00", "entry", "B", post_code="URA"),
    ]
    world.deliver(2, "border_crossings", late)
    told = notification("n", "C", "2026-02-11 12:00", stay_from="2026-01-31", kato="711110000")
    world.deliver(2, "stay_notifications", [told])
    month = {"employment_id": "w", "month": "2026-02", "hours": 80, "surname": "Example", "document_number": "B"}
    world.deliver(2, "employment_records", [month | {"birth_date": "1990-03-05", "sex": "F", "citizenship": "UZB"}])
    world.load(2)
    world.withdraw(3, "border_crossings", "B2026-01-11x")
    world.deliver(3, "border_crossings", [crossing("born", "2026-02-25 10:00", "entry", "A", birth_date="1990")])
    told_again = notification("n2", "C", "2026-02-12 12:00", stay_from="2026-02-12", kato="711110000")
    world.deliver(3, "stay_notifications", [told_again])
    world.load(3)
    nights = known_now(world)
    place = "SELECT DISTINCT kato FROM registry.placement_history WHERE person_id = 'PC' AND valid_from >= '2026-02-10'"
    assert world.rows(f"{place} AND known_to_seq IS NULL") == [("711110000",)], "the border is outvoted"
    assert world.rows("SELECT second_record_id FROM registry.crossing_conflict_history") == [("same day",)]
    assert computed_from(world)["PB"] == "2026-01-11"
    world.load(3, full_refresh=True)
    assert known_now(world) == nights


def test_papers_and_passages_told_twice_give_what_a_full_refresh_gives(frequent: World, tmp_path: Path) -> None:
    world = frequent.copy(tmp_path / "copy")
    twice = [
        crossing("exit again", "2026-01-25 10:20", "exit", "A"),
        crossing("entry again", "2026-02-10 10:40", "entry", "B"),
    ]
    world.deliver(2, "border_crossings", twice)
    labour = {
        "decision_id": "l",
        "permit_id": "l",
        "scheme": "seasonal",
        "action": "granted",
        "decided_on": "2026-01-12",
    }
    labour |= {"valid_from": "2026-01-12", "valid_until": "2026-01-31", "surname": "Example", "document_number": "A"}
    world.deliver(2, "labour_permits", [labour | {"birth_date": "1990-03-05", "sex": "F", "citizenship": "UZB"}])
    card = permit("c", "C", "temporary_residence", "granted", "2026-01-20", valid_from="2026-01-20")
    world.deliver(2, "residence_permits", [card | {"valid_until": "2026-02-28"}])
    world.load(2)
    stays_of = "SELECT count(*) FROM registry.stay WHERE person_id IN ('PA', 'PB')"
    assert world.rows(stays_of) == [(10,)]
    papers = (
        "SELECT left(first_sign_on::VARCHAR, 10), first_paper, last_paper FROM registry.stay WHERE person_id = '{}' "
    )
    papers += "AND coalesce(first_paper, last_paper) IS NOT NULL ORDER BY ALL"
    of_labour = [("2026-01-11", None, "labour"), ("2026-01-21", "labour", "labour"), ("2026-01-31", "labour", None)]
    assert world.rows(papers.format("PA")) == of_labour
    days = ("2026-01-21", "2026-01-31", "2026-02-10")
    assert world.rows(papers.format("PC")) == [(day, "residence", "residence") for day in days]
    world.withdraw(3, "labour_permits", "l")
    world.deliver(3, "residence_permits", [card | {"valid_until": "2026-02-05"}])
    world.withdraw(3, "border_crossings", "A2026-01-21x")
    world.load(3)
    assert world.rows(papers.format("PA")) == []
    assert world.rows(papers.format("PC")) == [(day, "residence", "residence") for day in days[:2]]
    nights = known_now(world)
    assert world.rows(f"{stays_of} AND left_on = '2026-01-25'") == [(2,)], (
        "the passage told again stands in for the other"
    )
    world.load(3, full_refresh=True)
    assert known_now(world) == nights
