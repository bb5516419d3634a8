"""What of dbt's many messages is written out: a node makes some twenty, and nobody hears more than that it begins.

It is imported where dbt is, within a call: importing dbt takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dbt.events.types import NodeStart
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.event_manager_client import ctx_set_event_manager, get_event_manager

_QUIET = (EventLevel.DEBUG, EventLevel.TEST, EventLevel.INFO)


class Heard(EventManager):
    """Drops what only a log would hold, where there is none; warnings, errors and beginnings of nodes pass."""

    def fire_event(
        self,
        e: BaseEvent,
        level: EventLevel | None = None,
        node: Any = None,
        force_warn_or_error_handling: bool = False,
    ) -> None:
        """Writes the message out and hands it on, if somebody hears it."""
        is_quiet = (level or e.level_tag()) in _QUIET and not isinstance(e, NodeStart)
        if self.loggers or force_warn_or_error_handling or not is_quiet:
            super().fire_event(e, level, node, force_warn_or_error_handling)


@contextmanager
def little_heard() -> Iterator[None]:
    """Drops messages for the time of a call of dbt."""
    before = get_event_manager()
    ctx_set_event_manager(Heard())
    try:
        yield
    finally:
        ctx_set_event_manager(before)
