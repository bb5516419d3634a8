"""What the benchmark of names owes its reader when its peers are not there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.benchmarks import names as name_benchmark
from pipelines.benchmarks.identity import PeersMissingError


def test_a_missing_peer_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PeersMissingError, match="make bench-identity"):
        name_benchmark.measure_names(8, peers=tmp_path / "python")


def test_each_pair_of_scripts_has_a_threshold_from_the_other_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def peer(_python: Path, _script: str, file: str, *_given: str) -> float:
        sides = [("Асан Болатов", "BOLATOV ASAN", True, 0.4), ("Асан Болатов", "KIM", False, 0.2)]
        rows = [
            {"scripts": "a", "l": one, "r": other, "same": same, "is_test": is_test, "score": score}
            for one, other, same, score in sides
            for is_test in (False, True)
        ]
        pq.write_table(pa.Table.from_pylist(rows), file)
        return 3.0

    monkeypatch.setattr(name_benchmark, "run_peer", peer)
    here, every, spent = name_benchmark.measure_names(8, peers=tmp_path)
    assert (here["scripts"], here["pairs"], here["centre"], here["logic-v2"]) == ("a", 2, 100, 100)
    assert every["scripts"] == "all" and spent["logic-v2"] == 3.0 / 4 * 1e5


def test_f1_counts_what_was_said_and_what_was_so() -> None:
    scores, same = np.array([0.9, 0.8, 0.2, 0.1]), np.array([True, False, True, False])
    assert name_benchmark.f1(scores, same, 0.5) == 0.5


def test_names_are_scored_in_the_order_of_the_pairs() -> None:
    pairs = [{"l": "Асан Болатов", "r": "BOLATOV ASAN"}, {"l": "Асан Болатов", "r": "KIM"}]
    one, other = name_benchmark.score_here(pa.Table.from_pylist(pairs))
    assert one == 1 and other < 0.5
