"""Capture and recapture from several lists: log-linear models averaged by their evidence, and Chao's lower bound.

Each model lets some pairs of lists depend on each other and predicts the one cell that nobody sees: persons on no list.
Models that fit equally well can predict very different numbers; then there is a range and no point. Chao's bound needs
no model: from those on one list and those on two it says how many are missing at least, unless lists keep each other's
persons out; then what is missing at least is what the models say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np
from scipy.special import gammaln, ndtri

STEPS, RIDGE = 100, 1e-8
WIDE = float(ndtri(0.975))
CREDIBLE = 0.05
FARTHEST = 2.0
FEWEST_SHARED = 5
MOST_LOG = 20.0


@dataclass(frozen=True)
class Hidden:
    """An estimate of all persons, seen and unseen.

    Attributes:
        seen: Persons on one list at least.
        value: All persons by the averaged models; none where models that fit alike differ more than twofold.
        lower: Lower bound, 95 %.
        upper: Upper bound; none where too few stand on two lists to have one.
        chao: Chao's lower bound of all persons, or what a model says that may hold, where that is less.
        least: Lower end of its 95 % interval, or of that of the models.
        models: How many models were weighed; none where too few stand on two lists, or none has an answer.
    """

    seen: int
    value: float | None
    lower: float
    upper: float | None
    chao: float
    least: float
    models: int


@dataclass(frozen=True)
class _Model:
    missing: float
    spread: float
    evidence: float


def estimate_hidden(counts: Mapping[frozenset[str], int], lists: tuple[str, ...]) -> Hidden:
    """Everybody, from how many stand on each set of lists.

    Args:
        counts: Persons by the exact set of lists that they stand on.
        lists: All lists; one on which nobody stands tells nothing and is left out.
    """
    seen = sum(counts.values())
    chao, least = _chao(counts)
    shared = sum(number for on, number in counts.items() if len(on) > 1)
    used = tuple(name for name in lists if any(name in on for on in counts))
    is_enough = shared >= FEWEST_SHARED and len(used) >= 3
    found = [_fit(counts, used, pairs) for pairs in _dependences(used)] if is_enough else []
    fits = [model for model in found if model is not None]
    if not fits:
        return Hidden(seen, None, max(seen, least), None, chao, least, 0)
    weights = np.exp(-0.5 * (np.array([model.evidence for model in fits]) - min(model.evidence for model in fits)))
    weights /= weights.sum()
    credible = [model for model, weight in zip(fits, weights, strict=True) if weight >= CREDIBLE]
    numbers = [seen + model.missing for model in credible]
    lower = min(seen + model.missing / model.spread for model in credible)
    upper = max(seen + model.missing * model.spread for model in credible)
    agrees = max(numbers) <= FARTHEST * min(numbers)
    average = float(seen + sum(w * model.missing for w, model in zip(weights, fits, strict=True)))
    point = min(max(average, lower), upper) if agrees else None
    # Lists that keep each other's persons out overlap too little for Chao's bound, which then says more than all.
    bound = min([chao, *numbers] if point is None else [chao, *numbers, point])
    low = least if bound == chao else min(least, lower)
    return Hidden(seen, point, max(seen, min(lower, least)), upper, bound, low, len(fits))


def _dependences(lists: tuple[str, ...]) -> Iterator[tuple[tuple[str, str], ...]]:
    """Every choice of pairs of lists that may depend on each other, none first."""
    pairs = list(combinations(lists, 2))
    return chain.from_iterable(combinations(pairs, size) for size in range(len(pairs) + 1))


def _fit(
    counts: Mapping[frozenset[str], int], lists: tuple[str, ...], pairs: tuple[tuple[str, str], ...]
) -> _Model | None:
    """Poisson regression of the counts on lists and pairs, by Newton's steps; none where it has no finite answer."""
    cells = [frozenset(on) for size in range(1, len(lists) + 1) for on in combinations(lists, size)]
    numbers = np.array([counts.get(cell, 0) for cell in cells], dtype=np.float64)
    design = np.array(
        [[1.0, *(name in cell for name in lists), *(set(pair) <= cell for pair in pairs)] for cell in cells],
        dtype=np.float64,
    )
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    weights = np.linalg.lstsq(design, np.log(numbers + 0.5), rcond=None)[0]
    for _ in range(STEPS):
        means = np.exp(np.clip(design @ weights, -MOST_LOG, MOST_LOG))
        information = design.T @ (design * means[:, None]) + RIDGE * np.eye(design.shape[1])
        step = np.linalg.solve(information, design.T @ (numbers - means))
        weights = weights + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    if abs(weights[0]) > MOST_LOG or np.abs(weights).max() > MOST_LOG:
        return None
    means = np.exp(design @ weights)
    fitted = float((numbers * np.log(means) - means - gammaln(numbers + 1)).sum())
    missing = float(np.exp(weights[0]))
    error = float(np.sqrt(np.linalg.inv(information)[0, 0]))
    evidence = -2 * fitted + design.shape[1] * float(np.log(max(numbers.sum(), 2)))
    return _Model(missing, float(np.exp(min(WIDE * error, MOST_LOG))), evidence)


def _chao(counts: Mapping[frozenset[str], int]) -> tuple[float, float]:
    """Chao's lower bound of everybody, and the lower end of its own 95 % interval."""
    once, twice = (sum(n for on, n in counts.items() if len(on) == size) for size in (1, 2))
    seen = sum(counts.values())
    missing = once * (once - 1) / (2 * (twice + 1))
    if missing <= 0:
        return float(seen), float(seen)
    ratio = once / max(twice, 1)
    variance = max(twice, 1) * (ratio**4 / 4 + ratio**3 + ratio**2 / 2)
    spread = float(np.exp(WIDE * np.sqrt(np.log1p(variance / missing**2))))
    return seen + missing, seen + missing / spread
