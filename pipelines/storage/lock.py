"""One writer at a time."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


class LockHeldError(Exception):
    """Another run is writing; the message says who and since when."""


@dataclass(frozen=True)
class Holder:
    """What the lock file says of its holder.

    Attributes:
        said: Process, purpose and start, as JSON; empty where nobody holds it and nobody died over it.
        is_alive: Whether it still holds the lock; whoever stands there and does not was killed.
    """

    said: str = ""
    is_alive: bool = False


def read_holder(path: Path) -> Holder:
    """Who holds the lock, or was killed while holding it; it is neither waited for nor taken."""
    if not path.exists():
        return Holder()
    with path.open("r", encoding="utf-8", errors="replace") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            is_alive = False
        except BlockingIOError:
            is_alive = True
        return Holder(handle.read(), is_alive)


@contextmanager
def run_lock(path: Path, purpose: str, wait_seconds: float = 0.0) -> Iterator[None]:
    """Holds the writer's lock while the block runs.

    The kernel frees the lock when its holder ends, however it ends, so a dead run never blocks the next one. A holder
    that comes to its end takes its name out of the file; that of one that was killed stays until the next.

    Args:
        path: The lock file.
        purpose: What the holder does, for those who wait.
        wait_seconds: How long to try.

    Raises:
        LockHeldError: The lock was still held after that time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _acquire(handle, path, wait_seconds)
        owner = {"pid": os.getpid(), "purpose": purpose, "since": datetime.now(UTC).isoformat(timespec="seconds")}
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(owner).encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _acquire(handle: int, path: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                holder = path.read_text(encoding="utf-8", errors="replace") or "a run that is just starting"
                raise LockHeldError(f"another run is writing: {holder}. Wait for it, then start again.") from None
            time.sleep(0.2)
