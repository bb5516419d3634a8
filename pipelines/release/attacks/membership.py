"""Membership: how well a published count tells whether one person is in it.

The attacker knows everything of the person, and of the others as much as the figure of another month tells: that about
so many are there, each coming and going for reasons of his own, which makes their number a draw of Poisson. A figure
within two of the truth hides nobody from an attacker who knows all others exactly; decision 0017 says so.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipelines.release.perturbing import Counts

TAIL = 8
Floats = npt.NDArray[np.float64]


def advantage(counts: Counts, base: int, are_others_known: bool = False) -> float:
    """The area under the attacker's curve over all persons: one half is a guess, one is certainty.

    Args:
        counts: True counts of the published cells, one and more.
        base: Of what the published counts are multiples; 1 where they are published as they are.
        are_others_known: Whether the attacker knows all others exactly.
    """
    sizes, times = np.unique(counts, return_counts=True)
    areas = [_area(int(size), base, are_others_known) for size in sizes]
    return float(np.average(areas, weights=sizes * times))


def _area(size: int, base: int, are_others_known: bool) -> float:
    """How often the figure with the person is above the one without, ties for one half."""
    from scipy.stats import poisson  # half a second to load, and most nights release nothing

    spread = 0 if are_others_known else int(TAIL * np.sqrt(size)) + TAIL
    least = max(size - 1 - spread, 0)
    worlds = np.arange(least, size + spread)
    chances = np.ones(1) if are_others_known else poisson.pmf(worlds, size - 1)
    without = _shown(worlds, chances, base)
    with_person = _shown(worlds + 1, chances, base)
    places = max(len(without), len(with_person))
    without, with_person = (np.pad(one, (0, places - len(one))) for one in (without, with_person))
    return float(with_person @ (np.cumsum(without) - without / 2))


def _shown(worlds: Counts, chances: Floats, base: int) -> Floats:
    """Chances of the published figures, zero and up, where the true count is one of `worlds` with these chances."""
    lower, rest = worlds // base, worlds % base
    above = rest / base
    figures = np.concatenate([lower, lower + 1])
    shown: Floats = np.bincount(figures, np.concatenate([chances * (1 - above), chances * above])).astype(np.float64)
    return shown
