"""Whether a process is still there: a file of its own that it holds locked for as long as it lives.

The kernel frees a lock when its holder ends, however it ends; whoever comes to an end by itself says so in the file.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ENDED = b"ended"


@contextmanager
def signs_of_life(path: Path) -> Iterator[None]:
    """Holds a file while the block runs; it bears its name only once it is held."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f".{path.name}")
    handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        beside.replace(path)
        yield
    finally:
        os.write(handle, ENDED)
        os.close(handle)


def is_gone(path: Path, since: float, patience: float) -> bool:
    """Whether nobody holds the file: at once where its holder was killed, else after `patience` seconds.

    Args:
        path: The file.
        since: When its holder began, in seconds since 1970, should the file not be there.
        patience: How long a holder may take to make the file, and to be heard of after it came to its end.
    """
    if not path.exists():
        return time.time() - since > patience
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return file.read() != ENDED or time.time() - path.stat().st_mtime > patience
