"""Work in a process of its own, with what it cost: so that its memory and its CPU time are its own.

What is worth measuring does not belong here (`loads`, `identity`, `names`).
"""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from pipelines.storage import open_memory

Measure = dict[str, object]


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
