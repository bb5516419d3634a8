"""What judging a full-size delivery by Great Expectations costs beside the same aggregates in one statement.

The import of the library is told apart: a night pays it once.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from expectations import Batch, build_feed_suite
from pipelines.benchmarks.loads import FEED, crossings_file, take_in
from pipelines.benchmarks.processes import Measure, in_process
from pipelines.contracts import load_contracts
from pipelines.quality.judging import judge_feed, names, prepare
from pipelines.settings import Settings
from pipelines.storage import open_build

ROUNDS = 7


def measure_promises(settings: Settings, rows: int) -> list[Measure]:
    """One measure for the import, one for judging a crossings file by its promises, one for the statement alone."""
    with tempfile.TemporaryDirectory(prefix="mic-bench-") as folder:
        there = replace(settings, home=Path(folder), keys={})
        crossings_file(there, rows)
        in_process(take_in, there)
        measures: list[Measure] = in_process(_judge, there)["answer"]
        return measures


def _judge(settings: Settings) -> list[Measure]:
    """The two ways take turns; of each the round that cost least processor time is told."""
    imported = _spent(prepare)
    with open_build(settings) as connection:
        batch = Batch(load_contracts(settings.sources)[FEED], 1, frozenset(names(connection, "raw")))
        accepted = len(connection.execute(f"SELECT 1 FROM ({batch.query})").fetchall())
        # Every promise about a feed is one aggregate of its rows.
        aggregates = [str(one.configuration.kwargs["expression"]) for one in build_feed_suite(batch).expectations]
        statement = f"SELECT {', '.join(aggregates)} FROM ({batch.query})"
        ways: dict[str, Callable[[], object]] = {
            f"{len(aggregates)} promises judged": lambda: judge_feed(connection, batch, accepted),
            "floor: the same aggregates in one statement": lambda: connection.execute(statement).fetchall(),
        }
        rounds = [[_spent(way) for way in ways.values()] for _ in range(ROUNDS)]
    least = [min(found, key=lambda spent: spent[1]) for found in zip(*rounds, strict=True)]
    told: list[tuple[str, int | None, tuple[float, float]]] = [("import of Great Expectations", None, imported)]
    told += [(name, accepted, spent) for name, spent in zip(ways, least, strict=True)]
    return [
        {"measure": name, "rows": count, "seconds": round(seconds, 3), "cpu_s": round(cpu, 3)}
        for name, count, (seconds, cpu) in told
    ]


def _spent(work: Callable[[], object]) -> tuple[float, float]:
    began, used = time.monotonic(), time.process_time()
    work()
    return time.monotonic() - began, time.process_time() - used
