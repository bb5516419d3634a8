"""What tests need that start other processes: a port that is free, and patience."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from pipelines.serving import HOST


def free_port() -> int:
    """A port of this machine at which nothing answers."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait_until(holds: Callable[[], bool], seconds: float = 600.0) -> None:
    """Waits until something holds; fails where nothing comes of it in that time."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "nothing came of it"
        time.sleep(0.1)
