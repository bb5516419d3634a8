"""Names of the synthetic persons: `names.csv` as arrays that are picked by number.

Each list of names (`uz`, `kk`, …) has surnames, given names and patronymics, each in three spellings: as at home, in
Russian Cyrillic, and in passport Latin. A surname has the same number for men and women, so families share numbers.

A nation has thousands of surnames where a list has one hundred. In a state of many persons surnames of some lists are
put together: a beginning (`Mir`, `Er`, `Nur`) stands before nearly half of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

FILE = Path(__file__).with_name("names.csv")
SCRIPTS = ("native", "cyrillic", "latin")


MANY_PERSONS = 100_000


@dataclass(frozen=True)
class Part:
    """All names of one kind; `start` and `count` find those of a list and sex.

    Numbers from `count` on are of names put together: `beginnings` stands before the name whose number is left.
    """

    texts: dict[str, pa.Array]
    start: NDArray[np.int64]
    count: NDArray[np.int64]
    beginnings: Part | None = None

    def spelled(
        self, script: str, names: NDArray[np.int64], sex: NDArray[np.int64], number: NDArray[np.int64]
    ) -> pa.Array:
        """One name per person: spelled in `script`, null where the list has no such names."""
        count = self.count[names, sex]
        which, beginning = number % np.maximum(count, 1), number // np.maximum(count, 1)
        whole = self.texts[script].take(pa.array(self.start[names, sex] + which, mask=count == 0))
        if self.beginnings is None or not beginning.any():
            return whole
        begun = self.beginnings.spelled(script, names, np.zeros_like(sex), np.maximum(beginning - 1, 0))
        rest = whole if script == "latin" else pc.utf8_lower(whole)
        return pc.if_else(pa.array(beginning > 0), pc.binary_join_element_wise(begun, rest, ""), whole)

    def pick(self, rng: np.random.Generator, names: NDArray[np.int64], sex: NDArray[np.int64]) -> NDArray[np.int64]:
        """One number per person; the first names of a list are the commonest."""
        count = self.count[names, sex]
        number = np.asarray(count * rng.random(len(names)) ** 1.6, dtype=np.int64)
        if self.beginnings is None:
            return number
        beginning = rng.integers(-1, self.beginnings.count[names, 0], len(names)) + 1
        return number + np.where(rng.random(len(names)) < 0.5, count * beginning, 0)


@dataclass(frozen=True)
class NameBook:
    """The three parts of a name and the lists they come from."""

    lists: tuple[str, ...]
    surname: Part
    given: Part
    patronymic: Part


@cache
def load_names(are_many: bool = False) -> NameBook:
    """The names that ship with the package.

    Args:
        are_many: Whether surnames are put together too.
    """
    table = pyarrow.csv.read_csv(FILE, convert_options=pyarrow.csv.ConvertOptions(strings_can_be_null=False))
    lists = tuple(sorted(pc.unique(table["names"]).to_pylist()))
    surname, given, patronymic = (_part(table, kind, lists) for kind in ("surname", "given", "patronymic"))
    if are_many:
        surname = replace(surname, beginnings=_part(table, "beginning", lists))
    return NameBook(lists, surname, given, patronymic)


def _part(table: pa.Table, kind: str, lists: tuple[str, ...]) -> Part:
    start = np.zeros((len(lists), 2), dtype=np.int64)
    count = np.zeros((len(lists), 2), dtype=np.int64)
    pieces: list[pa.Table] = []
    rows = 0
    ours = table.filter(pc.equal(table["part"], kind)).sort_by("number")
    for position, name in enumerate(lists):
        for sex, letter in enumerate("MF"):
            fits = pc.and_(pc.equal(ours["names"], name), pc.is_in(ours["sex"], pa.array([letter, ""])))
            piece = ours.filter(fits)
            start[position, sex], count[position, sex] = rows, piece.num_rows
            rows += piece.num_rows
            pieces.append(piece)
    joined = pa.concat_tables(pieces)
    return Part({script: joined[script].combine_chunks() for script in SCRIPTS}, start, count)
