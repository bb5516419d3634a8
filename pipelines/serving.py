"""Starting and ending Dagster's UI on this machine: its home, its settings, the dbt manifest, the server.

Dagster is not imported here; it runs as processes of its own, in a group of their own, which ends with `mic ui`
however that ends.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType

from pipelines.modelling.preparing import prepare_manifest
from pipelines.settings import Settings
from pipelines.storage import Home
from pipelines.storage.files import write_whole

HOST = "127.0.0.1"
PORT = 3000
MODULE = "pipelines.definitions"
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
END_SECONDS = 30.0
PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
LIBRARY = ctypes.CDLL(None)
INSTANCE = """\
# Written by `mic ui`; changes are lost.
telemetry: {enabled: false}
nux: {enabled: false}
concurrency:
  runs: {max_concurrent_runs: 1}
  pools: {default_limit: 1, granularity: op}
run_monitoring:
  {enabled: true, start_timeout_seconds: 180, poll_interval_seconds: 60, free_slots_after_run_end_seconds: 60}
code_servers: {local_startup_timeout: 600}
run_retries: {enabled: true, max_retries: 0, retry_on_asset_or_op_failure: false}
retention:
  schedule: {purge_after_days: 90}
  sensor: {purge_after_days: {skipped: 7, failure: 30, success: 90}}
"""


def is_free(port: int) -> bool:
    """Whether nothing answers at a port of this machine yet; Dagster would say that late, in a traceback."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) != 0


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
    """Starts the UI and its daemon, which keeps schedule and sensors; the caller ends both by `end_ui`."""
    home = prepare_ui(settings)
    command = dagster_command(settings, "dev", "-m", MODULE, "-h", HOST, "-p", str(port))
    return subprocess.Popen(command, cwd=home, start_new_session=True, preexec_fn=_be_endable)


def _be_endable() -> None:
    """Makes a new process hear signals, and end when this one does.

    A shell starts what is followed by `&` with interrupts ignored. Dagster then ignores the request to end too,
    because it gives that signal the handling of an interrupt.
    """
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_DFL)
    if sys.platform == "linux":
        LIBRARY.prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)


def end_ui(process: subprocess.Popen[bytes], patience: float = END_SECONDS) -> None:
    """Ends the UI with all its processes: first by asking, after `patience` by force.

    A run under way ends too; its load stays open, and the next run resumes it.
    """
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def serve_ui(settings: Settings, port: int = PORT) -> int:
    """Serves the UI at `http://127.0.0.1:<port>` until it is asked to end; returns its exit code."""
    process = start_ui(settings, port)
    for ending in ENDINGS:
        signal.signal(ending, _interrupt)
    try:
        return process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        for ending in ENDINGS:
            signal.signal(ending, signal.SIG_IGN)
        end_ui(process)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
