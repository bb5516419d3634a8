"""Which pairs of observations are compared at all: those that share a blocking key.

A block of more living observations than the cap is left out, and told: too many share its key for it to say anything.
Whether a block is left out depends on what lives now, never on the order of arrival: a block that grows past the cap
loses the pairs that nothing else makes candidates, one that falls below it gets them back. Two that know their whole
birth dates are no candidates by the year alone, so that the pairs looked at grow with those whose dates are weak.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.identity.numbering import Ids, Places, neighbours, number_ids
from pipelines.identity.observed import KINDS
from pipelines.identity.reach import HANDS, find_living
from pipelines.storage.database import on_threads

MOST_IN_BLOCK = 2_000
AT_ONCE, AT_HAND = 20_000_000, 500_000
DAY, WEAK, YEAR = (KINDS.index(kind) for kind in ("day", "weak", "year"))
FIRST_BITS_OF_YEAR = 22

TABLE = """CREATE TABLE IF NOT EXISTS linkage.capped_block (key UBIGINT, kind VARCHAR, size BIGINT,
  first_load_seq INTEGER)"""

# Keys are counted exactly only where so many share their first bits that one of them may be shared by too many.
FIRST_BITS = "SELECT (key >> 46)::INTEGER AS slot FROM linkage.key"
NONE_LARGE = "CREATE OR REPLACE TEMP TABLE large (key UBIGINT, kind VARCHAR)"
LARGE = """CREATE OR REPLACE TEMP TABLE large AS
WITH hot AS (SELECT key >> 46 AS slot FROM linkage.key GROUP BY slot HAVING count(*) > $most)
SELECT key, max(kind) AS kind FROM linkage.key SEMI JOIN hot ON key >> 46 = slot
GROUP BY key HAVING count(*) > $most"""
# Where little is looked at, all keys are passed over once: for those of new observations, and of those that the load
# brought back or, where blocks are left out and may come back, let die. Whoever has one of them is set apart.
TOUCHED = """CREATE OR REPLACE TEMP TABLE touched AS
SELECT key FROM linkage.key WHERE first_load_seq = $load
UNION SELECT key FROM linkage.key SEMI JOIN (
  FROM returned UNION ALL FROM dead WHERE EXISTS (FROM linkage.capped_block)
) USING (observation_id)"""
MET = "CREATE OR REPLACE TEMP TABLE met_row AS FROM linkage.key SEMI JOIN touched USING (key)"
LARGE_AMONG = """CREATE OR REPLACE TEMP TABLE large AS
SELECT key, max(kind) AS kind FROM met_row GROUP BY key HAVING count(*) > $most"""
MET_BLOCK = """CREATE OR REPLACE TEMP TABLE met_block AS
FROM large UNION SELECT key, kind FROM linkage.capped_block WHERE {touched}"""
MEMBER = """CREATE OR REPLACE TEMP TABLE member AS
SELECT key, observation_id FROM {rows} SEMI JOIN met_block USING (key)"""
BLOCKS = """CREATE OR REPLACE TEMP TABLE block AS
SELECT key, kind, coalesce(living.size, 0) AS size, known.key IS NOT NULL AS was_capped FROM met_block
LEFT JOIN (SELECT key, count(*) AS size FROM member SEMI JOIN alive USING (observation_id) GROUP BY key) AS living
USING (key) LEFT JOIN (SELECT key FROM linkage.capped_block) AS known USING (key)"""
NO_BLOCK = "CREATE OR REPLACE TEMP TABLE block (key UBIGINT, kind VARCHAR, size BIGINT, was_capped BOOLEAN)"

# Before pairs are deleted, those of `pairs` that have linked somebody are kept as they weighed.
KEEP_PAST = """INSERT INTO linkage.past_pair SELECT *, $load FROM {pairs}
SEMI JOIN linkage.link_evidence USING (left_observation_id, right_observation_id, weight)
ANTI JOIN linkage.past_pair USING (left_observation_id, right_observation_id, weight)"""
CROSSED = (
    """DELETE FROM linkage.capped_block WHERE key IN (SELECT key FROM block WHERE size <= $most)""",
    """INSERT INTO linkage.capped_block
    SELECT key, kind, size, $load FROM block WHERE size > $most AND NOT was_capped""",
    """INSERT INTO loosened SELECT DISTINCT observation_id FROM member
    SEMI JOIN (FROM block WHERE (size > $most) <> was_capped) USING (key)""",
    "INSERT INTO reached SELECT DISTINCT observation_id FROM loosened ANTI JOIN reached USING (observation_id)",
    """CREATE OR REPLACE TEMP TABLE doubtful_pair AS
    SELECT left_observation_id, right_observation_id FROM linkage.pair WHERE left_observation_id IN (
      SELECT observation_id FROM member
      SEMI JOIN (FROM block WHERE size > $most AND NOT was_capped) USING (key))""",
    """CREATE OR REPLACE TEMP TABLE unmet_pair AS
    FROM doubtful_pair ANTI JOIN (
      SELECT left_observation_id, right_observation_id FROM doubtful_pair
      JOIN linkage.key AS a ON a.observation_id = left_observation_id
      JOIN linkage.key AS b ON b.key = a.key AND b.observation_id = right_observation_id
      WHERE NOT (a.kind = 'year' AND b.kind = 'year') AND a.key NOT IN (SELECT key FROM linkage.capped_block)
    ) AS met USING (left_observation_id, right_observation_id)""",
    KEEP_PAST.format(
        pairs="(FROM linkage.pair SEMI JOIN unmet_pair USING (left_observation_id, right_observation_id))"
    ),
    """DELETE FROM linkage.pair WHERE (left_observation_id, right_observation_id) IN (FROM unmet_pair)""",
)

# The keys to look at with all who have them, and who of these is looked at: this load's, and all of opened blocks.
ROWS = """SELECT key, observation_id, enum_code(kind)::UTINYINT AS kind, {is_fresh} AS is_fresh
FROM {rows} ANTI JOIN linkage.capped_block USING (key)"""
OPENED = """CREATE OR REPLACE TEMP TABLE met_key AS
WITH opened AS (SELECT DISTINCT key FROM block WHERE was_capped AND size <= $most)
SELECT key, bool_or(is_opened) AS is_opened FROM (
  SELECT key, false AS is_opened FROM linkage.key WHERE first_load_seq = $load UNION ALL SELECT key, true FROM opened
) GROUP BY key"""
NO_CANDIDATE = "CREATE OR REPLACE TEMP TABLE candidate (left_id UBIGINT, right_id UBIGINT, is_close BOOLEAN)"
DISTINCT = """CREATE OR REPLACE TEMP TABLE candidate AS
SELECT left_id, right_id, bool_or(is_close) AS is_close FROM candidate GROUP BY left_id, right_id"""
IS_FIRST = "SELECT coalesce(min(first_load_seq) >= $load, true) FROM linkage.key"


def find_candidates(
    connection: duckdb.DuckDBPyConnection,
    load_seq: int,
    everything: bool = False,
    most: int = MOST_IN_BLOCK,
    at_once: int = AT_ONCE,
) -> int:
    """Makes `candidate(left_id, right_id, is_close)`: pairs to compare in this load; keeps the list of capped blocks.

    Args:
        connection: After `reach.seed`.
        load_seq: The load.
        everything: Look at all pairs again, not at those alone that this load makes comparable.
        most: The cap.
        at_once: Rows of keys that are looked at together.

    Returns:
        How many blocks are capped.
    """
    is_whole = everything or bool(connection.execute(IS_FIRST, {"load": load_seq}).fetchall()[0][0])
    if not is_whole:
        with on_threads(connection, HANDS):
            connection.execute(TOUCHED, {"load": load_seq})
            connection.execute(MET)
    _find_large(connection, is_whole, most)
    _find_blocks(connection, load_seq, is_whole, most)
    is_fresh, rows = "true", "linkage.key"
    if not is_whole:
        connection.execute(OPENED, {"load": load_seq, "most": most})
        is_fresh, rows = f"is_opened OR first_load_seq = {load_seq}", "met_row JOIN met_key USING (key)"
    ((count,),) = connection.execute(f"SELECT count(*) FROM {'linkage.key' if is_whole else 'met_row'}").fetchall()
    _meet(connection, ROWS.format(is_fresh=is_fresh, rows=rows), max(1, -(-count // at_once)))
    return int(connection.execute("SELECT count(*) FROM linkage.capped_block").fetchall()[0][0])


def _meet(connection: duckdb.DuckDBPyConnection, rows: str, parts: int) -> None:
    """Makes `candidate` of rows of keys, of one part of the keys after the other."""
    connection.execute(NO_CANDIDATE)
    for part in range(parts):
        of_part = f" WHERE key % {parts} = {part}" if parts > 1 else ""
        found = connection.execute(rows + of_part).fetchnumpy()
        connection.register("met_pairs", _pairs(found))
        connection.execute("INSERT INTO candidate FROM met_pairs")
        connection.unregister("met_pairs")
    if parts > 1:  # two may share keys of several parts
        connection.execute(DISTINCT)


def _find_large(connection: duckdb.DuckDBPyConnection, is_whole: bool, most: int) -> None:
    """Makes `large(key, kind)`: the keys that more rows than `most` have, living or not."""
    if is_whole:
        slots = connection.execute(FIRST_BITS).fetchnumpy()["slot"]
        if np.bincount(slots, minlength=1).max() <= most:
            connection.execute(NONE_LARGE)
            return
    connection.execute(LARGE if is_whole else LARGE_AMONG, {"most": most})


def _find_blocks(connection: duckdb.DuckDBPyConnection, load_seq: int, is_whole: bool, most: int) -> None:
    """Makes `block`, the large and the capped keys that are met; what crosses the cap changes pairs, and is reached."""
    if not connection.execute("SELECT 1 FROM large UNION ALL SELECT 1 FROM linkage.capped_block").fetchone():
        connection.execute(NO_BLOCK)
        return
    connection.execute(MET_BLOCK.format(touched="true" if is_whole else "key IN (FROM touched)"))
    connection.execute(MEMBER.format(rows="linkage.key" if is_whole else "met_row"))
    find_living(connection, "member", is_whole)
    connection.execute(BLOCKS)
    for statement in CROSSED:
        given = {"most": most, "load": load_seq}
        connection.execute(statement, {name: value for name, value in given.items() if f"${name}" in statement})


def _pairs(rows: dict[str, Any]) -> pa.Table:
    """One row per pair of observations that share a key, one of them looked at, but for the year of two whole dates.

    Pairs that share a day and one name alone are not close: not worth a look at all parts of both names in any order.
    """
    open_rows = _open(rows["key"], rows["kind"])
    shared, rest = neighbours(rows["key"][open_rows], rows["kind"][open_rows] == YEAR)
    place = open_rows[shared]
    codes, ids = number_ids(rows["observation_id"][place])
    found = [np.zeros(0, dtype=np.int64)]
    for start, stop in _parts(rest):
        of_part = {name: rows[name][place[start:stop]] for name in ("key", "kind", "is_fresh")}
        found += _met(of_part, rest[start:stop], codes[start:stop])
    packed = np.concatenate(found)
    packed.sort()
    packed = packed[np.append(True, packed[1:] >> 1 != packed[:-1] >> 1)[: len(packed)]]
    low, high = (ids[ends] for ends in (packed >> 32, packed >> 1 & 0x7FFFFFFF))
    is_two = low != high
    pairs = {"left_id": np.minimum(low, high), "right_id": np.maximum(low, high), "is_close": packed & 1 == 0}
    return pa.table({name: column[is_two] for name, column in pairs.items()})


def _parts(rest: Ids) -> Iterator[tuple[int, int]]:
    """Where parts of sorted rows begin and end, none of which parts equal ones; small ones find their memory again."""
    start = 0
    while start < len(rest):
        stop = start + AT_HAND
        stop = int(np.searchsorted(rest, rest[stop - 1], side="right")) if stop < len(rest) else len(rest)
        yield start, stop
        start = stop


def _met(rows: dict[str, Any], rest: Ids, codes: Places) -> Iterator[Places]:
    """The pairs of rows with one key: both observations, the lesser first, and whether the key is of a day."""
    keys, kinds, is_fresh = rows["key"], rows["kind"], rows["is_fresh"]
    # Of a year's rows, the most by far, none comes before one that it is a candidate with.
    one, step = np.flatnonzero(kinds != YEAR), 0
    while len(one):
        step += 1
        one = one[: np.searchsorted(one, len(rest) - step)]
        one = one[rest[one] == rest[one + step]]
        other = one + step
        is_pair = (keys[one] == keys[other]) & (is_fresh[one] | is_fresh[other])
        left, right = codes[one[is_pair]], codes[other[is_pair]]
        yield (np.minimum(left, right) << 31 | np.maximum(left, right)) << 1 | (kinds[one[is_pair]] == DAY)


def _open(keys: Ids, kinds: npt.NDArray[np.uint8]) -> Places:
    """Places of the rows that may have a candidate: of those of a year, a quarter of all, only where a date is weak."""
    first_bits = np.uint64(64 - FIRST_BITS_OF_YEAR)
    is_met = np.zeros(1 << FIRST_BITS_OF_YEAR, dtype=bool)
    is_met[keys[kinds == WEAK] >> first_bits] = True
    is_open = kinds != YEAR
    of_years = np.flatnonzero(~is_open)
    is_open[of_years] = is_met[keys[of_years] >> first_bits]
    return np.flatnonzero(is_open)
