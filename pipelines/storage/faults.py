"""Planted faults: the one place where a test may break a write.

`arm("publish.rename:2:kill")` makes the second passage of the point `publish.rename` fail. Unarmed, a passage
costs one comparison. Kinds: `kill` ends the process at once, `full` is a full disk, `io` an unreadable one.
"""

from __future__ import annotations

import errno
import os
import signal

_armed: list[tuple[str, int, str]] = []
_passed: dict[str, int] = {}


def arm(fault: str) -> None:
    """Plants the fault `point:n:kind`; an empty text disarms. `*` as the point counts every passage."""
    _armed.clear()
    _passed.clear()
    if fault:
        point, number, kind = fault.rsplit(":", 2)
        if kind not in ("kill", "full", "io"):
            raise ValueError(f"fault {fault!r}: the kind is kill, full or io")
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
    if kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    code = errno.ENOSPC if kind == "full" else errno.EIO
    raise OSError(code, os.strerror(code), point)
