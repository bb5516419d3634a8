"""Work in a process of its own, with what it cost: so that its memory and its CPU time are its own.

What is worth measuring does not belong here (`loads`, `identity`, `names`).
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from pipelines.storage import open_memory

Measure = dict[str, object]
SCRIPTS = Path(__file__).parent / "peers"


def in_process(work: Callable[..., Any], *given: Any) -> dict[str, Any]:
    """Runs `work` in a fresh process: its `answer`, `seconds`, `cpu_s` and `peak_mb`."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(measured, work, given).result()


def cost(found: dict[str, Any]) -> Measure:
    """The cost in what `in_process` found, rounded for a table."""
    return {"seconds": round(found["seconds"], 2), "cpu_s": round(found["cpu_s"], 2), "peak_mb": found["peak_mb"]}


def measured(work: Callable[..., Any], given: tuple[Any, ...]) -> dict[str, Any]:
    """Runs `work` in this process: its `answer`, `seconds`, `cpu_s`, and the most memory that the process ever held."""
    with open_memory() as connection:
        # The client imports pandas at the first parameter: part of starting a process, not of the work.
        connection.execute("SELECT $1", [1])
    used = resource.getrusage(resource.RUSAGE_SELF)
    began = time.monotonic()
    answer = work(*given)
    seconds = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    return {"answer": answer, "seconds": seconds, "cpu_s": cpu, "peak_mb": after.ru_maxrss // 1024}


def run_peer(python: Path, script: str, *given: str) -> Any:
    """Runs a script of `peers` by an interpreter that has what it needs, and reads the JSON of its last line."""
    done = subprocess.run([python, SCRIPTS / script, *given], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])
