"""One dbt run as a function call: what is selected, what became of it, and what need not be made again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb

from pipelines.modelling.calling import first_line, invoke
from pipelines.modelling.outcome import ModellingError, NodeResult, OtherModelsError
from pipelines.modelling.parsing import parsed, project_digest
from pipelines.modelling.sources import write_sources
from pipelines.settings import Settings
from pipelines.storage import open_build
from pipelines.storage.database import DamagedDatabaseError, tells_of_damage

BEFORE_LINKING = "tag:before_linking"
AFTER_LINKING = "tag:after_linking"
UNCHANGING = ("config.materialized:view", "resource_type:seed")

# Models of a load of so few rows are made two at a time, so that the engine works while dbt writes the next statement.
# Two large ones would want more memory than there is.
FEW_ROWS = 500_000


def build(
    settings: Settings,
    select: str,
    load_seq: int,
    full_refresh: bool = False,
    progress: Callable[[str], None] | None = None,
) -> list[NodeResult]:
    """Runs the selected models, seeds and data tests for one load.

    No other connection to the build database may be open.

    Args:
        settings: Where the build database lies and how it is opened.
        select: dbt's selection, such as `BEFORE_LINKING`.
        load_seq: The load that models write for.
        full_refresh: Rebuild incremental models; what was known before is then forgotten.
        progress: Called with the name of each node as it starts.

    Returns:
        One result per node that ran.

    Raises:
        ModellingError: A node failed.
        DamagedDatabaseError: One met a block that cannot be read.
    """
    write_sources(settings)
    with open_build(settings) as connection:
        stands = _stands(connection, select)
        are_few = _rows(connection, load_seq) <= FEW_ROWS
    values = f"{{load_seq: {load_seq}, project_stands: {str(stands).lower()}}}"
    arguments = ["build", "--select", *select.split(), "--vars", values, "--no-write-json"]
    arguments += ["--exclude-resource-type", "unit_test", "--indirect-selection", "buildable"]
    arguments += ["--full-refresh"] if full_refresh else ["--threads", "2" if are_few else "1"]
    if stands and not full_refresh:
        arguments += ["--exclude", *UNCHANGING]
    found = _run(settings, arguments, progress)
    if stands:
        return found
    with open_build(settings) as connection:
        connection.execute("DELETE FROM meta.modelled WHERE selection = $1", [select])
        connection.execute("INSERT INTO meta.modelled VALUES ($1, $2)", [select, project_digest()])
    return found


def demand_modelled(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuses to read models that another version of the project has made: some may not be there yet.

    Raises:
        OtherModelsError: They were.
    """
    if not all(_stands(connection, select) for select in (BEFORE_LINKING, AFTER_LINKING)):
        raise OtherModelsError(
            "the models of this home were made by another version of the code, before it was updated. Nothing was "
            "changed: run `mic nightly`, which makes them anew though nothing has landed."
        )


def _stands(connection: duckdb.DuckDBPyConnection, select: str) -> bool:
    """Whether the views and seeds of a selection were made of the project as it is."""
    made = "SELECT count(*) FROM meta.modelled WHERE selection = $1 AND project = $2"
    return connection.execute(made, [select, project_digest()]).fetchall() == [(1,)]


def _rows(connection: duckdb.DuckDBPyConnection, load_seq: int) -> int:
    accepted = "SELECT coalesce(sum(rows_accepted), 0) FROM quality.delivery WHERE load_seq = $1"
    return int(connection.execute(accepted, [load_seq]).fetchall()[0][0])


def run_unit_tests(settings: Settings) -> list[NodeResult]:
    """Runs the models' unit tests; the models must have been built once.

    Raises:
        ModellingError: A test failed.
    """
    write_sources(settings)
    return _run(settings, ["test", "--select", "test_type:unit", "--no-write-json"], None)


def _run(settings: Settings, arguments: list[str], progress: Callable[[str], None] | None) -> list[NodeResult]:
    return _results(invoke(settings, arguments, parsed(settings), progress))


def _results(result: Any) -> list[NodeResult]:
    found = [_result(one) for one in result.result.results]
    failed = [one for one in found if one.has_failed]
    if any(tells_of_damage(one.message) for one in failed):
        raise DamagedDatabaseError
    if failed:
        raise ModellingError("; ".join(f"{one.name}: {one.message}" for one in failed), found)
    return found


def _result(one: Any) -> NodeResult:
    kind = str(one.node.resource_type)
    name = f"{one.node.schema}.{one.node.name}" if kind in ("model", "seed") else one.node.name
    status, failures = str(one.status), one.failures or 0
    is_broken = kind == "test" and status in ("fail", "warn")
    message = f"rows that break it: {failures}" if is_broken else first_line(one.message or "")
    return NodeResult(name, kind, status, one.execution_time, failures, message)
