"""Measuring who is who beside the best peer known: the same observations, the same minute, a truth that both ignore.

The harsh world comes from `pipelines.simulation.identity_world`, the public data sets from the peers' environment. Each
way runs in a process of its own. The peers are optional; where they are not installed, the table says so.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import duckdb

from pipelines.benchmarks.processes import Measure, in_process, measured, run_peer
from pipelines.identity.deduplicating import link_all, name_clusters
from pipelines.identity.measuring import Quality, measure, measure_groups
from pipelines.settings import CHECKOUT, Settings
from pipelines.simulation.identity_world import collapse, write_records
from pipelines.storage import Home, open_memory
from pipelines.storage.database import quoted

PEERS = CHECKOUT / ".venv-peers" / "bin" / "python"
SEED = 20_261
OURS = "the centre"
SPLINK = "Splink 5"
MISSING = "the peers are not installed: run `make bench-identity`, or name a Python that has them by --peers."


class PeersMissingError(Exception):
    """The interpreter with the peers is not there."""

    def __init__(self) -> None:
        super().__init__(MISSING)


def measure_identity(settings: Settings, persons: int, peers: Path = PEERS) -> tuple[list[Measure], list[Measure]]:
    """One measure per way of finding persons in a harsh world, and one per way and group of persons.

    Args:
        settings: Threads and memory that the centre may use.
        persons: Size of the world.
        peers: Python of the environment that holds the peers.
    """
    with tempfile.TemporaryDirectory(prefix="mic-bench-") as folder:
        in_process(_make_world, Path(folder), persons)
        return _compare(settings, Path(folder), peers)


def measure_public(settings: Settings, peers: Path = PEERS) -> tuple[list[Measure], list[Measure]]:
    """The same for every public data set that the peers' packages carry; each measure names its set.

    Raises:
        PeersMissingError: The data sets come with the peers, which are not installed.
    """
    if not peers.exists():
        raise PeersMissingError
    ways: list[Measure] = []
    with tempfile.TemporaryDirectory(prefix="mic-bench-") as folder:
        for name in run_peer(peers, "febrl.py", folder):
            measured, _ = _compare(settings, Path(folder) / name, peers)
            ways += [{"data": name} | row for row in measured]
    return ways, []


def _make_world(folder: Path, persons: int) -> None:
    records = folder / "records.parquet"
    write_records(records, persons, SEED)
    with open_memory() as connection:
        collapse(connection, f"read_parquet({quoted(records)})")
        for table in ("observation", "truth"):
            connection.execute(f"COPY {table} TO {quoted(folder / f'{table}.parquet')} (FORMAT parquet)")
    records.unlink()


def _compare(settings: Settings, folder: Path, peers: Path) -> tuple[list[Measure], list[Measure]]:
    found = in_process(_find_persons, replace(settings, home=folder / "home", keys={}), folder)["answer"]
    results = [(OURS, folder / "ours.parquet", found)]
    if peers.exists():
        results.append(_splink(folder, peers))
    ways, groups = [], []
    for way, file, spent in results:
        quality, by_group = _judge(folder, file)
        ways.append({"way": way} | _rounded(asdict(quality)) | _spent(spent, quality.observations))
        groups += [{"way": way} | row for row in by_group]
    if not peers.exists():
        ways.append(dict.fromkeys(ways[0]) | {"way": f"{SPLINK}: {MISSING}"})
    return ways, groups


def _find_persons(settings: Settings, folder: Path) -> dict[str, Any]:
    """The centre's clusters, and what reading the observations and linking them cost.

    As with the peer, neither opening the engine nor writing clusters for the judge is counted.
    """
    home = Home(settings.home)
    home.prepare()
    with open_memory(settings) as connection:
        spent = measured(_link, (connection, home, folder / "observation.parquet"))
        name_clusters(connection)
        connection.execute(f"COPY cluster TO {quoted(folder / 'ours.parquet')} (FORMAT parquet)")
    return spent


def _link(connection: duckdb.DuckDBPyConnection, home: Home, observations: Path) -> None:
    connection.execute(f"CREATE VIEW observation AS FROM read_parquet({quoted(observations)})")
    link_all(connection, home)


def _splink(folder: Path, peers: Path) -> tuple[str, Path, dict[str, Any]]:
    """Splink's clusters at the threshold with the best F1, and what preparing, scoring and that clustering cost."""
    told = run_peer(peers, "splink_peer.py", str(folder / "observation.parquet"), str(folder))
    files = {threshold: folder / f"clusters-{threshold}.parquet" for threshold in told["thresholds"]}
    best = max(files, key=lambda threshold: _quality(folder, files[threshold]).f1)
    steps = [told["steps"][step] for step in ("prepare", "score", f"cluster {best}")]
    seconds, cpu = (sum(step[part] for step in steps) for part in (0, 1))
    spent = {"seconds": seconds, "cpu_s": cpu, "peak_mb": told["peak_mb"]}
    return f"{SPLINK} at {best}", files[best], spent


def _quality(folder: Path, clusters: Path) -> Quality:
    with open_memory() as connection:
        return measure(connection, *_relations(folder, clusters))


def _judge(folder: Path, clusters: Path) -> tuple[Quality, list[Measure]]:
    with open_memory() as connection:
        groups = measure_groups(connection, *_relations(folder, clusters))
        return measure(connection, *_relations(folder, clusters)), [_rounded(asdict(group)) for group in groups]


def _relations(folder: Path, clusters: Path) -> tuple[str, str]:
    return f"read_parquet({quoted(clusters)})", f"read_parquet({quoted(folder / 'truth.parquet')})"


def _rounded(values: dict[str, Any]) -> Measure:
    return {name: round(value, 5) if isinstance(value, float) else value for name, value in values.items()}


def _spent(found: dict[str, Any], observations: int) -> Measure:
    return {
        "seconds": round(found["seconds"], 2),
        "cpu_s": round(found["cpu_s"], 2),
        "per_cpu_s": round(observations / found["cpu_s"]) if found["cpu_s"] else None,
        "peak_mb": found["peak_mb"],
    }
