"""Decisions as a delivery that intake takes in like any other."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.contracts import load_contracts
from pipelines.settings import CHECKOUT
from pipelines.stewardship import Decision, TooManyDeliveriesError, deliver
from pipelines.stewardship.delivering import FEED
from pipelines.storage import Home, faults, ledger
from tests.intake.intake_world import Centre

LATE = datetime(2026, 3, 1, 20, 30, tzinfo=UTC)
PAIRS = [
    Decision(("border_crossings", f"B-{number}"), ("stay_notifications", "N,1"), "different") for number in range(40)
]


def prepared(folder: Path) -> Home:
    home = Home(folder)
    home.prepare()
    return home


def test_intake_accepts_every_decision(tmp_path: Path) -> None:
    contract = {FEED: load_contracts(CHECKOUT / "sources")[FEED]}
    path = deliver(prepared(tmp_path), PAIRS, "steward-1", "two «persons», seen", LATE)
    assert path.name == f"{FEED}_20260302_001.csv", "the day is the local one"
    centre = Centre(tmp_path, contract)
    centre.load()
    delivered = "SELECT state, rows_accepted, rows_quarantined FROM quality.delivery"
    assert centre.connection.execute(delivered).fetchall() == [("accepted", 40, 0)]
    taken = f"SELECT count(DISTINCT decision_id), max(steward), max(reason), max(flags) FROM raw.{FEED}"
    assert centre.connection.execute(taken).fetchall() == [(40, "steward-1", "two «persons», seen", None)]
    centre.close()


def test_names_go_on_after_what_lies_there_and_what_was_ever_judged(tmp_path: Path) -> None:
    home = prepared(tmp_path)
    first = deliver(home, PAIRS[:1], "s", "r", LATE)
    assert deliver(home, PAIRS[:1], "s", "r", LATE).name.endswith("_002.csv")
    for path in first.parent.iterdir():
        path.unlink()
    ledger.append(home.ledger, [{"what": "delivery", "feed": FEED, "file_name": f"{FEED}_20260302_007.csv"}], "ledger")
    assert deliver(home, PAIRS[:1], "s", "r", LATE).name.endswith("_008.csv")
    ledger.append(home.ledger, [{"what": "delivery", "feed": FEED, "file_name": f"{FEED}_20260302_999.csv"}], "ledger")
    with pytest.raises(TooManyDeliveriesError):
        deliver(home, PAIRS[:1], "s", "r", LATE)


def test_decision_ids_are_opaque_and_never_the_same(tmp_path: Path) -> None:
    home = prepared(tmp_path)
    numbers = []
    for _ in range(2):
        with deliver(home, PAIRS, "s", "r", LATE).open(encoding="utf-8") as file:
            numbers += [row["decision_id"] for row in csv.DictReader(file)]
    assert len(set(numbers)) == 80
    assert not any("B-" in number or "N,1" in number for number in numbers)


@pytest.mark.parametrize("point", ["laying.meant.write:1", "laying.data.rename:1", "laying.manifest.rename:1"])
def test_a_delivery_that_was_stopped_is_no_delivery(point: str, tmp_path: Path) -> None:
    home = prepared(tmp_path)
    faults.arm(f"{point}:full")
    try:
        with pytest.raises(OSError):
            deliver(home, PAIRS, "s", "r", LATE)
    finally:
        faults.arm("")
    assert list((home.landing / FEED).iterdir()) == []
    path = deliver(home, PAIRS, "s", "r", LATE)
    assert json.loads(path.with_name(f"{path.name}.manifest.json").read_text())["rows"] == 40
