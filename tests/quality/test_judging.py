"""What a judgement covers, what stops publication, and what it must never contain."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.contracts import load_contracts
from pipelines.quality import blocking, judge
from pipelines.settings import CHECKOUT
from tests.quality.judged_world import SECRET, bring, promise, promising, record

DUPLICATE = {"visit_id": "V"}
UNIQUE = promise("identifies_rows", "visit_id")
AT = datetime(2026, 3, 2, 1, tzinfo=UTC)


def results(connection: duckdb.DuckDBPyConnection, columns: str = "*") -> list[tuple[object, ...]]:
    """The table of results."""
    return connection.execute(f"SELECT {columns} FROM quality.expectation_result ORDER BY ALL").fetchall()


def test_planted_duplicate_is_blocking_and_a_warning_is_not(connection: duckdb.DuckDBPyConnection) -> None:
    bring(connection, DUPLICATE, {**DUPLICATE, "kind": "unheard"})
    outcomes = judge(connection, promising(UNIQUE), 1)
    assert [outcome.expectation for outcome in blocking(outcomes)] == ["identifies_rows"]
    assert {outcome.column_name for outcome in outcomes if not outcome.success} == {"visit_id", "kind"}


def test_only_this_load_is_judged(connection: duckdb.DuckDBPyConnection) -> None:
    bring(connection, DUPLICATE, DUPLICATE, load_seq=1)
    bring(connection, {}, load_seq=2)
    outcomes = judge(connection, promising(UNIQUE), 2)
    assert blocking(outcomes) == []
    assert {outcome.rows_judged for outcome in outcomes} == {1}


def test_feed_that_brought_nothing_is_not_judged(connection: duckdb.DuckDBPyConnection) -> None:
    record(connection, rows=5, state="rejected")
    assert judge(connection, promising(UNIQUE), 1) == []


def test_empty_delivery_is_judged_by_its_size_alone(connection: duckdb.DuckDBPyConnection) -> None:
    record(connection, rows=0)
    size = promise("row_count_between", severity="warning", minimum=1, maximum=9)
    outcomes = judge(connection, promising(UNIQUE, size), 1)
    found = [(outcome.expectation, outcome.success, outcome.observed_value, outcome.severity) for outcome in outcomes]
    assert found == [("row_count_between", False, 0, "warning")]


def test_check_that_sees_no_row_though_rows_arrived_fails_critically(connection: duckdb.DuckDBPyConnection) -> None:
    record(connection, rows=3)
    outcomes = judge(connection, promising(promise("values_known", "kind", "warning", at_least=0)), 1)
    assert len(blocking(outcomes)) == len(outcomes) > 0


def test_crash_of_one_check_fails_critically_and_spares_the_others(connection: duckdb.DuckDBPyConnection) -> None:
    bring(connection, {})
    connection.execute("ALTER TABLE raw.visits DROP kind")
    outcomes = judge(connection, promising(promise("values_known", "kind", "warning", at_least=0), UNIQUE), 1)
    failed = {(outcome.expectation, outcome.column_name) for outcome in blocking(outcomes)}
    assert failed == {("values_known", "kind"), ("columns_as_promised", None)}
    crashed = next(outcome for outcome in outcomes if outcome.column_name == "kind")
    assert crashed.observed_value is None
    assert "could not be run" in crashed.reason


def test_judging_a_load_again_leaves_the_same_rows(connection: duckdb.DuckDBPyConnection) -> None:
    bring(connection, {}, load_seq=1)
    bring(connection, {}, load_seq=2)
    contracts = promising(UNIQUE)
    judge(connection, contracts, 1, AT)
    judge(connection, contracts, 2, AT)
    once = results(connection, "* REPLACE (CAST(judged_at AS VARCHAR) AS judged_at)")
    judge(connection, contracts, 1, AT)
    assert results(connection, "* REPLACE (CAST(judged_at AS VARCHAR) AS judged_at)") == once


def test_no_value_of_a_person_is_in_results_or_output(
    connection: duckdb.DuckDBPyConnection, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    connection.execute("ALTER TABLE raw.visits ALTER days TYPE VARCHAR")
    bring(connection, {"days": SECRET, "kind": SECRET, "visit_id": SECRET}, {"visit_id": SECRET})
    outcomes = judge(connection, promising(UNIQUE, promise("share_not_null", "surname", at_least=1)), 1)
    assert any(outcome.observed_value is None for outcome in outcomes), "the bad cast must have made a check crash"
    said = [str(outcomes), str(results(connection, "* EXCLUDE judged_at")), caplog.text, *capfd.readouterr()]
    assert not [text for text in said if SECRET in text]


def test_numbers_of_an_outcome_keep_their_keys(connection: duckdb.DuckDBPyConnection) -> None:
    bring(connection, {}, {"kind": "unheard"})
    outcomes = {(one.expectation, one.column_name): one for one in judge(connection, promising(), 1)}
    assert outcomes["values_known", "kind"].metadata == {"success": 0, "rows_judged": 2, "observed_value": 0.5}


def test_all_checks_of_a_feed_take_one_scan(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.quality.engine import DuckDBExecutionEngine

    queries: list[object] = []
    execute = DuckDBExecutionEngine.execute_query

    def execute_and_note(engine: DuckDBExecutionEngine, query: object) -> object:
        queries.append(query)
        return execute(engine, query)

    monkeypatch.setattr(DuckDBExecutionEngine, "execute_query", execute_and_note)
    bring(connection, {})
    judge(connection, promising(UNIQUE), 1)
    assert len(queries) == 1


def test_every_contract_of_the_centre_can_be_translated() -> None:
    from expectations import Batch, build_feed_suite
    from pipelines.quality.engine import open_context

    open_context()
    for contract in load_contracts(CHECKOUT / "sources").values():
        suite = build_feed_suite(Batch(contract, 1, frozenset()))
        assert len(suite.expectations) >= len(contract.expectations) + 2


def test_importing_the_package_does_not_import_great_expectations() -> None:
    code = "import sys, expectations, pipelines.quality; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(CHECKOUT), check=False).returncode == 0


def test_great_expectations_is_loaded_without_what_draws_and_fits() -> None:
    code = """
import sys
from pipelines.quality.judging import NEVER_ASKED, prepare
prepare()
ran = [name for name in NEVER_ASKED if type(sys.modules[name]).__name__ != "_LazyModule"]
from scipy import stats
sys.exit(str(ran) if ran or stats.poisson.pmf(0, 1.0) > 0.37 else 0)"""
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(CHECKOUT), check=False).returncode == 0
