"""Names across scripts, measured beside the best matcher known: F1 per pair of scripts, and what a comparison costs.

Pairs with truth are made, and judged by the peer, in an environment of its own (`peers/name_pairs.py`). The threshold
comes from names that the figures are not of.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.benchmarks.identity import PeersMissingError
from pipelines.benchmarks.processes import Measure, run_peer
from pipelines.identity.names import add_values, compare_values, create_dictionary
from pipelines.settings import CHECKOUT
from pipelines.storage import open_memory

PEERS = CHECKOUT / ".venv-name-peers" / "bin" / "python"


def score_here(pairs: pa.Table) -> list[float]:
    """Scores of the centre for pairs of names `l` and `r`, from nothing: dictionary, values and comparison."""
    with open_memory() as connection:
        connection.execute("SET threads = 1")
        connection.register("given", pairs)
        create_dictionary(connection, "linkage")
        divided = "array_to_string(full_name_parts({}), ' ')"
        connection.execute(
            f"""CREATE TABLE pair AS
            SELECT row_number() OVER () AS pair_id, {divided.format("l")} AS l, {divided.format("r")} AS r FROM given"""
        )
        connection.execute(
            "CREATE TABLE names AS SELECT l AS native, NULL::VARCHAR AS latin FROM pair UNION SELECT r, NULL FROM pair"
        )
        add_values(connection, "linkage", "names")
        ends = ", ".join(
            f"{end}(name_value(l, NULL), name_value(r, NULL)) AS {name}"
            for end, name in (("least", "x"), ("greatest", "y"))
        )
        connection.execute(f"CREATE TABLE value_pair AS SELECT DISTINCT {ends} FROM pair")
        compare_values(connection, "linkage", "value_pair", "compared")
        rows = connection.execute(
            f"""SELECT coalesce((mean + worst) / 2 - 5 * missing, 0) / 100
            FROM (SELECT pair_id, {ends} FROM pair) LEFT JOIN compared USING (x, y) ORDER BY pair_id"""
        ).fetchall()
        return [float(row[0]) for row in rows]


def f1(scores: np.ndarray, same: np.ndarray, threshold: float) -> float:
    """F1 of saying `same` from a threshold on."""
    said = scores >= threshold
    return float(2 * (said & same).sum() / max(1, said.sum() + same.sum()))


def measure_names(pairs: int, seed: int = 1, peers: Path = PEERS) -> list[Measure]:
    """F1 of the centre and of the peer for each pair of scripts and for all, and what the comparisons cost.

    The centre's cost is that of everything from the texts on: dictionary, keys and comparison.

    Args:
        pairs: Pairs of names per pair of scripts, half of them for the threshold.
        seed: Which pairs are drawn.
        peers: Python of the environment that holds the peer.

    Raises:
        PeersMissingError: The names come with the peer, which is not installed.
    """
    if not peers.exists():
        raise PeersMissingError
    with tempfile.TemporaryDirectory(prefix="mic-bench-") as folder:
        file = Path(folder) / "pairs.parquet"
        cost = {"logic-v2": float(run_peer(peers, "name_pairs.py", str(file), str(pairs), str(seed)))}
        every = pq.read_table(file)
    began = time.process_time()
    scores = {"centre": np.array(score_here(every)), "logic-v2": every["score"].to_numpy()}
    cost["centre"] = time.process_time() - began
    title, same, is_test = (every[name].to_numpy() for name in ("scripts", "same", "is_test"))
    found: list[Measure] = []
    for name in [*dict.fromkeys(title), "all"]:
        here = (title == name) | (name == "all")
        best = {way: _threshold(score[here & ~is_test], same[here & ~is_test]) for way, score in scores.items()}
        tested = here & is_test
        reached = {way: round(100 * f1(score[tested], same[tested], best[way]), 1) for way, score in scores.items()}
        found.append({"scripts": name, "measure": "F1", "pairs": int(tested.sum()), **reached})
    spent = {way: round(cost[way] / len(every) * 1e5, 1) for way in scores}
    return [*found, {"scripts": "all", "measure": "CPU seconds per 100,000", "pairs": len(every), **spent}]


def _threshold(scores: np.ndarray, same: np.ndarray) -> float:
    return float(max(np.unique(scores), key=lambda cut: f1(scores, same, cut)))
