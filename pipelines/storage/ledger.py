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
    yield from amended([json.loads(line) for line in whole.decode("utf-8").splitlines()])


def amended(entries: list[Entry]) -> list[Entry]:
    """Entries with the sizes and hashes that their files have since an erasure wrote them anew.

    `erased` is the number of accepted rows of a delivery that are gone.
    """
    erasures = [entry for entry in entries if entry["what"] == "erase"]
    if not erasures:
        return entries
    anew = {file[0]: file for entry in erasures for file in entry["files"]}
    gone: dict[tuple[str, int], int] = {}
    for kind, delivery, load, rows in (count for entry in erasures for count in entry["counts"]):
        if kind == "bronze":
            gone[delivery, load] = gone.get((delivery, load), 0) + rows
    return [
        entry
        | {kind: anew[entry[kind][0]] for kind in ("bronze", "quarantine") if entry.get(kind, [""])[0] in anew}
        | ({"erased": gone[entry["delivery_id"], entry["load"]]} if _place(entry) in gone else {})
        for entry in entries
    ]


def _place(entry: Entry) -> tuple[str, int]:
    return entry.get("delivery_id", ""), entry.get("load", 0)
