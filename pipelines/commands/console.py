"""What the operator sees: progress, tables and JSON.

Progress goes to standard error, results to standard output, so that a pipe gets results alone.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

Told = Callable[[str, int, int], None]
STEPS = ("simulate", "take in", "judge registry", "judge", "model", "link", "publish", "replay", "back up", "restore")
PLAIN_SECONDS = 10.0


@contextmanager
def shown_progress(part: str = "") -> Iterator[Told]:
    """A function to tell progress to: bars on a terminal, plain lines otherwise.

    Args:
        part: What the steps belong to, where a command does several things.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield PlainLines(part).tell
        return
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[amount]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bars = Bars(progress, part)
        yield bars.tell
        bars.finish()


class Bars:
    """One bar per step; a step ends when the next one begins."""

    def __init__(self, progress: Progress, part: str) -> None:
        self._progress = progress
        self._part = part
        self._step = ""
        self._task: TaskID | None = None
        self._passed = 0

    def tell(self, step: str, done: int, total: int) -> None:
        """Moves the bar of `step`; the first word of another step closes the last one."""
        name, detail = split_step(step)
        if name != self._step or self._task is None:
            self.finish()
            self._step, self._passed = name, 0
            self._task = self._progress.add_task(f"{self._part} {name}".strip(), total=None, amount="")
        self._passed += bool(detail)
        amount = f"{done}/{total}" if total > 1 else f"{self._passed} {detail}" if detail else ""
        self._progress.update(self._task, completed=done, total=total if total > 1 else None, amount=amount)

    def finish(self) -> None:
        """Closes the bar at hand."""
        if self._task is not None:
            self._progress.update(self._task, completed=1, total=1, amount=str(self._passed or ""))


class PlainLines:
    """One line as a step begins, and one every few seconds while it counts."""

    def __init__(self, part: str) -> None:
        self._part = part
        self._step = ""
        self._said_at = 0.0

    def tell(self, step: str, done: int, total: int) -> None:
        """Prints a line where there is something new to say."""
        name, _ = split_step(step)
        moment = time.monotonic()
        if name == self._step and moment - self._said_at < PLAIN_SECONDS:
            return
        amount = f" {done} of {total}" if total > 1 else ""
        where = f"{self._part}: " if self._part else ""
        print(f"{time.strftime('%H:%M:%S')} {where}{name}{amount}", file=sys.stderr, flush=True)
        self._step, self._said_at = name, moment


def split_step(step: str) -> tuple[str, str]:
    """A step's own name, and what it is working at."""
    name = next((known for known in STEPS if step == known or step.startswith(known + " ")), step)
    return name, step.removeprefix(name).strip()


def say(text: str = "") -> None:
    """Prints a line of the answer."""
    print(text, flush=True)


def say_json(value: Any) -> None:
    """Prints a value for machines; dates and times in ISO 8601."""
    print(json.dumps(value, ensure_ascii=False, indent=1, default=str), flush=True)


def say_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], form: str = "table") -> None:
    """Prints rows as a table, as CSV or as JSON."""
    if form == "json":
        say_json([dict(zip(columns, row, strict=True)) for row in rows])
    elif form == "csv":
        csv.writer(sys.stdout, lineterminator="\n").writerows([columns, *rows])
    else:
        table = Table(*columns)
        for row in rows:
            table.add_row(*("" if value is None else str(value) for value in row))
        console = Console()
        if console.is_terminal:
            console.print(table)
        else:
            Console(width=32_767 if len(columns) > 1 else None, soft_wrap=True).print(table)


def counted(counts: Mapping[str, int]) -> str:
    """Counts by name as a phrase: `3 accepted, 1 held`."""
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items())) or "none"
