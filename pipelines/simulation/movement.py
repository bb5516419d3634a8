"""Who is in the country when, and which passages of the border that leaves.

Families move together. A stay that began before the first day has no entry in the world, one that lasts beyond the
last day no exit; some passages are never recorded. How records look does not belong here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.simulation.calibration import Calibration, draw
from pipelines.simulation.population import DAY, Numbers, Population
from pipelines.simulation.randomness import stream

ENTRY, EXIT, REFUSED_ENTRY, REFUSED_EXIT = 0, 1, 2, 3
PACE_TRIALS = 8
DIRECTIONS = ("entry", "exit", "refused_entry", "refused_exit")
# Share of the day's passages that lie before each hour; nights are quiet.
HOURS = np.array(
    [0, 2, 4, 5, 6, 8, 11, 15, 20, 26, 32, 38, 44, 50, 56, 62, 68, 74, 80, 85, 89, 93, 96, 98, 100], dtype=np.float64
)


@dataclass(frozen=True)
class Posts:
    """Control posts that the world uses, one position per post."""

    code: pa.Array
    kind: pa.Array
    neighbour: pa.Array


@dataclass(frozen=True)
class Stays:
    """One position per stay of a person; seconds count from the first day and may lie outside the world."""

    person: Numbers
    entered: Numbers
    left: Numbers
    entry_recorded: NDArray[np.bool_]
    exit_recorded: NDArray[np.bool_]
    purpose: Numbers
    entry_post: Numbers
    exit_post: Numbers

    def __len__(self) -> int:
        """Number of stays."""
        return len(self.person)


@dataclass(frozen=True)
class Passages:
    """One position per recorded passage or refusal, in order of time."""

    person: Numbers
    at: Numbers
    direction: Numbers
    post: Numbers
    purpose: Numbers
    stay: Numbers


def move(calibration: Calibration, population: Population, posts: Posts, days: int, pace: float, seed: int) -> Stays:
    """One stay per person and visit, in order of family and time.

    Args:
        calibration: Rates and shares.
        population: Who moves.
        posts: Where the border can be crossed.
        days: Length of the world.
        pace: How much faster than the calibration people come and go.
        seed: Seed of the world.
    """
    rng = stream(seed, "movement")
    family, entered, left = _visits(calibration, population, days, pace, rng)
    size = population.families.size[family]
    visit = np.repeat(np.arange(len(family)), size)
    member = np.arange(len(visit)) - np.repeat(np.cumsum(size) - size, size)
    person = population.families.first[family][visit] + member
    entry_post = _posts_of(calibration, population, posts, family, rng)
    other = rng.random(len(family)) < calibration.movement["other_post_on_exit"]
    exit_post = np.where(other, _posts_of(calibration, population, posts, family, rng), entry_post)
    purpose = _purposes(calibration, population.families.kind[family], rng)
    queue = rng.integers(5, 90, len(visit)) + 60 * member
    stays = Stays(
        person=person,
        entered=entered[visit] + queue,
        left=left[visit] + queue,
        entry_recorded=(rng.random(len(visit)) >= calibration.movement["entry_not_recorded"]) & (entered[visit] >= 0),
        exit_recorded=(rng.random(len(visit)) >= calibration.movement["exit_not_recorded"])
        & (left[visit] + queue < days * DAY),
        purpose=purpose[visit],
        entry_post=entry_post[visit],
        exit_post=exit_post[visit],
    )
    return _from_birth(stays, population)


def _from_birth(stays: Stays, population: Population) -> Stays:
    """The stays without what lies before a child's birth; one who is born in the country never entered it."""
    born = population.born_at[stays.person]
    alive = stays.left > born
    columns = {field.name: getattr(stays, field.name)[alive] for field in fields(stays)}
    born_here = columns["entered"] < born[alive]
    columns["entered"] = np.where(born_here, born[alive], columns["entered"])
    columns["entry_recorded"] &= ~born_here
    return Stays(**columns)


def passages(calibration: Calibration, stays: Stays, days: int, seed: int) -> Passages:
    """One row per passage that the border recorded within the world, and per refusal before one."""
    rng = stream(seed, "passages")
    came = np.flatnonzero(stays.entry_recorded & (stays.entered >= 0) & (stays.entered < days * DAY))
    went = np.flatnonzero(stays.exit_recorded & (stays.left >= 0))
    turned = came[rng.random(len(came)) < calibration.movement["refused_entry"]]
    kept = went[rng.random(len(went)) < calibration.movement["refused_exit"]]
    stay = np.concatenate([came, went, turned, kept])
    direction = np.repeat([ENTRY, EXIT, REFUSED_ENTRY, REFUSED_EXIT], [len(came), len(went), len(turned), len(kept)])
    earlier = rng.integers(3600, 3 * DAY, len(stay))
    at = np.where(direction % 2 == 0, stays.entered[stay], stays.left[stay])
    at = np.where(direction >= REFUSED_ENTRY, at - earlier, at)
    post = np.where(direction % 2 == 0, stays.entry_post[stay], stays.exit_post[stay])
    order = np.lexsort((stays.person[stay], at))
    order = order[at[order] >= 0]
    stay = stay[order]
    return Passages(stays.person[stay], at[order], direction[order], post[order], stays.purpose[stay], stay)


def pace_for(calibration: Calibration, population: Population, days: int, wanted: int, seed: int) -> float:
    """The pace at which about `wanted` passages a day come, found by trying.

    Few passages cannot be had from many persons: each comes or goes once.
    """
    pace = 1.0
    for _ in range(PACE_TRIALS):
        family, entered, left = _visits(calibration, population, days, pace, stream(seed, "pace"))
        within = (entered >= 0).astype(np.int64) + (left < days * DAY)
        pace *= wanted * days / float((within * population.families.size[family]).sum())
    return pace


def _visits(
    calibration: Calibration, population: Population, days: int, pace: float, rng: np.random.Generator
) -> tuple[Numbers, Numbers, Numbers]:
    """One row per family and visit: the family, the second it entered and the second it left."""
    kinds = list(calibration.travellers.values())
    kind = population.families.kind
    stay, away = (np.array([getattr(k, name) for k in kinds]) for name in ("stay", "away"))
    inside = rng.random(len(kind)) < np.array([k.inside for k in kinds])[kind]
    length = _durations(stay[kind], pace, rng)
    absence = np.minimum(_durations(away[kind], pace, rng), days * DAY)
    used = rng.random(len(kind))
    entered = np.where(inside, -length * used, absence * used)
    active = np.arange(len(kind))
    found: list[tuple[Numbers, NDArray[np.float64], NDArray[np.float64]]] = []
    while len(active):
        found.append((active, entered, entered + length))
        entered = entered + length + _durations(away[kind[active]], pace, rng)
        goes_on = entered < days * DAY
        active, entered = active[goes_on], entered[goes_on]
        length = _durations(stay[kind[active]], pace, rng)
    family = np.concatenate([part[0] for part in found])
    order = np.argsort(family, kind="stable")
    came, left = (np.concatenate([part[i] for part in found])[order] for i in (1, 2))
    return family[order], _by_daylight(came), _by_daylight(left)


def _durations(median_and_spread: NDArray[np.float64], pace: float, rng: np.random.Generator) -> NDArray[np.float64]:
    noise = rng.standard_normal(len(median_and_spread))
    days = median_and_spread[:, 0] * np.exp(median_and_spread[:, 1] * noise) / pace
    return np.asarray(np.maximum(days, 0.15) * DAY)


def _by_daylight(seconds: NDArray[np.float64]) -> Numbers:
    """Moves moments within their day to where traffic is, keeping their order."""
    whole = np.floor_divide(seconds, DAY)
    share = (seconds - whole * DAY) / DAY * 100
    return np.asarray(whole * DAY + np.interp(share, HOURS, np.arange(25) * 3600.0 - np.eye(25)[24]), dtype=np.int64)


def _posts_of(
    calibration: Calibration, population: Population, posts: Posts, family: Numbers, rng: np.random.Generator
) -> Numbers:
    """One post per visit: an airport, or a post towards the neighbour over whose land the family comes."""
    states = list(calibration.citizenships.values())
    kind, neighbour = (np.array(column.to_pylist(), dtype=object) for column in (posts.kind, posts.neighbour))
    air = np.flatnonzero(kind == "air")
    chosen = np.zeros(len(family), dtype=np.int64)
    citizenship = population.families.citizenship[family]
    for position, state in enumerate(states):
        rows = np.flatnonzero(citizenship == position)
        land = np.flatnonzero((neighbour == state.via) & (kind != "air"))
        land = land if len(land) else np.arange(len(kind))
        flies = (rng.random(len(rows)) < state.by_air) & (len(air) > 0)
        busy = rng.random(len(rows)) ** 2.2
        by_air = air[(busy * len(air)).astype(np.int64)] if len(air) else land[:1]
        chosen[rows] = np.where(flies, by_air, land[(busy * len(land)).astype(np.int64)])
    return chosen


def _purposes(calibration: Calibration, kind: Numbers, rng: np.random.Generator) -> Numbers:
    """One purpose per visit, as a position in `purposes`."""
    names = purposes(calibration)
    chosen = np.zeros(len(kind), dtype=np.int64)
    for position, traveller in enumerate(calibration.travellers.values()):
        rows = np.flatnonzero(kind == position)
        known = np.array([names.index(name) for name in traveller.purposes])
        chosen[rows] = known[draw(rng, list(traveller.purposes.values()), len(rows))]
    return chosen


def purposes(calibration: Calibration) -> list[str]:
    """All purposes of the calibration, in a fixed order."""
    return sorted({name for traveller in calibration.travellers.values() for name in traveller.purposes})
