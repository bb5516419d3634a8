"""Same deliveries, same registry: order, repetition, batching and lateness leave no trace in what is known now."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.laws.nights import Content, arrive, content, difference, in_child, night


def load_in(home: Path, nights: list[list[Path]]) -> Content:
    for files in nights:
        arrive(files, home)
        assert in_child(night, home) == 0
    return content(home)


@pytest.fixture(scope="session")
def at_once(landed: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Content:
    """Everything in one load."""
    return load_in(tmp_path_factory.mktemp("once"), [landed])


def test_incremental_equals_one_batch(undisturbed: Content, at_once: Content) -> None:
    assert difference(undisturbed, at_once) == []


@pytest.mark.parametrize("seed", [1, 2])
def test_shuffled_split_and_repeated_deliveries_give_the_same_registry(
    seed: int, landed: list[Path], at_once: Content, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    shuffled = chance.sample(landed, len(landed))
    nights = [shuffled[part::3] for part in range(3)]
    nights[2] += chance.sample(nights[0], 5)
    assert difference(load_in(tmp_path, nights), at_once) == []


def test_night_without_deliveries_changes_nothing(at_once: Content, landed: list[Path], tmp_path: Path) -> None:
    assert difference(load_in(tmp_path, [landed, []]), at_once) == []
