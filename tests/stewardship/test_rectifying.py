"""A correction by right of the person changes what was wrong, keeps the past, and nothing else."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.settings import CHECKOUT
from pipelines.stewardship.rectifying import NothingToRectifyError, rectify
from pipelines.storage import faults
from tests.intake.intake_world import CONTRACTS, Centre, sent

FEEDS = ("border_crossings", "asylum_cases", "return_cases", "residence_permits")
SAID = {"by": "clerk", "case": "2026-118", "reason": "passport shown"}
MOMENT = datetime(2026, 3, 30, 9, tzinfo=UTC)
STANDING = "SELECT surname, known_from_seq, known_to_seq FROM raw.{} WHERE record_id = $1 ORDER BY known_from_seq"


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """The first good record of feeds with moments, lists, truths and days, in one load."""
    found = Centre(tmp_path_factory.mktemp("rectified"), {feed: CONTRACTS[feed] for feed in FEEDS})
    for feed in FEEDS:
        with (CHECKOUT / "sources" / feed / "good.csv").open(encoding="utf-8", newline="") as file:
            found.land(sent([next(csv.DictReader(file))], feed=feed))
    found.load()
    yield found
    found.close()


def corrected(centre: Centre, feed: str, surname: str, hour: int) -> Path:
    (record,) = centre.current(feed)
    at = MOMENT + timedelta(hours=hour)
    return rectify(centre.connection, centre.home, CONTRACTS[feed], record, {"surname": surname}, SAID, at)


def test_correction_is_in_effect_with_the_next_load_and_back_again_nothing_else_has_changed(centre: Centre) -> None:
    surnames = {feed: centre.rows(f"SELECT surname FROM raw.{feed}")[0][0] for feed in FEEDS}
    paths = [corrected(centre, feed, "Example-Right", 1) for feed in FEEDS]
    with pytest.raises(NothingToRectifyError, match="waits for the next load"):
        corrected(centre, FEEDS[0], "Example-Wrong", 2)
    centre.load()
    for feed, surname in surnames.items():
        (record,) = centre.current(feed)
        assert centre.counts(f"{feed}_20260301_900.csv") == ("accepted", 1, 0, 0)
        stood = [row for row in centre.rows(STANDING.format(feed), record) if row[2] is None or row[1] < row[2]]
        assert (surname, 1, 2) in stood and ("Example-Right", 2, None) in stood
        corrected(centre, feed, surname, 2)
    centre.load()
    for feed in FEEDS:
        assert centre.current(feed) == centre.current(feed, as_of=1)
    manifest = json.loads(paths[0].with_name(f"{paths[0].name}.manifest.json").read_text())
    assert (manifest["rectified"], manifest["kind"]) == (SAID, "correction")
    assert centre.rows("SELECT max(business_date) FROM quality.delivery") == [(date(2026, 3, 1),)]


def test_what_cannot_be_corrected_is_refused(centre: Centre) -> None:
    def asked(record: str, values: dict[str, str]) -> None:
        rectify(centre.connection, centre.home, CONTRACTS["border_crossings"], record, values, SAID, MOMENT)

    (record,) = centre.current()
    ((surname,),) = centre.rows("SELECT surname FROM raw.border_crossings WHERE known_to_seq IS NULL LIMIT 1")
    for values, why in (
        ({"surname": surname}, "says this already"),
        ({"shoe_size": "44"}, "no column shoe_size"),
        ({"event_id": "another"}, "which stays"),
    ):
        with pytest.raises(NothingToRectifyError, match=why):
            asked(record, values)
    with pytest.raises(NothingToRectifyError, match="no such record"):
        asked("nobody's", {"surname": "Example"})


@pytest.mark.parametrize("point", ["laying.data.rename:1", "laying.manifest.rename:1"])
def test_a_correction_that_was_stopped_is_no_delivery_and_is_made_again(point: str, tmp_path: Path) -> None:
    found = Centre(tmp_path, {FEEDS[0]: CONTRACTS[FEEDS[0]]})
    with (CHECKOUT / "sources" / FEEDS[0] / "good.csv").open(encoding="utf-8", newline="") as file:
        found.load(sent([next(csv.DictReader(file))], feed=FEEDS[0]))
    faults.arm(f"{point}:full")
    try:
        with pytest.raises(OSError, match=point.partition(":")[0]):
            corrected(found, FEEDS[0], "Example-Right", 1)
    finally:
        faults.arm("")
    assert len(list((found.home.landing / FEEDS[0]).iterdir())) == 2, "those of the first delivery alone"
    found.load()
    (record,) = found.current(FEEDS[0])
    assert [to for *_, to in found.rows(STANDING.format(FEEDS[0]), record)] == [None]
    corrected(found, FEEDS[0], "Example-Right", 2)
    found.load()
    assert found.rows(STANDING.format(FEEDS[0]), record)[-1][::2] == ("Example-Right", None)
    found.close()
