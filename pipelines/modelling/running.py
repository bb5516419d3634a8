"""One dbt run as a function call: what is selected, what became of it, and what need not be made again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipelines.modelling.calling import first_line, invoke
from pipelines.modelling.outcome import ModellingError, NodeResult
from pipelines.modelling.parsing import parsed, project_digest
from pipelines.modelling.sources import write_sources
from pipelines.settings import Settings
from pipelines.storage import Home
from pipelines.storage.files import write_whole

BEFORE_LINKING = "tag:before_linking"
AFTER_LINKING = "tag:after_linking"
UNCHANGING = ("config.materialized:view", "resource_type:seed")


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
    """
    arguments = ["build", "--select", *select.split(), "--vars", f"{{load_seq: {load_seq}}}", "--no-write-json"]
    arguments += ["--exclude-resource-type", "unit_test", *(["--full-refresh"] if full_refresh else [])]
    write_sources(settings)
    mark, fingerprint = _mark(settings, select), _fingerprint(settings)
    if not full_refresh and mark.exists() and mark.read_text(encoding="utf-8") == fingerprint:
        arguments += ["--exclude", *UNCHANGING]
    found = _run(settings, arguments, progress)
    write_whole(mark, fingerprint.encode(), "modelling.mark")
    return found


def _mark(settings: Settings, select: str) -> Path:
    """A name of fixed length: a run of chosen models may name a hundred."""
    return Home(settings.home).dbt_target / f"built-{hashlib.sha256(select.encode()).hexdigest()[:16]}"


def _fingerprint(settings: Settings) -> str:
    """Changes with the project and with the database file: then views and seeds are made again, else they stand."""
    database = Home(settings.home).database.stat().st_ino
    return hashlib.sha256(f"{database} {project_digest()}".encode()).hexdigest()


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
