"""What happens in the course of cases: events of persons on days of the world, whatever the feed.

Which events a case has and when they come belongs to the feed's own file; here those are kept that can be reported.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from pipelines.simulation.columns import NEVER
from pipelines.simulation.population import DAY, Numbers
from pipelines.simulation.records import State


@dataclass(frozen=True)
class Happenings:
    """One position per event, in order of day.

    Attributes:
        person: Whose case it is.
        event: Position in the feed's list of events; within a day a case's events come in the order of the list.
        day: Day of the world; before the first one lies what a register tells of the past.
        case: Number of the case.
    """

    person: Numbers
    event: Numbers
    day: Numbers
    case: Numbers

    def __len__(self) -> int:
        """Number of events."""
        return len(self.person)

    @property
    def reported(self) -> Numbers:
        """Day on which the agency reports it; the past comes on the first day."""
        return np.asarray(np.maximum(self.day, 0))

    def taken(self, rows: NDArray[np.bool_] | Numbers) -> Happenings:
        """The events at some positions."""
        return Happenings(*(getattr(self, field.name)[rows] for field in fields(self)))


def course(
    state: State, person: Numbers, case: Numbers, days: dict[int, Numbers], abroad: tuple[int, ...] = ()
) -> Happenings:
    """The events of cases up to the end of the world, from the day of each kind of event by case.

    Args:
        state: The synthetic state.
        person: Person of each case.
        case: Number of each case.
        days: By event, one day per case, `NEVER` for cases without it.
        abroad: Events that may come when the person has left for good.

    Returns:
        Events within the person's life, and else up to the day on which the person leaves the country for good.
    """
    events = Happenings(
        person=np.tile(person, len(days)),
        event=np.repeat(np.array(list(days), dtype=np.int64), len(person)),
        day=np.concatenate(list(days.values())).astype(np.int64) if days else person[:0],
        case=np.tile(case, len(days)),
    )
    born, last = state.people.born_at // DAY, last_day(state)
    fits = (events.day >= born[events.person]) & (events.day < state.days)
    return ordered(events.taken(fits & ((events.day <= last[events.person]) | np.isin(events.event, abroad))))


def ordered(events: Happenings) -> Happenings:
    """The events in order of day, then person, case and event."""
    return events.taken(np.lexsort((events.event, events.case, events.person, events.day)))


def joined(parts: list[Happenings]) -> Happenings:
    """The events of several courses, in order."""
    columns = ([getattr(part, field.name) for part in parts] for field in fields(Happenings))
    return ordered(Happenings(*(np.concatenate(column) for column in columns)))


def first_day(state: State) -> Numbers:
    """The day on which each person's first stay begins, `NEVER` for those who never come."""
    first = np.full(len(state.people), NEVER)
    np.minimum.at(first, state.stays.person, state.stays.entered // DAY)
    return first


def last_day(state: State) -> Numbers:
    """The day on which each person's last stay ends, -1 for those who never come."""
    last = np.full(len(state.people), -1, dtype=np.int64)
    np.maximum.at(last, state.stays.person, state.stays.left // DAY)
    return last


def last_passage(state: State) -> Numbers:
    """The second of each person's last passage of the border, -1 for none."""
    last = np.full(len(state.people), -1, dtype=np.int64)
    np.maximum.at(last, state.passages.person, state.passages.at)
    return last


def after(days: Numbers, low: int, high: int, rng: np.random.Generator, share: float = 1.0) -> Numbers:
    """A day between `low` and `high` days after each of `days`, for a share of them; `NEVER` for the others."""
    later = days + rng.integers(low, high + 1, len(days))
    return np.where((days == NEVER) | (rng.random(len(days)) >= share), NEVER, later)
