"""Whole nights on a small state: how deliveries arrive, how a night is run and killed, and what it leaves."""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from pipelines import nightly
from pipelines.nightly import run_nightly, silent
from pipelines.settings import CHECKOUT, Settings
from pipelines.simulation import World, simulate
from pipelines.storage import Home, faults, open_build
from pipelines.storage.loads import open_load

DAYS = 12
WORLD = World(persons=250, days=DAYS, first_day=date(2026, 3, 1), seed=7)
MANIFEST = ".manifest.json"

CONTENT = {
    "person": """SELECT n.name, COLUMNS(p.* EXCLUDE (person_id, known_from_seq, known_to_seq))
        FROM registry.person_history p
        JOIN name n USING (person_id) WHERE known_to_seq IS NULL""",
    "person_category": """SELECT n.name, category, valid_from, valid_to FROM registry.person_category_history
        JOIN name n USING (person_id) WHERE known_to_seq IS NULL""",
    "identity": """SELECT n.name, COLUMNS(p.* EXCLUDE (person_id, known_from_seq, known_to_seq))
        FROM registry.identity_history p
        JOIN name n USING (person_id) WHERE known_to_seq IS NULL""",
    "source_link": """SELECT feed, record_id, n.name FROM registry.source_link_history
        LEFT JOIN name n USING (person_id) WHERE known_to_seq IS NULL""",
    "stay": """SELECT n.name, COLUMNS(p.* EXCLUDE (person_id, stay_id, known_from_seq, known_to_seq))
        FROM registry.stay_history p
        JOIN name n USING (person_id) WHERE known_to_seq IS NULL""",
    "right to stay": """SELECT n.name, COLUMNS(p.* EXCLUDE (person_id, stay_id, known_from_seq, known_to_seq))
        FROM registry.stay_right_history p
        JOIN name n USING (person_id) WHERE known_to_seq IS NULL""",
    "legal_status": """SELECT n.name, status, basis_feed, valid_from, valid_to FROM registry.legal_status_history
        JOIN name n USING (person_id) WHERE known_to_seq IS NULL""",
    "placement": """SELECT n.name, COLUMNS(p.* EXCLUDE (person_id, known_from_seq, known_to_seq))
        FROM registry.placement_history p
        JOIN name n USING (person_id) WHERE known_to_seq IS NULL""",
    "case": """SELECT n.name, COLUMNS(p.* EXCLUDE (person_id, known_from_seq, known_to_seq))
        FROM registry.case_history p
        LEFT JOIN name n USING (person_id) WHERE known_to_seq IS NULL""",
    "released_person": """SELECT n.name, COLUMNS(p.* EXCLUDE (person_id, known_from_seq, known_to_seq))
        FROM registry.released_person_history p
        JOIN name n USING (person_id) WHERE known_to_seq IS NULL""",
    "released_placement": """SELECT n.name, COLUMNS(p.* EXCLUDE (person_id, known_from_seq, known_to_seq))
        FROM registry.released_placement_history p
        JOIN name n USING (person_id) WHERE known_to_seq IS NULL""",
    "released_legal_status": """SELECT n.name, status, basis_feed, valid_from, valid_to
        FROM registry.released_legal_status_history JOIN name n USING (person_id) WHERE known_to_seq IS NULL""",
    "member": """SELECT n.name, COLUMNS(p.* EXCLUDE (person_id, cluster_key, known_from_seq, known_to_seq))
        FROM intermediate.member_history p
        JOIN name n USING (person_id) WHERE known_to_seq IS NULL""",
    "stock": """SELECT * EXCLUDE (change, known_seq, cause), sum(change) AS change FROM statistics.stock_delta
        GROUP BY ALL HAVING sum(change) <> 0""",
    "flow": """SELECT * EXCLUDE (change, known_seq, cause), sum(change) AS change FROM statistics.flow_delta
        GROUP BY ALL HAVING sum(change) <> 0""",
    "passages by hour": """SELECT * EXCLUDE (change, known_seq), sum(change) AS change FROM statistics.post_hour_delta
        GROUP BY ALL HAVING sum(change) <> 0""",
    "registered": """SELECT * EXCLUDE (change, known_seq), sum(change) AS change FROM statistics.registered_delta
        GROUP BY ALL HAVING sum(change) <> 0""",
    "change of residence": """SELECT n.name, COLUMNS(p.* EXCLUDE (person_id, known_from_seq, known_to_seq))
        FROM registry.residence_change_history p
        JOIN name n USING (person_id) WHERE known_to_seq IS NULL""",
    "residence": """SELECT * EXCLUDE (change, known_seq, cause), sum(change) AS change FROM statistics.residence_delta
        GROUP BY ALL HAVING sum(change) <> 0""",
    "control": """SELECT * EXCLUDE (change, known_seq, cause), sum(change) AS change FROM statistics.stay_control_delta
        GROUP BY ALL HAVING sum(change) <> 0""",
    "load of posts": "FROM statistics.post_month",
    "conflict": """SELECT n.name, p.* EXCLUDE (person_id, known_from_seq, known_to_seq)
        FROM registry.crossing_conflict_history p JOIN name n USING (person_id) WHERE known_to_seq IS NULL""",
    "told again": """SELECT n.name, record_id, event_on
        FROM registry.told_again_history p JOIN name n USING (person_id) WHERE known_to_seq IS NULL""",
    "passengers": """SELECT * EXCLUDE (change, known_seq), sum(change) AS change FROM statistics.passenger_delta
        GROUP BY ALL HAVING sum(change) <> 0""",
    "delivery": """SELECT feed, file_name, sha256, rows_in_file, rows_accepted, rows_quarantined, rows_repeated,
          state, reason
        FROM quality.delivery WHERE state <> 'duplicate'""",
    "quarantine": """SELECT feed, file_name, line_number, record_id, reasons FROM quality.quarantine""",
}
NAMES = """CREATE OR REPLACE TEMP TABLE name AS
SELECT person_id, min(feed || '/' || record_id) AS name FROM registry.source_link_history
WHERE known_to_seq IS NULL AND person_id IS NOT NULL GROUP BY person_id"""

Content = dict[str, list[tuple[object, ...]]]


def clock() -> datetime:
    """A moment after the last delivery, the same in every run."""
    return datetime(2026, 4, 1, 21, 0, tzinfo=UTC)


def make_deliveries(folder: Path) -> None:
    """Simulates the state; all its deliveries are then in the landing folder."""
    simulate(WORLD, CHECKOUT / "sources", folder / "landing", silent)


def deliveries(landing: Path) -> list[Path]:
    """Data files of a landing folder, by business date and name."""
    files = [path for path in landing.glob("*/*") if not path.name.endswith(MANIFEST)]
    return sorted(files, key=lambda path: (path.name.rsplit("_", 2)[1], path.name))


def arrive(files: Iterable[Path], home: Path) -> None:
    """Lays deliveries into a home's landing folder, manifest last."""
    for path in files:
        folder = home / "landing" / path.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, folder / path.name)
        shutil.copy2(path.with_name(path.name + MANIFEST), folder / (path.name + MANIFEST))


def settings_of(home: Path, fault: str = "") -> Settings:
    """Settings of a home, keys included, so that homes can be copied."""
    keys = {name: f"{name}-key-of-the-tests" for name in ("registry", "asylum", "analysis")}
    return Settings(home=home, keys=keys, fault=fault, lock_wait_seconds=0.0, memory_limit="2GB", threads=1)


def night(home: Path, fault: str = "") -> None:
    """One load in this process."""
    run_nightly(replace(settings_of(home), fault=fault), clock=clock)


def unpublished(home: Path) -> None:
    """One load that readers are not shown."""
    run_nightly(settings_of(home), clock=clock, publishes=False)


def publication(home: Path, fault: str = "") -> None:
    """The last step of a night by itself: what is modelled is published, and a month that has closed is released."""
    settings = settings_of(home)
    with open_build(settings) as connection:
        load = open_load(connection, Home(home), clock(), settings.code_version)
    faults.arm(fault)
    nightly.publish(settings, load, [])


def copied(home: Path, into: Path) -> Path:
    """A copy of a home; links of published files point into the copy."""
    return Path(shutil.copytree(home, into, symlinks=True))


def in_child(work: Callable[..., None], *arguments: object) -> int:
    """Runs `work` in a process of its own and returns its exit status, or minus the signal that ended it.

    The process is forked from a server that has done once what every night begins with, and has started no thread.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.laws.begun"])
    process = context.Process(target=work, args=arguments)
    process.start()
    process.join()
    assert process.exitcode is not None
    return process.exitcode


def content(home: Path) -> Content:
    """What the registry says now, persons named by their first record instead of their id."""
    with open_build(settings_of(home), read_only=True) as connection:
        connection.execute(NAMES)
        return {name: sorted(connection.execute(query).fetchall(), key=repr) for name, query in CONTENT.items()}


def difference(left: Content, right: Content) -> list[str]:
    """Names of the tables that differ, with the first rows that only one side has."""
    found = []
    for name in CONTENT:
        if left[name] != right[name]:
            only = [row for row in left[name] if row not in right[name]][:2]
            other = [row for row in right[name] if row not in left[name]][:2]
            found.append(
                f"{name}: {len(left[name])} against {len(right[name])} rows; only left {only}, only right {other}"
            )
    return found
