"""An append-only file of JSON lines in which each line carries the hash of the line before it.

Nothing is ever changed or cut, by the centre neither: a line that a power cut left unfinished is ended where it stands,
and the next line says so. Whoever changes, takes out, puts in or moves a line breaks the chain after it; whoever cuts
its end, or writes all of it anew, is found by the head (number of lines, hash of the last) that was kept elsewhere.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.storage.faults import passage
from pipelines.storage.files import sync_folder

Entry = dict[str, Any]
BLOCK = 65_536


@dataclass(frozen=True)
class Head:
    """What is to be kept elsewhere of a chain.

    Attributes:
        count: Number of lines.
        hash: SHA-256 of the last line; zeros of an empty chain.
    """

    count: int = 0
    hash: str = "0" * 64


@dataclass
class Found:
    """What a check found.

    Attributes:
        head: The head as far as lines stand.
        problems: What is wrong; empty where nothing is.
        unfinished: Lines at the end that cannot be read, as a power cut leaves one.
    """

    head: Head = field(default_factory=Head)
    problems: list[str] = field(default_factory=list)
    unfinished: int = 0


def append(path: Path, entry: Mapping[str, Any]) -> Head:
    """Appends an entry and waits until it is on the disk; several processes may do so at once.

    Args:
        path: The chain; its folder is there.
        entry: The line without its number and the hash of the line before.

    Returns:
        The head after it.

    Raises:
        OSError: The line cannot be written; what was written of it is ended by the next one.
    """
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        head, torn, end = _end(handle)
        if torn:
            head, end = _write_entry(handle, head, {"what": "torn", "lines": torn}, end), b""
        written = _write_entry(handle, head, entry, end)
        passage("audit.fsync")
        os.fsync(handle)
        if head.count == 0:
            sync_folder(path.parent)
        return written
    finally:
        os.close(handle)


def read_head(path: Path) -> Head:
    """The head of the chain as its last lines have it; `check` says whether the rest bears it out."""
    if not path.exists():
        return Head()
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        return _end(handle)[0]
    finally:
        os.close(handle)


def entries(path: Path) -> Iterator[tuple[Head, Entry]]:
    """Yields each line that can be read, with the head that the chain had after it."""
    for number, line in enumerate(_lines(path), start=1):
        entry = _read(line.removesuffix(b"\n"))
        if entry is not None:
            yield Head(number, _hash(line.removesuffix(b"\n"))), entry


def check(path: Path, head: str = "", count: int | None = None) -> Found:
    """Reads the whole chain and says what is wrong with it.

    Args:
        path: The chain.
        head: Hash of a head that was kept elsewhere, at whatever time.
        count: Number of lines that the chain had then.
    """
    found, hashes = Found(), [Head().hash]
    for line in _lines(path):
        entry = _read(line.removesuffix(b"\n"))
        if entry is None:
            found.unfinished += 1
        else:
            found.problems += _wrong(entry, found.head, found.unfinished)
            found.unfinished = 0
        found.head = Head(found.head.count + 1, _hash(line.removesuffix(b"\n")))
        hashes.append(found.head.hash)
    if found.unfinished:
        lines = f"the last {found.unfinished} lines are unfinished"
        found.problems.append(f"{lines}: never answered for, or the end was damaged")
    if count is not None and count >= len(hashes):
        found.problems.append(f"there were {count} lines and there are {len(hashes) - 1}: the end was cut")
    elif head and head not in (hashes if count is None else hashes[count : count + 1]):
        found.problems.append("the head that was kept is not there: the chain was cut, or written anew")
    return found


def _lines(path: Path) -> Iterator[bytes]:
    """The lines that stand when the reading begins; one that is being written then is waited for."""
    if not path.exists():
        return
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        left = os.fstat(file.fileno()).st_size
        fcntl.flock(file, fcntl.LOCK_UN)
        while left > 0:
            line = file.readline(left)
            left -= len(line)
            yield line


def _wrong(entry: Entry, before: Head, torn: int) -> list[str]:
    number, problems = before.count + 1, []
    if entry["number"] != number:
        problems.append(f"line {number} bears the number {entry['number']}")
    if entry.get("before") != before.hash:
        problems.append(f"line {number} does not follow line {number - 1}: one was changed, moved, put in or taken out")
    if torn and (entry.get("what"), entry.get("lines")) != ("torn", torn):
        problems.append(f"{torn} lines before line {number} cannot be read")
    return problems


def _end(handle: int) -> tuple[Head, int, bytes]:
    """The head, how many of its last lines are unfinished, and the end that the last one wants."""
    start, tail = os.fstat(handle).st_size, b""
    while True:
        whole = tail.split(b"\n")[1 if start else 0 :]
        rest = whole.pop() if whole else b""
        pieces = [*whole, rest] if rest else whole
        end = b"\n" if rest else b""
        for torn, line in enumerate(reversed(pieces)):
            entry = _read(line)
            if entry is not None:
                return Head(entry["number"] + torn, _hash(pieces[-1])), torn, end
        if start == 0:
            return Head(len(pieces), _hash(pieces[-1])) if pieces else Head(), len(pieces), end
        size = min(BLOCK, start)
        start -= size
        tail = os.pread(handle, size, start) + tail


def _read(line: bytes) -> Entry | None:
    """The entry of a line; None where it is not a whole one."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) and isinstance(entry.get("number"), int) else None


def _write_entry(handle: int, before: Head, entry: Mapping[str, Any], end: bytes) -> Head:
    numbered = {"number": before.count + 1, **entry, "before": before.hash}
    line = json.dumps(numbered, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    passage("audit.write")
    content = end + line + b"\n"
    while content:
        content = content[os.write(handle, content) :]
    return Head(before.count + 1, _hash(line))


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()
