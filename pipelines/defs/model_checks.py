"""The tests of dbt models as checks of their assets: what each promises, in words, and what became of it.

A test says what it promises by its own `description`, else by its kind. The tests themselves stand in `dbt_project/`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import dagster as dg

from pipelines import alerts
from pipelines.modelling import ModellingError, NodeResult

PROMISES = {
    "filled": "No row lacks one of {columns}.",
    "identifies": "{column_name} is never empty and names one row.",
    "accepted_values": "{column_name} is one of {values}.",
    "relationships": "Every {column_name} is one of {field} in {to}.",
    "identifies_current_rows": "Among the rows that hold now, {columns} is never empty and names one row.",
    "never_overlaps": "The intervals of one person that hold now do not overlap.",
    "holds": "In every row: {condition}.",
}


def check_spec(
    manifest: Mapping[str, Any],
    unique_id: str,
    asset: dg.AssetKey,
    key_of: Callable[[Mapping[str, Any]], dg.AssetKey],
) -> dg.AssetCheckSpec | None:
    """A test as a check of `asset`, or nothing where it is about another table.

    A generic test is about the table under which it is declared, a singular one about the first that its SQL names.

    Args:
        manifest: dbt's manifest.
        unique_id: The test.
        asset: The table for which checks are wanted.
        key_of: Gives the asset of a node.
    """
    test = manifest["nodes"][unique_id]
    about = test.get("attached_node") or next(iter(test["depends_on"]["nodes"]), "")
    if about not in manifest["nodes"] or key_of(manifest["nodes"][about]) != asset:
        return None
    stops = str(test["config"]["severity"]).lower() == "error"
    return dg.AssetCheckSpec(
        test["name"],
        asset=asset,
        description=promise(test),
        blocking=stops,
        metadata={
            "severity": "critical" if stops else "warning",
            "declared_in": f"dbt_project/{test['original_file_path']}",
        },
    )


def promise(test: Mapping[str, Any]) -> str:
    """What must hold, in a sentence; of a test that nobody described, its name."""
    if test.get("description"):
        return str(test["description"])
    known = test.get("test_metadata") or {}
    if known.get("name") in PROMISES:
        return PROMISES[known["name"]].format(**{name: _shown(value) for name, value in known["kwargs"].items()})
    return f"{test['name'].replace('_', ' ').capitalize()}."


def read_test(result: NodeResult, check: dg.AssetCheckKey) -> dg.AssetCheckResult:
    """What became of a test; where it is broken, by how many rows and what to do."""
    passed = result.status == "pass"
    return dg.AssetCheckResult(
        asset_key=check.asset_key,
        check_name=check.name,
        passed=passed,
        severity=dg.AssetCheckSeverity.ERROR if result.has_failed else dg.AssetCheckSeverity.WARN,
        metadata={"rows_that_break_it": result.failures, "seconds": result.seconds},
        description=None if passed else _said(result),
    )


def _said(result: NodeResult) -> str:
    if result.has_failed:
        return f"{result.message.capitalize()}. {alerts.advise(ModellingError(result.message))}"
    return f"{result.message.capitalize()}. The night goes on; an engineer looks at the rows by day."


def _shown(argument: Any) -> str:
    """An argument of a test as people read it: names and SQL set off, a table without dbt's way of naming it."""
    if isinstance(argument, list):
        return ", ".join(f"`{one}`" for one in argument)
    name = str(argument).removeprefix("ref('").removesuffix("')")
    return f"`{name}`"
