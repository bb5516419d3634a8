"""A world of planted communities: people in households, crews and dormitories, with the truth beside them.

Rows come in the columns of `intermediate.member_history`, so that what is measured begins where places are known.
`pipelines.simulation.world` makes whole deliveries instead; its people form communities only by chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.simulation.randomness import stream

Numbers = npt.NDArray[np.int64]
COUNTRIES = ("AFG", "ARM", "AZE", "BGD", "BLR", "CHN", "CUB", "DEU", "EGY", "FRA", "GEO", "IND", "IRN", "ITA", "JPN")
HOUSEHOLDS = [0.35, 0.25, 0.15, 0.12, 0.08, 0.05]
CREWS = (10, 40)
DORMITORIES = (60, 300)
MIXED = 0.1
HOST_TYPES = ("person", "employer", "school", "hotel")
NEVER = 10_000
# Clusters of one community are numbered from a multiple of the first; a person is a seat in a cluster.
APART, SEATS = 10_000_000, 1_000
# A community is seen for six months before it ends, and its end for four.
SEEN, SEEN_AFTER = 6, 4
# A month more on either side: who comes was not there at first, and who turns stays on for a month beyond what is seen.
FEWEST_MONTHS = SEEN + SEEN_AFTER + 3


@dataclass(frozen=True)
class CommunityWorld:
    """What is wanted of a world.

    Attributes:
        persons: People who live anywhere, without the planted communities.
        months: Month ends that are seen, `FEWEST_MONTHS` or more.
        planted: Communities with a known life.
        districts: Districts, by their codes; the first two digits are the region.
        misplaced: Share of persons whom a notification puts into another district.
        seed: The same seed gives the same world.
    """

    persons: int
    months: int
    planted: int
    districts: tuple[str, ...]
    misplaced: float = 0.1
    seed: int = 1


@dataclass
class Clusters:
    """Clusters of people who move together.

    Attributes:
        size: Persons of each.
        country: Citizenship of most of them, by its place in `COUNTRIES`.
        district: Where they live, by its place in the world's districts.
        first: Month in which they come.
        end: Month in which they are gone.
        number: Which cluster it is: the same in another place is the same people, who have moved.
    """

    size: Numbers
    country: Numbers
    district: Numbers
    first: Numbers
    end: Numbers
    number: Numbers


@dataclass(frozen=True)
class Planted:
    """The truth about one community: who, where, how many, and its first and first missing month."""

    country: str
    district: str
    size: int
    first: int
    end: int


def draw_sizes(chance: np.random.Generator, persons: int, crews: float, dormitories: float) -> Numbers:
    """Sizes of clusters that hold so many persons, of which the given shares live in crews and dormitories."""
    means = [float(np.dot(HOUSEHOLDS, np.arange(1, 7))), sum(CREWS) / 2, sum(DORMITORIES) / 2]
    shares = [1 - crews - dormitories, crews, dormitories]
    numbers = [max(int(persons * share / mean), int(share > 0)) for share, mean in zip(shares, means, strict=True)]
    return np.concatenate(
        [
            chance.choice(np.arange(1, 7), numbers[0], p=HOUSEHOLDS),
            chance.integers(*CREWS, numbers[1]),
            chance.integers(*DORMITORIES, numbers[2]),
        ]
    ).astype(np.int64)


def scattered(world: CommunityWorld) -> Clusters:
    """The people who form no community: their clusters lie where many people live, whatever their citizenship."""
    chance = stream(world.seed, "scattered")
    size = draw_sizes(chance, world.persons, 0.2, 0.05)
    first = chance.integers(-24, world.months, len(size))
    return Clusters(
        size=size,
        country=chance.choice(len(COUNTRIES), len(size), p=_falling(len(COUNTRIES), 1.0)),
        district=chance.choice(len(world.districts), len(size), p=_falling(len(world.districts), 0.6)),
        first=first,
        end=first + 1 + chance.exponential(30, len(size)).astype(np.int64),
        number=np.arange(len(size)),
    )


def planted(world: CommunityWorld) -> list[tuple[Planted, Clusters]]:
    """The communities of the world; who moves is two of them, one after the other, of the same clusters."""
    chance = stream(world.seed, "planted")
    latest = min(world.months // 2 - 1, world.months - SEEN - SEEN_AFTER)
    found: list[tuple[Planted, Clusters]] = []
    pairs = chance.permutation(len(COUNTRIES) * len(world.districts))
    while len(found) < world.planted:
        country, district = divmod(int(pairs[len(found)]), len(world.districts))
        wanted = int(np.exp(chance.uniform(np.log(60), np.log(5_000))))
        size = draw_sizes(chance, wanted, 0.2, 0.0)
        first = int(chance.choice([-6, *range(3, latest)]))
        fate = str(chance.choice(["stays", "dissolves", "moves"]))
        last = int(chance.integers(max(first, 0) + SEEN, world.months - SEEN_AFTER))
        late = np.where(chance.random(len(size)) < 0.7, 0, chance.integers(1, 4, len(size)))
        end = NEVER if fate == "stays" else last
        number = (len(found) + 1) * APART + np.arange(len(size))
        whole = Clusters(size, size * 0 + country, size * 0 + district, first + late, size * 0 + end, number)
        found.append(_told(world, whole, first, end))
        if fate == "moves" and len(found) < world.planted:
            other = (district + 1 + int(chance.integers(len(world.districts) - 1))) % len(world.districts)
            moved = Clusters(size, whole.country, size * 0 + other, size * 0 + last, size * 0 + NEVER, number)
            found.append(_told(world, moved, last, NEVER))
    return found


def shuffled(world: CommunityWorld) -> list[Clusters]:
    """One set of clusters per month, each of other people who live where chance puts them."""
    months = []
    for month in range(world.months):
        clusters = scattered(CommunityWorld(world.persons, 1, 0, world.districts, 0.0, world.seed * 1_000 + month))
        clusters.first = clusters.first * 0 + month
        clusters.end = clusters.first + 1
        clusters.number += (month + 1) * APART
        months.append(clusters)
    return months


def members(world: CommunityWorld, parts: list[Clusters], starts: Numbers) -> pa.Table:
    """One row per person and place, as `intermediate.member_history` holds it.

    Args:
        world: The world that they belong to.
        parts: Clusters of people.
        starts: First day of each month from 24 months before the first one on, as days since 1970.
    """
    chance = stream(world.seed, "members")
    many = Clusters(*(np.concatenate([getattr(part, name) for part in parts]) for name in Clusters.__annotations__))
    of = np.repeat(np.arange(len(many.size)), many.size)
    seat = np.arange(len(of)) - np.repeat(np.cumsum(many.size) - many.size, many.size)
    own = chance.choice(len(COUNTRIES), len(of), p=_falling(len(COUNTRIES), 1.0))
    country = np.where(chance.random(len(of)) < MIXED, own, many.country[of])
    lost = chance.choice(len(world.districts), len(of), p=_falling(len(world.districts), 0.6))
    district = np.where(chance.random(len(of)) < world.misplaced, lost, many.district[of])
    first = starts[np.maximum(many.first[of] + 24, 0)] + chance.integers(0, 28, len(of))
    gone = many.end[of] + 24
    ends = np.where(gone < len(starts), starts[np.minimum(gone, len(starts) - 1)], 0)
    codes = pa.array(world.districts)
    citizenship = pa.array(COUNTRIES).take(pa.array(country))
    since = pa.array(first.astype("int32"), pa.int32()).cast(pa.date32())
    return pa.table(
        {
            "person_id": pa.array(many.number[of] * SEATS + seat).cast(pa.string()),
            "region": pa.array([code[:2] + "0000000" for code in world.districts]).take(pa.array(district)),
            "district": codes.take(pa.array(district)),
            "host_type": pa.array(HOST_TYPES).take(pa.array(chance.integers(0, len(HOST_TYPES), len(many.size))[of])),
            "citizenship": citizenship,
            "birth_country": citizenship,
            "ethnicity": pa.nulls(len(of), pa.string()),
            "cluster_key": pa.array(of.astype(np.uint64)),
            "region_since": since,
            "district_since": since,
            "valid_from": since,
            "valid_to": pa.array(ends.astype("int32"), pa.int32(), mask=gone >= len(starts)).cast(pa.date32()),
            "known_from_seq": pa.array(np.ones(len(of), np.int32)),
            "known_to_seq": pa.nulls(len(of), pa.int32()),
        }
    )


def _told(world: CommunityWorld, clusters: Clusters, first: int, end: int) -> tuple[Planted, Clusters]:
    country, district = COUNTRIES[int(clusters.country[0])], world.districts[int(clusters.district[0])]
    return Planted(country, district, int(clusters.size.sum()), first, end), clusters


def _falling(number: int, power: float) -> npt.NDArray[np.float64]:
    """Probabilities that fall with the rank."""
    weight = 1 / np.arange(1, number + 1) ** power
    return np.asarray(weight / weight.sum(), np.float64)
