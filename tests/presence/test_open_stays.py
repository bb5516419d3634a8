"""Chances of a few open stays beside a truth that can be counted by hand."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import pytest

from pipelines.benchmarks.open_stays import judge_open_stays, odds_apart
from pipelines.benchmarks.processes import Measure
from pipelines.storage import open_memory

LAST = date(2026, 6, 30)
# Citizenship, days of silence, days from the last allowed day, state, chance, whether the person was here in truth.
STAYS = [
    *[("UZB", 10, 20, "exit_not_matched", 0.9, True)] * 8,
    *[("UZB", 10, 20, "exit_not_matched", 0.9, False)] * 32,
    *[("RUS", 10, -20, "lawful", 0.9, True)] * 9,
    ("RUS", 10, -20, "lawful", 0.9, False),
    ("CHN", 0, None, "lawful", 1.0, True),
    ("KGZ", 0, 5, "overstay", 1.0, True),
]


@pytest.fixture
def found() -> dict[str, Measure]:
    """The measures by group."""
    with open_memory() as connection:
        _lay_out(connection)
        return {str(one["group"]): one for one in judge_open_stays(connection, LAST, large=10)}


def _lay_out(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE SCHEMA registry; CREATE SCHEMA presence; CREATE SCHEMA intermediate")
    connection.execute("CREATE TABLE presence.age AS SELECT 10 AS days, 9 AS band UNION ALL SELECT 0, 0")
    connection.execute(
        """CREATE TABLE intermediate.weighed_curve AS SELECT 'c' AS presence_class, 'open' AS ending, 9 AS band,
        9 AS silent_band, 0.8 AS lower, 0.95 AS upper, 0.09 AS variance, CAST(NULL AS INTEGER) AS known_to_seq
        UNION ALL SELECT 'c', 'open', 9, 9, 0, 0, 0, 4"""
    )
    connection.execute("CREATE TABLE registry.legal_status (person_id VARCHAR, status VARCHAR)")
    connection.execute("CREATE TABLE true_stay (person_id VARCHAR, first_day DATE, gone_on DATE)")
    connection.execute(
        """CREATE TABLE registry.stay (person_id VARCHAR, citizenship VARCHAR, presence_class VARCHAR,
        silent_since DATE, allowed_until DATE, control_state VARCHAR, presence_probability DOUBLE,
        ended_on DATE, departed_on DATE)"""
    )
    for number, (state, silent, past, control, chance, is_here) in enumerate(STAYS):
        allowed = None if past is None else LAST - timedelta(days=past)
        stay = [str(number), state, "c", LAST - timedelta(days=silent), allowed, control, chance, None, None]
        connection.execute("INSERT INTO registry.stay VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", stay)
        gone = LAST + timedelta(days=1) if is_here else LAST - timedelta(days=1)
        connection.execute("INSERT INTO true_stay VALUES (?, ?, ?)", [str(number), date(2026, 1, 1), gone])


def test_a_group_is_told_with_its_error_and_its_bounds(found: dict[str, Measure]) -> None:
    """Forty were expected to be here by nine in ten, and eight were."""
    told = found["exit not matched"]
    assert (told["open_stays"], told["expected"], told["here"]) == (40, 36, 8)
    assert (told["lower"], told["upper"]) == (32, 38)
    assert told["calibration_error"] == pytest.approx(0.7)
    assert not told["within_both"]
    assert told["standard_error_percent"] == pytest.approx(100 * (40 * 0.09) ** 0.5 / 8, abs=1e-4)


def test_chances_that_hold_have_the_truth_within_their_bounds(found: dict[str, Measure]) -> None:
    """Nine of ten were here, as expected; who gave a sign on the last day is here for certain."""
    assert found["citizens of RUS"]["calibration_error"] == pytest.approx(0)
    assert found["citizens of RUS"]["within_both"]
    certain = found["no last allowed day"]
    assert (certain["lower"], certain["expected"], certain["upper"]) == (1, 1, 1)


def test_stays_are_grouped_by_their_last_allowed_day(found: dict[str, Measure]) -> None:
    """A group without stays is not told, nor a citizenship of few."""
    days = {name: one["open_stays"] for name, one in found.items() if "past" in name or "allowed" in name}
    assert days == {"no last allowed day": 1, "last allowed day not past": 10, "1 to 30 days past it": 41}
    assert "citizens of CHN" not in found


def test_all_but_overstays_are_a_group(found: dict[str, Measure]) -> None:
    """Who is past the last allowed day without a sign after it is none, nor who is within it."""
    assert found["all but overstays"]["open_stays"] == len(STAYS) - 1


def test_a_group_of_few_errs_by_chance_alone(found: dict[str, Measure]) -> None:
    """Ten who are here by nine in ten: a binomial number is .7 from nine on average."""
    told = found["citizens of RUS"]
    assert told["error_by_chance"] == pytest.approx(0.0697, abs=0.008)
    assert told["error_by_chance_95"] == pytest.approx(0.2, abs=0.01)
    assert found["no last allowed day"]["error_by_chance"] == 0


def test_bounds_are_judged_by_cells_too(found: dict[str, Measure]) -> None:
    """One cell of the citizens of RUS holds; that of UZB does not; the one of CHN is too small to be judged."""
    assert (found["all open stays"]["cells"], found["all open stays"]["cells_within"]) == (2, 0.5)
    assert found["citizens of RUS"]["cells_within"] == 1
    assert found["no last allowed day"]["cells_within"] is None


def test_years_that_miss_by_more_than_their_bounds_tell_how_far_odds_lie_apart() -> None:
    """Odds that are off by a fifth move 100 by 20 where bounds leave 10 open: sqrt(3) tenths are beyond them.

    A year is told by the others; the number of all is no subset, nor is one that nothing can move.
    """
    year: Measure = {"group": "exit not matched", "expected": 900.0, "lower": 900.0, "upper": 900.0, "moved": 100.0}
    off = year | {"here": 880, "variance": 100.0}
    right = year | {"here": 900, "variance": 100.0}
    of_all = off | {"group": "all open stays", "here": 0}
    certain = right | {"group": "no last allowed day", "variance": 0.0, "moved": 0.0}
    assert odds_apart({1: [off, of_all], 2: [right, certain]}) == [
        {"without_seed": None, "odds_apart_beyond_bounds": 0.1},
        {"without_seed": 1, "odds_apart_beyond_bounds": 0.0},
        {"without_seed": 2, "odds_apart_beyond_bounds": 0.173},
    ]
    assert odds_apart({3: []}) == []
