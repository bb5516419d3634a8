"""Planted faults: the one place where a test may break a write.

`arm("publish.rename:2:kill")` makes the second passage of the point `publish.rename` fail. Unarmed, a passage
costs one comparison. Kinds: `kill` ends the process at once and `term` asks it to end, `full` is a full disk, `io` an
unreadable one, `readonly` one mounted without writing, `files` is a process with too many open files.
"""

from __future__ import annotations

import errno
import os
import signal

SIGNALS = {"kill": signal.SIGKILL, "term": signal.SIGTERM}
ERRORS = {"full": errno.ENOSPC, "io": errno.EIO, "readonly": errno.EROFS, "files": errno.EMFILE}

_armed: list[tuple[str, int, str]] = []
_passed: dict[str, int] = {}


def arm(fault: str) -> None:
    """Plants the fault `point:n:kind`; an empty text disarms. `*` as the point counts every passage."""
    _armed.clear()
    _passed.clear()
    if fault:
        point, number, kind = fault.rsplit(":", 2)
        if kind not in SIGNALS | ERRORS:
            raise ValueError(f"fault {fault!r}: the kind is one of {', '.join([*SIGNALS, *ERRORS])}")
        _armed.append((point, int(number), kind))


def passage(point: str) -> None:
    """Marks that a write is about to pass `point`; raises or kills where a fault is planted there."""
    if not _armed:
        return
    wanted, number, kind = _armed[0]
    if wanted not in (point, "*"):
        return
    _passed[wanted] = _passed.get(wanted, 0) + 1
    if _passed[wanted] != number:
        return
    if kind in SIGNALS:
        os.kill(os.getpid(), SIGNALS[kind])
        return
    raise OSError(ERRORS[kind], os.strerror(ERRORS[kind]), point)
