"""Measuring the centre beside floors: the least that the same work costs on the same machine in the same minute.

Each measure runs in a process of its own, so that its memory is its own. Data are synthetic and go away afterwards.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pipelines import nightly
from pipelines.benchmarks.processes import Measure, cost, in_process
from pipelines.contracts import load_contracts
from pipelines.demonstration import lay, moment
from pipelines.intake import Selection
from pipelines.intake.tables import SQL_TYPES
from pipelines.settings import Settings
from pipelines.simulation import World, simulate
from pipelines.storage import Home, open_build, open_memory
from pipelines.storage.database import quoted

FEED = "border_crossings"
FIRST_DAY = date(2026, 1, 1)
LONGER = 5
ROUNDS = 3
RECOMPUTED = """CREATE OR REPLACE TEMP TABLE recomputed AS
WITH passage AS (
  SELECT document_state, document_number, citizenship, direction, CAST(event_at AS DATE) AS day,
    lead(CAST(event_at AS DATE)) OVER (PARTITION BY document_state, document_number ORDER BY event_at) AS next_day
  FROM raw.border_crossings WHERE outcome = 'current' AND known_to_seq IS NULL AND NOT is_citizen_stripped
), change AS (
  SELECT citizenship, day, 1 AS change FROM passage WHERE direction = 'entry'
  UNION ALL SELECT citizenship, next_day, -1 FROM passage WHERE direction = 'entry' AND next_day IS NOT NULL
)
SELECT citizenship, day, sum(sum(change)) OVER (PARTITION BY citizenship ORDER BY day) AS stock
FROM change GROUP BY citizenship, day"""


def measure_intake(settings: Settings, rows: int) -> list[Measure]:
    """One measure per way of reading one crossings file: intake, a typed read into a table, a plain read.

    The ways take turns, each round in a home of its own that has been laid out before; the round that cost least
    processor time is told, because what else runs on a machine only adds to it.
    """
    rounds: list[list[Measure]] = []
    with tempfile.TemporaryDirectory(prefix="mic-bench-") as folder:
        first = replace(settings, home=Path(folder) / "home", keys={})
        file = crossings_file(first, rows)
        header = in_process(_header, file)["answer"]
        counted = in_process(_count, first, file)["answer"]
        for number in range(ROUNDS):
            there = replace(first, home=Path(folder) / str(number))
            in_process(take_in, there)
            shutil.copytree(first.home / "landing", there.home / "landing", dirs_exist_ok=True)
            ways: list[tuple[str, Callable[..., Any], tuple[Any, ...]]] = [
                ("intake", take_in, (there,)),
                ("floor: typed read into a table", _typed_read, (there, file, header)),
                ("floor: plain read", _plain_read, (there, file)),
            ]
            rounds.append([{"measure": n, "rows": counted} | cost(in_process(way, *given)) for n, way, given in ways])
    return [min(found, key=lambda one: float(str(one["cpu_s"]))) for found in zip(*rounds, strict=True)]


def crossings_file(settings: Settings, rows: int) -> Path:
    """Lays a simulated day of about so many crossings into the landing, alone; returns its data file."""
    staging = settings.home / "staging"
    world = World(persons=max(1_000, rows // 4), days=2, first_day=FIRST_DAY, crossings_per_day=rows)
    simulate(world, settings.sources, staging / "landing", nightly.silent, staging / "truth")
    found = max(
        (staging / "landing" / FEED).glob(f"{FEED}_*.csv*"),
        key=lambda path: (".manifest" not in path.name, path.stat().st_size),
    )
    target = Home(settings.home).landing / FEED
    target.mkdir(parents=True)
    manifest = found.with_name(found.name + ".manifest.json")
    moved = found.replace(target / found.name)
    manifest.replace(target / manifest.name)
    return moved


def take_in(settings: Settings) -> None:
    """Takes in the crossings that have landed."""
    load = nightly.begin(settings, lambda: moment(FIRST_DAY + timedelta(days=30)))
    nightly.take_in(settings, load, Selection(feeds={FEED}))


def _header(file: Path) -> list[str]:
    with open_memory() as connection:
        return [str(name) for name, *_ in connection.execute(f"DESCRIBE FROM {_csv(file)}").fetchall()]


def _typed_read(settings: Settings, file: Path, header: list[str]) -> None:
    contract = load_contracts(settings.sources)[FEED]
    with open_memory(replace(settings, home=settings.home / "floor")) as connection:
        connection.execute(f"ATTACH {quoted(settings.home / 'floor.duckdb')} AS floor")
        types = {column.name: SQL_TYPES.get(column.type, "VARCHAR") for column in contract.columns}
        listed = ", ".join(f"{quoted(name)}: {quoted(types.get(name, 'VARCHAR'))}" for name in header)
        connection.execute(f"CREATE TABLE floor.crossings AS FROM {_csv(file, f'columns = {{{listed}}}')}")


def _plain_read(settings: Settings, file: Path) -> None:
    with open_memory() as connection:
        connection.execute(f"CREATE TEMP TABLE crossings AS FROM {_csv(file)}")


def _count(settings: Settings, file: Path) -> int:
    with open_memory() as connection:
        return int(connection.execute(f"SELECT count(*) FROM {_csv(file)}").fetchall()[0][0])


def _csv(file: Path, options: str = "all_varchar = true") -> str:
    return f"read_csv({quoted(file)}, header = true, {options})"


def measure_nightly(settings: Settings, persons: int, days: int) -> list[Measure]:
    """One measure per history for the load of the same last day, and one for a plain recomputation of each."""
    measures: list[Measure] = []
    with tempfile.TemporaryDirectory(prefix="mic-bench-") as folder:
        for length in (days, LONGER * days):
            there = replace(settings, home=Path(folder) / str(length), keys={})
            in_process(_prepare_history, there, persons, days, length)
            night = in_process(_one_night, there, LONGER * days)
            floor = in_process(_recompute, there)
            measures.append({"measure": f"night into {length} days", "rows": floor["answer"]} | cost(night))
            measures.append({"measure": f"floor: recompute {length} days", "rows": floor["answer"]} | cost(floor))
    ratio = float(str(measures[2]["cpu_s"])) / float(str(measures[0]["cpu_s"]))
    return [
        *measures,
        {
            "measure": f"{LONGER} times the history costs",
            "rows": None,
            "seconds": None,
            "cpu_s": round(ratio, 2),
            "peak_mb": None,
        },
    ]


def _prepare_history(settings: Settings, persons: int, days: int, length: int) -> None:
    """Lays and loads the `length` days before the last one of a world that is the same for every length."""
    home = Home(settings.home)
    home.prepare()
    whole = LONGER * days + 1
    staging = settings.home / "staging" / "landing"
    simulate(World(persons=persons, days=whole, first_day=FIRST_DAY), settings.sources, staging, nightly.silent)
    before = FIRST_DAY + timedelta(days=whole - 1 - length)
    lay(staging, settings.home / "left_out", before)
    for contract in load_contracts(settings.sources).values():
        register = settings.home / "left_out" / contract.feed
        if contract.cadence.value == "snapshot" and register.exists():
            register.rename(home.landing / contract.feed)
    last = FIRST_DAY + timedelta(days=whole - 2)
    lay(staging, home.landing, last + timedelta(days=1))
    nightly.run_nightly(settings, clock=lambda: moment(last))


def _one_night(settings: Settings, length: int) -> None:
    last = FIRST_DAY + timedelta(days=length)
    lay(settings.home / "staging" / "landing", Home(settings.home).landing, last + timedelta(days=1))
    nightly.run_nightly(settings, clock=lambda: moment(last))


def _recompute(settings: Settings) -> int:
    with open_build(settings) as connection:
        connection.execute(RECOMPUTED)
        return int(connection.execute("SELECT count(*) FROM raw.border_crossings").fetchall()[0][0])
