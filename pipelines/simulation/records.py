"""From the records of a feed to its deliveries: by business day, with errors, corrections, lateness and repetition.

A generator (`crossings.py`, `papers.py`, …) says which records there are; here they are written, spoiled and noted in
the truth. One period at a time is held as text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.contracts import Contract
from pipelines.simulation import errors
from pipelines.simulation.calibration import Calibration, Sender
from pipelines.simulation.columns import Coded, Column, Numbered
from pipelines.simulation.communities import Communities
from pipelines.simulation.delivery import SHARING_FORMATS, TYPED_FORMATS, Delivery, write_delivery
from pipelines.simulation.dwelling import Dwellings
from pipelines.simulation.movement import Passages, Posts, Stays
from pipelines.simulation.names import NameBook
from pipelines.simulation.places import Places
from pipelines.simulation.population import Numbers, Population
from pipelines.simulation.randomness import stream
from pipelines.simulation.registers import kind_of
from pipelines.simulation.spelling import Style, former_names, identity
from pipelines.simulation.truth import Truth

CORRECTED_EVERY = 10
DAYS_LATE = 4
SMALLEST_BROKEN = 25


@dataclass(frozen=True)
class State:
    """The synthetic state: everything that generators draw from."""

    calibration: Calibration
    book: NameBook
    places: Places
    posts: Posts
    people: Population
    stays: Stays
    passages: Passages
    communities: Communities
    dwellings: Dwellings
    first_day: date
    days: int
    seed: int

    @property
    def first(self) -> int:
        """The first day, counted from 1 January 1970."""
        return (self.first_day - date(1970, 1, 1)).days

    def district(self, person: Numbers, at: Numbers) -> Coded:
        """Where each person lives at a second of the world, as a column of codes."""
        return self.places.coded(self.dwellings.district_at(person, at))

    def misplaced(self, district: Numbers, rng: np.random.Generator) -> Numbers:
        """The districts as they are told: of a share of the rows another one."""
        rates, places = self.calibration.movement, self.places
        region = np.searchsorted(places.first, district, side="right") - 1
        count, first = places.count[region], places.first[region]
        anywhere = (district + rng.integers(1, len(places.district), len(district))) % len(places.district)
        further = 1 + (rng.random(len(district)) * (count - 1)).astype(np.int64)
        nearby = first + (district - first + further) % count
        other = np.where(rng.random(len(district)) < rates["misplaced_far"], anywhere, nearby)
        return np.where(rng.random(len(district)) < rates["misplaced"], other, district)

    def numbered(self, prefix: str, numbers: Numbers) -> Numbered:
        """Record numbers that no other world with another first day gives."""
        return Numbered(numbers, f"{prefix}{self.first_day:%y%m%d}", 9)


@dataclass(frozen=True)
class Records:
    """One position per record of a feed.

    Attributes:
        day: Day of the world on which the agency reports it, from 0.
        at: Second as of which the person is described.
        columns: The feed's own columns.
        person: Position of the person; `None` in a feed without persons.
        style: How the feed writes persons.
        renamed: Records that tell the surname borne before.
    """

    day: Numbers
    at: Numbers
    columns: dict[str, Column]
    person: Numbers | None = None
    style: Style | None = None
    renamed: np.ndarray | None = field(default=None)


@dataclass(frozen=True)
class Outlet:
    """Where the deliveries of a world go."""

    landing: Path
    truth: Truth
    progress: Callable[[str, int, int], None]


@dataclass(frozen=True)
class Period:
    """The rows that one delivery carries, the day of the world that it is for, and its number."""

    number: int
    day: int
    rows: Numbers


def deliver(state: State, contract: Contract, records: Records, outlet: Outlet) -> None:
    """Writes all deliveries of a feed, oldest first."""
    sender = state.calibration.senders.get(contract.feed, Sender(format=contract.simulation.format))
    waiting: list[pa.Table] = []
    periods = _periods(records, contract.cadence.days or 1, state.days)
    for period in periods:
        outlet.progress(contract.feed, period.number, len(periods))
        due = pa.concat_tables(waiting) if waiting and period.number % CORRECTED_EVERY == 0 else None
        if due is not None and due.num_rows:
            note = Delivery(contract.feed, state.first_day + timedelta(days=period.day), 2, "correction")
            write_delivery(due, note, contract, sender, outlet.landing)
            waiting = []
        waiting.append(_deliver_period(state, contract, sender, records, period, outlet))
    outlet.progress(contract.feed, len(periods), len(periods))


def _periods(records: Records, step: int, days: int) -> list[Period]:
    """One period per business day on which a delivery is due and has rows."""
    order = np.argsort(records.day, kind="stable")
    ordered = records.day[order]
    ends = range(min(step, days) - 1, days, step)
    found = []
    start = 0
    for number, day in enumerate(ends):
        stop = int(np.searchsorted(ordered, day, side="right"))
        if stop > start:
            found.append(Period(number, day, order[start:stop]))
        start = stop
    return found


def _deliver_period(
    state: State, contract: Contract, sender: Sender, records: Records, period: Period, outlet: Outlet
) -> pa.Table:
    """Writes one delivery, and returns the rows of it that a correction sets right later."""
    rates = state.calibration.errors
    rng = stream(state.seed, f"errors of {contract.feed}", period.number)
    true = _written(state, contract, records, period.rows)
    record_id = pc.binary_join_element_wise(*(pc.fill_null(true[name], "") for name in contract.record_id), "|")
    script = records.style.script if records.style else "native"
    told = errors.misspell(true, state.calibration, script, rng) if records.style else true
    # One broken row in a tiny delivery would have the whole of it held.
    share = rates["quarantined"] if len(period.rows) >= SMALLEST_BROKEN else 0.0
    shared = SHARING_FORMATS.get(sender.format, frozenset())
    spoiled = errors.break_rules(told, contract, share, sender.format in TYPED_FORMATS, rng, shared)
    table = pa.table(spoiled.columns)
    repeated = rng.random(len(period.rows)) < rates["repeated_row"]
    repeated[spoiled.held_back] = False
    repeated &= not shared
    table = pa.concat_tables([table, table.filter(pa.array(repeated))]).combine_chunks()
    late = _every(period.number, rates["delivery_late_every"], 11)
    day = state.first_day + timedelta(days=period.day)
    note = Delivery(contract.feed, day, kind=kind_of(contract), days_late=DAYS_LATE if late else 0)
    files = [write_delivery(table, note, contract, sender, outlet.landing)]
    if _every(period.number, rates["delivery_repeated_every"], 5):
        again = Delivery(contract.feed, note.business_date, 3, days_late=1)
        files.append(write_delivery(table, again, contract, sender, outlet.landing))
    if records.person is not None:
        outlet.truth.of_records(contract.feed, record_id, records.person[period.rows])
    held = spoiled.held_back
    for file in files:
        outlet.truth.of_errors(contract.feed, file.name, held + 2, record_id.take(pa.array(held)), spoiled.kinds)
    corrected = rng.random(len(period.rows)) < rates["corrected"]
    corrected[held[rng.random(len(held)) < 0.5]] = True
    corrected &= not late and not shared
    return pa.table(true).filter(pa.array(corrected))


def _written(state: State, contract: Contract, records: Records, rows: Numbers) -> dict[str, pa.Array]:
    """The true text of the rows, columns in the order of the contract."""
    columns = {name: column.text(rows) for name, column in records.columns.items()}
    if records.person is not None and records.style is not None:
        person, at = records.person[rows], records.at[rows]
        known = identity(state.calibration, state.book, state.people, records.style, person, at)
        columns = known | columns
        if records.renamed is not None:
            before = former_names(state.book, state.people, records.style.script, person)
            columns["former_names"] = errors.blanked(before, ~records.renamed[rows])
    return {column.name: columns[column.name] for column in contract.columns if column.name in columns}


def _every(number: int, distance: float, offset: int) -> bool:
    return number % int(distance) == offset
