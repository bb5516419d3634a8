"""Lists that overlap tell how many stand on none; lists that hardly do tell only that there are more."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from pipelines.hidden.loglinear import Hidden, estimate_hidden
from pipelines.simulation.randomness import stream

LISTS = ("border", "host", "inland")


def estimated(persons: int, chances: tuple[float, ...], lists: tuple[str, ...] = LISTS, seed: int = 1) -> Hidden:
    """The estimate where each list catches each of so many persons by its chance, whoever else does."""
    caught = stream(seed, "lists").random((persons, len(lists))) < np.array(chances)
    counts = Counter(frozenset(name for name, on in zip(lists, row, strict=True) if on) for row in caught.tolist())
    del counts[frozenset()]
    return estimate_hidden(counts, lists)


def test_lists_that_know_nothing_of_each_other_find_everybody() -> None:
    found = estimated(5_000, (0.3, 0.25, 0.2))
    assert found.value == pytest.approx(5_000, rel=0.1)
    assert found.upper is not None and found.lower < 5_000 < found.upper


def test_the_bounds_hold_the_truth_in_nearly_all_worlds() -> None:
    worlds = [estimated(2_000, (0.2, 0.15, 0.1), seed=seed) for seed in range(40)]
    assert sum(found.lower <= 2_000 <= (found.upper or 0) for found in worlds) >= 36


def test_where_models_that_fit_alike_differ_there_is_a_range_and_no_point() -> None:
    counts = {frozenset(LISTS[:1]): 90, frozenset(LISTS[1:2]): 70, frozenset(LISTS[2:]): 60}
    counts |= {frozenset(LISTS[:2]): 4, frozenset((LISTS[0], LISTS[2])): 1, frozenset(LISTS[1:]): 1}
    found = estimate_hidden(counts, LISTS)
    assert found.value is None
    assert found.upper is not None and found.upper > 2 * found.lower


def test_lists_that_hardly_overlap_give_no_upper_bound() -> None:
    found = estimate_hidden({frozenset(LISTS[:1]): 100, frozenset(LISTS[1:2]): 80, frozenset(LISTS[:2]): 2}, LISTS)
    assert (found.value, found.upper, found.models) == (None, None, 0)
    assert found.seen < found.lower < found.chao


def test_a_list_on_which_nobody_stands_is_left_out() -> None:
    counts = {frozenset((name,)): number for name, number in zip(LISTS, (64, 59, 139), strict=True)}
    counts |= {frozenset(LISTS[:2]): 2, frozenset((LISTS[0], LISTS[2])): 2, frozenset(LISTS[1:]): 3}
    found = estimate_hidden(counts, (*LISTS, "work"))
    assert found == estimate_hidden(counts, LISTS)
    assert found.models > 0


def test_chaos_bound_is_one_where_some_are_seldom_caught() -> None:
    often, seldom = (stream(3, name) for name in ("often", "seldom"))
    caught = np.vstack([often.random((1_000, 3)) < 0.4, seldom.random((1_000, 3)) < 0.08])
    counts = Counter(frozenset(name for name, on in zip(LISTS, row, strict=True) if on) for row in caught.tolist())
    del counts[frozenset()]
    found = estimate_hidden(counts, LISTS)
    assert found.seen < found.chao < 2_000


def test_there_are_at_least_as_many_as_the_models_say_where_lists_keep_persons_apart() -> None:
    counts = {frozenset(LISTS[:1]): 300, frozenset(LISTS[1:2]): 300, frozenset(LISTS[2:]): 60}
    counts |= {frozenset((LISTS[0], LISTS[2])): 60, frozenset(LISTS[1:]): 60, frozenset(LISTS[:2]): 6}
    found = estimate_hidden(counts | {frozenset(LISTS): 1}, LISTS)
    assert found.value is not None
    assert found.seen < found.chao <= found.value
    assert found.least < found.chao
