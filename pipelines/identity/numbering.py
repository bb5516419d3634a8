"""Arrays in the place of joins: distinct values get numbers, and rows are looked up by their places.

What is compared pair by pair is whole numbers here; texts are read once for each distinct value, in the engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Ids = npt.NDArray[np.uint64]
NOWHERE = -1
# What spreads numbers over all bits, as hashes are, and what gathers them again.
SPREAD = np.uint64(0x9E3779B97F4A7C15)
GATHER = np.uint64(pow(int(SPREAD), -1, 1 << 64))


def number(values: Any) -> tuple[Places, Any]:
    """The number of each value among the distinct ones, `NOWHERE` for an unknown one; and the distinct ones.

    Args:
        values: Arrow or NumPy values.
    """
    array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else pa.array(values)
    encoded = array.dictionary_encode()
    return encoded.indices.fill_null(NOWHERE).to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary


def number_ids(ids: Ids) -> tuple[Places, Ids]:
    """The number of each id among the distinct ones, and these in their order; ids are hashes.

    Sorting numbers is many times cheaper than hashing them or sorting places by them: the first bits of an id and the
    place where it stands are sorted as one number. Where two ids have the same first bits, which hardly any of millions
    do, ids are sorted whole.
    """
    bits = len(ids).bit_length()
    packed = _packed(ids, bits)
    packed.sort()
    at = _places(packed, bits)
    packed >>= np.uint64(bits)
    sorted_ids = ids[at]
    is_first = np.ones(len(ids), dtype=bool)
    np.not_equal(packed[1:], packed[:-1], out=is_first[1:])
    if not np.array_equal(sorted_ids[1:] != sorted_ids[:-1], is_first[1:]):
        distinct, codes = np.unique(ids, return_inverse=True)
        return codes.astype(np.int64), distinct
    codes = np.empty(len(ids), dtype=np.int64)
    codes[at] = np.cumsum(is_first) - 1
    return codes, sorted_ids[is_first]


def neighbours(keys: Ids, is_last: Flags) -> tuple[Places, Ids]:
    """Places of the keys that another one may equal, those that may be equal together; and the first bits of each.

    Keys are hashes, and are sorted as `number_ids` does. Which of them are the last of their equals takes a bit of its
    own; what falls together by its first bits alone is to be told apart by who asks.
    """
    bits = len(keys).bit_length()
    low = np.uint64(bits + 1)
    packed = _packed(keys, bits + 1)
    packed[is_last] |= np.uint64(1 << bits)
    packed.sort()
    rest = packed >> low
    is_shared = np.zeros(len(keys), dtype=bool)
    np.equal(rest[1:], rest[:-1], out=is_shared[1:])
    is_shared[:-1] |= is_shared[1:]
    return _places(packed[is_shared], bits), rest[is_shared]


def _packed(ids: Ids, bits: int) -> Ids:
    """Ids whose last bits are the places where they stand."""
    packed = ids >> np.uint64(bits)
    packed <<= np.uint64(bits)
    packed |= np.arange(len(ids), dtype=np.uint64)
    return packed


def _places(packed: Ids, bits: int) -> Places:
    return (packed & np.uint64((1 << bits) - 1)).view(np.int64)


def places_of(ids: Ids, asked: Ids) -> Places:
    """Of each id asked for its place among ids, which are sorted, or `NOWHERE`.

    They are looked for in their order, so that what is looked up lies side by side.
    """
    bits = len(asked).bit_length()
    packed = _packed(asked, bits)
    packed.sort()
    order = _places(packed, bits)
    at = np.empty(len(asked), dtype=np.int64)
    at[order] = np.searchsorted(ids, asked[order])
    is_found = np.append(ids, np.uint64(0))[at] == asked
    is_found &= at < len(ids)
    return np.where(is_found, at, NOWHERE)


def number_pairs(one: Places, other: Places) -> tuple[Places, Places, Places]:
    """The number of each pair of numbers among the distinct pairs, and the two sides of these, the smaller first."""
    pairs = (np.minimum(one, other) << 32 | np.maximum(one, other)).view(np.uint64)
    pairs *= SPREAD
    codes, distinct = number_ids(pairs)
    packed = (distinct * GATHER).view(np.int64)
    return codes, packed >> 32, packed & 0xFFFFFFFF


def expand(counts: Places) -> tuple[Places, Places]:
    """Rows that stand for several: of each of these, the row that it is of and its place among that row's."""
    of = np.repeat(np.arange(len(counts)), counts)
    return of, np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)


@contextmanager
def laid_out(connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, Any] | pa.Table) -> Iterator[None]:
    """A temporary table of columns, as long as the block lasts.

    A table and no view of them: a join would push a filter into Arrow, which refuses ids above the signed range.
    """
    connection.register("laid_columns", columns if isinstance(columns, pa.Table) else pa.table(columns))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM laid_columns")
    connection.unregister("laid_columns")
    yield
    connection.execute(f"DROP TABLE {name}")
