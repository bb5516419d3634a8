"""What a process loads and keeps for as long as it lives: libraries and the parsed project.

What is loaded is said where it is loaded (`modelling.parsing`, `quality.judging`).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def lasting() -> Iterator[None]:
    """Keeps Python's collector of garbage from what comes to be in the block, then and for good.

    It would look through millions of objects, none of which is garbage, again and again while they come to be, and
    through all of them at every full collection after: a tenth of what a small night costs. To be used once for a
    thing, because garbage of the block that refers to itself stays too.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
