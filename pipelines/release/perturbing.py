"""Perturbation of public counts by cell key: the same cell with the same count is shown alike wherever it stands.

A cell's key is a keyed hash of its indicator and its dimensions without totals; never of its count, the month, the
table or the release. The key is a threshold between two multiples of three, of ten for a protected group: counts below
it are shown as the lower one, others as the upper one. Zero stays zero, one and two are never shown, the noise is two
at most, nine for a protected group, and none on average over cells; no difference of two public counts is one or two.
One person more shows in one cell of three, of ten for a protected group, and no number of months tells where the
threshold is. Decision 0017 says why.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

BASE, BASE_OF_PROTECTED = 3, 10
Counts = npt.NDArray[np.int64]


def perturbed_sql(cell: str, count: str, base: int) -> str:
    """The public count, as SQL.

    Args:
        cell: SQL of the name of the cell.
        count: SQL of the true count, a whole number that is not negative.
        base: Of what the public count is a multiple.

    The statement takes the secret as the parameter `$key`.
    """
    drawn = f"sha256($key || sha256($key || {cell}))"
    draw = f"CAST('0x' || substr({drawn}, 1, 13) AS BIGINT) / 4503599627370496.0"
    return f"CAST({count} - {count} % {base} + if({draw} < ({count} % {base}) / {base}.0, {base}, 0) AS BIGINT)"


def cell_name_sql(indicator: str, dimensions: tuple[str, ...], grouped: str | None = None) -> str:
    """The name of a cell, as SQL: the same in every table that shows it.

    Args:
        indicator: SQL of the indicator.
        dimensions: Columns that say which cell it is; totals are not named.
        grouped: Dimension that is not named either where `is_whole`, because the cell is then all of its group.
    """
    parts = [
        f"if({name} = '_T'{' OR is_whole' if name == grouped else ''}, '', '|{name}=' || {name})"
        for name in sorted(dimensions)
    ]
    return " || ".join([indicator, *parts])
