"""The one expectation of our own: an SQL aggregate over the batch lies between two bounds.

Great Expectations' column expectations bring samples of offending values along, and values are personal. This
one sees a single number, and all of its kind are answered in one scan, because the engine bundles aggregates
of the same batch. The module imports Great Expectations, so it is itself imported only inside functions.
"""

from __future__ import annotations

from typing import Any, ClassVar

import sqlalchemy
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricPartialFunctionTypes
from great_expectations.execution_engine.execution_engine import ExecutionEngine
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_partial
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

METRIC = "table.aggregate"


class Aggregate(TableMetricProvider):
    """The value of one SQL aggregate expression over the batch."""

    metric_name = METRIC
    domain_keys = ("batch_id",)
    value_keys = ("expression",)

    @metric_partial(
        engine=SqlAlchemyExecutionEngine,
        partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN,
        domain_type=MetricDomainTypes.TABLE,
    )
    def _sqlalchemy(
        cls,  # noqa: N805  (metric functions are called on the class)
        execution_engine: SqlAlchemyExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> tuple[Any, dict[str, Any], dict[str, Any]]:
        return sqlalchemy.literal_column(metric_value_kwargs["expression"]), metric_domain_kwargs, {}


class ExpectAggregateToBeBetween(BatchExpectation):
    """Holds when the value of an SQL aggregate lies between the bounds, both included.

    Attributes:
        expression: DuckDB SQL that gives one number for the batch.
        min_value: Smallest value that is believed; none where it is empty.
        max_value: Largest value that is believed; none where it is empty.
    """

    expression: str
    min_value: float | None = None
    max_value: float | None = None

    metric_dependencies: ClassVar[tuple[str, ...]] = (METRIC,)
    success_keys: ClassVar[tuple[str, ...]] = ("expression", "min_value", "max_value")

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: ExecutionEngine[Any] | None = None,
    ) -> dict[str, Any]:
        verdict: dict[str, Any] = self._validate_metric_value_between(
            metric_name=METRIC,
            metrics=metrics,
            runtime_configuration=runtime_configuration,
            execution_engine=execution_engine,
        )
        return verdict
