"""The one expectation of our own: an SQL aggregate over the batch lies between two bounds.

Great Expectations' column expectations bring samples of offending values along, and values are personal. This
one sees a single number, and all of its kind are answered in one scan, because the engine bundles aggregates
of the same batch. The module imports Great Expectations, so it is itself imported only inside functions.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricPartialFunctionTypes
from great_expectations.execution_engine.execution_engine import ExecutionEngine
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.expectation_configuration import parse_result_format
from great_expectations.expectations.metrics.metric_provider import metric_partial
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from great_expectations.validator.metric_configuration import MetricConfiguration
from great_expectations.validator.validator import ValidationDependencies

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

    def get_validation_dependencies(
        self,
        execution_engine: ExecutionEngine[Any] | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> ValidationDependencies:
        """The one metric that is asked; the library's own way there copies the expectation a hundred times."""
        metric = MetricConfiguration(METRIC, {"batch_id": self.batch_id}, {"expression": self.expression})
        wanted = parse_result_format((runtime_configuration or {}).get("result_format", self.result_format))
        return ValidationDependencies(metric_configurations={METRIC: metric}, result_format=wanted)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: ExecutionEngine[Any] | None = None,
    ) -> dict[str, Any]:
        value = metrics[METRIC]
        holds = value is not None
        holds = holds and (self.min_value is None or value >= self.min_value)
        holds = holds and (self.max_value is None or value <= self.max_value)
        return {"success": holds, "result": {"observed_value": value}}
