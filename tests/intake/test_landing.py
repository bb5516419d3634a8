"""What is read of a landing folder and when: whole, plain files of senders whom the contract names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intake.intake_world import Centre, Sent, small_contract
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


def test_members_that_a_manifest_leaves_empty_are_as_good_as_absent(centre: Centre) -> None:
    optional = ("sequence", "sender", "created_at", "kind", "supersedes", "encoding", "delimiter")
    centre.load(brought(1, manifest=dict.fromkeys(optional), A="one"))
    assert centre.counts(name_of(1)) == ("accepted", 1, 0, 0)
    assert centre.verdict(name_of(1))["kind"] == "increment"


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
