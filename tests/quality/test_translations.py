"""Each promise of a contract can hold and can fail."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from expectations import TRANSLATIONS, implied
from expectations.translations import UnknownExpectationError
from pipelines.contracts.model import Expectation
from pipelines.quality import Outcome, judge
from tests.quality.judged_world import CONTRACT, bring, promise, promising, record

KNOWN = promise("values_known", "kind", at_least=0.9)
FILLED = promise("share_not_null", "surname", at_least=0.5)
POSTS = promise("known_in_register", "post_code", register="posts", at_least=0.5)

HOLD_AND_FAIL: list[tuple[Expectation, list[dict[str, Any]], list[dict[str, Any]], float]] = [
    (KNOWN, [{"kind": "o'long"}, {"kind": None}], [{}, {"kind": "100%"}], 0.5),
    (promise("values_known", "needs", at_least=1), [{"needs": ["work", "school"]}], [{"needs": ["work", "x"]}], 0),
    (promise("values_between", "days", at_least=1), [{"days": 0}, {"days": 90}], [{"days": 91}], 0),
    (FILLED, [{}, {"surname": None}], [{}, {"surname": None}, {"surname": None}], 0.333333),
    (promise("identifies_rows", "visit_id"), [{}, {}], [{"visit_id": "V"}, {"visit_id": "V"}], 0.5),
    (promise("identifies_rows"), [{}, {}], [{"record_id": "V"}, {"record_id": "V"}], 0.5),
    (POSTS, [{}, {"post_code": "P0"}], [{"post_code": "P0"}, {"post_code": "P9"}], 0),
    (promise("row_count_between", minimum=2, maximum=3), [{}, {}], [{}], 1),
    (promise("rows_arrived"), [{}], [{"outcome": "repeat"}], 0),
]


def outcome_of(connection: duckdb.DuckDBPyConnection, expectation: Expectation) -> Outcome:
    """What the judgement says about one promise."""
    found = [
        outcome
        for outcome in judge(connection, promising(expectation), 1)
        if (outcome.expectation, outcome.column_name) == (expectation.type, expectation.column)
    ]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(("expectation", "good", "bad", "observed"), HOLD_AND_FAIL)
def test_promise_holds_on_good_rows_and_fails_on_bad_ones(
    connection: duckdb.DuckDBPyConnection,
    expectation: Expectation,
    good: list[dict[str, Any]],
    bad: list[dict[str, Any]],
    observed: float,
) -> None:
    bring(connection, *good)
    assert outcome_of(connection, expectation).success
    connection.execute("DELETE FROM raw.visits; DELETE FROM quality.delivery")
    bring(connection, *bad)
    failed = outcome_of(connection, expectation)
    assert (failed.success, failed.observed_value) == (False, observed)


def test_every_translation_is_tried() -> None:
    assert {case[0].type for case in HOLD_AND_FAIL} | {"columns_as_promised", "shares_as_usual"} == set(TRANSLATIONS)


def test_column_of_another_type_is_counted(connection: duckdb.DuckDBPyConnection) -> None:
    bring(connection, {})
    assert outcome_of(connection, promise("columns_as_promised")).success
    connection.execute("ALTER TABLE raw.visits ALTER days TYPE VARCHAR")
    assert outcome_of(connection, promise("columns_as_promised")).observed_value == 1


def test_one_duplicate_among_many_rows_is_not_rounded_away(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "INSERT INTO raw.visits SELECT 'V' || greatest(range, 1), NULL, NULL, NULL, NULL, NULL, 'V' || range, "
        "false, 1, 'current', NULL, DATE '2026-03-01' FROM range(3000000)"
    )
    record(connection, rows=3_000_000)
    assert not outcome_of(connection, promise("identifies_rows", "visit_id")).success


def test_corrected_row_of_the_same_load_is_no_duplicate(connection: duckdb.DuckDBPyConnection) -> None:
    bring(connection, {"visit_id": "V", "outcome": "superseded"}, {"visit_id": "V"})
    assert outcome_of(connection, promise("identifies_rows", "visit_id")).success


def test_citizens_without_identity_do_not_empty_a_column(connection: duckdb.DuckDBPyConnection) -> None:
    bring(
        connection, {}, {"surname": None, "is_citizen_stripped": True}, {"surname": None, "is_citizen_stripped": True}
    )
    assert outcome_of(connection, promise("share_not_null", "surname", at_least=1)).observed_value == 1


def test_size_is_judged_delivery_by_delivery(connection: duckdb.DuckDBPyConnection) -> None:
    bring(connection, {}, {})
    bring(connection, {}, {})
    assert outcome_of(connection, promise("row_count_between", minimum=1, maximum=3)).success
    record(connection, rows=9)
    assert outcome_of(connection, promise("row_count_between", minimum=1, maximum=3)).observed_value == 9


def test_register_that_never_came_knows_no_value(connection: duckdb.DuckDBPyConnection) -> None:
    bring(connection, {})
    outcome = outcome_of(
        connection, promise("known_in_register", "post_code", "warning", register="zones", at_least=0.5)
    )
    assert (outcome.success, outcome.severity, outcome.observed_value) == (False, "warning", 0)


@pytest.mark.parametrize(
    ("days", "women", "is_usual"),
    [(28, 31, True), (28, 70, False), (28, 0, False), (6, 70, True), (7, 70, False)],
)
def test_codes_that_change_places_are_noticed_by_their_shares(
    connection: duckdb.DuckDBPyConnection, days: int, women: int, is_usual: bool
) -> None:
    """Three in ten are `short`, a little more or less each day; a changed meaning turns the shares about."""
    day = """INSERT INTO raw.visits (visit_id, record_id, kind, load_seq, outcome, business_date)
        SELECT range, range, CASE WHEN range < $1 THEN 'short' ELSE 'long' END, $2, 'current', DATE '2026-03-01' + $3
        FROM range(100)"""
    for number in range(days):
        connection.execute(day, [30 + number % 5 - 2, 1, number])
    connection.execute(day, [women, 2, days])
    record(connection, rows=100, load_seq=2, business_date=str(date(2026, 3, 1) + timedelta(days)))
    usual = promise("shares_as_usual", "kind", "warning")
    outcome = next(one for one in judge(connection, promising(usual), 2) if one.expectation == "shares_as_usual")
    assert (outcome.success, outcome.severity, outcome.rows_judged) == (is_usual, "warning", 100)


def test_code_that_was_rare_may_come_once(connection: duckdb.DuckDBPyConnection) -> None:
    for number in range(10):
        bring(connection, *[{"business_date": f"2026-02-{number + 1:02}"}] * 9, load_seq=1)
    rows = [{"kind": kind, "business_date": "2026-02-12"} for kind in ("new", *["short"] * 9)]
    bring(connection, *rows, load_seq=2)
    connection.execute("UPDATE quality.delivery SET business_date = DATE '2026-02-12' WHERE load_seq = 2")
    usual = promise("shares_as_usual", "kind", "warning")
    outcome = next(one for one in judge(connection, promising(usual), 2) if one.expectation == "shares_as_usual")
    assert outcome.success and outcome.observed_value and outcome.observed_value > 2


def test_contract_implies_what_it_declares_about_columns() -> None:
    found = {(one.type, one.column, one.severity) for one in implied(CONTRACT)}
    assert found == {
        ("rows_arrived", None, "critical"),
        ("columns_as_promised", None, "critical"),
        ("share_not_null", "visit_id", "critical"),
        ("values_between", "days", "critical"),
        ("values_known", "kind", "warning"),
        ("values_known", "needs", "warning"),
    }


def test_promise_that_the_contract_makes_is_not_doubled() -> None:
    kinds = [(one.type, one.column) for one in implied(promising(KNOWN)["visits"])]
    assert ("values_known", "kind") not in kinds


@pytest.mark.parametrize("expectation", [promise("no_such_promise"), promise("values_known", "kind")])
def test_promise_that_cannot_be_translated_names_the_contract(
    connection: duckdb.DuckDBPyConnection, expectation: Expectation
) -> None:
    bring(connection, {})
    with pytest.raises(UnknownExpectationError, match=r"sources/visits/feed\.yml"):
        judge(connection, promising(expectation), 1)
