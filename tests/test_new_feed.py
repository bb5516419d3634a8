"""A feed is one folder: adding it is enough for raw, checks, dictionary and lineage."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipelines.settings import CHECKOUT

FEED = """
feed: ferry_tickets
title: {kk: "Паром билеттері", ru: "Билеты на паром", en: "Ferry tickets"}
agency: "A made-up harbour"
description: One row per ticket sold for a ferry that does not exist.
cadence: daily
record_id: [ticket_id]
event_time: sold_at
columns:
  - {name: ticket_id, type: text, required: true, meaning: "Number of the ticket."}
  - {name: sold_at, type: timestamp, required: true, meaning: "Moment of the sale."}
  - {name: seats, type: integer, minimum: 1, maximum: 20, meaning: "Seats sold with it."}
rules:
  - {id: even_seats, holds: "seats % 2 = 0", severity: flag, reason: "Made up: seats are sold in pairs."}
expectations:
  - {type: share_not_null, column: seats, arguments: {at_least: 0.5}, reason: "Made up: most tickets name seats."}
"""
TICKETS = """ticket_id,sold_at,seats
T1,2026-03-01 09:00,2
T2,2026-03-01 09:05,3
T3,2026-03-01 09:07,99
T4,2026-03-01 10:00,4
"""
PLACES = ("pipelines", "expectations", "sources", "dbt_project")


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which one folder was added, and one night with a delivery of it."""
    root = tmp_path_factory.mktemp("checkout")
    for place in PLACES:
        shutil.copytree(CHECKOUT / place, root / place, ignore=shutil.ignore_patterns("__pycache__", "target", "logs"))
    folder = root / "sources" / "ferry_tickets"
    folder.mkdir()
    (folder / "feed.yml").write_text(FEED, encoding="utf-8")
    landing = root / "home" / "landing" / "ferry_tickets"
    landing.mkdir(parents=True)
    data = landing / "ferry_tickets_20260301_001.csv"
    data.write_text(TICKETS, encoding="utf-8")
    sha256 = hashlib.sha256(data.read_bytes()).hexdigest()
    manifest = {"feed": "ferry_tickets", "business_date": "2026-03-01", "rows": 4, "sha256": sha256}
    data.with_name(data.name + ".manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "feed.yml").write_text(FEED + "hold_share: 0.5\n", encoding="utf-8")
    ended = run(root, "-c", "from pipelines.cli import main; main()", "nightly")
    assert ended.returncode in (0, 3), ended.stderr
    return root


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(root), "MIC_HOME": str(root / "home"), "MIC_SOURCES": ""}  # noqa: TID251
    return subprocess.run(
        [sys.executable, *arguments], cwd=root, env=environment, capture_output=True, text=True, timeout=300
    )


def asked(root: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(root / "home" / "aggregates.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_rows_arrive_and_are_accounted_for(copied: Path) -> None:
    counts = (
        "SELECT rows_in_file, rows_accepted, rows_quarantined, state FROM quality.delivery WHERE feed = 'ferry_tickets'"
    )
    assert asked(copied, counts) == [(4, 3, 1, "accepted")]
    held = "SELECT record_id, reasons FROM quality.quarantine WHERE feed = 'ferry_tickets'"
    assert asked(copied, held) == [("T3", ["out_of_range:seats"])]


def test_its_promises_are_judged(copied: Path) -> None:
    judged = (
        "SELECT success FROM quality.expectation_result WHERE feed = 'ferry_tickets' AND expectation = 'share_not_null'"
    )
    assert (True,) in asked(copied, judged)


def test_it_stands_in_the_dictionary(copied: Path) -> None:
    meaning = "SELECT meaning FROM reference.feed_column WHERE feed = 'ferry_tickets' AND column_name = 'seats'"
    assert asked(copied, meaning) == [("Seats sold with it.",)]


def test_it_is_an_asset_with_checks_and_a_model_behind_it(copied: Path) -> None:
    script = (
        "import dagster as dg\n"
        "from pipelines.definitions import centre\n"
        "from pipelines.defs.assembly import build\n"
        "from pipelines.settings import Settings\n"
        "graph = build(Settings.from_environment()).resolve_asset_graph()\n"
        "key = dg.AssetKey(['raw', 'ferry_tickets'])\n"
        "node = graph.get(key)\n"
        "children = sorted(key.to_user_string() for key in node.child_keys)\n"
        "print(node.partitions_def is not None, len(node.check_keys) > 2, children)\n"
    )
    ended = run(copied, "-c", script)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip().startswith("True True")
    assert "staging/stg_ferry_tickets" in ended.stdout
