"""Comparing name values set by set: distinct pairs of parts once, then the parts of two values as partners.

Every figure is symmetric and depends on the two texts alone. Two parts score 0 to 100; two values have the worst and
the mean score of the best partners of the shorter one's parts, and how many parts are missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.identity.names.dictionary import LEAST_TURN
from pipelines.identity.names.likeness import (
    CLOSE,
    EXACT,
    FAR,
    INITIAL,
    NEAR,
    READING,
    ROOT,
    SOUND,
    UNWRITTEN,
    score_parts,
)
from pipelines.identity.numbering import Flags, Places, expand, laid_out, number, number_pairs

LEVELS = ("different", "far", "close", "near", "partial", "root", "reading", "exact")

LEVEL_OF = f"""CREATE OR REPLACE TEMP MACRO name_level(worst, missing) AS (CASE
  WHEN worst IS NULL THEN NULL
  WHEN missing > 0 THEN CASE WHEN worst >= {ROOT} OR worst = {INITIAL} THEN 4 WHEN worst >= {NEAR} THEN 2
    WHEN worst >= {CLOSE} THEN 1 ELSE 0 END
  WHEN worst >= {EXACT} THEN 7
  WHEN worst >= {UNWRITTEN} THEN 6
  WHEN worst >= {ROOT} THEN 5
  WHEN worst >= {NEAR} THEN 3
  WHEN worst = {INITIAL} THEN 4
  WHEN worst >= {CLOSE} THEN 2
  WHEN worst >= {FAR} THEN 1
  ELSE 0 END)::UTINYINT"""
EVERY_LEVEL = f"""SELECT name_level(worst, missing) AS level FROM range({EXACT + 1}) AS w(worst), range(2) AS m(missing)
ORDER BY missing, worst"""

VALUE_PARTS = """SELECT value_id, variant, place, parts, part_id FROM {value}_part
SEMI JOIN needed_value USING (value_id) ORDER BY value_id, variant, place"""
VALUES = "SELECT value_id, parts, forms, letters FROM {value} SEMI JOIN needed_value USING (value_id)"
# Machine-readable zones and narrow columns cut the end of a name; a letter more or less may be another name.
IS_CUT = """SELECT (starts_with(x.form, y.form) OR starts_with(y.form, x.form))
  AND abs(length(x.form) - length(y.form)) > 1 AND least(length(x.form), length(y.form)) > 1 AS is_cut
FROM cut_pair JOIN {schema}.name_part AS x ON x.part_id = p JOIN {schema}.name_part AS y ON y.part_id = q
ORDER BY cut_pair.place"""
NOTHING = -1


@dataclass(frozen=True)
class Likeness:
    """How alike the values of some pairs are: one element per pair, `NOTHING` where a value has no parts.

    Attributes:
        worst: The worst score of the parts of the shorter value.
        mean: Their mean score.
        missing: How many parts the longer one has more.
    """

    worst: npt.NDArray[np.int64]
    mean: npt.NDArray[np.float64]
    missing: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Values:
    """Values and their parts, as arrays.

    Attributes:
        first: Of each value the place of its first part.
        counts: How many parts it has in all its variants.
        fewest: How many its shortest variant has.
        parts, forms, letters: What `name_value` says of it.
        variant, place, of: Of each part its variant, its place in it and the parts of that variant.
        part: Its number among `part_ids`.
        part_ids: The distinct parts.
    """

    first: Places
    counts: Places
    fewest: Places
    parts: Places
    forms: npt.NDArray[np.uint64]
    letters: npt.NDArray[np.uint64]
    variant: Places
    place: Places
    of: Places
    part: Places
    part_ids: pa.Array


def create_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes `name_level(worst, missing)`, a number of `LEVELS`, NULL where a name is not there; and `least_turn`."""
    connection.execute(LEVEL_OF)
    connection.execute(LEAST_TURN)


def compare_values(
    connection: duckdb.DuckDBPyConnection, schema: str, pairs: str, into: str, values: str | None = None
) -> None:
    """Makes a temporary table with one row per pair whose values have parts: `x`, `y`, `worst`, `mean`, `missing`.

    Args:
        connection: Where the dictionary lies.
        schema: Schema of the dictionary.
        pairs: Relation of distinct pairs `x`, `y` of value ids, x before y.
        into: Name of the table.
        values: Prefix of other tables of values, where the values are not of the dictionary.
    """
    asked = connection.execute(f"SELECT x, y FROM {pairs}").to_arrow_table()
    x, y = (asked[side].combine_chunks() for side in ("x", "y"))
    codes, value_ids = number(pa.concat_arrays([x, y]))
    one, other = np.split(codes, 2)
    found = compare(connection, schema, value_ids, one, other, values)
    known = found.worst >= 0
    columns: dict[str, Any] = {"worst": found.worst, "mean": found.mean, "missing": found.missing}
    table = pa.table({"x": x, "y": y} | columns).filter(pa.array(known))
    connection.register("compared_values", table)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {into} AS FROM compared_values")
    connection.unregister("compared_values")


def levels_of(connection: duckdb.DuckDBPyConnection, likeness: Likeness) -> npt.NDArray[np.int8]:
    """Numbers of `LEVELS`, `NOTHING` where a value has no parts; after `create_macros`."""
    (every,) = connection.execute(EVERY_LEVEL).fetchnumpy().values()
    table = np.append(every.astype(np.int8), np.int8(NOTHING))
    return table[np.where(likeness.worst < 0, NOTHING, likeness.worst + (EXACT + 1) * (likeness.missing > 0))]


def compare(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    value_ids: pa.Array,
    x: Places,
    y: Places,
    values: str | None = None,
    is_by_reading: bool = False,
) -> Likeness:
    """How alike the values of each pair are.

    Args:
        connection: Where the dictionary lies.
        schema: Schema of the dictionary.
        value_ids: Distinct values.
        x: Of each pair the place of one value among these.
        y: Of the other; which is which does not matter.
        values: Prefix of other tables of values, where the values are not of the dictionary.
        is_by_reading: Tell of values alike from `SOUND` on, whose parts share readings; others may be told worse than
            they are.
    """
    told = _read_values(connection, value_ids, values or f"{schema}.name_value")
    is_turned = np.greater(*(value_ids.to_numpy()[side] for side in (x, y)))
    x, y = np.where(is_turned, y, x), np.where(is_turned, x, y)
    pair, within = expand(told.counts[x] * told.counts[y])
    others = told.counts[y][pair]
    a, b = told.first[x][pair] + within // others, told.first[y][pair] + within % others
    codes, p, q = number_pairs(told.part[a], told.part[b])
    by_part = np.full(len(p), EXACT)
    differ = p != q
    by_part[differ] = score_parts(connection, schema, told.part_ids, p[differ], q[differ], is_by_reading)
    scores = by_part[codes]
    if not is_by_reading:
        _find_cut(connection, schema, told, (a, b), scores)
    has_many = np.zeros(len(x), dtype=bool)
    has_many[pair[np.maximum(told.of[a], told.of[b]) > 1]] = True
    worst, missing = np.full(len(x), NOTHING), np.zeros(len(x), dtype=np.int64)
    np.maximum.at(worst, pair, scores)
    mean = worst.astype(np.float64)
    if is_by_reading:
        worst[has_many] = mean[has_many] = 0
        has_many &= _may_be_alike(told, x, y, pair[scores >= SOUND])
    many = np.flatnonzero(has_many)
    if len(many):
        rows = np.flatnonzero(has_many[pair])
        local = (np.cumsum(has_many) - 1)[pair[rows]]
        partners = _partners(told, local, a[rows], b[rows], scores[rows], len(many))
        worst[many], mean[many], missing[many] = partners
        for alike in _rearranged(told, x[many], y[many]):
            at = many[alike]
            worst[at], mean[at], missing[at] = np.maximum(worst[at], READING), np.maximum(mean[at], READING), 0
    return Likeness(worst, mean, missing)


def _may_be_alike(told: Values, x: Places, y: Places, sounding: Places) -> Flags:
    """Which pairs of values may be alike from `SOUND` on: each part of the shorter one then has a partner.

    Args:
        told: The values.
        x: Of each pair the place of one value.
        y: Of the other.
        sounding: The pair of each two parts that are alike from `SOUND` on.
    """
    partners = np.bincount(sounding, minlength=len(x))
    may_be: Flags = partners >= np.minimum(told.fewest[x], told.fewest[y])
    for is_alike in _rearranged(told, x, y):
        may_be |= is_alike
    return may_be


def _find_cut(
    connection: duckdb.DuckDBPyConnection, schema: str, told: Values, ends: tuple[Places, Places], scores: Places
) -> None:
    """A last part of several that begins the other's was cut short, and says as much as its initial."""
    a, b = ends
    is_last = [(told.of[end] > 1) & (told.place[end] == told.of[end]) for end in ends]
    at = np.flatnonzero((scores < INITIAL) & is_last[0] & is_last[1])
    if len(at):
        codes, p, q = number_pairs(told.part[a[at]], told.part[b[at]])
        sides = {"place": np.arange(len(p)), "p": told.part_ids.take(pa.array(p)), "q": told.part_ids.take(pa.array(q))}
        with laid_out(connection, "cut_pair", sides):
            (is_cut,) = connection.execute(IS_CUT.format(schema=schema)).fetchnumpy().values()
        scores[at[is_cut.astype(bool)[codes]]] = INITIAL


def _read_values(connection: duckdb.DuckDBPyConnection, value_ids: pa.Array, value: str) -> Values:
    with laid_out(connection, "needed_value", {"value_id": value_ids}):
        value_parts = connection.execute(VALUE_PARTS.format(value=value)).to_arrow_table()
        of_value = connection.execute(VALUES.format(value=value)).to_arrow_table()
    at = pc.index_in(value_parts["value_id"].combine_chunks(), value_ids).to_numpy()
    variant, place, of = (value_parts[name].to_numpy().astype(np.int64) for name in ("variant", "place", "parts"))
    part, part_ids = number(value_parts["part_id"])
    counts = np.bincount(at, minlength=len(value_ids))
    fewest = np.full(len(value_ids), np.iinfo(np.int64).max)
    np.minimum.at(fewest, at, of)
    first = np.zeros(len(value_ids), dtype=np.int64)
    is_first = np.append(True, at[1:] != at[:-1])[: len(at)]
    first[at[is_first]] = np.flatnonzero(is_first)
    row = pc.index_in(of_value["value_id"].combine_chunks(), value_ids).to_numpy()
    kept = []
    for name in ("parts", "forms", "letters"):
        column = np.zeros(len(value_ids), dtype=np.uint64)
        column[row] = pc.fill_null(of_value[name], 0).to_numpy()
        kept.append(column)
    return Values(first, counts, fewest, kept[0].astype(np.int64), kept[1], kept[2], variant, place, of, part, part_ids)


def _partners(
    told: Values, pair: Places, a: Places, b: Places, scores: Places, pairs: int
) -> tuple[Places, npt.NDArray[np.float64], Places]:
    """Worst and mean score and missing parts of values of several parts, in the best pair of their variants.

    Parts that are each other's best are partners; what is left of the shorter value has the best of what is left.
    """
    is_turned = told.of[a] > told.of[b]
    one, other = np.where(is_turned, b, a), np.where(is_turned, a, b)
    variants, variant_pair = number(pair << 16 | told.variant[a] << 8 | told.variant[b])
    one_cell, one_of = number(variants << 9 | told.place[one])
    other_cell, _ = number(variants << 9 | told.place[other])
    by_one, by_other = scores << 9 | 511 - told.place[other], scores << 9 | 511 - told.place[one]
    is_best = (by_one == _best(one_cell, by_one)) & (by_other == _best(other_cell, by_other))
    is_taken = _any(one_cell, is_best) | _any(other_cell, is_best)
    left = np.zeros(len(one_of), dtype=np.int64)
    np.maximum.at(left, one_cell, np.where(is_taken & ~is_best, 0, scores))
    at = one_of.to_numpy() >> 9
    worst = np.full(len(variant_pair), EXACT)
    np.minimum.at(worst, at, left)
    mean = np.bincount(at, weights=left, minlength=len(worst)) / np.bincount(at, minlength=len(worst))
    missing = np.zeros(len(worst), dtype=np.int64)
    missing[variants] = np.abs(told.of[a] - told.of[b])
    of = variant_pair.to_numpy() >> 16
    order = np.lexsort((mean, worst, of))
    last = order[np.append(of[order][1:] != of[order][:-1], True)]
    fewest = np.full(pairs, np.iinfo(np.int64).max)
    is_worst = worst == worst[last][of]
    np.minimum.at(fewest, of[is_worst], missing[is_worst])
    return worst[last], mean[last], fewest


def _best(cells: Places, keys: Places) -> Places:
    """Of each row the greatest key of its cell."""
    best = np.full(cells.max() + 1, NOTHING)
    np.maximum.at(best, cells, keys)
    return best[cells]


def _any(cells: Places, flags: Flags) -> Flags:
    """Of each row whether any of its cell is flagged."""
    found = np.zeros(cells.max() + 1, dtype=bool)
    found[cells[flags]] = True
    return found[cells]


def _rearranged(told: Values, x: Places, y: Places) -> list[Flags]:
    """The same letters with parts merged or divided are a reading at least, and the same forms in another order."""
    same_letters = (told.letters[x] == told.letters[y]) & (told.parts[x] != told.parts[y])
    same_forms = (told.forms[x] == told.forms[y]) & (told.parts[x] > 1)
    return [same_letters, same_forms]
