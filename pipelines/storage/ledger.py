"""Append-only ledgers beside the database.

A ledger is a text file of JSON lines, each fsynced before the next step. The database repeats its content; where
the two differ, the database has lost something (a cut write-ahead log opens silently with less).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pipelines.storage.files import append_line

Entry = dict[str, Any]


class LedgerBehindError(Exception):
    """The database lacks what the ledger says was committed."""


def append(path: Path, entries: Iterable[Entry], point: str) -> None:
    """Appends entries, all in one write, and waits for the disk."""
    lines = [json.dumps(entry, ensure_ascii=False, separators=(",", ":"), default=str) for entry in entries]
    if lines:
        append_line(path, "\n".join(lines), point)


def read(path: Path) -> Iterator[Entry]:
    """Yields entries in order.

    A last line without its end was being written when the machine stopped; it was never answered for and is
    cut off, so that the next entry starts on a line of its own.
    """
    if not path.exists():
        return
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        with path.open("rb+") as handle:
            handle.truncate(len(whole))
    for line in whole.decode("utf-8").splitlines():
        yield json.loads(line)
