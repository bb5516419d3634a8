"""What an attacker of linear bounds writes down about one month and indicator of the released tables."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import duckdb
import numpy as np
import numpy.typing as npt

from pipelines.release.attacks.bounds import System
from pipelines.release.designs import OTHERS, Design

ENOUGH = 3.0
HALF = 0.5
ROUNDING = 0.01
TOTAL = "_T"
MANY = 1e7
Codes = dict[str, npt.NDArray[np.str_]]


@dataclass(frozen=True)
class Cells:
    """The cells of one table before grouping, with their places among all cells of the system.

    Attributes:
        design: The table.
        places: Of the cells.
        codes: Of each dimension that is not a total.
        is_small: Whether a cell is below the threshold.
    """

    design: Design
    places: npt.NDArray[np.int64]
    codes: Codes
    is_small: npt.NDArray[np.bool_]

    def by(self, dimensions: tuple[str, ...]) -> dict[tuple[str, ...], npt.NDArray[np.int64]]:
        """Places of the cells by their codes of some dimensions."""
        found: dict[tuple[str, ...], list[int]] = {}
        columns = [self.codes[name].tolist() for name in dimensions]
        for place, *codes in zip(self.places.tolist(), *columns, strict=True):
            found.setdefault(tuple(codes), []).append(place)
        return {codes: np.array(places) for codes, places in found.items()}


def fresh_figures(connection: duckdb.DuckDBPyConnection, found: tuple[Design, ...]) -> list[tuple[str, str]]:
    """Months that are told anew in all of some tables, with the indicators told in them."""
    cells = " UNION ".join(f"SELECT DISTINCT period, indicator FROM exact_{one.name}" for one in found)
    stands = " UNION ".join(f"SELECT period FROM judged_{one.name} WHERE NOT is_fresh" for one in found)
    return connection.execute(f"FROM ({cells}) WHERE period NOT IN ({stands}) ORDER BY ALL").fetchall()


def narrow(
    connection: duckdb.DuckDBPyConnection, found: tuple[Design, ...], period: str, indicator: str, noise: float
) -> dict[str, tuple[int, int]]:
    """By table: small cells of a month, and those of them of which the figures leave open less than three values.

    Args:
        connection: With the `exact_` and `judged_` tables of the designs.
        found: Tables of counts of the same persons.
        period: The month.
        indicator: The indicator.
        noise: How far a published figure can be from the truth, as the attacker knows.
    """
    known = [_cells(connection, design, period, indicator) for design in found]
    starts = np.cumsum([0, *(len(one.places) for one in known)])
    tables = [
        Cells(one.design, one.places + start, one.codes, one.is_small)
        for one, start in zip(known, starts[:-1].tolist(), strict=True)
        if len(one.places)
    ]
    if not any(table.is_small.any() for table in tables):
        return {}
    system = System(np.full(starts[-1], MANY))
    for table in tables:
        _tell(connection, system, table, (period, indicator), noise)
    for one, other in combinations(tables, 2):
        _couple(system, one, other)
    risky = [table.places[table.is_small] for table in tables]
    is_told = system.width(np.concatenate(risky), ENOUGH) < ENOUGH
    told = np.split(is_told, np.cumsum([len(places) for places in risky])[:-1])
    return {table.design.name: (len(one), int(one.sum())) for table, one in zip(tables, told, strict=True)}


def _cells(connection: duckdb.DuckDBPyConnection, design: Design, period: str, indicator: str) -> Cells:
    names = (*design.dimensions, "shown_as")
    found = connection.execute(
        f"SELECT {', '.join(names)}, value FROM exact_{design.name} WHERE period = $1 AND indicator = $2 AND value > 0 "
        "ORDER BY ALL",
        [period, indicator],
    ).fetchnumpy()
    values = np.asarray(found["value"], dtype=np.float64)
    codes = {name: np.asarray(found[name], dtype=np.str_) for name in names}
    kept = {name: part for name, part in codes.items() if name == "shown_as" or not (part == TOTAL).all()}
    return Cells(design, np.arange(len(values)), kept, np.round(values) < design.threshold)


def _tell(
    connection: duckdb.DuckDBPyConnection, system: System, table: Cells, of: tuple[str, str], noise: float
) -> None:
    """Each published figure is the sum of its cells, give or take the noise; a withheld one is below the threshold."""
    design = table.design
    dimensions = tuple(name for name in design.dimensions if name in table.codes)
    shown = tuple("shown_as" if name == design.grouped else name for name in dimensions)
    held = table.by(shown)
    listed = ", ".join((*dimensions, "round(exact)", "value"))
    figures = f"SELECT {listed} FROM judged_{design.name} WHERE period = $1 AND indicator = $2 AND exact > 0"
    for *codes, exact, value in connection.execute(figures, list(of)).fetchall():
        cells = held[tuple(codes)]
        if value is None:
            least = design.threshold + design.base - 1 - HALF
            system.say(cells, 0.0, least if exact < least else MANY)
        else:
            system.say(cells, max(value - noise - HALF, 0.0), value + noise + HALF)
    small = table.is_small & (table.codes["shown_as"] == OTHERS)
    system.most[table.places[small]] = design.threshold - HALF


def _couple(system: System, one: Cells, other: Cells) -> None:
    """Two tables of the same persons add up alike by the dimensions that both have."""
    shared = tuple(name for name in one.codes if name in other.codes and name != "shown_as")
    left, right = one.by(shared), other.by(shared)
    for codes in left.keys() | right.keys():
        cells = [part[codes] for part in (left, right) if codes in part]
        signs = np.concatenate([np.full(len(part), sign) for part, sign in zip(cells, (1.0, -1.0), strict=False)])
        system.say(np.concatenate(cells), -ROUNDING, ROUNDING, signs)
