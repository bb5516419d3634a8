"""What linking does to the memory of its process: it asks for arrays of many megabytes, again and again.

That is a cost of the process and no part of the work: who is one person does not depend on it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.storage.arrow_memory import system_memory

# Parameters of glibc's mallopt, and what its thresholds grow to by themselves.
TRIM_THRESHOLD, MMAP_THRESHOLD, MMAP_MAX = -1, -3, -4
USUAL = ((MMAP_MAX, 65_536), (MMAP_THRESHOLD, 32 << 20), (TRIM_THRESHOLD, 64 << 20))
KEEPING = ((MMAP_MAX, 0), (TRIM_THRESHOLD, (1 << 31) - 1))


@contextmanager
def kept() -> Iterator[None]:
    """Runs the block with the memory that arrays leave kept for the next ones, and gives it back at the end.

    Large arrays go back to the system one by one else, which clears every page again that the next one asks for: a
    tenth of linking. Where the C library has no such setting, nothing is done.
    """
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt") or not hasattr(library, "malloc_trim"):
        yield
        return
    for setting in KEEPING:
        library.mallopt(*setting)
    try:
        with system_memory():
            yield
    finally:
        for setting in USUAL:
            library.mallopt(*setting)
        library.malloc_trim(0)
