"""Whom carriers announced beside whom the border saw, flight by flight."""

from __future__ import annotations

from pathlib import Path

from tests.dbt.flown_world import correct_lists
from tests.dbt.modelled_world import World

DAY_AND_FLIGHT = "CAST(period AS VARCHAR), post_code, carrier, flight, direction"
KNOWN_AT = """SELECT indicator, sum(change) FROM statistics.passenger_delta
    WHERE known_seq <= {} AND flight = 'KC912' AND post_code = 'ALA' GROUP BY ALL ORDER BY ALL"""


def test_each_flight_is_reconciled_person_by_person(controlled: World) -> None:
    """A person listed twice counts once; who was booked over came with the flight that the officer wrote."""
    found = controlled.rows(
        f"SELECT {DAY_AND_FLIGHT}, indicator, value FROM statistics.passenger_reconciliation ORDER BY ALL"
    )
    assert found == [
        ("2026-01-12", "ALA", "KC", "KC912", "entry", "announced", 6.0),
        ("2026-01-12", "ALA", "KC", "KC912", "entry", "announced_not_seen", 2.0),
        ("2026-01-12", "ALA", "KC", "KC912", "entry", "seen_as_announced", 4.0),
        ("2026-01-12", "ALA", "KC", "KC912", "entry", "seen_not_announced", 1.0),
        ("2026-01-12", "ALA", "KC", "KC914", "entry", "announced", 1.0),
        ("2026-01-12", "ALA", "KC", "KC914", "entry", "seen_as_announced", 1.0),
        ("2026-01-12", "ALA", "XY", "XY1", "entry", "seen_without_list", 1.0),
        ("2026-01-12", "NQZ", "KC", "KC912", "entry", "seen_without_list", 1.0),
        ("2026-01-15", "ALA", "KC", "KC911", "exit", "announced", 1.0),
        ("2026-01-15", "ALA", "KC", "KC911", "exit", "seen_as_announced", 1.0),
    ]


def test_a_late_passage_mends_the_day_and_leaves_what_was_known_before(controlled: World) -> None:
    assert controlled.rows(KNOWN_AT.format(1)) == [("announced", 6), ("seen_as_announced", 3), ("seen_unlisted", 1)]
    assert controlled.rows(KNOWN_AT.format(2)) == [("announced", 6), ("seen_as_announced", 4), ("seen_unlisted", 1)]


def test_persons_stand_with_the_passage_that_goes_with_their_list(controlled: World) -> None:
    """One end of each flight: Istanbul is no post."""
    found = controlled.rows(
        "SELECT person_id, flight, crossing_record_id, known_from_seq FROM registry.announced_passage_history "
        "WHERE known_to_seq IS NULL ORDER BY ALL"
    )
    assert found == [
        ("PCAME", "KC912", "f1", 1),
        ("PELSEWHERE", "KC912", None, 1),
        ("PLATE", "KC912", "f10", 2),
        ("PLEFT", "KC911", "f8", 1),
        ("PREBOOKED", "KC912", None, 1),
        ("PREBOOKED", "KC914", "f7", 1),
        ("PREFUSED", "KC912", "f4", 1),
        ("PTWICE", "KC912", "f2", 1),
    ]


def test_all_at_once_gives_the_same_counts(controlled: World, tmp_path: Path) -> None:
    counts = """SELECT * EXCLUDE (change, known_seq), sum(change) FROM statistics.passenger_delta
        GROUP BY ALL HAVING sum(change) <> 0 ORDER BY ALL"""
    copied = controlled.copy(tmp_path / "copy")
    copied.load(2, full_refresh=True)
    assert copied.rows(counts) == controlled.rows(counts) != []


def test_corrected_lists_and_passages_are_reconciled_again(controlled: World, tmp_path: Path) -> None:
    corrected = controlled.copy(tmp_path / "corrected")
    correct_lists(corrected)
    corrected.load(3)
    found = corrected.rows(
        "SELECT CAST(period AS VARCHAR), flight, indicator, value FROM statistics.passenger_reconciliation "
        "WHERE post_code = 'ALA' AND direction = 'entry' AND carrier = 'KC' ORDER BY ALL"
    )
    assert found == [
        ("2026-01-12", "KC912", "announced", 4.0),
        ("2026-01-12", "KC912", "announced_not_seen", 1.0),
        ("2026-01-12", "KC912", "seen_as_announced", 3.0),
        ("2026-01-12", "KC912", "seen_not_announced", 1.0),
        ("2026-01-12", "KC914", "announced", 2.0),
        ("2026-01-12", "KC914", "announced_not_seen", 1.0),
        ("2026-01-12", "KC914", "seen_as_announced", 1.0),
        ("2026-01-12", "KC914", "seen_not_announced", 1.0),
        ("2026-01-20", "KC912", "announced", 1.0),
        ("2026-01-20", "KC912", "announced_not_seen", 1.0),
    ]
    assert corrected.rows(KNOWN_AT.format(1)) == controlled.rows(KNOWN_AT.format(1))


def test_a_schedule_is_told_by_the_clock_of_its_airport(drawn: World) -> None:
    """Until March 2024 Oral kept UTC+5 and Almaty UTC+6: one passage is twelve hours after its flight, one thirteen."""
    met = "SELECT person_id, crossing_record_id FROM registry.listed_passage_history "
    met += "WHERE direction = 'entry' ORDER BY ALL"
    assert drawn.rows(met) == [("PEAST", None), ("PWEST", "fURA")]
