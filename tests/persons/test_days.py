"""Days of stay in a statement, and no sign of asylum in the copy without its key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from pipelines.persons.days import count_days
from pipelines.persons.sections import Section, without_asylum_codes
from pipelines.storage import open_memory

DAY = date(2026, 6, 30)
USED = {"entry": (20, 30, 10), "window": (80, 90, 10), "year": (95, 120, 25)}


@pytest.fixture
def restricted() -> Iterator[duckdb.DuckDBPyConnection]:
    """A certificate covers the first week of a stay since 1 May, and ten days of January, three of them with a visa."""
    with open_memory() as connection:
        connection.execute(
            """CREATE SCHEMA registry;
            CREATE TABLE registry.person_key AS SELECT 'p' AS person_id, 'key' AS person_key;
            CREATE TABLE registry.stay AS FROM (VALUES
              ('p', DATE '2026-01-01', DATE '2026-01-01', DATE '2026-01-20', DATE '2026-01-20', DATE '2026-01-20'),
              ('p', DATE '2026-05-01', DATE '2026-05-01', NULL, NULL, DATE '2026-06-01'))
              AS t(person_id, entered_on, first_sign_on, left_on, ended_on, last_sign_on);
            CREATE TABLE registry.legal_status AS FROM (VALUES
              ('p', 'asylum_seeker', 'asylum_cases', DATE '2026-01-05', DATE '2026-01-15'),
              ('p', 'asylum_seeker', 'asylum_cases', DATE '2026-03-01', DATE '2026-05-08'),
              ('p', 'pending', 'asylum_cases', DATE '2026-05-08', NULL),
              ('p', 'visa', 'residence_permits', DATE '2026-01-05', DATE '2026-01-08'))
              AS t(person_id, status, basis_feed, valid_from, valid_to)"""
        )
        yield connection


@pytest.fixture
def analysis() -> Iterator[duckdb.DuckDBPyConnection]:
    """What the analysts' file answers: a rule of three counters."""
    with open_memory() as connection:
        told = ", ".join(f"('{counter}', {used}, {allowed}, {left})" for counter, (used, allowed, left) in USED.items())
        connection.execute(
            f"""CREATE SCHEMA reference;
            CREATE TABLE reference.stay_rule AS SELECT 'three' AS rule_id, 180 AS window_days;
            CREATE MACRO stay_days(person_key, day) AS TABLE
              SELECT *, 'three' AS rule_id, 'Act 1' AS act, 'clause 2' AS clause
              FROM (VALUES {told}) AS t(counter, used, allowed, left_over) WHERE person_key = 'key'"""
        )
        yield connection


def counted(
    restricted: duckdb.DuckDBPyConnection, analysis: duckdb.DuckDBPyConnection, person: str, with_asylum: bool
) -> dict[str, tuple[int, int, int]]:
    section = count_days(restricted, analysis, person, DAY, with_asylum)
    return {row["counter"]: (row["used"], row["allowed"], row["left_over"]) for row in section.rows}


def test_with_the_key_days_are_those_of_the_query(
    restricted: duckdb.DuckDBPyConnection, analysis: duckdb.DuckDBPyConnection
) -> None:
    assert counted(restricted, analysis, "p", with_asylum=True) == USED


def test_without_the_key_days_under_a_paper_of_asylum_alone_are_days_like_others(
    restricted: duckdb.DuckDBPyConnection, analysis: duckdb.DuckDBPyConnection
) -> None:
    """Seven of May; of January seven, which the year counts and the window from 2 January on too."""
    told = counted(restricted, analysis, "p", with_asylum=False)
    assert told == {"entry": (27, 30, 3), "window": (94, 90, 0), "year": (109, 120, 11)}


def test_who_has_no_stay_has_no_days(
    restricted: duckdb.DuckDBPyConnection, analysis: duckdb.DuckDBPyConnection
) -> None:
    assert counted(restricted, analysis, "nobody", with_asylum=True) == {}


def test_help_that_is_shown_does_not_say_whether_it_was_for_refugees() -> None:
    helped = {"entry_id": "H-1", "population": "refugee", "case_id": "AC-1", "programme_id": "R-1", "kind": "grant"}
    (shown,) = without_asylum_codes([Section("record.settlement_support", tuple(helped), [helped])])
    assert shown.columns == ("entry_id", "kind")


def test_a_code_that_tells_of_asylum_is_not_in_a_record_either() -> None:
    crossing = Section("record.border_crossings", ("purpose",), [{"purpose": "asylum"}, {"purpose": "work"}])
    (shown,) = without_asylum_codes([crossing])
    assert [row["purpose"] for row in shown.rows] == ["other", "work"]
