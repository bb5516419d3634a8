"""Where everybody lives when: in which district, with what kind of host, at which address.

A family lives where it pleases; some move within a stay, and the families of planted communities live together while
these last. What feeds tell of it, rightly or not, does not belong here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from pipelines.simulation.calibration import Calibration
from pipelines.simulation.columns import NEVER
from pipelines.simulation.communities import ALWAYS, Communities
from pipelines.simulation.hosts import HOST_TYPES, HOSTS_OF, ORGANISATIONS
from pipelines.simulation.movement import Stays
from pipelines.simulation.places import Places
from pipelines.simulation.population import DAY, Numbers, Population
from pipelines.simulation.randomness import stream

EARLIEST, SPAN = -(2**35), 2**36
PRIVATE, EMPLOYER = HOST_TYPES.index("person"), HOST_TYPES.index("employer")
HOSTS_PER_DISTRICT = 40
CREWS_FROM, CREWS, CREW = 40_000, 256, 24
SHARED_FLAT = 3
LONG_STAY = 20 * DAY
BEFORE = -3 * DAY
ANY = 1_000_003


@dataclass(frozen=True)
class Dwellings:
    """One position per person and change of dwelling, in order of person and time.

    Attributes:
        person: Whose it is.
        since: Second from which the person lives there.
        district: Position among the districts.
        host_type: Position in `HOST_TYPES`.
        host: Number of the host.
        house: Number that gives street, house and flat.
        community: Number of the planted community, -1 for none.
        is_move: Whether the person came from another place in the country.
    """

    person: Numbers
    since: Numbers
    district: Numbers
    host_type: Numbers
    host: Numbers
    house: Numbers
    community: Numbers
    is_move: np.ndarray

    def at(self, person: Numbers, second: Numbers) -> Numbers:
        """Position of the dwelling of each person at each second."""
        keys = self.person * SPAN + self.since
        return np.searchsorted(keys, person * SPAN + np.clip(second, EARLIEST, -EARLIEST - 1), side="right") - 1

    def district_at(self, person: Numbers, second: Numbers) -> Numbers:
        """District of each person at each second."""
        return self.district[self.at(person, second)]


def usual_districts(places: Places, people: Population) -> Numbers:
    """The district of each family that lives anywhere."""
    first = people.families.first
    return places.districts(people.home[first], _chance(first * 7 + 3))


def settle(
    calibration: Calibration,
    places: Places,
    people: Population,
    stays: Stays,
    communities: Communities,
    days: int,
    seed: int,
) -> Dwellings:
    """All dwellings of a world."""
    usual = usual_districts(places, people)
    everyone = np.arange(len(people))
    anywhere = [
        _anywhere(calibration, people, usual, everyone, np.full(len(people), EARLIEST), people.family * 0),
        _anywhere(calibration, people, usual, stays.person, stays.entered, 1 + np.arange(len(stays)) % 5),
        _moved(calibration, places, people, stays, days, seed),
    ]
    together, since, until = _together(people, communities)
    joined = _joined([*_before_and_after(calibration, people, usual, anywhere, since, until), *together])
    order = np.lexsort((joined.since, joined.person))
    return _taken(joined, order)


def _anywhere(
    calibration: Calibration,
    people: Population,
    district_of: Numbers,
    person: Numbers,
    since: Numbers,
    change: Numbers,
    is_move: bool = False,
) -> Dwellings:
    """Dwellings that families find by themselves; `change` makes those of one family differ."""
    family = people.family[person]
    key = family * 11 + change
    chance = _chance(key)
    host_type = np.zeros(len(person), dtype=np.int64)
    for position, kind in enumerate(calibration.travellers):
        bounds = np.cumsum(HOSTS_OF[kind]) / sum(HOSTS_OF[kind])
        rows = people.kind[person] == position
        host_type[rows] = np.searchsorted(bounds, chance[rows], side="right")
    district = district_of[family]
    shared = district * HOSTS_PER_DISTRICT + (_chance(key + 5) ** 2 * HOSTS_PER_DISTRICT).astype(np.int64)
    host = np.where(host_type == PRIVATE, key % ORGANISATIONS, shared)
    nobody = np.full(len(person), -1, dtype=np.int64)
    return Dwellings(person, since, district, host_type, host, key, nobody, np.full(len(person), is_move))


def _moved(
    calibration: Calibration, places: Places, people: Population, stays: Stays, days: int, seed: int
) -> Dwellings:
    """Dwellings to which people move within a stay, each on its own."""
    rng, papers = stream(seed, "dwellings"), calibration.papers
    length, within = stays.left - stays.entered, np.minimum(stays.left, days * DAY)
    was_there = stays.entered <= BEFORE
    share = np.where(was_there, papers["moves_later"], papers["moves"])
    at = np.where(
        was_there, within * rng.random(len(stays)), stays.entered + length * (0.3 + 0.6 * rng.random(len(stays)))
    )
    moves = (rng.random(len(stays)) < share) & (length > LONG_STAY) & (at >= 0) & (at < within)
    stay = np.flatnonzero(moves & (at >= people.born_at[stays.person]))
    first = people.families.first
    other = places.districts(people.home[first], _chance(first * 13 + 8))
    return _anywhere(
        calibration, people, other, stays.person[stay], at[stay].astype(np.int64), 6 + stay % 5, is_move=True
    )


def _together(people: Population, communities: Communities) -> tuple[list[Dwellings], Numbers, Numbers]:
    """Dwellings in planted communities, and the seconds from which and to which each person lives in one."""
    since, until = np.full(len(people), NEVER), np.full(len(people), NEVER)
    person = np.flatnonzero(communities.of_family[people.family] >= 0)
    if not len(person):
        return [], since, until
    family = people.family[person]
    number = communities.of_family[family]
    begins, moves, ends = (second_of(communities.day(name, family)) for name in ("begins", "moves", "ends"))
    since[person], until[person] = begins, ends
    places = np.array([(one.districts[0], one.districts[-1]) for one in communities.planted], dtype=np.int64)
    host_type, host = _hosts(people, family, number)
    nowhere = np.zeros(len(person), dtype=bool)
    first = Dwellings(person, begins, places[number, 0], host_type, host, host, number, begins > EARLIEST)
    second = Dwellings(person, moves, places[number, 1], host_type, host, host + 17, number, ~nowhere)
    return [first, _taken(second, np.flatnonzero(moves < NEVER))], since, until


def _hosts(people: Population, family: Numbers, number: Numbers) -> tuple[Numbers, Numbers]:
    """Kind and number of the host of each member: families and flat shares have their own, crews their employer."""
    alone = people.families.size[family] == 1
    works_in_crew = alone & (family % 2 == 0)
    order = np.lexsort((family, number, works_in_crew))
    place = np.empty(len(family), dtype=np.int64)
    changed = np.concatenate([[True], np.diff(number[order] * 2 + works_in_crew[order]) != 0])
    starts = np.maximum.accumulate(np.where(changed, np.arange(len(order)), 0))
    place[order] = np.arange(len(order)) - starts
    crew = CREWS_FROM + number * CREWS + place // CREW % CREWS
    flat = (number * 10_007 + np.where(alone, place // SHARED_FLAT * ANY, family)) % ORGANISATIONS
    return np.where(works_in_crew, EMPLOYER, PRIVATE), np.where(works_in_crew, crew, flat)


def _before_and_after(
    calibration: Calibration, people: Population, usual: Numbers, parts: list[Dwellings], since: Numbers, until: Numbers
) -> list[Dwellings]:
    """The dwellings outside the time in a community, and those to which people scatter when it ends."""
    outside = [
        _taken(part, np.flatnonzero((part.since < since[part.person]) | (part.since >= until[part.person])))
        for part in parts
    ]
    person = np.flatnonzero(until < NEVER)
    return [*outside, _anywhere(calibration, people, usual, person, until[person], person * 0 + 9, is_move=True)]


def second_of(day: Numbers) -> Numbers:
    """First second of each day, of always and of never."""
    known = np.where(np.abs(day) == NEVER, 0, day) * DAY
    return np.where(day == ALWAYS, EARLIEST, np.where(day == NEVER, NEVER, known))


def _chance(key: Numbers) -> np.ndarray:
    """A number between 0 and 1 for each key, the same whenever it is asked."""
    mixed = (key * 2_654_435_761 + 97) % 4_294_967_291
    return np.asarray(mixed * 40_503 % 1_000_003 / 1_000_003)


def _joined(parts: list[Dwellings]) -> Dwellings:
    return Dwellings(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Dwellings)))


def _taken(part: Dwellings, rows: Numbers) -> Dwellings:
    return Dwellings(*(getattr(part, field.name)[rows] for field in fields(Dwellings)))
