"""Putting a part of our own in the place of one of dbt's for the time of a call.

dbt has no setting for what `heard` and `kept` do. Its version stands in the lock, and their tests say when a newer one
is made otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_NONE = object()


@contextmanager
def replaced(owner: Any, name: str, part: Any) -> Iterator[None]:
    """Has `part` stand as `name` of a class or module; afterwards all is as it was."""
    before = vars(owner).get(name, _NONE)
    setattr(owner, name, part)
    try:
        yield
    finally:
        if before is _NONE:
            delattr(owner, name)
        else:
            setattr(owner, name, before)
