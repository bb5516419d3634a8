"""One dbt run as a function call: environment, invocation, results, and the connection closed afterwards."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.modelling.sources import write_sources
from pipelines.settings import CHECKOUT, Settings
from pipelines.storage import Home, read_key
from pipelines.storage.files import write_whole

PROJECT = CHECKOUT / "dbt_project"
BEFORE_LINKING = "tag:before_linking"
AFTER_LINKING = "tag:after_linking"
UNCHANGING = ("config.materialized:view", "resource_type:seed")
_ENVIRONMENT = os.environ  # noqa: TID251 dbt's profile reads the environment and nothing else
_PARSED: dict[str, Any] = {}
_FAILED = ("error", "fail", "runtime error")
_HEADING = re.compile(r"(Runtime|Compilation|Database|Parsing) Error")
_SHOWS_VALUES = ("Conversion Error", "Invalid Input Error", "Constraint Error", "Out of Range Error")


class ModellingError(Exception):
    """A model or test failed; the message names it and says the first thing that went wrong.

    Attributes:
        results: What became of every node of the run; empty where dbt ended before any.
    """

    def __init__(self, message: str, results: Sequence[NodeResult] = ()) -> None:
        super().__init__(message)
        self.results = tuple(results)


@dataclass(frozen=True)
class NodeResult:
    """What became of one model, seed or test.

    Attributes:
        name: Schema and name of a relation, the name alone of a test.
        kind: `model`, `seed`, `test` or `unit_test`.
        status: dbt's word: `success`, `pass`, `warn`, `skipped`, `error`, `fail`.
        seconds: Time it took.
        failures: Rows that break a test.
        message: First line of what dbt says; of a broken test, how many rows break it.
    """

    name: str
    kind: str
    status: str
    seconds: float
    failures: int
    message: str

    @property
    def has_failed(self) -> bool:
        """Whether it stops the night."""
        return self.status in _FAILED


def manifest_path(settings: Settings) -> Path:
    """Where dbt leaves its manifest."""
    return Home(settings.home).dbt_target / "manifest.json"


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
    digest = hashlib.sha256(f"{Home(settings.home).database.stat().st_ino}".encode())
    for path in sorted(path for path in PROJECT.rglob("*") if path.suffix in (".sql", ".yml", ".csv")):
        digest.update(str(path.relative_to(PROJECT)).encode() + b"\n" + path.read_bytes())
    return digest.hexdigest()


def run_unit_tests(settings: Settings) -> list[NodeResult]:
    """Runs the models' unit tests; the models must have been built once.

    Raises:
        ModellingError: A test failed.
    """
    write_sources(settings)
    return _run(settings, ["test", "--select", "test_type:unit", "--no-write-json"], None)


def _run(settings: Settings, arguments: list[str], progress: Callable[[str], None] | None) -> list[NodeResult]:
    with _environment(settings):
        return _results(_invoke(settings, arguments, _parsed(settings), progress))


def _parsed(settings: Settings) -> Any:
    """The project as dbt understands it, without the load's number: the same from night to night in one process."""
    key = f"{settings.home} {_fingerprint(settings)}"
    if key not in _PARSED or not manifest_path(settings).exists():
        _PARSED.clear()
        _PARSED[key] = _invoke(settings, ["parse"]).result
    return _PARSED[key]


def _invoke(
    settings: Settings, arguments: list[str], manifest: Any = None, progress: Callable[[str], None] | None = None
) -> Any:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    def listen(event: Any) -> None:
        if progress is not None and event.info.name == "NodeStart":
            progress(event.data.node_info.node_name)

    target = str(Home(settings.home).dbt_target)
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", target]
    quiet = ["--log-level", "none", "--log-level-file", "none", "--no-print", "--no-use-colors", "--log-path", target]
    try:
        result = dbtRunner(manifest=manifest, callbacks=[listen]).invoke([*arguments, *folders, *quiet])
    finally:
        if DuckDBConnectionManager._ENV is not None:
            DuckDBConnectionManager._ENV.close()
            DuckDBConnectionManager._ENV = None
    if result.exception is not None:
        raise ModellingError(f"dbt {arguments[0]}: {first_line(str(result.exception))}") from None
    return result


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


def first_line(message: str) -> str:
    """The first telling line of dbt's message, without values that the engine quotes from rows."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    telling = [line for line in lines if not _HEADING.match(line)] or lines or [""]
    if any(kind in telling[0] for kind in _SHOWS_VALUES):
        return re.sub(r"'[^']*'|\"[^\"]*\"", "'…'", telling[0])
    return telling[0]


@contextmanager
def _environment(settings: Settings) -> Iterator[None]:
    """What the profile and the plugin read, for the time of a call; dbt takes it from nowhere else."""
    given = {
        "MIC_HOME": str(settings.home),
        "MIC_MEMORY_LIMIT": settings.memory_limit,
        "MIC_THREADS": str(settings.threads),
        "MIC_BUILD_DATABASE": str(Home(settings.home).database),
        "DBT_ENV_SECRET_MIC_REGISTRY_KEY": read_key(settings, "registry"),
        "DO_NOT_TRACK": "1",
    }
    before = {name: _ENVIRONMENT.get(name) for name in given}
    _ENVIRONMENT.update(given)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del _ENVIRONMENT[name]
            else:
                _ENVIRONMENT[name] = value
