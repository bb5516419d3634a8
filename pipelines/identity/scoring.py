"""What a pair weighs under a frozen model: a pure function of the pair and the model.

The weight is the prior plus the bits of each field's level. Names that share a root weigh more the rarer the root is.
Where the facts of a pair cannot all be of one person, the pair has a *conflict*, by name, and is never joined, directly
or through others, unless a steward says so:

- `iin`: two valid IINs.
- `birth`: birth dates that no slip explains, and no paper that says otherwise.
- `row`: documents in a row, as families get them: with other given names, or with numbers that no slip explains.
- `given`: given names that have nothing in common, as of twins and siblings, or of a child in its parent's passport.
- `patronymic`: other fathers, as namesakes have them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from queue import SimpleQueue
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.identity.levels import (
    CLOSE,
    EXACT,
    FAR,
    LEVELS,
    NEAR,
    OF_A_WOMAN,
    OTHER_STATE,
    ROOT,
    ROW,
    SAME_NUMBER,
    WHOLE_DATE,
    Compared,
    Levels,
    compare_seen,
    read_pairs,
)
from pipelines.identity.model import Model
from pipelines.identity.names import create_macros
from pipelines.identity.numbering import Places, laid_out, number
from pipelines.identity.sides import ROLES, UNKNOWN, Sides
from pipelines.storage.database import quoted

# How far the rarity of a name may move a weight, in bits; a root that training did not see moves nothing.
RAREST, COMMONEST = 5.0, -6.0
# Names a slip apart: two names that many bear are mostly two names; one that training did not see is mostly a slip.
COMMON, TWO_NAMES, TWO_NEAR, SLIPPED, UNSEEN = -14.0, -4.0, -1.0, 3.0, -99.0

SLIP, COMPATIBLE, SAME_MONTH = 2, 5, 8
SAME_STATE = f"{LEVELS['origin'].index('citizenship')}, {LEVELS['origin'].index('same')}"
PAPERS = f"coalesce(iin, 0) = 1 OR (coalesce(document, 0) = {SAME_NUMBER} AND coalesce(birth, 0) >= {COMPATIBLE})"
CONFLICT = f"""CASE
  WHEN iin = 0 THEN 'iin'
  WHEN iin = 1 THEN NULL
  WHEN birth = 0 OR birth = 1 AND NOT (coalesce(document, 0) = {SAME_NUMBER} AND coalesce(surname, 0) >= {NEAR}
    AND coalesce(given, 0) >= {NEAR}) THEN 'birth'
  WHEN document = {ROW} AND (are_two_papers OR given <= {NEAR}) THEN 'row'
  WHEN given = 0 AND has_full_given AND NOT ({PAPERS}) THEN 'given'
  WHEN patronymic <= {FAR} AND has_full_patronymic
    AND NOT (({PAPERS}) AND coalesce(surname, 0) >= {NEAR} AND coalesce(given, 0) >= {ROOT}) THEN 'patronymic' END"""

# How common the root of each part of a name is among names of each role, where training saw it.
SHARES = f"""WITH frequency AS (
  SELECT root, {", ".join(f"any_value(log2_share) FILTER (role = '{role}') AS {role}" for role in ROLES)}
  FROM model_frequency GROUP BY root
)
SELECT needed_value.place AS value, {", ".join(f"coalesce({role}, 'nan') AS {role}" for role in ROLES)}
FROM needed_value JOIN linkage.name_value_part AS part USING (value_id) JOIN linkage.name_part USING (part_id)
LEFT JOIN frequency USING (root) WHERE variant = 0 ORDER BY value, part.place"""

# Whoever has one name and no other has no given name to be unknown, if state and whole date tell of the same person and
# no two papers of one state tell of two: who gave no more than a surname of somebody may have known no more.
ONLY_NAME = f"""is_alone AND given IS NULL AND birth = {WHOLE_DATE} AND origin IN ({SAME_STATE})
  AND coalesce(document >= {OTHER_STATE}, true)"""

# Not enough by itself, whatever it weighs: a given name that is unknown or may be a twin's where papers do not agree, a
# document number that nothing else supports, another sex where no given name says that it is a slip; without a common
# number, a date that is a slip, or a weak one beside names that are a slip themselves or stand in each other's place.
UNSURE = f"""coalesce(iin, 0) = 0 AND (
  (coalesce(given, 0) <= {FAR} AND NOT coalesce({ONLY_NAME}, false) AND NOT ({PAPERS}))
  OR (coalesce(birth, 0) < {SLIP} AND coalesce(surname, 0) < {NEAR} AND coalesce(given, 0) < {NEAR})
  OR (sex = 0 AND coalesce(given, 0) < {NEAR})
  OR (surname = {OF_A_WOMAN} AND birth < {WHOLE_DATE} AND coalesce(document, 0) < {ROW})
  OR (coalesce(document, 0) < {ROW} AND (birth = {SLIP}
    OR birth BETWEEN {SLIP} AND {SAME_MONTH} AND (is_exchanged OR least(surname, given, patronymic) < {NEAR}))))"""

# Namesakes mostly share citizenship and country of birth, and names tell these already. Where nothing but names and a
# date that only may be the same, or a woman's given name, says that two are one, a shared origin counts for nothing.
NAMESAKES = f"""coalesce(l.iin, 0) = 0 AND (
  (l.birth BETWEEN {SLIP} AND {SAME_MONTH} AND l.patronymic IS NULL AND coalesce(l.document, 0) < {ROW})
  OR (l.surname = {OF_A_WOMAN} AND coalesce(l.patronymic, 0) < {ROOT} AND coalesce(l.document, 0) < {SAME_NUMBER}))"""

# What a pattern of levels says, whoever has it, is worked out once.
SAID = """SELECT {bits}, {conflict} AS conflict, coalesce({unsure}, false) AS is_unsure
FROM pattern AS l ORDER BY place"""

Bits = npt.NDArray[np.float64]
AT_ONCE, WORTH_SHARING, READ_AT_ONCE = 1_000_000, 500_000, 20_000_000


def lay_out(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Makes the temporary table `model_frequency` of a model."""
    keys = list(model.frequency)
    frequency = {
        "role": [role for role, _ in keys],
        "root": [root for _, root in keys],
        "log2_share": [model.frequency[key] for key in keys],
    }
    connection.register("given_frequency", pa.table(frequency))
    connection.execute("CREATE OR REPLACE TEMP TABLE model_frequency AS FROM given_frequency")
    connection.unregister("given_frequency")


def score_pairs(connection: duckdb.DuckDBPyConnection, model: Model, pairs: str, into: str) -> None:
    """Makes a temporary table with one row per pair: level and bits of each field, conflict and weight.

    Args:
        connection: Where `linkage.observed` and the dictionary lie, and `lay_out` was called.
        model: The model.
        pairs: Relation of pairs, as `levels.compare_pairs` takes them.
        into: Name of the table.
    """
    kept = "CREATE OR REPLACE TEMP TABLE {} AS FROM weighed_pairs"
    for part in weigh_by_parts(connection, model, read_pairs(connection, pairs)):
        connection.register("weighed_pairs", part)
        connection.execute(kept.format(into))
        connection.unregister("weighed_pairs")
        kept = "INSERT INTO {} FROM weighed_pairs"


def weigh_by_parts(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    pairs: pa.Table,
    least: float | None = None,
    at_once: int = AT_ONCE,
    hands: int = 1,
    read_at_once: int = READ_AT_ONCE,
) -> Iterator[pa.Table]:
    """What `weigh` says of so many pairs at a time, so that memory does not grow with them; one part at least.

    What was observed is read once for the pairs of a night, since a history is longer than what these compare, and once
    for each `read_at_once` of the many that a year behind has. A pair weighs the same whichever others are compared
    with it.

    Args:
        connection: Where `linkage.observed` and the dictionary lie, and `lay_out` was called.
        model: The model.
        pairs: Pairs, as `levels.compare_pairs` takes them.
        least: Weight of the pairs that are told, by default of all.
        at_once: Pairs that are compared at the same time; each takes up to two kilobytes meanwhile.
        hands: Who share these, where there are more than that, or than `WORTH_SHARING`: what a hand needs of its own is
            not worth less, and two parts compare again what both have. With more than one, what is read must have been
            committed.
        read_at_once: Pairs whose observations are read together; some hundred bytes are held of each.
    """
    for start in range(0, max(1, len(pairs)), read_at_once):
        yield from _weigh_together(connection, model, pairs.slice(start, read_at_once), least, at_once, hands)


def _weigh_together(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    pairs: pa.Table,
    least: float | None,
    at_once: int,
    hands: int,
) -> Iterator[pa.Table]:
    seen = Sides.read(connection, pairs)
    hands = hands if len(pairs) > min(at_once, WORTH_SHARING) else 1
    size = max(1, -(-min(at_once, len(pairs)) // hands))

    def weighed(on: duckdb.DuckDBPyConnection, start: int) -> pa.Table:
        of_part = seen if size >= len(pairs) else seen.part(start, start + size)
        compared = compare_seen(on, pairs.slice(start, size), of_part)
        return weigh(on, model, compared, least)

    starts = range(0, max(1, len(pairs)), size)
    if hands == 1:
        yield from (weighed(connection, start) for start in starts)
        return
    with _cursors(connection, model, hands) as idle, ThreadPoolExecutor(hands) as crew:

        def at_hand(start: int) -> pa.Table:
            cursor = idle.get()
            try:
                return weighed(cursor, start)
            finally:
                idle.put(cursor)

        begun: deque[Future[pa.Table]] = deque()
        for start in starts:
            begun.append(crew.submit(at_hand, start))
            if len(begun) > hands:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()


@contextmanager
def _cursors(
    connection: duckdb.DuckDBPyConnection, model: Model, number_of: int
) -> Iterator[SimpleQueue[duckdb.DuckDBPyConnection]]:
    """Connections beside one, each with what comparing and weighing need of its own."""
    ((path,),) = connection.execute("SELECT current_setting('search_path')").fetchall()
    idle: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()
    with ExitStack() as opened:
        for _ in range(number_of):
            cursor = opened.enter_context(connection.cursor())
            cursor.execute(f"SET search_path = {quoted(path)}")
            create_macros(cursor)
            lay_out(cursor, model)
            idle.put(cursor)
        yield idle


def weigh(
    connection: duckdb.DuckDBPyConnection, model: Model, compared: Compared, least: float | None = None
) -> pa.Table:
    """The columns of `score_pairs` of pairs whose levels are known, without those that weigh less than `least`."""
    pattern, said = _say(connection, model, compared)
    rarity = _rarities(connection, model, compared)
    bits = {field: said[field][pattern] + rarity.get(field, 0.0) for field in LEVELS}
    weight = np.full(len(pattern), model.prior)
    for field in LEVELS:
        weight += bits[field]
    kept = slice(None) if least is None else np.flatnonzero(weight >= least)
    columns: dict[str, Any] = {"left_id": compared.left_id[kept], "right_id": compared.right_id[kept]}
    columns |= {name: _known(level[kept]) for name, level in compared.levels.items()}
    columns |= {f"{field}_bits": bits[field][kept] for field in LEVELS}
    columns["conflict"] = said["conflict"].take(pa.array(pattern[kept]))
    return pa.table(columns | {"is_unsure": said["is_unsure"][pattern[kept]], "weight": weight[kept]})


def _known(levels: Levels) -> pa.Array:
    return pa.array(levels.astype(np.uint8), mask=levels == UNKNOWN)


def _say(connection: duckdb.DuckDBPyConnection, model: Model, compared: Compared) -> tuple[Places, dict[str, Any]]:
    """The pattern of each pair, and what the patterns say: `conflict`, `is_unsure`, bits of fields without rarity."""
    columns = compared.levels | {name: flag.astype(np.int8) for name, flag in compared.flags.items()}
    packed = np.zeros(len(compared.left_id), dtype=np.int64)
    for column in columns.values():
        packed = packed * 16 + column + 1
    pattern, distinct = number(packed)
    example = np.zeros(len(distinct), dtype=np.int64)
    example[pattern] = np.arange(len(pattern))
    asked = {name: _known(level[example]) for name, level in compared.levels.items()}
    asked |= {name: flag[example] for name, flag in compared.flags.items()} | {"place": np.arange(len(example))}
    bits = ", ".join(f"({_bits(model, field)})::DOUBLE AS {field}" for field in LEVELS)
    with laid_out(connection, "pattern", asked):
        said = connection.execute(SAID.format(bits=bits, conflict=CONFLICT, unsure=UNSURE)).to_arrow_table()
    told: dict[str, Any] = {name: said[name].to_numpy() for name in (*LEVELS, "is_unsure")}
    return pattern, told | {"conflict": said["conflict"].combine_chunks()}


def _bits(model: Model, field: str) -> str:
    """SQL of the bits of a field."""
    by_level = " ".join(f"WHEN {level} THEN {bits}" for level, bits in enumerate(model.weights(field)))
    bits = f"CASE l.{field} {by_level} ELSE 0 END"
    return f"CASE WHEN {NAMESAKES} THEN least({bits}, 0) ELSE {bits} END" if field == "origin" else bits


def _rarities(connection: duckdb.DuckDBPyConnection, model: Model, compared: Compared) -> dict[str, Bits]:
    """Field of a name, then the bits by which the rarity of what the two share moves its weight."""
    places = np.arange(len(compared.value_ids))
    with laid_out(connection, "needed_value", {"value_id": compared.value_ids, "place": places}):
        told = connection.execute(SHARES).fetchnumpy()
    of, known = told["value"], np.bincount(told["value"], minlength=len(places))
    found = {}
    for field in ROLES:
        share = np.asarray(told[field], dtype=np.float64)
        common = np.append(np.bincount(of, np.nan_to_num(share, nan=model.likeness[field]), len(places)), np.nan)
        common[:-1][known == 0] = np.nan
        alone = np.append(np.bincount(of, np.nan_to_num(share, nan=UNSEEN), len(places)), np.nan)
        alone[:-1][known != 1] = np.nan
        one, other = compared.values[field]
        level = compared.levels[field]
        moved = np.clip(model.likeness[field] - np.fmax(common[one], common[other]), COMMONEST, RAREST)
        lesser, greater = np.fmin(alone[one], alone[other]), np.maximum(alone[one], alone[other])
        are_two = (lesser >= COMMON) & ~np.isnan(greater)
        found[field] = np.select(
            [(level >= ROOT) & (level <= EXACT), (level != CLOSE) & (level != NEAR), lesser == UNSEEN, are_two],
            [np.nan_to_num(moved), 0, SLIPPED, np.where(level == CLOSE, TWO_NAMES, TWO_NEAR)],
            0.0,
        )
    return found
