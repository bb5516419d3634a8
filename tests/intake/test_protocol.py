"""What a delivery does to the deliveries before and after it, whatever the order in which they arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from pipelines.intake import heal
from pipelines.intake.replay import NothingToDoError, request_release, request_replay
from tests.intake.intake_world import Centre, Sent, sent, small_contract, visits


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    found = Centre(tmp_path, {name: small_contract(name) for name in ("visits", "posts")})
    yield found
    found.close()


def brought(
    day: int, sequence: int = 1, feed: str = "visits", manifest: dict[str, Any] | None = None, **notes: str | None
) -> Sent:
    """A delivery of a small feed on a day of March."""
    return sent(visits(**notes), feed=feed, day=date(2026, 3, day), sequence=sequence, manifest=manifest or {})


def notes_of(centre: Centre, feed: str = "visits") -> dict[str, str]:
    return {key: row[4] for key, row in centre.current(feed).items()}


def name_of(day: int, sequence: int = 1, feed: str = "visits") -> str:
    return f"{feed}_202603{day:02}_{sequence:03}.csv"


def test_same_content_under_a_new_name_brings_repeats_alone(centre: Centre) -> None:
    centre.load(brought(1, A="one", B="two"))
    before = centre.current("visits")
    centre.load(brought(1, sequence=2, A="one", B="two"))
    assert [centre.counts(name_of(1, sequence))[1:] for sequence in (1, 2)] == [(2, 0, 0), (0, 0, 2)]
    assert centre.current("visits") == before


def test_two_halves_of_a_day_are_one_day_and_what_both_bring_counts_once(centre: Centre) -> None:
    centre.load(brought(1, A="one", B="two"), brought(1, sequence=2, B="two", C="three"))
    assert notes_of(centre) == {"A": "one", "B": "two", "C": "three"}
    assert [centre.counts(name_of(1, sequence)) for sequence in (1, 2)] == [
        ("accepted", 2, 0, 0),
        ("accepted", 1, 0, 1),
    ]


def test_correction_with_fewer_rows_leaves_the_others_as_they_were(centre: Centre) -> None:
    centre.load(brought(1, A="one", B="two", C="three"))
    centre.load(brought(2, manifest={"kind": "correction"}, A="better"))
    assert notes_of(centre) == {"A": "better", "B": "two", "C": "three"}


def test_correction_that_supersedes_closes_what_it_leaves_out_and_keeps_it_in_history(centre: Centre) -> None:
    first = centre.load(brought(1, A="one", B="two"))
    centre.load(brought(2, manifest={"kind": "correction", "supersedes": name_of(1)}, A="better"))
    assert notes_of(centre) == {"A": "better"}
    assert centre.current("visits", as_of=first).keys() == {"A", "B"}


def test_correction_of_a_day_long_past_is_taken_in_and_keeps_what_it_corrects(centre: Centre) -> None:
    long_ago = date(2009, 5, 1)
    first = centre.load(sent(visits(A="one"), feed="visits", day=long_ago))
    late = {"kind": "correction", "created_at": "2026-03-01T10:00:00+05:00"}
    centre.load(sent(visits(A="better"), feed="visits", day=long_ago, sequence=2, manifest=late))
    assert notes_of(centre) == {"A": "better"}
    assert centre.current("visits", as_of=first)["A"][4] == "one"


@pytest.mark.parametrize(("created_on", "is_held"), [("2014-05-01", False), ("2014-05-02", True), (None, True)])
@pytest.mark.parametrize("how", ["correction", "supersedes"])
def test_correction_beyond_the_term_of_its_feed_is_held_until_an_operator_releases_it(
    centre: Centre, how: str, created_on: str | None, is_held: bool
) -> None:
    centre.contracts["visits"] = small_contract("visits", corrected_for_years=5)
    day, made = date(2009, 5, 1), {"created_at": f"{created_on}T10:00:00+05:00"} if created_on else {}
    first = sent(visits(A="one"), feed="visits", day=day, manifest={"created_at": "2009-05-01T10:00:00+05:00"})
    centre.load(first)
    says = {"kind": "correction"} if how == "correction" else {"supersedes": first.file_name}
    late = sent(visits(A="better", B=None), feed="visits", day=day, sequence=2, manifest=says | made)
    centre.load(late)
    assert notes_of(centre) == {"A": "one" if is_held else "better"}
    if is_held:
        found = centre.verdict(late.file_name)
        assert (found["state"], found["reason"], found["rows_in_file"]) == ("held", "correction_after_term", 2)
        assert centre.counts(late.file_name)[1:] == (0, 0, 0)
        request_release(centre.connection, centre.home, "visits", late.file_name)
        centre.load()
        assert notes_of(centre) == {"A": "better"}
    assert centre.counts(late.file_name) == ("accepted", 1, 1, 0)


def test_same_delivery_again_is_recorded_and_changes_nothing(centre: Centre) -> None:
    centre.load(brought(1, A="one"))
    centre.load(brought(2, A="one", B="two"))
    before = centre.current("visits")
    path = centre.home.landing / "visits" / name_of(2)
    path.touch()
    centre.load()
    assert [(row["state"], row["rows_accepted"], row["rows_repeated"]) for row in centre.verdicts(name_of(2))] == [
        ("accepted", 1, 1),
        ("duplicate", 0, 2),
    ]
    assert centre.current("visits") == before


@pytest.mark.parametrize("is_late", [False, True])
def test_name_belongs_to_the_intrinsically_first(centre: Centre, is_late: bool) -> None:
    first = brought(1, manifest={"created_at": "2026-03-01T10:00:00+05:00"}, A="one")
    other = brought(1, manifest={"created_at": "2026-03-01T11:00:00+05:00"}, A="other", B="two")
    for delivery in (other, first) if is_late else (first, other):
        centre.load(delivery)
    found = {
        row["rows_declared"]: (row["state"], row["reason"], row["rows_accepted"]) for row in centre.verdicts(name_of(1))
    }
    assert found == {1: ("accepted", None, 1), 2: ("rejected", "name_reused", 0)}
    assert notes_of(centre) == {"A": "one"}


def test_reused_name_without_a_good_row_is_rejected_too(centre: Centre) -> None:
    centre.contracts["visits"] = small_contract("visits", hold_share=1.0)
    centre.load(brought(1, manifest={"created_at": "2026-03-01T10:00:00+05:00"}, A="one"))
    centre.load(brought(1, manifest={"created_at": "2026-03-01T11:00:00+05:00"}, B=None))
    assert [(row["state"], row["rows_quarantined"]) for row in centre.verdicts(name_of(1))] == [
        ("accepted", 0),
        ("rejected", 0),
    ]
    assert centre.rows("FROM quality.quarantine") == []


def test_correction_may_bear_the_name_of_what_it_corrects(centre: Centre) -> None:
    centre.load(brought(1, manifest={"created_at": "2026-03-01T10:00:00+05:00"}, A="one"))
    centre.load(brought(1, manifest={"kind": "correction", "created_at": "2026-03-01T11:00:00+05:00"}, A="better"))
    assert notes_of(centre) == {"A": "better"}
    assert [row["state"] for row in centre.verdicts(name_of(1))] == ["accepted", "accepted"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_chain_of_corrections_ends_the_same_in_any_order(centre: Centre, order: tuple[int, ...]) -> None:
    chain = [
        brought(1, A="one", B="two"),
        brought(2, manifest={"kind": "correction"}, A="better"),
        brought(3, manifest={"kind": "correction"}, A="best"),
    ]
    for number in order:
        centre.load(chain[number])
    assert notes_of(centre) == {"A": "best", "B": "two"}
    assert [centre.counts(name_of(day)) for day in (1, 2, 3)] == [("accepted", 2, 0, 0), *[("accepted", 1, 0, 0)] * 2]


@pytest.mark.parametrize("is_early", [False, True])
def test_supersedes_replaces_every_row_of_the_named_delivery(centre: Centre, is_early: bool) -> None:
    first = brought(1, A="one", B="two")
    second = brought(2, manifest={"supersedes": name_of(1)}, A="other", C="three")
    for delivery in (second, first) if is_early else (first, second):
        centre.load(delivery)
    assert notes_of(centre) == {"A": "other", "C": "three"}


def test_superseding_delivery_that_turns_out_to_reuse_a_name_withdraws_nothing(centre: Centre) -> None:
    centre.load(brought(1, A="one"))
    centre.load(brought(2, manifest={"supersedes": name_of(1), "created_at": "2026-03-02T11:00:00+05:00"}, B="two"))
    assert notes_of(centre) == {"B": "two"}
    centre.load(brought(2, manifest={"created_at": "2026-03-02T10:00:00+05:00"}, C="three"))
    assert notes_of(centre) == {"A": "one", "C": "three"}


def test_snapshot_closes_what_it_lacks_and_may_return(centre: Centre) -> None:
    kind = {"kind": "snapshot"}
    first = centre.load(brought(1, feed="posts", manifest=kind, A="one", B="two"))
    centre.load(brought(2, feed="posts", manifest=kind, A="one"))
    assert notes_of(centre, "posts") == {"A": "one"}
    last = centre.load(brought(3, feed="posts", manifest=kind, A="one", B="two"))
    assert notes_of(centre, "posts") == {"A": "one", "B": "two"}
    assert centre.current("posts", as_of=first).keys() == {"A", "B"}
    assert centre.current("posts", as_of=last - 1).keys() == {"A"}
    assert [centre.counts(name_of(day, feed="posts"))[1] for day in (1, 2, 3)] == [2, 1, 2]


@pytest.mark.parametrize("manifest", [{}, {"kind": None}])
def test_register_comes_whole_where_its_manifest_does_not_say_its_kind(
    centre: Centre, manifest: dict[str, Any]
) -> None:
    centre.contracts["posts"] = small_contract("posts", cadence="snapshot")
    centre.load(brought(1, feed="posts", manifest=manifest, A="one", B="two"))
    centre.load(brought(2, feed="posts", manifest=manifest, A="other"))
    assert notes_of(centre, "posts") == {"A": "other"}
    assert centre.counts(name_of(2, feed="posts")) == ("accepted", 1, 0, 0)
    assert centre.verdict(name_of(2, feed="posts"))["kind"] == "snapshot"
    centre.load(brought(3, feed="posts", manifest={"kind": "increment"}, A="third", C="three"))
    assert notes_of(centre, "posts") == {"A": "other", "C": "three"}


@pytest.mark.parametrize("is_late", [False, True])
def test_record_id_belongs_to_the_intrinsically_first(centre: Centre, is_late: bool) -> None:
    first, second = brought(1, A="one"), brought(2, B="two\nin two lines", A="other")
    for delivery in (second, first) if is_late else (first, second):
        centre.load(delivery)
    assert notes_of(centre) == {"A": "one", "B": "two\nin two lines"}
    assert centre.counts(name_of(1)) == ("accepted", 1, 0, 0)
    assert centre.counts(name_of(2)) == ("accepted", 1, 1, 0)
    held = "SELECT record_id, line_number, reasons, cleared_seq FROM quality.quarantine"
    assert centre.rows(held) == [("A", 4, ["record_id_reused"], None)]
    last = centre.load(brought(3, manifest={"kind": "correction"}, A="better"))
    assert centre.rows(held) == [("A", 4, ["record_id_reused"], last)]
    assert centre.counts(name_of(2)) == ("accepted", 1, 1, 0)
    centre.load(brought(4, manifest={"supersedes": name_of(3)}, C="three"))
    assert centre.rows(held) == [("A", 4, ["record_id_reused"], None)]


def test_held_delivery_loads_nothing_until_it_is_released(centre: Centre) -> None:
    delivery = brought(1, A="one", B=None, C=None)
    centre.load(delivery)
    assert centre.counts(name_of(1)) == ("held", 0, 0, 0)
    assert notes_of(centre) == {}
    centre.load()
    assert centre.counts(name_of(1)) == ("held", 0, 0, 0)
    request_release(centre.connection, centre.home, "visits", name_of(1))
    centre.load()
    assert centre.counts(name_of(1)) == ("accepted", 1, 2, 0)
    assert notes_of(centre) == {"A": "one"}
    with pytest.raises(NothingToDoError):
        request_release(centre.connection, centre.home, "visits", name_of(1))


def test_replay_after_a_mended_contract_moves_rows_from_quarantine_to_accepted(centre: Centre) -> None:
    rows = [*visits(A="one", B="two", C="x" * 60), *visits(D=None)]
    strict = small_contract("visits")
    centre.load(sent(rows, feed="visits"))
    assert centre.counts(name_of(1)) == ("accepted", 2, 2, 0)
    longer = [column.model_copy(update={"max_length": 100}) for column in strict.columns]
    centre.contracts["visits"] = strict.model_copy(update={"columns": tuple(longer)})
    assert request_replay(centre.connection, centre.home, "visits", name_of(1)) == 2
    load = centre.load()
    assert centre.counts(name_of(1)) == ("accepted", 3, 1, 0)
    assert notes_of(centre) == {"A": "one", "B": "two", "C": "x" * 60}
    assert centre.current("visits", as_of=load - 1).keys() == {"A", "B"}
    assert centre.reasons(name_of(1)) == ["not_a_timestamp:seen_at"]


def test_rows_are_judged_again_of_the_file_that_was_delivered_alone(centre: Centre) -> None:
    centre.load(brought(1, A="one", B=None))
    assert request_replay(centre.connection, centre.home, "visits", name_of(1)) == 1
    (centre.home.landing / "visits" / name_of(1)).unlink()
    centre.load(brought(2, C="three"))
    assert notes_of(centre) == {"A": "one", "C": "three"}, "the request waits for the file, and the load does not"
    centre.land(brought(1, B="another"))
    with pytest.raises(NothingToDoError, match="lies in landing no more"):
        request_replay(centre.connection, centre.home, "visits", name_of(1))


@pytest.mark.parametrize("is_early", [False, True])
def test_bad_row_is_cleared_by_a_whole_one_of_a_later_delivery(centre: Centre, is_early: bool) -> None:
    bad, whole = brought(1, A=None, B="two"), brought(2, manifest={"kind": "correction"}, A="one")
    for delivery in (whole, bad) if is_early else (bad, whole):
        centre.load(delivery)
    assert centre.rows("SELECT record_id, cleared_seq FROM quality.quarantine") == [("A", 2)]
    assert notes_of(centre) == {"A": "one", "B": "two"}


def test_bad_row_is_not_cleared_by_an_earlier_delivery(centre: Centre) -> None:
    centre.load(brought(2, A=None, B="two"))
    centre.load(brought(1, A="one"))
    assert centre.rows("SELECT record_id, cleared_seq FROM quality.quarantine") == [("A", None)]


def test_late_days_end_as_if_they_had_come_in_time(centre: Centre) -> None:
    for day in (3, 1, 2):
        notes: dict[str, str | None] = {f"A{day}": f"day {day}"}
        centre.load(sent(visits(**notes), feed="visits", day=date(2026, 3, day)))
    assert notes_of(centre) == {"A1": "day 1", "A2": "day 2", "A3": "day 3"}


def test_same_record_in_two_feeds_is_two_records(centre: Centre) -> None:
    centre.load(brought(1, A="one"), brought(1, feed="posts", A="other"))
    assert (notes_of(centre), notes_of(centre, "posts")) == ({"A": "one"}, {"A": "other"})


def test_healing_forgets_what_a_killed_run_settled(centre: Centre) -> None:
    centre.load(brought(1, A="one"))
    (centre.home.landing / "visits" / name_of(1)).touch()
    last = centre.load(brought(2, manifest={"kind": "correction"}, A="better"))
    assert centre.rows("FROM intake.standing")
    heal(centre.connection, last)
    assert centre.rows("FROM intake.standing") == []
