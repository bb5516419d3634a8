"""Names of the synthetic persons: `names.csv` as arrays that are picked by number.

Each list of names (`uz`, `kk`, …) has surnames, given names and patronymics, each in three spellings: as at home, in
Russian Cyrillic, and in passport Latin. A surname has the same number for men and women, so families share numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

FILE = Path(__file__).with_name("names.csv")
SCRIPTS = ("native", "cyrillic", "latin")


@dataclass(frozen=True)
class Part:
    """All names of one kind; `start` and `count` find those of a list and sex."""

    texts: dict[str, pa.Array]
    start: NDArray[np.int64]
    count: NDArray[np.int64]

    def spelled(
        self, script: str, names: NDArray[np.int64], sex: NDArray[np.int64], number: NDArray[np.int64]
    ) -> pa.Array:
        """One name per person: spelled in `script`, null where the list has no such names."""
        known = self.count[names, sex] > 0
        return self.texts[script].take(pa.array(self.start[names, sex] + number, mask=~known))

    def pick(self, rng: np.random.Generator, names: NDArray[np.int64], sex: NDArray[np.int64]) -> NDArray[np.int64]:
        """One number per person; the first names of a list are the commonest."""
        return np.asarray(self.count[names, sex] * rng.random(len(names)) ** 1.6, dtype=np.int64)


@dataclass(frozen=True)
class NameBook:
    """The three parts of a name and the lists they come from."""

    lists: tuple[str, ...]
    surname: Part
    given: Part
    patronymic: Part


@lru_cache(maxsize=1)
def load_names() -> NameBook:
    """The names that ship with the package."""
    table = pyarrow.csv.read_csv(FILE, convert_options=pyarrow.csv.ConvertOptions(strings_can_be_null=False))
    lists = tuple(sorted(pc.unique(table["names"]).to_pylist()))
    return NameBook(lists, *(_part(table, kind, lists) for kind in ("surname", "given", "patronymic")))


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
