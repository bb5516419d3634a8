"""Planted communities: as large as the world says, together while they last, and told of by their hosts."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.benchmarks.places import misplaced_world
from pipelines.simulation import create_state
from pipelines.simulation.columns import NEVER
from pipelines.simulation.communities import Community
from pipelines.simulation.notices import stay_notifications
from pipelines.simulation.population import DAY
from pipelines.simulation.records import State
from tests.simulation.simulated_world import SOURCES

DAYS = 400
SETTLED = 40


@pytest.fixture(scope="module")
def state() -> State:
    return create_state(misplaced_world(40_000, DAYS, communities=20, largest=400), SOURCES)


def living(state: State, number: int, day: int) -> dict[int, int]:
    """Persons of a community in the country by the district in which they live."""
    stays, homes = state.stays, state.dwellings
    there = stays.person[(stays.entered <= day * DAY) & (day * DAY < stays.left)]
    home = homes.at(there, np.full(len(there), day * DAY))
    found, counts = np.unique(homes.district[home[homes.community[home] == number]], return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def lives(community: Community) -> list[tuple[int, int, int]]:
    """Districts, and the days between which a community lives in each, once all have come."""
    turn = min(community.moves, community.ends)
    whole = [(community.districts[0], max(community.begins + SETTLED, 0), min(turn, DAYS))]
    moved = [(community.districts[-1], community.moves + SETTLED, DAYS)] if community.moves < NEVER else []
    return whole + moved


def test_a_world_has_communities_that_stay_form_move_and_dissolve(state: State) -> None:
    planted = state.communities.planted
    assert len(planted) == 20
    assert (planted[0].size, planted[-1].size) == (400, 60)
    assert any(one.begins > 0 for one in planted) and any(one.ends < DAYS for one in planted)
    assert any(one.moves < DAYS and len(set(one.districts)) == 2 for one in planted)
    assert sorted((one.size for one in planted), reverse=True) == [one.size for one in planted]


def test_a_community_lives_in_its_district_while_it_lasts_and_nowhere_else(state: State) -> None:
    for number, one in enumerate(state.communities.planted):
        for district, first, last in lives(one):
            for day in range(first - first % 30 + 59, last, 30):
                found = living(state, number, day)
                assert set(found) == {district}
                assert found[district] >= 0.9 * one.size
        if one.begins > 0:
            assert living(state, number, one.begins - 1) == {}
        if one.ends < DAYS:
            assert living(state, number, one.ends + SETTLED) == {}


def test_hosts_tell_of_every_member_at_least_twice_in_ninety_days(state: State) -> None:
    records = stay_notifications(state)
    assert records.person is not None
    stays, of = state.stays, state.communities.of_family[state.people.family[state.stays.person]]
    always = [number for number, one in enumerate(state.communities.planted) if one.begins < 0 and one.ends == NEVER]
    long = np.flatnonzero(np.isin(of, always) & (stays.entered <= 100 * DAY) & (stays.left >= 190 * DAY))
    within = records.person[(records.day >= 100) & (records.day < 190)]
    told = np.bincount(within, minlength=len(state.people))[stays.person[long]]
    assert len(long) > 100 and told.min() >= 2


def test_a_tenth_of_the_messages_that_tell_of_a_place_names_another_district(state: State) -> None:
    records = stay_notifications(state)
    assert records.person is not None
    rows = np.arange(len(records.day))
    told = np.array(records.columns["kato"].text(rows).to_pylist())
    true = np.array(state.district(records.person, records.at).text(rows).to_pylist())
    left = np.array(records.columns["action"].text(rows).to_pylist()) == "left"
    assert 0.098 < (told != true)[~left].mean() < 0.102
