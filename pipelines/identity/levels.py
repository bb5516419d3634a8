"""How two observations stand to each other: one level per compared field, a function of the pair alone.

Levels are numbers of the lists in `LEVELS`; NULL says that one side does not know. Names that came as one text, or
whose fields stand in each other's place, are compared whole, all parts with all parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.identity.names import LEVELS as NAME_LEVELS
from pipelines.identity.names import compare, levels_of
from pipelines.identity.numbering import Flags, Places, laid_out, number_pairs
from pipelines.identity.rearranging import rearranged
from pipelines.identity.sides import ROLES, UNKNOWN, Sides

LEVELS: dict[str, tuple[str, ...]] = {
    "surname": (*NAME_LEVELS, "former", "of_a_woman"),
    "given": NAME_LEVELS,
    "patronymic": NAME_LEVELS,
    "birth": (
        "different",
        "year",
        "slip",
        "turned",
        "filled",
        "within_year",
        "within_month",
        "same_year",
        "same_month",
        "same",
    ),
    "document": ("different", "digit", "row", "other_state", "same"),
    "iin": ("different", "same"),
    "sex": ("different", "same"),
    "origin": ("different", "birth_country", "citizenship_alone", "citizenship", "other_citizenship", "same"),
}
FAR, CLOSE, NEAR, PARTIAL, ROOT, EXACT = (
    NAME_LEVELS.index(name) for name in ("far", "close", "near", "partial", "root", "exact")
)
FORMER, OF_A_WOMAN = len(NAME_LEVELS), len(NAME_LEVELS) + 1
FILLED, WHOLE_DATE = (LEVELS["birth"].index(name) for name in ("filled", "same"))
# Papers that were given out one after the other, by the last digits of their numbers: a series stands before these.
IN_A_ROW, DIGITS = 3, 1_000_000
OTHER, DIGIT, ROW, OTHER_STATE, SAME_NUMBER = range(len(LEVELS["document"]))

OTHER_BIRTH = """CASE
  WHEN starts_with(x, y) OR starts_with(y, x) THEN CASE WHEN least(length(x), length(y)) = 7 THEN 6 ELSE 5 END
  WHEN left(x, 4) = left(y, 4) AND (x[5:] = '-01-01' OR y[5:] = '-01-01') THEN 4
  WHEN length(x) = 10 AND length(y) = 10 AND left(x, 4) = left(y, 4) AND x[6:7] = y[9:10] AND x[9:10] = y[6:7] THEN 3
  WHEN length(x) = 10 AND length(y) = 10 AND (levenshtein(x, y) = 1
    OR left(x, 7) = left(y, 7) OR left(x, 4) = left(y, 4) AND x[9:] = y[9:]
    OR x[5:] = y[5:] AND abs(left(x, 4)::INTEGER - left(y, 4)::INTEGER) <= 10) THEN 2
  WHEN left(x, 4) = left(y, 4) THEN 1
  ELSE 0 END"""
OTHER_NUMBER = f"CASE WHEN length(x) = length(y) AND levenshtein(x, y) = 1 THEN {DIGIT} ELSE {OTHER} END"

# What two whole dates say of which an IIN tells one; where one is not whole, or made up, what was written decides.
BORN = f"""coalesce(CASE WHEN length(x) = 10 AND length(y) = 10 AND '-01-01' NOT IN (x[5:], y[5:])
  THEN CASE WHEN x = y THEN {WHOLE_DATE} ELSE {OTHER_BIRTH} END END, {UNKNOWN})"""

Levels = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Compared:
    """Pairs of observations and how these stand to each other: one element per pair.

    Attributes:
        left_id: One observation of each pair.
        right_id: The other.
        levels: Field of `LEVELS`, then its level, `UNKNOWN` where a side does not know.
        flags: `has_full_given` and `has_full_patronymic`, whether both sides are in scripts that write all sounds,
            `is_exchanged`, whether names stand in each other's fields, `is_alone`, whether both sides have one name and
            no other, and `are_two_papers`, whether long numbers are in a row and no slip of one character apart.
        values: Name field, then of both sides the places of its values among `value_ids`, or `UNKNOWN`.
        value_ids: The distinct values of names.
    """

    left_id: npt.NDArray[np.uint64]
    right_id: npt.NDArray[np.uint64]
    levels: dict[str, Levels]
    flags: dict[str, Flags]
    values: dict[str, tuple[Places, Places]]
    value_ids: pa.Array


def read_pairs(connection: duckdb.DuckDBPyConnection, pairs: str) -> pa.Table:
    """A relation of pairs, as `compare_pairs` takes them."""
    return connection.execute(f"SELECT left_id, right_id, is_close FROM {pairs}").to_arrow_table()


def compare_pairs(connection: duckdb.DuckDBPyConnection, pairs: pa.Table) -> Compared:
    """The level of each field of `LEVELS` for each pair.

    Args:
        connection: Where `linkage.observed` and the dictionary lie.
        pairs: Distinct pairs `left_id`, `right_id`, and `is_close`, whether names that differ by field are worth a look
            at all parts in any order.
    """
    return compare_seen(connection, pairs, Sides.read(connection, pairs))


def compare_seen(connection: duckdb.DuckDBPyConnection, pairs: pa.Table, seen: Sides) -> Compared:
    """What `compare_pairs` says of pairs whose observations have been read."""
    is_close, is_one_text = pairs["is_close"].to_numpy(), np.logical_or(*seen.both("is_one_text"))
    values = {field: seen.names(field) for field in ROLES}
    names = _names(connection, seen, values)
    are_poor, are_partial = _are_poor(names, is_one_text), is_one_text & _are_partial(names)
    poor = np.flatnonzero(is_close & (are_poor | are_partial))
    _find_former(names, seen)
    document, are_two_papers = _document(connection, seen)
    levels = {
        **names,
        "birth": _birth(connection, seen),
        "document": document,
        "iin": _same(seen, "iin"),
        "sex": _same(seen, "sex"),
        "origin": _origin(seen),
    }
    flags = {name: np.logical_and(*seen.both(name)) for name in ("has_full_given", "has_full_patronymic")}
    flags |= {"is_exchanged": np.zeros(len(pairs), dtype=bool), "is_alone": seen.are_alone}
    flags |= {"are_two_papers": are_two_papers}
    left_id, right_id = (pairs[end].to_numpy() for end in ("left_id", "right_id"))
    found = Compared(left_id, right_id, levels, flags, values, seen.value_ids)
    _put_right(connection, found, poor, is_one_text, are_poor)
    return found


def _same(seen: Sides, name: str) -> Levels:
    one, other = seen.both(name)
    return np.where((one != 0) & (other != 0), one == other, UNKNOWN).astype(np.int8)


def _read(connection: duckdb.DuckDBPyConnection, texts: dict[str, Any], level: str) -> Levels:
    """Levels that are read off two texts `x` and `y`."""
    with laid_out(connection, "read_pair", texts):
        (found,) = connection.execute(f"SELECT ({level})::TINYINT FROM read_pair").fetchnumpy().values()
    return np.asarray(found, dtype=np.int8)


def _birth(connection: duckdb.DuckDBPyConnection, seen: Sides) -> Levels:
    levels = _same(seen, "birth")
    others = np.flatnonzero(levels == 0)
    levels = np.where(levels == 1, seen.both("same_birth")[0], levels)
    levels[others] = _read(connection, seen.texts_of("birth_text", others), OTHER_BIRTH)
    told = np.flatnonzero(np.logical_or(*seen.both("has_born")))
    born = _read(connection, seen.texts_of("born_text", told), BORN)
    levels[told] = np.where(born == UNKNOWN, levels[told], born)
    return levels


def _document(connection: duckdb.DuckDBPyConnection, seen: Sides) -> tuple[Levels, Flags]:
    """Levels of documents, and which of those in a row are no slip of one character apart."""
    same, same_state = _same(seen, "document"), _same(seen, "state")
    levels = np.where(same == 1, np.where(same_state == 0, OTHER_STATE, SAME_NUMBER), same).astype(np.int8)
    others = np.flatnonzero((same == 0) & (same_state != 0))
    read = _read(connection, seen.texts_of("document_text", others), OTHER_NUMBER)
    one, other = (series[others].astype(np.int64) % DIGITS for series in seen.both("series"))
    apart = np.where(np.logical_and(*seen.both("has_series"))[others], np.abs(one - other), 0)
    is_row = (apart >= 1) & (apart <= IN_A_ROW)
    levels[others] = np.where(is_row, ROW, read)
    are_two_papers = np.zeros(len(levels), dtype=bool)
    are_two_papers[others] = is_row & (read != DIGIT) & np.logical_and(*seen.both("has_long_number"))[others]
    return levels, are_two_papers


def _origin(seen: Sides) -> Levels:
    """Citizenship and country of birth go together, so that they are one field."""
    of_state, of_birth = _same(seen, "citizenship"), _same(seen, "birth_country")
    alike = np.select([of_birth == 1, of_birth == 0], [5, 2], 3)
    unlike = np.select([of_birth == 1, of_birth == 0], [1, 0], 4)
    return np.select([of_state == 1, of_state == 0], [alike, unlike], UNKNOWN).astype(np.int8)


def _names(
    connection: duckdb.DuckDBPyConnection, seen: Sides, values: dict[str, tuple[Places, Places]]
) -> dict[str, Levels]:
    """Levels of names by field, and for `_find_former` of each surname beside the former ones of the other side."""
    of_left, of_right = seen.both("former")
    crossed = np.flatnonzero((of_left >= 0) | (of_right >= 0))
    surname = seen.both("surname")
    asked = {
        **values,
        "left": (of_left[crossed], surname[1][crossed]),
        "right": (surname[0][crossed], of_right[crossed]),
    }
    levels, differ = {}, {}
    for name, (one, other) in asked.items():
        are_known, are_same = (one >= 0) & (other >= 0), one == other
        levels[name] = np.where(are_known & are_same, EXACT, UNKNOWN).astype(np.int8)
        differ[name] = np.flatnonzero(are_known & ~are_same)
    sides = (np.concatenate([asked[name][side][at] for name, at in differ.items()]) for side in (0, 1))
    codes, low, high = number_pairs(*sides)
    told = levels_of(connection, compare(connection, "linkage", seen.value_ids, low, high))[codes]
    for name, at in differ.items():
        levels[name][at], told = told[: len(at)], told[len(at) :]
    return levels


def _are_poor(names: dict[str, Levels], is_one_text: Flags) -> Flags:
    """Which pairs' names say little by field."""
    surname, given = names["surname"] < NEAR, names["given"] < NEAR
    return (surname & given) | (is_one_text & (surname | given))


def _are_partial(names: dict[str, Levels]) -> Flags:
    """Which pairs' surnames or given names lack a part, which may stand in another field."""
    are_partial: Flags = np.logical_or(names["surname"] == PARTIAL, names["given"] == PARTIAL)
    return are_partial


def _find_former(names: dict[str, Levels], seen: Sides) -> None:
    """A surname that is unlike may be a former one of the other side, or one that a woman has changed."""
    surname = names["surname"]
    surname[(surname >= 0) & (surname <= FAR) & np.logical_and(*seen.both("is_woman"))] = OF_A_WOMAN
    of_left, of_right = seen.both("former")
    crossed = np.flatnonzero((of_left >= 0) | (of_right >= 0))
    is_former = np.maximum(names.pop("left"), names.pop("right")) >= ROOT
    may_be = (surname[crossed] < ROOT) | (surname[crossed] == OF_A_WOMAN)
    surname[crossed[is_former & may_be]] = FORMER


def _put_right(
    connection: duckdb.DuckDBPyConnection, found: Compared, poor: Places, is_one_text: Flags, are_poor: Flags
) -> None:
    """Names that say little by field are looked at whole, all parts of both in any order.

    Those that only lack a part by field are put right where as a whole they lack none.
    """
    whole = rearranged(connection, found.left_id[poor], found.right_id[poor])
    is_right = are_poor[poor[whole.pair]] | whole.has_all_parts
    at, level, has_all_parts = poor[whole.pair][is_right], whole.level[is_right], whole.has_all_parts[is_right]
    found.levels["surname"][at] = found.levels["given"][at] = level
    found.flags["is_exchanged"][at] = ~is_one_text[at]
    one, other = (side[at] for side in found.values["patronymic"])
    found.levels["patronymic"][at] = np.where(has_all_parts & (one >= 0) & (other >= 0), level, UNKNOWN)
