"""The observations of some pairs, column by column: what is compared is looked up by the places of the two sides."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.identity.numbering import Flags, Places, laid_out, number, number_ids

UNKNOWN = -1
# 1 January is written where the year alone is known, and so says no more than it.
SAME_BIRTH = """CASE WHEN length(birth) = 7 THEN 8 WHEN length(birth) = 4 OR birth[5:] = '-01-01' THEN 7 ELSE 9 END"""
ROLES = ("surname", "given", "patronymic")
NAMES = (*ROLES, "former")
CODED = ("birth", "document", "state", "iin", "sex", "citizenship", "birth_country")
TEXTS = ["birth_text", "document_text", "born_text"]
SHORT_NUMBER = 6  # characters of a number that may stand in a row with another by chance
# A verified IIN begins with the birth date, and its seventh digit tells the century; what the date beside it tells
# agrees, as far as it goes.
BORN = """CASE WHEN coalesce(length(birth), 0) < 10 AND iin[7] BETWEEN '1' AND '6' THEN strftime(
  try_cast(concat(17 + (iin[7]::INTEGER + 1) // 2, iin[:2], '-', iin[3:4], '-', iin[5:6]) AS DATE), '%Y-%m-%d') END"""
# What is only ever asked whether it is equal is a number; 0 is what nobody knows.
OBSERVED = f"""SELECT observation_id, {", ".join(NAMES)}, is_one_text, has_full_given, has_full_patronymic,
  coalesce(sex = 'F', false) AS is_woman, birth AS birth_text, document AS document_text, {BORN} AS born_text,
  born_text IS NOT NULL AS has_born, coalesce(series, 0) AS series, series IS NOT NULL AS has_series,
  coalesce(length(document) > {SHORT_NUMBER}, false) AS has_long_number, ({SAME_BIRTH})::TINYINT AS same_birth,
  {", ".join(f"CASE WHEN {name} IS NULL THEN 0 ELSE hash({name}) END AS {name}" for name in CODED)}
FROM linkage.observed SEMI JOIN pair_end USING (observation_id)"""


@dataclass(frozen=True)
class Sides:
    """The observations of some pairs, column by column, each to be looked up by the places of the two sides.

    Attributes:
        texts: Texts of one row per observation, of these pairs or of others too.
        columns: What else is known of these, column by column.
        values: Name field, then the number of its value per row, `UNKNOWN` where there is none.
        value_ids: The distinct values of names of all rows.
        left: Of each pair the row of one side.
        right: The row of the other.
    """

    texts: pa.Table
    columns: dict[str, npt.NDArray[Any]]
    values: dict[str, Places]
    value_ids: pa.Array
    left: Places
    right: Places

    @classmethod
    def read(cls, connection: duckdb.DuckDBPyConnection, pairs: pa.Table) -> Sides:
        """The observations of pairs `left_id`, `right_id`."""
        codes, ids = number_ids(np.concatenate([pairs[end].to_numpy() for end in ("left_id", "right_id")]))
        with laid_out(connection, "pair_end", {"observation_id": ids}):
            table = connection.execute(OBSERVED).to_arrow_table().combine_chunks()
        row_of = np.empty(len(ids), dtype=np.int64)
        row_of[number_ids(table["observation_id"].to_numpy())[0]] = np.arange(len(table))
        left, right = np.split(row_of[codes], 2)
        numbers, value_ids = number(pa.concat_arrays([table[name].combine_chunks() for name in NAMES]))
        values = dict(zip(NAMES, np.split(numbers, len(NAMES)), strict=True))
        others = [name for name in table.column_names if name not in ("observation_id", *TEXTS, *NAMES)]
        columns = {name: table[name].to_numpy() for name in others}
        return cls(table.select(TEXTS), columns, values, value_ids, left, right)

    def part(self, start: int, stop: int) -> Sides:
        """Some of the pairs, with the values of names that these have."""
        left, right = self.left[start:stop], self.right[start:stop]
        is_used = np.zeros(len(self.value_ids) + 1, dtype=bool)
        for name in NAMES:
            for side in (left, right):
                is_used[self.values[name][side]] = True
        is_used[UNKNOWN] = False
        renumbered = np.where(is_used, np.cumsum(is_used) - 1, UNKNOWN)
        values = {name: renumbered[column] for name, column in self.values.items()}
        return Sides(self.texts, self.columns, values, self.value_ids.filter(pa.array(is_used[:-1])), left, right)

    def both(self, name: str) -> tuple[Any, Any]:
        """A column of the left sides and of the right ones."""
        column = self.values[name] if name in self.values else self.columns[name]
        return column[self.left], column[self.right]

    @cached_property
    def are_alone(self) -> Flags:
        """Which pairs have one name and no other on both sides."""
        surname, given, father = ([side >= 0 for side in self.both(role)] for role in ROLES)
        one, other = ((surname[end] ^ given[end]) & ~father[end] for end in (0, 1))
        are_alone: Flags = np.logical_and(one, other)
        return are_alone

    def names(self, role: str) -> tuple[Places, Places]:
        """The values of a name of both sides; an only name that is a surname on one side alone is a given one."""
        if role == "patronymic":
            return self.both(role)
        surname, given = self.both("surname"), self.both("given")
        is_crossed = self.are_alone & ((surname[0] >= 0) != (surname[1] >= 0))
        if role == "surname":
            return np.where(is_crossed, UNKNOWN, surname[0]), np.where(is_crossed, UNKNOWN, surname[1])
        one, other = (np.where(is_crossed, np.maximum(a, b), b) for a, b in zip(surname, given, strict=True))
        return one, other

    def texts_of(self, name: str, which: Places) -> dict[str, Any]:
        """The texts of both sides of some pairs; of `born_text` those of the date, where an IIN tells no more."""
        column = self.texts[name].combine_chunks()
        if name == "born_text":
            column = pc.coalesce(column, self.texts["birth_text"].combine_chunks())
        return {"x": column.take(pa.array(self.left[which])), "y": column.take(pa.array(self.right[which]))}
