"""Records of feeds that no generator knows: after the sample beside the contract, else by the types of the columns.

A new feed joins the synthetic state by its folder alone.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipelines.contracts import Column as Promise
from pipelines.contracts import ColumnType, Contract
from pipelines.simulation.columns import Coded, Column, Dated, Moment, Numbered, Picked
from pipelines.simulation.hosts import organisation_numbers, private_numbers
from pipelines.simulation.population import DAY, Numbers
from pipelines.simulation.randomness import stream
from pipelines.simulation.records import Records, State
from pipelines.simulation.sampling import record_ids, sampled
from pipelines.simulation.spelling import IDENTITY_COLUMNS, Style

STATES = ("KAZ", "UZB", "RUS", "KGZ", "CHN", "TUR", "DEU")
WORDS = 200


def drawn_records(state: State, contract: Contract, sample: pa.Table | None = None) -> Records:
    """At most `rows_per_delivery` records for every delivery that is due within the world, no record id twice."""
    step = contract.cadence.days or state.days
    deliveries = max(1, state.days // step)
    rng = stream(state.seed, f"drawn {contract.feed}")
    day = np.repeat(np.arange(deliveries), contract.simulation.rows_per_delivery) * step
    columns = _columns(state, contract, day, rng)
    if sample is not None:
        columns |= sampled(contract, sample, columns, day, state.first, rng)
    kept = _first_of_each(columns, contract, len(day))
    day, columns = day[kept], {name: Picked(column, kept) for name, column in columns.items()}
    if not contract.identity_block:
        return Records(day=day, at=day * DAY, columns=columns)
    person = rng.integers(0, len(state.people), len(day))
    born = state.people.born_at[person] // DAY
    person = np.where(born <= day, person, 0)
    return Records(day=day, at=day * DAY, columns=columns, person=person, style=Style("cyrillic", latin=True))


def _columns(state: State, contract: Contract, day: Numbers, rng: np.random.Generator) -> dict[str, Column]:
    """The feed's own columns by their types; a text that is part of the record id numbers the records."""
    personal = IDENTITY_COLUMNS if contract.identity_block else ()
    numbers = state.numbered(contract.feed[:2].upper(), np.arange(len(day)))
    return {
        column.name: numbers
        if column.name in contract.record_id and column.type is ColumnType.text
        else _values(state, column, day, rng)
        for column in contract.columns
        if column.name not in personal
    }


def _first_of_each(columns: dict[str, Column], contract: Contract, count: int) -> Numbers:
    """Positions of the records whose id no earlier record has."""
    rows = np.arange(count)
    ids = pa.table({name: columns[name].text(rows) for name in contract.record_id})
    _, first = np.unique(record_ids(ids, contract).to_numpy(zero_copy_only=False), return_index=True)
    return np.sort(first)


def _values(state: State, promise: Promise, day: Numbers, rng: np.random.Generator) -> Column:
    """One plausible value per record for one column."""
    count = len(day)
    if promise.codes:
        return Coded(pa.array(list(promise.codes)), rng.integers(0, len(promise.codes), count))
    low = promise.minimum if promise.minimum is not None else 0
    high = promise.maximum if promise.maximum is not None else low + 100
    match promise.type:
        case ColumnType.date | ColumnType.partial_date:
            return Dated(day + state.first - rng.integers(0, 3, count))
        case ColumnType.timestamp:
            return Moment(day * DAY + rng.integers(8, 18, count) * 3600, state.first, np.ones(count, dtype=bool))
        case ColumnType.integer | ColumnType.decimal:
            return Numbered(rng.integers(int(np.ceil(max(low, 0))), int(high) + 1, count))
        case ColumnType.boolean:
            return Coded(pa.array(["false", "true"]), rng.integers(0, 2, count))
        case ColumnType.kato:
            region = rng.integers(0, len(state.places.region), count)
            return state.places.coded(state.places.districts(region, rng.random(count)))
        case ColumnType.country:
            return Coded(pa.array(STATES), rng.integers(0, len(STATES), count))
        case ColumnType.sex:
            return Coded(pa.array(["M", "F"]), rng.integers(0, 2, count))
        case ColumnType.bin:
            return Numbered(organisation_numbers(rng.integers(0, 4_000, count)), width=12)
        case ColumnType.iin:
            return Numbered(private_numbers(rng.integers(0, 4_000, count)), width=12)
        case _:
            words = [f"{promise.name} {number}" for number in range(1, WORDS + 1)]
            return Coded(pa.array(words), rng.integers(0, WORDS, count))
