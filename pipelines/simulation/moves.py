"""Records of `residence_moves`: families that change their usual residence, into the state, out of it and within it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from pipelines.simulation.calibration import draw
from pipelines.simulation.columns import Coded, Dated, Numbered
from pipelines.simulation.happenings import first_day, last_day
from pipelines.simulation.population import ADULT, CHILD, DAY, Numbers
from pipelines.simulation.randomness import stream
from pipelines.simulation.records import Records, State
from pipelines.simulation.spelling import Style

DIRECTIONS = ("internal", "immigration", "emigration")
INTERNAL, IMMIGRATION, EMIGRATION = 0, 1, 2
CAUSES = (
    "work",
    "study",
    "family",
    "return",
    "agrarian_decline",
    "town_enterprise_stopped",
    "ecological",
    "conflict",
    "ethnic",
    "other",
)
RETURN = CAUSES.index("return")
ETHNICITIES = {
    "az": "Azerbaijani",
    "de": "German",
    "kg": "Kyrgyz",
    "kk": "Kazakh",
    "ko": "Korean",
    "ru": "Russian",
    "tj": "Tajik",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "uz": "Uzbek",
}
DESTINATIONS = ("RUS", "DEU", "USA", "POL")
OCCUPATIONS = ("2341", "2512", "5223", "6130", "7115", "8322", "2221", "4110")
SECTORS = ("A", "C", "F", "G", "H", "I", "P", "Q")
PAYERS = ("сам", "родственники", "работодатель", "государство")
SETTLEMENTS = ("urban", "rural")
LONGEST_WAIT = 20


@dataclass(frozen=True)
class Moves:
    """One position per person who moves: the direction, and the day of the world."""

    person: Numbers
    direction: Numbers
    day: Numbers


def residence_moves(state: State) -> Records:
    """One record per card: one person's change of usual residence."""
    rng = stream(state.seed, "moves")
    moves, people = _moves(state, rng), state.people
    person, direction, count = moves.person, moves.direction, len(moves.person)
    codes = list(state.calibration.citizenships)
    home, origin = codes.index("KAZ"), people.citizenship[person]
    abroad = np.where(origin == home, codes.index("RUS"), origin)
    states = pa.array([*codes, *DESTINATIONS])
    leads_to = len(codes) + person % len(DESTINATIONS)
    here = state.dwellings.district_at(person, moves.day * DAY)
    elsewhere = state.places.districts(
        (people.home[person] + 1 + person % 7) % len(state.places.region), rng.random(count)
    )
    adult = people.role[person] != CHILD
    rural = (rng.random((2, count)) < state.calibration.moves["rural"]).astype(np.int64)
    return Records(
        day=moves.day,
        at=moves.day * DAY + 12 * 3600,
        person=person,
        style=Style("native", latin=True),
        columns={
            "card_id": state.numbered("RM", np.arange(count)),
            "direction": Coded(pa.array(DIRECTIONS), direction),
            "moved_on": Dated(moves.day + state.first),
            "from_country": Coded(states, np.where(direction == IMMIGRATION, abroad, home)),
            "from_kato": state.places.coded(np.where(direction == IMMIGRATION, -1, elsewhere)),
            "from_settlement": Coded(pa.array(SETTLEMENTS), rural[0]),
            "to_country": Coded(states, np.where(direction == EMIGRATION, leads_to, home)),
            "to_kato": state.places.coded(np.where(direction == EMIGRATION, -1, here)),
            "to_settlement": Coded(pa.array(SETTLEMENTS), rural[1]),
            "cause": Coded(pa.array(CAUSES), _causes(state, moves)),
            "ethnicity": _ethnicities(state, person),
            "education_isced": Numbered(np.where(adult, 2 + person % 6, -1)),
            "occupation_isco": Coded(pa.array(OCCUPATIONS), np.where(adult, person % len(OCCUPATIONS), -1)),
            "sector_nace": Coded(pa.array(SECTORS), np.where(adult, person % len(SECTORS), -1)),
            "intended_months": Numbered(12 + people.family[person] % 5 * 12),
            "paid_by": Coded(pa.array(PAYERS), people.family[person] % len(PAYERS)),
        },
    )


def _moves(state: State, rng: np.random.Generator) -> Moves:
    """Families that come to stay, families that leave for good, and citizens who move within the state."""
    kinds, people, days = list(state.calibration.travellers), state.people, state.days
    came, left = first_day(state), last_day(state)
    residents = np.isin(people.kind, [kinds.index(kind) for kind in ("resident", "settled", "returnee")])
    citizens = people.kind == kinds.index("citizen")
    # A card is filled in some weeks after the arrival; who was there before the world may move late.
    registered = np.where(came >= 0, came + 1 + people.family % LONGEST_WAIT, people.family * 13 % max(days, 1))
    parts = [
        _families(state, rng, "immigrated_per_year", residents & (registered < np.minimum(days, left)), registered),
        _families(state, rng, "emigrated_per_year", (residents | citizens) & (left >= 0) & (left < days), left),
        _families(state, rng, "moved_within_per_year", citizens & (left >= days), people.family * 17 % max(days, 1)),
    ]
    directions = (IMMIGRATION, EMIGRATION, INTERNAL)
    found = [
        Moves(part.person, np.full(len(part.person), d), part.day) for part, d in zip(parts, directions, strict=True)
    ]
    person, direction, day = (np.concatenate([getattr(part, f.name) for part in found]) for f in fields(Moves))
    kept = np.flatnonzero((day >= people.born_at[person] // DAY) & (day >= 0))
    order = kept[np.lexsort((person[kept], day[kept]))]
    return Moves(person[order], direction[order], day[order])


def _families(state: State, rng: np.random.Generator, rate: str, fitting: np.ndarray, day: Numbers) -> Moves:
    """Whole families of which the head fits, up to the number of persons that the rate says."""
    people, rates = state.people, state.calibration.moves
    wanted = max(int(rates["fewest"]), round(len(people) * rates[rate] * state.days / 365))
    heads = rng.permutation(np.flatnonzero(fitting & (people.role == ADULT)))
    size = people.families.size[people.family[heads]]
    heads = heads[: int(np.searchsorted(np.cumsum(size), wanted, side="left")) + 1]
    moving = np.zeros(len(people.families.size), dtype=bool)
    moving[people.family[heads]] = True
    person = np.flatnonzero(moving[people.family])
    of_head = np.zeros(len(people.families.size), dtype=np.int64)
    of_head[people.family[heads]] = day[heads]
    return Moves(person, np.zeros(len(person), dtype=np.int64), of_head[people.family[person]])


def _causes(state: State, moves: Moves) -> Numbers:
    """One cause per family and direction; returnees return."""
    people, weights = state.people, state.calibration.moves["causes"]
    rng = stream(state.seed, "causes")
    families = len(people.families.size)
    drawn = np.stack([draw(rng, list(weights[direction]), families) for direction in DIRECTIONS])
    returns = people.kind[moves.person] == list(state.calibration.travellers).index("returnee")
    chosen = drawn[moves.direction, people.family[moves.person]]
    return np.where(returns & (moves.direction == IMMIGRATION), RETURN, chosen)


def _ethnicities(state: State, person: Numbers) -> Coded:
    """The group of the list from which a person is named; none for lists of several groups."""
    known = list(ETHNICITIES)
    place = np.array([known.index(name) if name in known else -1 for name in state.book.lists], dtype=np.int64)
    return Coded(pa.array(list(ETHNICITIES.values())), place[state.people.names[person]])
