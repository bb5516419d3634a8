"""Starting Dagster's UI on this machine: its home, its settings, the dbt manifest, the server.

Dagster is not imported here; it runs as a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pipelines.modelling.preparing import prepare_manifest
from pipelines.settings import Settings
from pipelines.storage import Home
from pipelines.storage.files import write_whole

HOST = "127.0.0.1"
PORT = 3000
MODULE = "pipelines.definitions"
INSTANCE = """\
# Written by `mic ui`; changes are lost.
telemetry: {enabled: false}
nux: {enabled: false}
concurrency:
  runs: {max_concurrent_runs: 1}
  pools: {default_limit: 1, granularity: op}
run_monitoring: {enabled: true, start_timeout_seconds: 180, poll_interval_seconds: 60}
retention:
  schedule: {purge_after_days: 90}
  sensor: {purge_after_days: {skipped: 7, failure: 30, success: 90}}
"""


def prepare_ui(settings: Settings) -> Path:
    """Makes what the UI needs before it starts; returns `DAGSTER_HOME`."""
    home = Home(settings.home)
    home.prepare()
    write_whole(home.dagster / "dagster.yaml", INSTANCE.encode(), "dagster.settings")
    prepare_manifest(settings)
    return home.dagster


def dagster_command(settings: Settings, *arguments: str) -> list[str]:
    """A command of Dagster for this centre, with the environment that it adds.

    Keys are inherited, never written here: a command line can be read by everybody on the machine.
    """
    given = {
        "DAGSTER_HOME": Home(settings.home).dagster,
        "MIC_HOME": settings.home,
        "MIC_SOURCES": settings.sources,
    }
    return ["env", *(f"{name}={value}" for name, value in given.items()), sys.executable, "-m", "dagster", *arguments]


def start_ui(settings: Settings, port: int = PORT) -> subprocess.Popen[bytes]:
    """Starts the UI and its daemon, which keeps schedule and sensors; the caller ends it by `terminate`."""
    home = prepare_ui(settings)
    command = dagster_command(settings, "dev", "-m", MODULE, "-h", HOST, "-p", str(port))
    return subprocess.Popen(command, cwd=home)


def serve_ui(settings: Settings, port: int = PORT) -> int:
    """Serves the UI at `http://127.0.0.1:<port>` until it is interrupted; returns its exit code."""
    process = start_ui(settings, port)
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        return 0
