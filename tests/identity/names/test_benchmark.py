"""What the benchmark of names owes its reader when its peers are not there."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from pipelines.benchmarks import names as name_benchmark


def test_a_missing_peer_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(module: str) -> None:
        raise ImportError(module)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(name_benchmark.PeersMissingError, match="uv pip install --group name-peers"):
        name_benchmark.measure_names(8)


def test_f1_counts_what_was_said_and_what_was_so() -> None:
    scores, same = np.array([0.9, 0.8, 0.2, 0.1]), np.array([True, False, True, False])
    assert name_benchmark.f1(scores, same, 0.5) == 0.5


def test_names_are_scored_in_the_order_of_the_pairs() -> None:
    pairs: list[dict[str, object]] = [{"l": "Асан Болатов", "r": "BOLATOV ASAN"}, {"l": "Асан Болатов", "r": "KIM"}]
    one, other = name_benchmark.score_here(pairs)
    assert one == 1 and other < 0.5
