"""Communities that are planted: families of one citizenship who live in one district for a known time.

Nobody comes or stays for a community's sake: families that are in the country anyway live together instead of
anywhere. Which house each of them lives in does not belong here (`dwelling.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.simulation.calibration import Calibration
from pipelines.simulation.columns import NEVER
from pipelines.simulation.movement import Stays
from pipelines.simulation.population import DAY, Numbers, Population
from pipelines.simulation.randomness import stream

ALWAYS = -NEVER
FATES = ("stays", "forms", "moves", "dissolves")
SETTLING = 20
MONTH = 30


@dataclass(frozen=True)
class Community:
    """One planted community; days count from the first day of the world.

    Attributes:
        citizenship: Position among the citizenships.
        size: The fewest of its persons who are in the country at the end of any month of its life.
        districts: Where it lives, one after the other.
        begins: Day on which its families begin to settle; `ALWAYS` where it stood before the world.
        moves: Day on which they begin to leave the first district for the second; `NEVER` where they stay.
        ends: Day on which they begin to scatter; `NEVER` where they remain.
    """

    citizenship: int
    size: int
    districts: tuple[int, ...]
    begins: int
    moves: int = NEVER
    ends: int = NEVER


@dataclass(frozen=True)
class Communities:
    """The planted communities, and who lives in them.

    Attributes:
        planted: By their number.
        of_family: Number of the community of each family; -1 for those who live anywhere.
    """

    planted: tuple[Community, ...]
    of_family: Numbers

    def day(self, name: str, family: Numbers) -> Numbers:
        """Day on which each family does what the attribute of its community says; families take some days for it."""
        days = np.array([getattr(one, name) for one in self.planted], dtype=np.int64)[self.of_family[family]]
        return np.where(np.abs(days) == NEVER, days, days + family * 7 % SETTLING)


@dataclass
class Ground:
    """What communities are planted in.

    Attributes:
        months: Days on which people are counted.
        present: Persons in the country by family and counted day.
        citizenship: By family.
        district: Where each family lives otherwise.
        free: Families that may join a community.
    """

    months: Numbers
    present: Numbers
    citizenship: Numbers
    district: Numbers
    free: NDArray[np.bool_]


def plant(
    calibration: Calibration, people: Population, stays: Stays, district: Numbers, districts: int, days: int, seed: int
) -> Communities:
    """Plants as many communities, of as many persons, as the world can carry.

    Args:
        calibration: Sizes and shares.
        people: Who may live in them.
        stays: When they are in the country.
        district: Where each family lives otherwise.
        districts: Number of districts.
        days: Length of the world.
        seed: Seed of the world.
    """
    rates, rng = calibration.communities, stream(seed, "communities")
    ground = _ground(calibration, people, stays, district, days)
    of_family = np.full(len(people.families.size), -1, dtype=np.int64)
    planted: list[Community] = []
    untaken = rng.permutation(districts)
    smallest, largest = rates["sizes"]
    for size in np.geomspace(largest, smallest, int(rates["most"])).astype(np.int64).tolist():
        life = _life(len(planted), days)
        citizenship = _smallest_group(ground, size, rates)
        if citizenship < 0 or size > rates["of_persons"] * len(people):
            continue
        members = _members(ground, citizenship, size, life, rng)
        where = _emptiest(ground, citizenship, size, untaken, rates["quotient"], 2 if life[1] != NEVER else 1)
        of_family[members] = len(planted)
        ground.free[members] = False
        untaken = untaken[~np.isin(untaken, where)]
        planted.append(Community(citizenship, size, tuple(where), *life))
    return Communities(tuple(planted), of_family)


def _ground(calibration: Calibration, people: Population, stays: Stays, district: Numbers, days: int) -> Ground:
    months = np.arange(MONTH - 1, days, MONTH) if days >= MONTH else np.array([days - 1])
    family = people.family[stays.person]
    families = people.families
    present = np.stack(
        [
            np.bincount(family[(stays.entered <= day * DAY) & (day * DAY < stays.left)], minlength=len(families.size))
            for day in months.tolist()
        ],
        axis=1,
    )
    kinds = list(calibration.travellers)
    lasting = [kinds.index(kind) for kind in calibration.communities["kinds"]]
    return Ground(months, present, families.citizenship, district, np.isin(families.kind, lasting))


def _life(number: int, days: int) -> tuple[int, int, int]:
    """Begin, move and end; a world that is too short for a turn to be seen has only communities that stay."""
    fate = FATES[number % len(FATES)] if days >= 12 * MONTH else "stays"
    turn = days * (35 + 5 * (number % 3)) // 100
    later = days * (45 + 5 * (number % 4)) // 100
    return {
        "stays": (ALWAYS, NEVER, NEVER),
        "forms": (turn, NEVER, NEVER),
        "moves": (ALWAYS, later, NEVER),
        "dissolves": (ALWAYS, NEVER, later),
    }[fate]


def _smallest_group(ground: Ground, size: int, rates: dict[str, float]) -> int:
    """The citizenship with fewest persons left of which such a community can be; -1 where none has enough.

    Of a group that is a large part of all people no district can hold twice its share.
    """
    groups = int(ground.citizenship.max()) + 1
    least = _of_groups(ground, ground.free, groups).min(axis=1)
    everyone = _of_groups(ground, np.ones(len(ground.free), dtype=bool), groups)
    share = (everyone / everyone.sum(axis=0)).max(axis=1)
    fits = (share <= rates["largest_group"]) & (least * rates["of_group"] >= size)
    return int(np.argmin(np.where(fits, least, NEVER))) if fits.any() else -1


def _of_groups(ground: Ground, chosen: NDArray[np.bool_], groups: int) -> Numbers:
    counted = np.zeros((groups, len(ground.months)), dtype=np.int64)
    np.add.at(counted, ground.citizenship[chosen], ground.present[chosen])
    return counted


def _members(
    ground: Ground, citizenship: int, size: int, life: tuple[int, int, int], rng: np.random.Generator
) -> Numbers:
    """Families of whom so many persons are in the country at the end of every month of the life."""
    family = rng.permutation(np.flatnonzero(ground.free & (ground.citizenship == citizenship)))
    lived = (ground.months >= life[0]) & (ground.months <= life[2])
    together = np.cumsum(ground.present[family][:, lived], axis=0).min(axis=1)
    return np.asarray(family[: int(np.searchsorted(together, size)) + 1])


def _emptiest(ground: Ground, citizenship: int, size: int, untaken: Numbers, wanted: float, number: int) -> list[int]:
    """Districts in which a community of that size is as over-represented as wanted, or as much as anywhere."""
    middle = ground.present[:, len(ground.months) // 2]
    of_group = np.where(ground.citizenship == citizenship, middle, 0)
    most = int(ground.district.max()) + 1 + int(untaken.max())
    all_here, group_here = (np.bincount(ground.district, weights, most)[untaken] for weights in (middle, of_group))
    quotient = (size + group_here) / (size + all_here) * middle.sum() / of_group.sum()
    order = np.argsort(-np.minimum(quotient, wanted), kind="stable")
    return [int(place) for place in untaken[order[:number]]]
