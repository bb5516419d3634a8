"""Measuring the centre beside floors: the least that the same work costs on the same machine in the same minute.

Each measure runs in a process of its own, so that its memory is its own. Data are synthetic and go away afterwards.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from pipelines import nightly
from pipelines.benchmarks.processes import Measure, cost, in_process
from pipelines.contracts import load_contracts
from pipelines.demonstration import lay, moment
from pipelines.intake import Selection
from pipelines.intake.delivery import MANIFEST
from pipelines.intake.tables import SQL_TYPES
from pipelines.settings import Settings
from pipelines.simulation import World, simulate
from pipelines.storage import Home, open_build, open_memory
from pipelines.storage.database import quoted

FEED = "border_crossings"
FIRST_DAY = date(2026, 1, 1)
LONGER = 5
ROUNDS = 3
FULL_DAY = 190_000
READERS = {"csv": "read_csv", "jsonl": "read_json", "parquet": "read_parquet"}
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


def measure_full_day(settings: Settings, history: int) -> list[Measure]:
    """One measure per step of a night that brings a full-size day into a history of about `history` crossings.

    Beside them the typed read of the day's files, and a copy of the bytes that were published.
    """
    with tempfile.TemporaryDirectory(prefix="mic-bench-") as folder:
        there = replace(settings, home=Path(folder), keys={})
        simulated = in_process(_simulate_full_days, there, max(1, round(history / FULL_DAY)))
        measures = [{"measure": "simulate", "rows": None} | cost(simulated)]
        last = simulated["answer"]
        for name, day in (("history", last - timedelta(days=1)), ("night", last)):
            found = in_process(_load_until, there, day)
            rows, steps = found["answer"]
            measures += [{"measure": f"{name}: {step}", "rows": None} | spent for step, spent in steps.items()]
            measures.append({"measure": f"{name} in all", "rows": rows} | cost(found))
        floor = in_process(_read_day, there, last)
        measures.append({"measure": "floor: typed read of the night's files", "rows": floor["answer"]} | cost(floor))
        copied = in_process(_copy_published, there)
        measures.append({"measure": "floor: copy of what was published", "rows": None} | cost(copied))
    return measures


def _simulate_full_days(settings: Settings, days: int) -> date:
    """Simulates a history of so many days and a day more; returns the last day whose crossings come in time."""
    world = World(persons=2 * FULL_DAY, days=days + 2, first_day=FIRST_DAY, crossings_per_day=FULL_DAY)
    staging = settings.home / "staging" / "landing"
    simulate(world, settings.sources, staging, nightly.silent)
    manifests = [json.loads(path.read_text(encoding="utf-8")) for path in (staging / FEED).glob("*.manifest.json")]
    days_of = [(date.fromisoformat(one["business_date"]), one["created_at"][:10]) for one in manifests]
    return max(day for day, sent in days_of if sent == f"{day + timedelta(days=1)}")


def _load_until(settings: Settings, day: date) -> tuple[int, dict[str, Measure]]:
    """One night with what is delivered until `day`: rows accepted, and the cost of each step."""
    Home(settings.home).prepare()
    lay(settings.home / "staging" / "landing", Home(settings.home).landing, day + timedelta(days=1))
    marks: list[tuple[str, float, float]] = []

    def mark(step: str, done: int, total: int) -> None:
        name = step.split(" ")[0] if step.startswith("model") else step
        if not marks or marks[-1][0] != name:
            marks.append((name, time.monotonic(), time.process_time()))

    mark("begin", 0, 0)
    night = nightly.run_nightly(settings, progress=mark, clock=lambda: moment(day))
    mark("end", 0, 0)
    steps: dict[str, Measure] = {}
    for number, ((name, began, used), (_, ended, using)) in enumerate(pairwise(marks), 1):
        spent: Measure = {"seconds": round(ended - began, 2), "cpu_s": round(using - used, 2), "peak_mb": None}
        steps[f"{number} {name}"] = spent
    with open_build(settings, read_only=True) as connection:
        accepted = "SELECT coalesce(sum(rows_accepted), 0) FROM quality.delivery WHERE load_seq = $1"
        return int(connection.execute(accepted, [night.load_seq]).fetchall()[0][0]), steps


def _read_day(settings: Settings, day: date) -> int:
    """Reads the day's files of lines and of Parquet into tables, typed by their contracts; returns the rows."""
    rows = 0
    with open_memory(replace(settings, home=settings.home / "floor")) as connection:
        connection.execute(f"ATTACH {quoted(settings.home / 'floor.duckdb')} AS floor")
        for contract in load_contracts(settings.sources).values():
            types = {column.name: SQL_TYPES.get(column.type, "VARCHAR") for column in contract.columns}
            for file in sorted((Home(settings.home).landing / contract.feed).glob(f"*_{day:%Y%m%d}_*")):
                reader = READERS.get(file.name.split(".")[1])
                if reader is None or file.name.endswith(MANIFEST):
                    continue
                source = f"{reader}({quoted(_in_utf8(file))})"
                header = [str(name) for name, *_ in connection.execute(f"DESCRIBE FROM {source}").fetchall()]
                listed = ", ".join(f"TRY_CAST({name} AS {types.get(name, 'VARCHAR')}) AS {name}" for name in header)
                connection.execute(f"CREATE OR REPLACE TABLE floor.day AS SELECT {listed} FROM {source}")
                rows += connection.execute("SELECT count(*) FROM floor.day").fetchall()[0][0]
    return rows


def _in_utf8(file: Path) -> Path:
    """The file, or a copy of it in UTF-8: the engine reads no other encoding without an extension."""
    manifest = json.loads(file.with_name(file.name + MANIFEST).read_text(encoding="utf-8"))
    encoding = manifest.get("encoding") or "utf-8"
    if encoding == "utf-8":
        return file
    copy = file.with_name(f"utf-8.{file.name}")
    copy.write_text(file.read_text(encoding=encoding), encoding="utf-8")
    return copy


def _copy_published(settings: Settings) -> None:
    for file in settings.home.glob("*.duckdb"):
        shutil.copyfile(file.resolve(), settings.home / f"{file.name}.copy")


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
