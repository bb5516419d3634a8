"""What Python's collector of garbage need not look through: what a process keeps, and work that makes no cycles.

What is loaded and kept, libraries and the parsed project, is said where it is loaded (`modelling.parsing`,
`quality.judging`).
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


@contextmanager
def uncollected() -> Iterator[None]:
    """Runs the block without looking for cycles of objects: it makes none, and many objects without any.

    Each look goes through all that lives: as much again as working names out, a tenth of reading passenger lists.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
