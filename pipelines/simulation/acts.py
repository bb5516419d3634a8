"""Records of `citizenship_acts` and `civil_events`: citizenships gained and lost, births, deaths, marriages, names."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipelines.simulation.columns import Coded, Dated, Joined, Numbered
from pipelines.simulation.happenings import last_passage
from pipelines.simulation.population import ADULT, CHILD, DAY, NEVER, Numbers
from pipelines.simulation.randomness import stream
from pipelines.simulation.records import Records, State
from pipelines.simulation.returnees import naturalised
from pipelines.simulation.spelling import Style

CITIZENSHIP_ACTIONS = ("acquired", "restored", "renounced", "lost")
CIVIL_EVENTS = ("birth", "death", "marriage", "name_change")
BIRTH, DEATH, MARRIAGE, NAME_CHANGE = 0, 1, 2, 3
BASES = ("общий порядок", "брак с гражданином", "по рождению", "переезд на постоянное жительство", "кандас")
MOVED_AWAY, RETURNED = 3, 4


def citizenship_acts(state: State) -> Records:
    """One record per act about the citizenship of Kazakhstan."""
    codes = list(state.calibration.citizenships)
    home, people = codes.index("KAZ"), state.people
    person, day, gaining, basis = _changes(state)
    action = np.where(gaining, np.where(person % 9 == 0, 1, 0), np.where(person % 5 == 0, 3, 2))
    other = np.where(gaining, people.citizenship[person], codes.index("RUS"))
    states = pa.array(codes)
    return Records(
        day=day,
        at=day * DAY,
        person=person,
        style=Style("native", soviet_births=True),
        columns={
            "act_id": state.numbered("CA", np.arange(len(person))),
            "action": Coded(pa.array(CITIZENSHIP_ACTIONS), action),
            "effective_on": Dated(day + state.first),
            "from_citizenship": Coded(states, np.where(gaining, other, home)),
            "to_citizenship": Coded(states, np.where(gaining, home, other)),
            "basis": Coded(pa.array(BASES), basis),
        },
    )


def _changes(state: State) -> tuple[Numbers, Numbers, np.ndarray, Numbers]:
    """Who changes citizenship on which day, whether it is gained, and on which ground; returnees as their cases say."""
    rng = stream(state.seed, "citizenship")
    people, kinds = state.people, list(state.calibration.travellers)
    still = _inside_to_the_end(state) & (people.role != CHILD)
    citizens = people.citizenship == _home(state)
    foreign = still & ~citizens & (last_passage(state) < 0) & (people.kind != kinds.index("returnee"))
    gains = _chosen(state, rng, foreign, "acquired_per_year")
    losses = _chosen(state, rng, citizens & still, "renounced_per_year")
    person = np.concatenate([gains, losses])
    gaining = np.arange(len(person)) < len(gains)
    last = np.maximum(last_passage(state)[person] // DAY + 1, 0)
    day = last + (rng.random(len(person)) * np.maximum(state.days - last, 0)).astype(np.int64)
    returned, on = naturalised(state)
    return (
        np.concatenate([person, returned]),
        np.concatenate([day, on]),
        np.concatenate([gaining, np.ones(len(returned), dtype=bool)]),
        np.concatenate([np.where(gaining, person % 3, MOVED_AWAY), np.full(len(returned), RETURNED)]),
    )


def civil_events(state: State) -> Records:
    """One record per civil act of one person; of a marriage only the spouse who takes a new name is a foreigner."""
    rng = stream(state.seed, "civil")
    people = state.people
    horizon = state.days * DAY
    adults = _inside_to_the_end(state) & (people.role == ADULT) & (people.citizenship != _home(state))
    births = np.flatnonzero(_born_here(state))
    deaths = _chosen(state, rng, adults & (last_passage(state) < 0) & (people.renamed_at == NEVER), "deaths_per_year")
    weddings = _chosen(state, rng, adults & (people.renamed_at == NEVER), "marriages_per_year")
    weddings = np.setdiff1d(weddings, deaths)
    renamed = np.flatnonzero((people.renamed_at < horizon) & _inside_at(state, people.renamed_at))
    person = np.concatenate([births, deaths, weddings, renamed, renamed])
    event = np.repeat(
        [BIRTH, DEATH, MARRIAGE, MARRIAGE, NAME_CHANGE],
        [len(births), len(deaths), len(weddings), len(renamed), len(renamed)],
    )
    drawn = (rng.random(len(person)) * horizon).astype(np.int64)
    at = np.where(event == BIRTH, people.born_at[person], drawn)
    late = (rng.random(len(deaths)) * 0.3 + 0.7) * horizon
    at[len(births) : len(births) + len(deaths)] = late.astype(np.int64)
    is_renamed = people.renamed_at[person] < horizon
    at = np.where(is_renamed & (event >= MARRIAGE), people.renamed_at[person], at)
    day = at // DAY + np.where(event == BIRTH, 3, 1)
    kept = np.flatnonzero(day < state.days)
    person, event, at, day = person[kept], event[kept], at[kept], day[kept]
    return Records(
        day=day,
        at=at,
        person=person,
        style=Style("native", documents=False),
        renamed=(event == NAME_CHANGE),
        columns={
            "act_id": state.numbered("CE", np.arange(len(person))),
            "event": Coded(pa.array(CIVIL_EVENTS), event),
            "event_on": Dated(at // DAY + state.first),
            "kato": state.district(person, at),
            "parent_ids": _parents(state, person, event),
        },
    )


def _parents(state: State, person: Numbers, event: Numbers) -> Joined:
    """The identification numbers of the parents of those who are born."""
    people = state.people
    first = people.families.first[people.family[person]]
    both = [people.iin[first], people.iin[np.minimum(first + 1, len(people) - 1)]]
    return Joined(tuple(Numbered(np.where((event == BIRTH) & (iin > 0), iin, -1), width=12) for iin in both), ";")


def _chosen(state: State, rng: np.random.Generator, fitting: np.ndarray, rate: str) -> Numbers:
    share = state.calibration.papers[rate] * state.days / 365
    return np.flatnonzero(fitting & (rng.random(len(state.people)) < share))


def _home(state: State) -> int:
    return list(state.calibration.citizenships).index("KAZ")


def _inside_to_the_end(state: State) -> np.ndarray:
    return _inside_at(state, np.full(len(state.people), state.days * DAY))


def _inside_at(state: State, at: Numbers) -> np.ndarray:
    """Whether each person is in the country at the person's own second."""
    stays = state.stays
    there = (stays.entered <= at[stays.person]) & (stays.left > at[stays.person])
    found = np.zeros(len(state.people), dtype=bool)
    found[stays.person[there]] = True
    return found


def _born_here(state: State) -> np.ndarray:
    born = state.people.born_at
    return np.asarray((born >= 0) & (born < state.days * DAY) & _inside_at(state, np.maximum(born, 0)))
