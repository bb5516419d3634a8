"""Records after the sample beside a contract: what belongs together in a row stays together.

Codes, texts and numbers of a record come from one row of `good.csv`. What makes the record its own, its number, place,
period and days, is put in place of the sample's. Values that follow from a column's type alone do not belong here.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from pipelines.contracts import Cadence, ColumnType, Contract
from pipelines.contracts import Column as Promise
from pipelines.simulation.columns import NEVER, Coded, Column, Dated, Gapped, Joined
from pipelines.simulation.population import Numbers
from pipelines.simulation.registers import read_texts

SAMPLE = "good.csv"
MARKS = "good.expected.yml"
DRAWN_ANEW = (ColumnType.kato, ColumnType.bin, ColumnType.iin)
MONTH, YEAR = 1, 2


def read_sample(contract: Contract, sources: Path) -> pa.Table | None:
    """The rows of the feed's `good.csv` that intake accepts without a mark; `None` where the feed has no sample."""
    path = sources / contract.feed / SAMPLE
    if not path.exists():
        return None
    names = {column.delivered_as: column.name for column in contract.columns}
    table = read_texts(path)
    table = table.rename_columns([names.get(name, name) for name in table.column_names])
    marked = yaml.safe_load(path.with_name(MARKS).read_text(encoding="utf-8")) or {}
    named = pc.is_in(record_ids(table, contract), pa.array([str(key) for key in marked], pa.string()))
    return table.filter(pc.invert(named))


def record_ids(table: pa.Table, contract: Contract) -> pa.Array:
    """Record id of each row, as intake joins it."""
    parts = [pc.fill_null(table[name].combine_chunks(), "") for name in contract.record_id]
    return pc.binary_join_element_wise(*parts, "|")


def sampled(
    contract: Contract, sample: pa.Table, drawn: dict[str, Column], day: Numbers, first: int, rng: np.random.Generator
) -> dict[str, Column]:
    """One position per record, column by column.

    Args:
        contract: The feed; a register is delivered as its sample stands.
        sample: Rows to choose from.
        drawn: The same records as their types alone would have them.
        day: First day of the period in which the record is reported, from 0.
        first: First day of the world, counted from 1 January 1970.
        rng: Source of chance.
    """
    names = [column for column in contract.columns if column.name in sample.column_names]
    row = np.arange(len(day)) % sample.num_rows
    if contract.cadence is Cadence.snapshot:
        return {column.name: _told(sample, column.name, row) for column in names}
    told = _days(sample, contract.event_time)[row] if contract.event_time else None
    on = day + first + rng.integers(0, contract.cadence.days or 1, len(day))
    done: dict[str, Column] = {}
    for column in names:
        present = pc.is_valid(sample[column.name]).to_numpy()[row]
        if column.name == numbered_column(contract) or column.type in DRAWN_ANEW:
            done[column.name] = Gapped(drawn[column.name], present)
        elif column.name in ("year", "month", "period"):
            done[column.name] = _period(column, contract.cadence, day + first)
        elif column.type is ColumnType.timestamp and column.name == contract.event_time:
            clock = Coded(pc.utf8_slice_codeunits(sample[column.name].combine_chunks(), 10), row)
            done[column.name] = Gapped(Joined((Dated(on), clock), ""), present)
        elif column.type is ColumnType.date and told is not None:
            stood = _days(sample, column.name)[row]
            done[column.name] = Dated(np.where(stood == NEVER, NEVER, stood - told + on))
        else:
            done[column.name] = _told(sample, column.name, row)
    return done


def numbered_column(contract: Contract) -> str:
    """The part of the record id that numbers the records; empty where they are told apart by what they are about."""
    texts = [name for name in contract.record_id if contract.column(name).type is ColumnType.text]
    numbers = [name for name in texts if len(contract.record_id) == 1 or name.endswith("_id")]
    return numbers[-1] if numbers else ""


def _told(sample: pa.Table, name: str, row: Numbers) -> Coded:
    return Coded(sample[name].combine_chunks(), row)


def _days(sample: pa.Table, name: str) -> Numbers:
    """Day of each row of the sample, counted from 1 January 1970; `NEVER` where it has none."""
    dates = pc.cast(pc.utf8_slice_codeunits(sample[name].combine_chunks(), 0, 10), pa.date32())
    days = pc.fill_null(pc.cast(pc.cast(dates, pa.int32()), pa.int64()), NEVER)
    return np.asarray(days.to_numpy(), dtype=np.int64)


def _period(column: Promise, cadence: Cadence, days: Numbers) -> Column:
    """The month, year or period of a day by its ISO name; a period is as long as the time between two deliveries."""
    if column.name == "period" and cadence is Cadence.quarterly:
        quarters = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) // 3
        known, place = np.unique(quarters, return_inverse=True)
        return Coded(pa.array([f"{1970 + quarter // 4}-Q{quarter % 4 + 1}" for quarter in known.tolist()]), place)
    is_year = column.name == "year" or (column.name == "period" and cadence is Cadence.yearly)
    return Dated(days, np.full(len(days), YEAR if is_year else MONTH))
