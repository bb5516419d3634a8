"""Same deliveries, same registry: order, repetition, batching and lateness leave no trace in what is known now."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.laws.nights import Content, arrive, content, copied, difference, in_child, unpublished


def load_in(home: Path, nights: list[list[Path]]) -> Content:
    for files in nights:
        arrive(files, home)
        assert in_child(unpublished, home) == 0
    return content(home)


def test_incremental_equals_one_batch(undisturbed: Content, at_once: Content) -> None:
    assert difference(undisturbed, at_once) == []


@pytest.mark.parametrize("parts", [2, *(pytest.param(parts, marks=pytest.mark.faults) for parts in (3, 5))])
def test_shuffled_split_and_repeated_deliveries_give_the_same_registry(
    parts: int, landed: list[Path], at_once: Content, tmp_path: Path
) -> None:
    chance = random.Random(parts)
    shuffled = chance.sample(landed, len(landed))
    nights = [shuffled[part::parts] for part in range(parts)]
    nights[-1] += chance.sample(nights[0], 5)
    assert difference(load_in(tmp_path, nights), at_once) == []


def test_night_without_deliveries_changes_nothing(at_once: Content, home_at_once: Path, tmp_path: Path) -> None:
    assert difference(load_in(copied(home_at_once, tmp_path / "home"), [[]]), at_once) == []
