"""A feed that nobody knows joins the world by its folder alone."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from pipelines.simulation import World, simulate
from tests.simulation.simulated_world import SOURCES

CONTRACT = """
feed: novel_feed
title: {kk: "жаңа", ru: "новый", en: "novel"}
agency: "An agency"
description: "One row per something new."
cadence: daily
record_id: [novel_id]
event_time: seen_on
identity_block: true
columns:
  - {name: novel_id, type: text, required: true, meaning: "Number."}
  - {name: seen_on, type: date, required: true, meaning: "Day."}
  - {name: kato, type: kato, meaning: "Place."}
  - {name: heads, type: integer, minimum: 1, maximum: 9, meaning: "Heads."}
  - name: mood
    type: code
    meaning: "Mood."
    codes:
      good: {kk: "жақсы", ru: "хорошо", en: "good"}
      bad: {kk: "жаман", ru: "плохо", en: "bad"}
simulation: {format: csv, rows_per_delivery: 12}
"""
HEAD = """
title: {kk: "жаңа", ru: "новый", en: "novel"}
agency: "An agency"
description: "One row per something new."
columns:
  - {name: code, type: text, required: true, max_length: 9, meaning: "Code."}
"""
AGGREGATE = (
    """
feed: aggregate
cadence: monthly
record_id: [code, kato, period]
event_time: counted_at
simulation: {format: csv, rows_per_delivery: 30}
"""
    + HEAD
    + """
  - {name: kato, type: kato, required: true, meaning: "Place."}
  - {name: period, type: text, required: true, meaning: "Month."}
  - {name: counted_at, type: timestamp, required: true, meaning: "Moment of the count."}
  - {name: settled_on, type: date, meaning: "Day on which it was settled."}
  - {name: low, type: integer, meaning: "Lower bound."}
  - {name: high, type: integer, meaning: "Upper bound."}
"""
)
COUNTS = """code,kato,period,counted_at,settled_on,low,high
A,390000000,2026-01,2026-01-05T09:00:00+05:00,2026-01-15,40,50
B,390000000,2026-01,2026-01-06 14:30,,7,9
strange,390000000,2026-01,2026-01-06 14:30,,9,7
"""
REGISTER = (
    """
feed: register
cadence: snapshot
record_id: [code]
simulation: {format: csv, rows_per_delivery: 20}
"""
    + HEAD
)
PUBLIC = REGISTER.replace("feed: register", "feed: public").replace("format: csv", "format: xlsx")
SAMPLES = {
    "aggregate": (
        AGGREGATE,
        {"good.csv": COUNTS, "good.expected.yml": '"strange|390000000|2026-01": [bounds_reversed]\n'},
    ),
    "register": (REGISTER, {"good.csv": "code\nA\nB\n", "good.expected.yml": "# none\n"}),
    "public": (PUBLIC, {"real.csv": "code\nKairak\n"}),
}
WORLD = World(persons=200, days=62, first_day=date(2026, 1, 1))


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What arrives in a world of a few new feeds."""
    root = tmp_path_factory.mktemp("drawn")
    for feed, (contract, files) in SAMPLES.items():
        (root / "sources" / feed).mkdir(parents=True)
        for name, text in {"feed.yml": contract, **files}.items():
            (root / "sources" / feed / name).write_text(text, encoding="utf-8")
    shutil.copytree(SOURCES / "control_posts", root / "sources" / "control_posts")
    simulate(WORLD, root / "sources", root / "landing", lambda feed, done, total: None)
    return root / "landing"


def rows(landing: Path, feed: str) -> list[dict[str, str]]:
    """Rows of all CSV deliveries of a feed."""
    files = sorted((landing / feed).glob("*.csv"))
    return [row for file in files for row in csv.DictReader(file.open(encoding="utf-8"))]


def kinds(landing: Path, feed: str) -> set[str]:
    """What the feed's manifests call their deliveries."""
    return {json.loads(path.read_text(encoding="utf-8"))["kind"] for path in (landing / feed).glob("*.manifest.json")}


def test_a_new_folder_delivers_values_of_its_types(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    (sources / "novel_feed").mkdir(parents=True)
    (sources / "novel_feed" / "feed.yml").write_text(CONTRACT, encoding="utf-8")
    shutil.copy(SOURCES / "identity_block.yml", sources)
    shutil.copytree(SOURCES / "control_posts", sources / "control_posts")
    simulate(World(persons=200, days=3), sources, tmp_path / "landing", lambda feed, done, total: None)
    files = sorted((tmp_path / "landing" / "novel_feed").glob("*.csv"))
    assert len(files) == 3
    rows = list(csv.DictReader(files[0].open(encoding="utf-8")))
    assert len(rows) == 12
    assert {row["mood"] for row in rows} <= {"good", "bad"}
    assert all(1 <= int(row["heads"]) <= 9 and len(row["kato"]) == 9 and row["surname"] for row in rows)


def test_no_two_records_of_a_world_share_their_id(landing: Path) -> None:
    found = rows(landing, "aggregate")
    ids = {(row["code"], row["kato"], row["period"]) for row in found}
    assert len(ids) == len(found) > 40
    assert {row["period"] for row in found} == {"2026-01", "2026-02"}


def test_what_belongs_together_in_a_sampled_row_stays_together(landing: Path) -> None:
    found = rows(landing, "aggregate")
    assert {(row["code"], row["low"], row["high"]) for row in found} == {("A", "40", "50"), ("B", "7", "9")}
    for row in found:
        settled = (
            row["settled_on"]
            and (date.fromisoformat(row["settled_on"]) - date.fromisoformat(row["counted_at"][:10])).days
        )
        assert settled == (10 if row["code"] == "A" else "")


def test_a_record_keeps_its_time_of_day_on_a_day_of_the_period_that_is_reported(landing: Path) -> None:
    days = [date.fromisoformat(row["counted_at"][:10]) for row in rows(landing, "aggregate")]
    assert min(days) >= WORLD.first_day
    assert (max(days) - WORLD.first_day).days < WORLD.days
    assert len(set(days)) > 10
    clocks = {row["counted_at"][10:] for row in rows(landing, "aggregate")}
    assert clocks == {"T09:00:00+05:00", " 14:30"}


def test_a_register_is_a_snapshot_of_its_sample(landing: Path) -> None:
    assert [row["code"] for row in rows(landing, "register")] == ["A", "B"]
    assert kinds(landing, "register") == {"snapshot"}
    assert kinds(landing, "aggregate") >= {"increment"}


def test_public_rows_come_in_the_format_of_the_contract(landing: Path) -> None:
    (path,) = (landing / "public").glob("*.xlsx")
    assert [[cell.value for cell in row] for row in openpyxl.load_workbook(path).worksheets[0]] == [
        ["code"],
        ["Kairak"],
    ]
