"""Columns of records that are numbers until they are written.

Each kind of column turns the numbers of some rows into text in one step, so a day's delivery costs its own rows and
nothing else is ever held as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.simulation.population import DAY, NEVER, Numbers

FIRST_DATE = np.datetime64("1850-01-01")
OFFSET = "+05:00"


class Column(Protocol):
    """Something that can write the text of some of its rows."""

    def text(self, rows: Numbers) -> pa.Array:
        """One text per row asked for, null where there is none."""
        ...


@dataclass(frozen=True)
class Coded:
    """Each row is one of few texts; a negative code is null."""

    labels: pa.Array
    codes: Numbers

    def text(self, rows: Numbers) -> pa.Array:
        """One label per row."""
        codes = self.codes[rows]
        return self.labels.take(pa.array(np.maximum(codes, 0), mask=codes < 0))


@dataclass(frozen=True)
class Dated:
    """Each row is a day, counted from 1 January 1970; `NEVER` is null; `precision` cuts to month or year."""

    days: Numbers
    precision: Numbers | None = None

    def text(self, rows: Numbers) -> pa.Array:
        """One date per row."""
        days = self.days[rows]
        unknown = np.abs(days) > 100_000
        known = np.where(unknown, 0, days)
        kinds = np.zeros(len(rows), dtype=np.int64) if self.precision is None else self.precision[rows]
        texts = _dates()
        size = len(texts) // 3
        return texts.take(pa.array(known - FIRST_DATE.astype(np.int64) + kinds * size, mask=unknown))


@dataclass(frozen=True)
class Moment:
    """Each row is a second counted from `first`; some carry the offset of the zone, others none."""

    seconds: Numbers
    first: int
    with_offset: NDArray[np.bool_]

    def text(self, rows: Numbers) -> pa.Array:
        """One timestamp per row."""
        seconds = self.seconds[rows]
        date = Dated(seconds // DAY + self.first).text(np.arange(len(rows)))
        clock = _clock().take(pa.array(seconds % DAY))
        offset = pa.array(["", OFFSET]).take(pa.array(self.with_offset[rows].astype(np.int64)))
        return pc.binary_join_element_wise(pc.binary_join_element_wise(date, clock, "T"), offset, "")


@dataclass(frozen=True)
class Numbered:
    """Each row is a number, padded with zeros behind a prefix; a negative number is null."""

    numbers: Numbers
    prefix: str = ""
    width: int = 0

    def text(self, rows: Numbers) -> pa.Array:
        """One text per row."""
        numbers = self.numbers[rows]
        text = pc.cast(pa.array(numbers, mask=numbers < 0), pa.string())
        padded = pc.utf8_lpad(text, self.width, "0") if self.width else text
        return pc.binary_join_element_wise(self.prefix, padded, "") if self.prefix else padded


@dataclass(frozen=True)
class Gapped:
    """Each row is that of another column, null where `present` is false."""

    column: Column
    present: NDArray[np.bool_]

    def text(self, rows: Numbers) -> pa.Array:
        """The other column's text, or none."""
        return pc.if_else(pa.array(self.present[rows]), self.column.text(rows), pa.scalar(None, pa.string()))


@dataclass(frozen=True)
class Picked:
    """Each row is one of the rows of another column."""

    column: Column
    picked: Numbers

    def text(self, rows: Numbers) -> pa.Array:
        """The other column's text at the picked rows."""
        return self.column.text(self.picked[rows])


@dataclass(frozen=True)
class Joined:
    """Each row is the texts of other columns in a row; those that are null are left out."""

    parts: tuple[Column, ...]
    separator: str

    def text(self, rows: Numbers) -> pa.Array:
        """One joined text per row, null where every part is."""
        return joined([part.text(rows) for part in self.parts], self.separator)


def joined(texts: Sequence[pa.Array], separator: str) -> pa.Array:
    """One text per row: the texts that are not null, null where all are."""

    def pair(left: pa.Array, right: pa.Array) -> pa.Array:
        # Arrow's own way of skipping nulls loses the rows in which all are null.
        both = pc.binary_join_element_wise(left, right, separator)
        return pc.coalesce(both, left, right)

    return reduce(pair, texts)


@lru_cache(maxsize=1)
def _dates() -> pa.Array:
    """Every date of three centuries: whole, then as year and month, then as year."""
    days = np.arange(FIRST_DATE, np.datetime64("2150-01-01"))
    whole = np.datetime_as_string(days, unit="D")
    return pa.array(np.concatenate([whole, whole.astype("U7"), whole.astype("U4")]), pa.string())


@lru_cache(maxsize=1)
def _clock() -> pa.Array:
    """Every second of a day as text."""
    return pa.array([f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(DAY)], pa.string())


def nothing(rows: int) -> pa.Array:
    """A column of nulls."""
    return pa.nulls(rows, pa.string())


__all__ = ["NEVER", "Coded", "Column", "Dated", "Gapped", "Joined", "Moment", "Numbered", "Picked", "joined", "nothing"]
