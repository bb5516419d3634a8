"""All attacks over the tables of a release, their limits, and what to do where one succeeds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, permutations
from math import ceil
from pathlib import Path

import duckdb
import numpy as np

from pipelines.release import catalogue
from pipelines.release.attacks import canaries, differencing, membership, protected, shares, tables
from pipelines.release.attacks.differencing import Differences
from pipelines.release.designs import Design
from pipelines.release.perturbing import BASE, BASE_OF_PROTECTED, Counts
from pipelines.storage.database import quoted

LIMITS = {
    "linear_bounds": 0.0,
    "differences_of_parts": 0.05,
    "differences_of_months": 0.05,
    "differences_of_releases": 0.05,
    "differences_of_protected": 0.0,
    "standing_figures_moved": 0.0,
    "same_cell_shown_differently": 0.0,
    "others_beside_a_share": 0.0,
    "protected_beside_everybody": 0.0,
    "canaries": 0.0,
    "membership": 0.55,
    "membership_of_protected": 0.55,
    "noise": BASE - 1.0,
    "noise_of_protected": BASE_OF_PROTECTED - 1.0,
    "error_of_largest": 0.005,
}
# How finely the public report tells what an attack measured: exactly told, a mean over few counts gives them away.
STEPS = {"noise": BASE - 1.0, "noise_of_protected": BASE_OF_PROTECTED - 1.0, "error_of_largest": 0.001}
STEP, TRIES = 0.01, 10
LARGEST, LARGE = 10, 400
COMMON = ("period", "indicator")


@dataclass(frozen=True)
class Finding:
    """What one attack found.

    Attributes:
        attack: A key of `LIMITS`.
        tried: Cells, differences or persons attacked.
        measured: What the attacker reached.
    """

    attack: str
    tried: int
    measured: float

    @property
    def allowed(self) -> float:
        """What is allowed at most."""
        return LIMITS[self.attack]

    @property
    def held(self) -> bool:
        """Whether the release withstands the attack."""
        return self.measured <= self.allowed

    @property
    def told(self) -> tuple[int, float]:
        """Tries and what was measured as the public may know them, both rounded up: the exact ones count few cells."""
        step = STEPS.get(self.attack, STEP)
        tries = max(ceil(self.tried / TRIES), 1) * TRIES
        return tries, round(ceil(round(self.measured / step, 6)) * step, 3)


@dataclass(frozen=True)
class Attacked:
    """What is attacked.

    Attributes:
        connection: The build database, with the `exact_` and `judged_` tables of the designs.
        designs: The tables.
        standing: The release that stands, if there is one.
        noise: How far a published figure that can be subtracted is from the truth at most, as the attacker knows.
    """

    connection: duckdb.DuckDBPyConnection
    designs: tuple[Design, ...]
    standing: Path
    noise: float = BASE - 1

    @property
    def counts(self) -> list[Design]:
        """Tables of counts."""
        return [design for design in self.designs if design.measure == "counts"]

    @property
    def protected(self) -> list[Design]:
        """Tables of counts of protected groups."""
        return [design for design in self.counts if design.protected]

    @property
    def others(self) -> list[Design]:
        """Tables of counts of everybody else."""
        return [design for design in self.counts if not design.protected]

    @property
    def tells_of_communities(self) -> bool:
        """Whether shares of communities are among them."""
        return any(design.name == "community" for design in self.designs)

    @property
    def subtracted(self) -> tuple[Design, ...]:
        """Tables of one stock or flow, which can be subtracted from one another."""
        return tuple(design for design in self.designs if design.attacked)


def attack(on: Attacked) -> list[Finding]:
    """Runs every attack."""
    persons = [_shares(on), _protected(on), _canaries(on), *_memberships(on)]
    return [_bounds(on), *_differences(on), _repeats(on), *persons, *_usefulness(on)]


def _bounds(on: Attacked) -> Finding:
    tried = told = 0
    for period, indicator in tables.fresh_figures(on.connection, on.subtracted):
        found = tables.narrow(on.connection, on.subtracted, period, indicator, on.noise).values()
        tried, told = tried + sum(cells for cells, _ in found), told + sum(narrow for _, narrow in found)
    return Finding("linear_bounds", tried, float(told))


def _shares(on: Attacked) -> Finding:
    tried, narrow = shares.narrow(on.connection, on.noise) if on.tells_of_communities else (0, 0)
    return Finding("others_beside_a_share", tried, float(narrow))


def _protected(on: Attacked) -> Finding:
    stocks = tuple(design for design in on.subtracted if design.guards)
    tried, telling = protected.told(on.connection, stocks, on.noise, on.tells_of_communities)
    return Finding("protected_beside_everybody", tried, float(telling))


def _differences(on: Attacked) -> Iterator[Finding]:
    def found(attack: str, pairs: Iterable[str]) -> Finding:
        total = Differences(0, 0)
        for one in pairs:
            total = total.with_others(differencing.of_pairs(on.connection, one))
        return Finding(attack, total.tried, total.share)

    yield found("differences_of_parts", _parts(on.subtracted))
    yield found("differences_of_months", _months(on.others))
    yield found("differences_of_releases", _releases(on.others, on.standing))
    yield _moved(on)
    yield found("differences_of_protected", chain(_months(on.protected), _releases(on.protected, on.standing)))


def _moved(on: Attacked) -> Finding:
    """Figures of months that stand, and those of them that are told otherwise than before, or again by another name."""
    before = catalogue.tables_of(on.standing)
    known = [one for one in on.designs if one.published and before.get(one.name) == one.dimensions]
    pairs = [_standing(one, on.standing) for one in known]
    counts = [on.connection.execute(one).fetchall()[0] for one in pairs]
    return Finding("standing_figures_moved", sum(tried for tried, _ in counts), float(sum(lost for _, lost in counts)))


def _standing(design: Design, release: Path) -> str:
    path, columns = quoted(release / "data" / f"{design.name}.parquet"), ", ".join(design.columns)
    released, subject = f"SELECT {columns} FROM released_{design.name}", ", ".join((*COMMON, *design.subject))
    return f"""WITH told AS (SELECT {columns} FROM read_parquet({path}) SEMI JOIN standing_month USING (period))
    SELECT (SELECT count(*) FROM told), (SELECT count(*) FROM (
      (FROM told EXCEPT {released}) UNION (FROM told SEMI JOIN ({released} EXCEPT FROM told) USING ({subject}))))"""


def _months(found: list[Design]) -> Iterator[str]:
    return (differencing.months(f"judged_{design.name}", design.dimensions) for design in found)


def _fresh(design: Design) -> str:
    """Counts of months that are told anew; of the others the counts of today are not those that were perturbed."""
    return f"(SELECT * FROM judged_{design.name} WHERE is_fresh)"


def _parts(found: tuple[Design, ...]) -> Iterator[str]:
    for whole, part in permutations(found, 2):
        coarse = set(whole.dimensions) - {"direction"}
        if coarse < set(part.dimensions) - ({"direction"} if "direction" not in whole.dimensions else set()):
            shared = (*COMMON, *(name for name in part.dimensions if name in whole.dimensions))
            yield differencing.parts(_fresh(whole), _fresh(part), shared)
            yield differencing.remainders(_fresh(whole), _fresh(part), shared)


def _releases(found: list[Design], standing: Path) -> Iterator[str]:
    before = catalogue.tables_of(standing)
    for design in found:
        if before.get(design.name) == design.dimensions:
            path = quoted(standing / "data" / f"{design.name}.parquet")
            yield differencing.releases(f"judged_{design.name}", f"read_parquet({path})", (*COMMON, *design.dimensions))


def _repeats(on: Attacked) -> Finding:
    """Cells that stand in several tables or months with the same count, and those of them that are not shown alike."""
    everything = " UNION ALL ".join(
        f"SELECT cell, round(exact) AS exact, value FROM {_fresh(one)} WHERE value IS NOT NULL" for one in on.counts
    )
    ((tried, differing),) = on.connection.execute(
        f"""SELECT count(*), count(*) FILTER (shown > 1) FROM (
          SELECT count(DISTINCT value) AS shown FROM ({everything}) GROUP BY cell, exact HAVING count(*) > 1)"""
    ).fetchall()
    return Finding("same_cell_shown_differently", tried, float(differing))


def _canaries(on: Attacked) -> Finding:
    tried = canaries.find(on.connection)
    found = sum(
        canaries.identified(on.connection, f"exact_{one.name}", f"judged_{one.name}", one.dimensions, one.grouped)
        for one in on.subtracted
        if "direction" not in one.dimensions
    )
    return Finding("canaries", tried, float(found))


def _memberships(on: Attacked) -> Iterator[Finding]:
    """How much the table that tells most tells."""
    for attack, found in (("membership", on.subtracted), ("membership_of_protected", on.protected)):
        told = [(_pairs(on, design)[0], design.base if on.noise else 1) for design in found]
        best = max((membership.advantage(counts, base) for counts, base in told if len(counts)), default=0.5)
        yield Finding(attack, sum(len(counts) for counts, _ in told), best)


def _usefulness(on: Attacked) -> Iterator[Finding]:
    """What perturbation costs."""
    for attack, found in (("noise", on.others), ("noise_of_protected", on.protected)):
        errors = [np.abs(value - exact) for exact, value in (_pairs(on, design) for design in found)]
        yield Finding(attack, sum(map(len, errors)), max((float(one.max(initial=0)) for one in errors), default=0.0))
    pairs = [_pairs(on, design) for design in on.others]
    exact, value = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    error = np.abs(value - exact)
    large = [place for place in np.argsort(-exact)[:LARGEST] if exact[place] >= LARGE]
    yield Finding("error_of_largest", len(large), float((error[large] / exact[large]).max(initial=0.0)))


def _pairs(on: Attacked, design: Design) -> tuple[Counts, Counts]:
    """True and published counts of a table."""
    found = on.connection.execute(
        f"""SELECT CAST(round(exact) AS BIGINT) AS exact, CAST(value AS BIGINT) AS value
        FROM {_fresh(design)} WHERE value IS NOT NULL AND exact > 0 ORDER BY ALL"""
    ).fetchnumpy()
    return found["exact"].astype(np.int64), found["value"].astype(np.int64)
