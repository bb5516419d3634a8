"""What is read of a landing folder and when: whole, plain files of senders whom the contract names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipelines.intake import Intake, Selection
from pipelines.storage.loads import open_load
from tests.intake.intake_world import NOW, TODAY, Centre, Sent, sent, small_contract, visits
from tests.intake.test_protocol import brought, name_of, notes_of


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    found = Centre(tmp_path, {"visits": small_contract("visits")})
    yield found
    found.close()


def test_file_without_manifest_waits_and_is_read_once_the_manifest_comes(centre: Centre) -> None:
    delivery = brought(1, A="one")
    centre.load(Sent(delivery.content, 1, feed="visits", day=delivery.day, manifest=None))
    assert centre.counts(name_of(1)) == ("waiting", 0, 0, 0)
    centre.load(delivery)
    assert centre.counts(name_of(1)) == ("accepted", 1, 0, 0)


def test_manifest_without_file_is_rejected_until_the_file_comes(centre: Centre) -> None:
    delivery = brought(1, A="one")
    path = centre.home.landing / "visits" / centre.land(delivery)
    path.unlink()
    centre.load()
    assert centre.verdict(name_of(1))["reason"] == "file_missing"
    centre.load(delivery)
    assert centre.counts(name_of(1)) == ("accepted", 1, 0, 0)


def test_file_that_still_grows_is_rejected_until_it_is_whole(centre: Centre) -> None:
    delivery = brought(1, A="one", B="two")
    path = centre.home.landing / "visits" / centre.land(delivery)
    path.write_bytes(delivery.content[:-20])
    centre.load()
    assert (centre.verdict(name_of(1))["reason"], notes_of(centre)) == ("hash_mismatch", {})
    path.write_bytes(delivery.content)
    centre.load()
    assert centre.counts(name_of(1)) == ("accepted", 2, 0, 0)


@pytest.mark.parametrize("empty", [None, ""])
def test_members_that_a_manifest_leaves_empty_are_as_good_as_absent(centre: Centre, empty: str | None) -> None:
    optional = ("sequence", "sender", "created_at", "kind", "supersedes", "encoding", "delimiter")
    centre.load(brought(1, manifest=dict.fromkeys(optional, empty), A="one"))
    assert centre.counts(name_of(1)) == ("accepted", 1, 0, 0)
    assert centre.verdict(name_of(1))["kind"] == "increment"


def test_days_and_moments_of_a_manifest_may_be_in_basic_form(centre: Centre) -> None:
    delivery = brought(1, manifest={"business_date": "20260301", "created_at": "20260301T230000Z"}, A="one")
    centre.load(delivery)
    found = centre.verdict(name_of(1))
    assert (found["state"], found["business_date"]) == ("accepted", delivery.day)
    assert found["created_at"] == datetime(2026, 3, 1, 23, tzinfo=UTC)


def test_day_that_never_was_makes_a_manifest_unreadable_in_basic_form_too(centre: Centre) -> None:
    centre.load(brought(1, manifest={"business_date": "20260229"}, A="one"))
    assert centre.verdict(name_of(1))["reason"] == "manifest_unreadable"


@pytest.mark.parametrize(
    ("sender", "reason"), [("police", None), ("customs", "sender_unknown"), (None, "sender_unknown")]
)
def test_delivery_of_a_sender_whom_the_contract_does_not_name_is_rejected(
    centre: Centre, sender: str | None, reason: str | None
) -> None:
    centre.contracts["visits"] = small_contract("visits", senders=["police", "border service"])
    centre.load(brought(1, manifest={"sender": sender}, A="one"))
    assert centre.verdict(name_of(1))["reason"] == reason
    assert centre.current("visits").keys() == ({"A"} if reason is None else set())


@pytest.mark.parametrize("what", ["link", "pipe", "folder", "link as manifest", "pipe as manifest"])
def test_what_is_no_plain_file_is_never_opened(centre: Centre, what: str) -> None:
    name = centre.land(brought(1, A="one"))
    place = centre.home.landing / "visits" / (f"{name}.manifest.json" if what.endswith("manifest") else name)
    target = place.rename(centre.home.root / "elsewhere")
    if what.startswith("link"):
        place.symlink_to(target)
    elif what.startswith("pipe"):
        os.mkfifo(place)
    else:
        place.mkdir()
    centre.load()
    assert centre.verdict(name)["reason"] == "not_a_regular_file"


def test_name_that_is_no_text_is_rejected_and_stops_nothing(centre: Centre) -> None:
    centre.land(brought(1, A="one"))
    folder = centre.home.landing / "visits"
    for ending in (b"", b".manifest.json"):
        Path(os.fsdecode(os.fsencode(folder) + b"/visits_\xff.csv" + ending)).write_text("{}")
    centre.load()
    assert centre.counts(name_of(1)) == ("accepted", 1, 0, 0)
    assert centre.rows("SELECT state FROM quality.delivery ORDER BY state") == [("accepted",), ("rejected",)]


def two_rows(day: int, number: int) -> Sent:
    """A delivery of two rows on a day of March."""
    return sent(
        visits(**{f"A{number}": "one", f"B{number}": "two"}), feed="visits", day=date(2026, 3, day), sequence=number
    )


def taken_by(centre: Centre) -> dict[int, int]:
    """The load that took each delivery in, by its number."""
    return dict(centre.rows("SELECT sequence, load_seq FROM quality.delivery WHERE state = 'accepted'"))


def test_more_rows_than_fit_into_a_load_are_taken_in_by_several_the_oldest_day_first(centre: Centre) -> None:
    for number, day in ((1, 3), (2, 1), (3, 2), (4, 1)):
        centre.land(two_rows(day, number))
    left: list[int] = []
    while not left or left[-1]:
        centre.load(most_rows=4)
        left.append(centre.left)
    assert left == [2, 0]
    assert taken_by(centre) == {2: 1, 4: 1, 1: 2, 3: 2}


def test_a_day_of_more_rows_than_fit_is_a_load_of_its_own(centre: Centre) -> None:
    for number, day in ((1, 1), (2, 2), (3, 2), (4, 3)):
        centre.land(two_rows(day, number))
    loads = [centre.load(most_rows=3) for _ in range(3)]
    assert taken_by(centre) == {1: loads[0], 2: loads[1], 3: loads[1], 4: loads[2]}
    assert centre.left == 0


def test_what_a_killed_load_had_taken_in_fills_it(centre: Centre) -> None:
    centre.land(brought(1, 1, A="one", B="two"))
    centre.land(brought(2, 2, C="three"))
    begun = open_load(centre.connection, centre.home, NOW, "test")
    first = Intake(centre.connection, centre.home, centre.contracts, begun.load_seq, TODAY)
    first.run(Selection(business_dates=[date(2026, 3, 1)]))
    resumed = Intake(centre.connection, centre.home, centre.contracts, begun.load_seq, TODAY)
    resumed.run(Selection(most_rows=2))
    assert (resumed.left, taken_by(centre)) == (1, {1: begun.load_seq})


def test_a_manifest_that_cannot_be_used_does_not_wait(centre: Centre) -> None:
    name = centre.land(brought(9, manifest={"rows": "many"}, A="one"))
    centre.land(brought(2, B="two", C="three"))
    centre.load(most_rows=1)
    assert (centre.verdict(name)["reason"], centre.left) == ("manifest_unreadable", 0)


def test_a_manifest_that_is_not_json_is_rejected_with_line_and_column(centre: Centre) -> None:
    delivery = brought(1, A="one")
    centre.land(delivery)
    path = next((centre.home.landing / delivery.feed).glob("*.manifest.json"))
    path.write_text('{"feed": "border_crossings",\n "rows" 1}')
    centre.load()
    assert "not JSON, line 2, column 9: " in centre.verdict(name_of(1))["message"]
