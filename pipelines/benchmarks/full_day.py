"""The night of a full day in a nation: into a history of any length, and into the ten full days before it.

The history is loaded as a nation would load its past, as many full days at a time as `MIC_LOAD_ROWS` has room for: ten,
where nothing else is said. Only the last of these loads is published. Each runs in a process of its own, and every step
of it is told.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from pipelines import modelling, nightly, quality
from pipelines.benchmarks.loads import FEED, FIRST_DAY
from pipelines.benchmarks.processes import Measure, cost, in_process
from pipelines.contracts import Contract, load_contracts
from pipelines.demonstration import lay, moment
from pipelines.intake.delivery import MANIFEST
from pipelines.intake.tables import SQL_TYPES
from pipelines.settings import Settings
from pipelines.simulation import World, simulate
from pipelines.storage import Home, open_build, open_memory
from pipelines.storage.database import quoted
from pipelines.storage.keys import make_missing_keys

FULL_DAY = 190_000
ROWS_OF_A_FULL_DAY = 200_000
SHORT_HISTORY = 10
CROSSINGS_OF_A_PERSON = 8
READERS = {"csv": "read_csv", "jsonl": "read_json", "parquet": "read_parquet"}


def measure_full_day(settings: Settings, history: int) -> list[Measure]:
    """One measure per step of each load of a history of about `history` crossings and of the full-size night after it.

    Beside them a typed read of the night's files and a copy of the bytes that were published; and, where the history
    is longer than one load, the same night into the last ten days alone.
    """
    with tempfile.TemporaryDirectory(prefix="mic-bench-") as folder:
        world = replace(settings, home=Path(folder) / "world", keys={})
        days = max(1, round(history / FULL_DAY))
        simulated = in_process(_simulate_full_days, world, days)
        last = simulated["answer"]
        measures = [_told("simulate", simulated)]
        nights = []
        for loaded in sorted({min(days, SHORT_HISTORY), days}):
            there = replace(settings, home=Path(folder) / str(loaded), keys={})
            found, night = _measure_history(world, there, last, loaded)
            measures += found
            nights.append(night)
        if len(nights) > 1:
            name = f"night without publication into {days} days in such nights into {SHORT_HISTORY}"
            measures.append(_ratio(name, nights[1] / nights[0]))
    return measures


def _measure_history(world: Settings, there: Settings, last: date, days: int) -> tuple[list[Measure], float]:
    """The measures of a history of so many days, of the night after it and of its floors.

    Returns:
        These, and the night's processor time without publication.
    """
    in_process(_lay_out, world, there, last - timedelta(days=days))
    measures = []
    at_once = max(1, there.load_rows // ROWS_OF_A_FULL_DAY)
    for left in range(days - at_once, -at_once, -at_once):
        until = last - timedelta(days=1 + max(0, left))
        found = in_process(_load_until, there, until, left <= 0)
        measures += _of_steps(f"{days} days, history to {until}", found)
    night = in_process(_load_until, there, last, True)
    measures += _of_steps(f"{days} days, night", night)
    headers = in_process(_headers_of_day, there, last)["answer"]
    read, copied = in_process(_read_day, there, last, headers), in_process(_copy_published, there)
    spent = {step.partition(" ")[2]: spent for step, spent in night["answer"][1].items()}
    published = spent["publish"]
    return [
        *measures,
        _told("floor: typed read of the night's files", read),
        _ratio("taking in, in typed reads of the night's files", float(str(spent["take in"]["cpu_s"])) / read["cpu_s"]),
        _told("floor: copy of what was published", copied),
        _ratio("publication in copies of its bytes", float(str(published["seconds"])) / float(copied["seconds"])),
    ], float(night["cpu_s"]) - float(str(published["cpu_s"]))


def _told(name: str, found: dict[str, Any]) -> Measure:
    rows = found["answer"] if isinstance(found["answer"], int) else None
    return {"measure": name, "rows": rows} | cost(found)


def _ratio(name: str, ratio: float) -> Measure:
    return {"measure": name, "rows": None, "seconds": None, "cpu_s": round(ratio, 2), "peak_mb": None}


def _of_steps(name: str, found: dict[str, Any]) -> list[Measure]:
    rows, steps = found["answer"]
    told: list[Measure] = [{"measure": f"{name}: {step}", "rows": None} | spent for step, spent in steps.items()]
    return [*told, {"measure": f"{name} in all", "rows": rows} | cost(found)]


def _simulate_full_days(settings: Settings, days: int) -> date:
    """Simulates a history of so many days and a day more; returns the last day whose crossings come in time."""
    persons = max(2 * FULL_DAY, days * FULL_DAY // CROSSINGS_OF_A_PERSON)
    world = World(persons=persons, days=days + 2, first_day=FIRST_DAY, crossings_per_day=FULL_DAY)
    staging = settings.home / "landing"
    simulate(world, settings.sources, staging, nightly.silent)
    manifests = [json.loads(path.read_text(encoding="utf-8")) for path in (staging / FEED).glob("*.manifest.json")]
    days_of = [(date.fromisoformat(one["business_date"]), one["created_at"][:10]) for one in manifests]
    return max(day for day, sent in days_of if sent == f"{day + timedelta(days=1)}")


def _lay_out(world: Settings, there: Settings, first: date) -> None:
    """Links the world's deliveries into a home, those from the night of `first` on and all registers."""
    staging = there.home / "staging" / "landing"
    shutil.copytree(world.home / "landing", staging, copy_function=os.link)
    Home(there.home).prepare()
    lay(staging, there.home / "left_out", first)
    for contract in load_contracts(there.sources).values():
        register = there.home / "left_out" / contract.feed
        if contract.cadence.value == "snapshot" and register.exists():
            register.rename(Home(there.home).landing / contract.feed)


def _load_until(settings: Settings, day: date, publishes: bool) -> tuple[int, dict[str, Measure]]:
    """One night with what is delivered until `day`: rows accepted, and the cost of each step.

    What a night loads beside taking in is loaded before, so that each step is told what is its own.
    """
    Home(settings.home).prepare()
    make_missing_keys(settings)
    lay(settings.home / "staging" / "landing", Home(settings.home).landing, day + timedelta(days=1))
    marks: list[tuple[str, float, float]] = []

    def mark(step: str, done: int, total: int) -> None:
        name = step.split(" ")[0] if step.startswith("model") else step
        if not marks or marks[-1][0] != name:
            marks.append((name, time.monotonic(), time.process_time()))

    mark("make ready", 0, 0)
    quality.prepare()
    modelling.prepare(settings)
    mark("begin", 0, 0)
    night = nightly.run_nightly(settings, progress=mark, clock=lambda: moment(day), publishes=publishes)
    mark("end", 0, 0)
    steps: dict[str, Measure] = {}
    for number, ((name, began, used), (_, ended, using)) in enumerate(pairwise(marks), 1):
        spent: Measure = {"seconds": round(ended - began, 2), "cpu_s": round(using - used, 2), "peak_mb": None}
        steps[f"{number} {name}"] = spent
    with open_build(settings, read_only=True) as connection:
        accepted = "SELECT coalesce(sum(rows_accepted), 0) FROM quality.delivery WHERE load_seq = $1"
        return int(connection.execute(accepted, [night.load_seq]).fetchall()[0][0]), steps


def _headers_of_day(settings: Settings, day: date) -> dict[str, list[str]]:
    """Header of each of the day's files that the engine reads, by its path."""
    with open_memory() as connection:
        found = {
            str(file): connection.execute(f"DESCRIBE FROM {_source(file)}").fetchall()
            for _, file in _files_of_day(settings, day)
        }
    return {path: [str(name) for name, *_ in columns] for path, columns in found.items()}


def _read_day(settings: Settings, day: date, headers: dict[str, list[str]]) -> int:
    """Reads the day's files of lines and of Parquet into tables, typed by their contracts; returns the rows."""
    rows = 0
    with open_memory(replace(settings, home=settings.home / "floor")) as connection:
        connection.execute(f"ATTACH {quoted(settings.home / 'floor.duckdb')} AS floor")
        for contract, file in _files_of_day(settings, day):
            types = {column.name: SQL_TYPES.get(column.type, "VARCHAR") for column in contract.columns}
            typed = [f"TRY_CAST({name} AS {types.get(name, 'VARCHAR')}) AS {name}" for name in headers[str(file)]]
            connection.execute(f"CREATE OR REPLACE TABLE floor.day AS SELECT {', '.join(typed)} FROM {_source(file)}")
            rows += connection.execute("SELECT count(*) FROM floor.day").fetchall()[0][0]
    return rows


def _files_of_day(settings: Settings, day: date) -> list[tuple[Contract, Path]]:
    """The day's files that the engine reads, with their feeds."""
    return [
        (contract, file)
        for contract in load_contracts(settings.sources).values()
        for file in sorted((Home(settings.home).landing / contract.feed).glob(f"*_{day:%Y%m%d}_*"))
        if file.name.split(".")[1] in READERS and not file.name.endswith(MANIFEST)
    ]


def _source(file: Path) -> str:
    """SQL for the rows of a file."""
    return f"{READERS[file.name.split('.')[1]]}({quoted(_in_utf8(file))})"


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
