"""A feed that nobody knows joins the world by its folder alone."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

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
