"""Great Expectations on a DuckDB connection that is already open; no row leaves the engine.

Great Expectations has no DuckDB source. Its SQLAlchemy engine returns a result whose connection has gone back to
the pool, and DuckDB drops a pending result with it; so the result is frozen first. The module imports Great
Expectations, which takes seconds, so it is itself imported only inside functions.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import duckdb
import great_expectations
import sqlalchemy
from duckdb_engine import ConnectionWrapper
from great_expectations import ExpectationSuite
from great_expectations.core import ExpectationValidationResult
from great_expectations.core.batch import Batch
from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.execution_engine.sqlalchemy_batch_data import SqlAlchemyBatchData
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.validator.validator import Validator
from sqlalchemy.pool import StaticPool

NO_SAMPLES = {"result_format": {"result_format": "SUMMARY", "partial_unexpected_count": 0}}


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """The SQLAlchemy engine, with results that outlive their connection."""

    def execute_query(self, query: Any) -> Any:
        """The whole result of a query, read before the connection is returned."""
        with self.get_connection() as connection:
            return connection.execute(query).freeze()()


@lru_cache(maxsize=1)
def open_context() -> EphemeralDataContext:
    """The context of this process; suites can be built once it exists.

    It keeps nothing, sends nothing and shows no progress bars.
    """
    context = great_expectations.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def evaluate(
    connection: duckdb.DuckDBPyConnection, query: str, suite: ExpectationSuite
) -> list[ExpectationValidationResult]:
    """One result per expectation of the suite, judged on the rows of `query`.

    All expectations are answered together. Where that fails, each is asked by itself, so that the one at fault
    is named and the others keep their verdict.

    Args:
        connection: The database; only committed content is seen.
        query: The rows to judge.
        suite: What must hold.
    """
    configurations = [expectation.configuration for expectation in suite.expectations]
    results = run_together(connection, query, configurations)
    if len(configurations) > 1 and any(crashed(result) for result in results):
        return [result for one in configurations for result in run_together(connection, query, [one])]
    return results


def run_together(
    connection: duckdb.DuckDBPyConnection, query: str, configurations: list[ExpectationConfiguration]
) -> list[ExpectationValidationResult]:
    """One result per configuration, all from one scan."""
    database = sqlalchemy.create_engine("duckdb://", creator=lambda: borrow(connection), poolclass=StaticPool)
    engine = DuckDBExecutionEngine(engine=database)
    try:
        data: Any = SqlAlchemyBatchData(execution_engine=engine, query=query, create_temp_table=False)
        validator = Validator(execution_engine=engine, data_context=open_context(), batches=[Batch(data=data)])
        results: list[ExpectationValidationResult] = validator.graph_validate(
            configurations=configurations, runtime_configuration=NO_SAMPLES
        )
        return results
    finally:
        engine.close()


def borrow(connection: duckdb.DuckDBPyConnection) -> ConnectionWrapper:
    """A cursor of the connection that looks at the same database and schema, in SQLAlchemy's clothes."""
    place = connection.execute("SELECT current_database(), current_schema()").fetchone()
    cursor = connection.cursor()
    cursor.execute('USE "{}"."{}"'.format(*(place or ())))
    return ConnectionWrapper(cursor)


def crashed(result: ExpectationValidationResult) -> bool:
    """Whether the check could not be run; Great Expectations tells it by expectation or by metric."""
    info = result.exception_info or {}
    return any(
        part is True or (isinstance(part, dict) and part.get("raised_exception"))
        for part in (info.get("raised_exception"), *info.values())
    )
