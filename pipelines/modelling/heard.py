"""What of dbt's many messages is written out: a node makes some twenty, and nobody hears more than that it begins.

dbt puts each into its message format when it is made, before anybody has said whether it is heard; here it is put so
when it is first read.

It is imported where dbt is, within a call: importing dbt takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from dbt.events.types import NodeStart
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.event_manager_client import ctx_set_event_manager, get_event_manager

from pipelines.modelling.replacing import replaced

_write: Any = BaseEvent.__init__
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
    """Drops messages for the time of a call of dbt; one that somebody reads is written out then."""
    before = get_event_manager()
    ctx_set_event_manager(Heard())
    written = cached_property(_written)
    written.__set_name__(BaseEvent, "pb_msg")
    try:
        with replaced(BaseEvent, "__init__", _said), replaced(BaseEvent, "pb_msg", written):
            yield
    finally:
        ctx_set_event_manager(before)


def _said(event: Any, *arguments: Any, **words: Any) -> None:
    """All that making a message does: it keeps the words that it is made of."""
    vars(event)["said"] = arguments, words


def _written(event: Any) -> Any:
    """The message in dbt's format, which takes hundreds of times as long."""
    arguments, words = vars(event)["said"]
    _write(event, *arguments, **words)
    return vars(event)["pb_msg"]
