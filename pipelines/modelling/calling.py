"""One call of dbt inside this process: its environment, its arguments, and the connection closed afterwards.

What is run, and what its results mean, is said in `running`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipelines.modelling.outcome import ModellingError
from pipelines.settings import CHECKOUT, Settings
from pipelines.storage import Home, read_key

PROJECT = CHECKOUT / "dbt_project"
_ENVIRONMENT = os.environ  # noqa: TID251 dbt's connection is made from the environment and from nothing else
_HEADING = re.compile(r"(Runtime|Compilation|Database|Parsing) Error")
_SHOWS_VALUES = ("Conversion Error", "Invalid Input Error", "Constraint Error", "Out of Range Error")


def manifest_path(settings: Settings) -> Path:
    """Where the manifest stands for those who read it."""
    return Home(settings.home).dbt_target / "manifest.json"


def invoke(
    settings: Settings,
    arguments: list[str],
    manifest: Any = None,
    progress: Callable[[str], None] | None = None,
    target: Path | None = None,
) -> Any:
    """Runs one dbt command and lets go of the build database.

    Args:
        settings: Where the build database lies and how it is opened.
        arguments: The command and its options.
        manifest: The project already parsed, where it need not be parsed again.
        progress: Called with the name of each node as it starts.
        target: Where dbt writes, in place, so that a kill may leave half a file; the home's folder by default.

    Raises:
        ModellingError: dbt itself failed.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    from pipelines.modelling.heard import little_heard
    from pipelines.modelling.kept import work_kept

    def listen(event: Any) -> None:
        if progress is not None and event.info.name == "NodeStart":
            progress(event.data.node_info.node_name)

    into = str(target or Home(settings.home).dbt_target)
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", into]
    quiet = ["--log-level", "none", "--log-level-file", "none", "--no-print", "--no-use-colors", "--log-path", into]
    try:
        with _environment(settings), little_heard(), work_kept():
            result = dbtRunner(manifest=manifest, callbacks=[listen]).invoke([*arguments, *folders, *quiet])
    finally:
        if DuckDBConnectionManager._ENV is not None:
            DuckDBConnectionManager._ENV.close()
            DuckDBConnectionManager._ENV = None
    if result.exception is not None:
        raise ModellingError(f"dbt {arguments[0]}: {first_line(str(result.exception))}") from None
    return result


def first_line(message: str) -> str:
    """The first telling line of dbt's message, without values that the engine quotes from rows."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    telling = [line for line in lines if not _HEADING.match(line)] or lines or [""]
    if any(kind in telling[0] for kind in _SHOWS_VALUES):
        return re.sub(r"'[^']*'|\"[^\"]*\"", "'…'", telling[0])
    return telling[0]


@contextmanager
def _environment(settings: Settings) -> Iterator[None]:
    """What the plugin that makes the connection reads, for the time of a call."""
    given = {
        "MIC_HOME": str(settings.home),
        "MIC_MEMORY_LIMIT": settings.memory_limit,
        "MIC_THREADS": str(settings.threads),
        "MIC_REGISTRY_KEY": read_key(settings, "registry"),
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
