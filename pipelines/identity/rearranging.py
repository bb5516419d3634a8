"""Names compared whole: all parts of one observation's names with all parts of another's, in any order.

It is asked where the fields say little: of names that came as one text, or that stand in each other's place.
"""

from __future__ import annotations

from typing import NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.identity.names import LEVELS, SOUND, Likeness, compare, levels_of
from pipelines.identity.numbering import Flags, Places, laid_out, number

PARTS = """CREATE OR REPLACE TEMP TABLE whole_part AS
WITH field AS (
  SELECT observation_id, unnest([surname, given, patronymic]) AS value_id, unnest([0, 100, 200]) AS after
  FROM linkage.observed SEMI JOIN poor_end USING (observation_id)
), part AS (
  SELECT observation_id AS value_id, variant, after + place AS place, part_id
  FROM field JOIN linkage.name_value_part USING (value_id) WHERE variant < 2
)
SELECT value_id, variant, row_number() OVER (PARTITION BY value_id, variant ORDER BY place)::UTINYINT AS place,
  (count(*) OVER (PARTITION BY value_id, variant))::UTINYINT AS parts, part_id FROM part"""
# Forms in any order are alike when their hashes sum up alike.
FORMS = """CREATE OR REPLACE TEMP TABLE whole_form AS
SELECT value_id, count(*) AS parts, sum(hash(form) >> 16)::UBIGINT AS forms, sum(length(form)) AS length
FROM whole_part JOIN linkage.name_part USING (part_id) WHERE variant = 0 GROUP BY value_id"""
SIZES = "SELECT poor_end.place, parts, length FROM whole_form JOIN poor_end ON observation_id = value_id"
# The least turn of all letters is dear to find: it is asked of those alone who have a partner of as many letters.
WHOLE = """CREATE OR REPLACE TEMP TABLE whole AS
WITH lettered AS (
  SELECT value_id, hash(least_turn(string_agg(form, '' ORDER BY place))) AS letters
  FROM whole_part SEMI JOIN lettered_end ON observation_id = value_id
  JOIN linkage.name_part USING (part_id) WHERE variant = 0 GROUP BY value_id
)
SELECT value_id, parts, forms, coalesce(letters, value_id) AS letters
FROM whole_form LEFT JOIN lettered USING (value_id)"""

CROSSED = """WITH crossed AS (
  SELECT left_id, right_id, a.given AS one, b.surname AS other
  FROM {pairs} JOIN linkage.observed AS a ON a.observation_id = left_id
  JOIN linkage.observed AS b ON b.observation_id = right_id
  UNION ALL SELECT left_id, right_id, b.given, a.surname
  FROM {pairs} JOIN linkage.observed AS a ON a.observation_id = left_id
  JOIN linkage.observed AS b ON b.observation_id = right_id
)
FROM crossed WHERE one IS NOT NULL AND other IS NOT NULL"""


class Rearranged(NamedTuple):
    """Pairs whose names are alike as a whole: one element per such pair.

    Attributes:
        pair: Its place among those that were asked for.
        level: Number of the level of its names.
        has_all_parts: Whether neither side lacks a part of three or more.
    """

    pair: Places
    level: npt.NDArray[np.int8]
    has_all_parts: Flags


def rearranged(
    connection: duckdb.DuckDBPyConnection, left_id: npt.NDArray[np.uint64], right_id: npt.NDArray[np.uint64]
) -> Rearranged:
    """The pairs among those given whose names are alike in any order."""
    codes, ids = number(np.concatenate([left_id, right_id]))
    left, right = np.split(codes, 2)
    with laid_out(connection, "poor_end", {"observation_id": ids, "place": np.arange(len(ids))}):
        connection.execute(PARTS)
        connection.execute(FORMS)
        parts, length = _sizes(connection, len(ids))
    may_divide = (length[left] == length[right]) & (parts[left] != parts[right])
    lettered = np.unique(np.concatenate([left[may_divide], right[may_divide]]))
    with laid_out(connection, "lettered_end", {"observation_id": ids.take(pa.array(lettered))}):
        connection.execute(WHOLE)
    found = compare(connection, "linkage", ids, left, right, values="whole", is_by_reading=True)
    for table in ("whole_part", "whole_form", "whole"):
        connection.execute(f"DROP TABLE {table}")
    one, other = parts[left], parts[right]
    pair = np.flatnonzero(
        (found.worst >= SOUND) & (found.missing <= np.abs(one - other)) & (np.minimum(one, other) > 1)
    )
    worst, missing = found.worst[pair], found.missing[pair]
    levels = levels_of(connection, Likeness(worst, found.mean[pair], np.zeros(len(pair), dtype=np.int64)))
    return Rearranged(pair, levels, (missing == 0) & (one[pair] > 2))


def crossed(connection: duckdb.DuckDBPyConnection, pairs: str) -> pa.Table:
    """The pairs `left_id`, `right_id` of a relation of which a given name of one side is near the other's surname."""
    asked = connection.execute(CROSSED.format(pairs=pairs)).to_arrow_table()
    codes, ids = number(pa.concat_arrays([asked[name].combine_chunks() for name in ("one", "other")]))
    one, other = np.split(codes, 2)
    levels = levels_of(connection, compare(connection, "linkage", ids, one, other))
    return asked.filter(pa.array(levels >= LEVELS.index("near"))).select(["left_id", "right_id"])


def _sizes(connection: duckdb.DuckDBPyConnection, number_of: int) -> tuple[Places, Places]:
    """Parts and letters of each observation's names as written; 0 where it has none."""
    told = connection.execute(SIZES).fetchnumpy()
    parts, length = np.zeros((2, number_of), dtype=np.int64)
    parts[told["place"]], length[told["place"]] = told["parts"], told["length"]
    return parts, length
