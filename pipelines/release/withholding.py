"""Tables of a month whose figures, with all others together, would give a small cell away: they are left out.

A table by itself withholds what is small; what several tables leave open between them is known only when all are made.
Where they leave open less than three values of a small cell, the table with the most such cells is left out for that
month and indicator, and the others are asked again. The attack that follows asks once more and refuses what is left.
"""

from __future__ import annotations

import duckdb

from pipelines.release.attacks import tables
from pipelines.release.designs import Design
from pipelines.release.perturbing import BASE


def withhold(connection: duckdb.DuckDBPyConnection, found: tuple[Design, ...], noise: float = BASE - 1) -> None:
    """Leaves figures out of `judged_<name>` and `released_<name>` until none of a fresh month gives a small cell away.

    Args:
        connection: With the `exact_`, `judged_` and `released_` tables of the designs.
        found: Tables of one stock or flow, which can be subtracted from one another.
        noise: How far a published figure can be from the truth, as an attacker knows.
    """
    for period, indicator in tables.fresh_figures(connection, found):
        while (telling := _telling(connection, found, (period, indicator), noise)) is not None:
            for kind in ("judged", "released"):
                connection.execute(
                    f"DELETE FROM {kind}_{telling.name} WHERE period = $1 AND indicator = $2", [period, indicator]
                )


def _telling(
    connection: duckdb.DuckDBPyConnection, found: tuple[Design, ...], of: tuple[str, str], noise: float
) -> Design | None:
    """The table of which the most cells are given away, of several alike the one with the most figures; or none."""
    narrow = tables.narrow(connection, found, *of, noise)
    told = {name: cells for name, (_, cells) in narrow.items()}
    if not any(told.values()):
        return None
    figures = {design.name: _figures(connection, design, *of) for design in found}
    shown = [design for design in found if figures[design.name]]
    return max(shown, key=lambda design: (told.get(design.name, 0), figures[design.name], design.name), default=None)


def _figures(connection: duckdb.DuckDBPyConnection, design: Design, period: str, indicator: str) -> int:
    query = f"SELECT count(*) FROM judged_{design.name} WHERE period = $1 AND indicator = $2"
    return int(connection.execute(query, [period, indicator]).fetchall()[0][0])
