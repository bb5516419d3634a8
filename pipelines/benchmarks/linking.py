"""Measuring the linkage of many: all of them from nothing, and then a night's new ones into them.

Observations are of the harsh world of `pipelines.simulation.identity_world`; which of them come at night is drawn by a
hash, so that most are of persons who are known. How good the persons are is measured elsewhere (`identity`).
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from pipelines.benchmarks.identity import SEED
from pipelines.benchmarks.processes import Measure, cost, in_process, measured
from pipelines.identity.deduplicating import surround
from pipelines.identity.link import link
from pipelines.identity.model import load_model
from pipelines.settings import Settings
from pipelines.simulation.identity_world import collapse, write_records
from pipelines.storage import Home, open_memory
from pipelines.storage.database import quoted

OBSERVATIONS_OF_A_PERSON = 2.8  # a little fewer than the world has, so that it has enough
DRAWN = """CREATE TABLE observation AS
SELECT * EXCLUDE (place) REPLACE (CASE WHEN place > {known} THEN 2 ELSE 1 END::INTEGER AS first_load_seq) FROM (
  SELECT *, row_number() OVER () AS place FROM (
    FROM read_parquet({file}) ORDER BY hash(observation_id, {seed}) LIMIT {known} + {night}
  )
)"""
TAKEN = """CREATE TABLE tonight AS FROM observation WHERE first_load_seq = 2;
DELETE FROM observation WHERE first_load_seq = 2"""
BROUGHT = """INSERT INTO observation FROM tonight;
INSERT INTO intermediate.source_record_history
  SELECT 'measured', CAST(observation_id AS VARCHAR), observation_id, NULL, 2, NULL FROM tonight"""


def measure_linking(settings: Settings, sizes: list[int], night: int) -> list[Measure]:
    """Two measures per size: so many observations linked from nothing, and a night's into them.

    Args:
        settings: Threads and memory that the centre may use.
        sizes: Numbers of observations that are known before the night.
        night: How many the night brings.
    """
    measures: list[Measure] = []
    with tempfile.TemporaryDirectory(prefix="mic-bench-") as folder:
        world = Path(folder) / "observation.parquet"
        in_process(_make_world, world, max(sizes) + night)
        for known in sizes:
            there = replace(settings, home=Path(folder) / str(known), keys={})
            measures += in_process(_link_twice, there, world, known, night)["answer"]
    return measures


def _make_world(file: Path, observations: int) -> None:
    records = file.with_name("records.parquet")
    write_records(records, round(observations / OBSERVATIONS_OF_A_PERSON) + 1, SEED)
    with open_memory() as connection:
        collapse(connection, f"read_parquet({quoted(records)})")
        connection.execute(f"COPY observation TO {quoted(file)} (FORMAT parquet)")
    records.unlink()


def _link_twice(settings: Settings, world: Path, known: int, night: int) -> list[Measure]:
    home, model = Home(settings.home), load_model()
    home.prepare()
    with open_memory(settings) as connection:
        connection.execute(DRAWN.format(known=known, night=night, seed=SEED, file=quoted(world)))
        for statement in TAKEN.split(";\n"):
            connection.execute(statement)
        surround(connection, "main.observation")
        first = measured(link, (connection, home, 1, "measured", model))
        for statement in BROUGHT.split(";\n"):
            connection.execute(statement)
        then = measured(link, (connection, home, 2, "measured", model))
    steps = [(f"{known} from nothing", known, first), (f"{night} into {known}", night, then)]
    return [
        {"measure": name, "observations": number, "compared": found["answer"].compared} | cost(found)
        for name, number, found in steps
    ]
