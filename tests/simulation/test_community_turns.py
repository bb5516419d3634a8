"""Communities that turn: what is to be told of them is what their people do."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from pipelines.benchmarks.communities import TURNS, districts, month_starts
from pipelines.simulation.community_turns import EACH, Turn, turning
from pipelines.simulation.community_world import (
    COUNTRIES,
    FEWEST_MONTHS,
    Clusters,
    CommunityWorld,
    members,
)

WORLD = CommunityWorld(persons=0, months=24, planted=0, districts=districts(60), misplaced=0.0)
TOLD, PEOPLE = turning(WORLD)


def living(turn: Turn, month: int) -> int:
    """Persons of the group of a turn who live in its place in a month."""
    country, place = COUNTRIES.index(turn.country), WORLD.districts.index(turn.district)

    def here(part: Clusters) -> int:
        there = (part.country == country) & (part.district == place) & (part.first <= month) & (month < part.end)
        return int(part.size[there].sum())

    return sum(map(here, PEOPLE))


def test_every_turn_happens_and_no_place_sees_two_groups() -> None:
    assert Counter(turn.event for turn in TOLD) == dict.fromkeys(TURNS, 2 * EACH) | {"merged": EACH, "split": EACH}
    places = {(turn.country, turn.district) for turn in TOLD}
    assert len(places) == len({district for _, district in places}) == 7 * EACH


def test_a_turn_changes_the_number_of_people_in_its_month() -> None:
    for turn in TOLD:
        before, after = living(turn, turn.month - 1), living(turn, turn.month)
        if turn.event == "formed":
            assert before == 0 < after
        elif turn.event in ("merged", "dissolved"):
            assert before > 0 == after
        elif turn.event == "grew":
            assert after >= 1.5 * before > 0
        else:
            assert 0 < after <= 0.6 * before


def test_whoever_moves_in_a_merger_or_a_split_is_the_same_person() -> None:
    rows = members(WORLD, PEOPLE, month_starts(WORLD.months)).select(["person_id", "district"]).to_pylist()
    homes = Counter(row["person_id"] for row in rows)
    moved = {person for person, number in homes.items() if number == 2}
    assert max(homes.values()) == 2
    left = {row["district"] for row in rows if row["person_id"] in moved}
    assert left >= {turn.district for turn in TOLD if turn.event in ("merged", "split")}
    assert len(left) == 4 * EACH


def test_the_shortest_world_has_room_for_every_turn() -> None:
    shortest = replace(WORLD, months=FEWEST_MONTHS)
    told, _ = turning(shortest)
    assert len(told) == len(TOLD)
    assert all(0 < turn.month < FEWEST_MONTHS - 1 for turn in told)
