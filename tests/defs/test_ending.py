"""`mic ui` ends with everything that it started: when asked, however it was started, and when it is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines import serving
from pipelines.settings import Settings
from tests.processes import wait_until

# Dagster's way: the request to end is handled as an interrupt is, and a child does part of the work.
SERVER = """
import os, pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, {handling})
child = subprocess.Popen(["sleep", "600"])
beside = pathlib.Path(__file__)
beside.with_name("began").write_text(f"{{os.getpid()}} {{child.pid}}")
try:
    time.sleep(600)
finally:
    beside.with_name("ended").touch()
    {at_end}
"""
LIKE_DAGSTER, DEAF = "signal.getsignal(signal.SIGINT)", "signal.SIG_IGN"
SERVE = """
import pathlib, sys
from pipelines import serving
from pipelines.settings import Settings
folder = pathlib.Path(sys.argv[1])
serving.prepare_ui = lambda settings: folder
serving.dagster_command = lambda *arguments: [sys.executable, str(folder / "server.py")]
sys.exit(serving.serve_ui(Settings(home=folder)))
"""


def write_server(folder: Path, handling: str, at_end: str = "pass") -> None:
    (folder / "server.py").write_text(SERVER.format(handling=handling, at_end=at_end), encoding="utf-8")


def began(folder: Path) -> list[int]:
    """The processes of the server, once they are there."""
    mark = folder / "began"
    wait_until(lambda: mark.exists() and bool(mark.read_text()), 20)
    return [int(pid) for pid in mark.read_text().split()]


def is_running(pid: int) -> bool:
    """Whether a process still does anything; one that ended and waits to be counted does not."""
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def serve(folder: Path) -> subprocess.Popen[bytes]:
    """`mic ui` as a script starts it by `&`: interrupts are ignored."""

    def as_background() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    return subprocess.Popen([sys.executable, "-c", SERVE, str(folder)], preexec_fn=as_background)


@pytest.mark.parametrize("ending", serving.ENDINGS)
def test_a_background_ui_ends_with_all_its_processes_when_asked(tmp_path: Path, ending: signal.Signals) -> None:
    write_server(tmp_path, LIKE_DAGSTER)
    served, started = serve(tmp_path), began(tmp_path)
    served.send_signal(ending)
    assert served.wait(20) == 0
    assert (tmp_path / "ended").exists(), "the server was not given time to end by itself"
    wait_until(lambda: not any(map(is_running, started)), 20)


def test_a_ui_whose_command_is_killed_ends_by_itself(tmp_path: Path) -> None:
    write_server(tmp_path, LIKE_DAGSTER, at_end="child.kill()")
    served, started = serve(tmp_path), began(tmp_path)
    served.kill()
    served.wait(20)
    wait_until(lambda: not any(map(is_running, started)), 20)


def test_what_is_left_of_a_ui_that_broke_down_is_ended(tmp_path: Path) -> None:
    write_server(tmp_path, LIKE_DAGSTER)
    served, started = serve(tmp_path), began(tmp_path)
    os.kill(started[0], signal.SIGKILL)
    assert served.wait(20) != 0
    wait_until(lambda: not any(map(is_running, started)), 20)


def test_a_ui_that_does_not_listen_is_ended_by_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_server(tmp_path, DEAF)
    monkeypatch.setattr(serving, "prepare_ui", lambda settings: tmp_path)
    monkeypatch.setattr(serving, "dagster_command", lambda *_: [sys.executable, str(tmp_path / "server.py")])
    process = serving.start_ui(Settings(home=tmp_path))
    started = began(tmp_path)
    serving.end_ui(process, patience=0.2)
    wait_until(lambda: not any(map(is_running, started)), 20)
