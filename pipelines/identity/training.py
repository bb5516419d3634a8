"""Training a model from observations without truth, once; what it gives is then frozen.

How often one person's papers differ (m) is learned where two observations share a hard number: pairs of one document
say it of names and dates, pairs of one IIN of documents, by expectation maximisation, because a few of these are of two
persons. How often two persons agree by chance (u) is counted on pairs drawn at random. Training is the statistics of
Fellegi and Sunter as Splink does it, on levels counted once instead of pair by pair.
"""

from __future__ import annotations

from math import log2

import duckdb
import numpy as np
import pyarrow as pa

from pipelines.identity.levels import EXACT, LEVELS, ROOT, SAME_NUMBER, Compared, compare_pairs, read_pairs
from pipelines.identity.model import Model
from pipelines.identity.sides import ROLES

ROUNDS, SMOOTH = 50, 0.5
RANDOM_PAIRS, SEED = 500_000, 1
FEWEST = 3

DRAWN = """CREATE OR REPLACE TEMP TABLE drawn AS
SELECT DISTINCT least(a, b) AS left_id, greatest(a, b) AS right_id, false AS is_close FROM drawn_pair WHERE a <> b
AND (least(a, b), greatest(a, b)) NOT IN (SELECT (left_id, right_id) FROM candidate)"""
SHARES = """SELECT role, root, count(*) FROM (
  SELECT unnest(['surname', 'given', 'patronymic']) AS role, unnest([surname, given, patronymic]) AS value_id
  FROM linkage.observed
) JOIN linkage.name_value_part USING (value_id) JOIN linkage.name_part USING (part_id)
WHERE variant = 0 AND parts = 1 GROUP BY ALL ORDER BY ALL"""

Chances = dict[str, np.ndarray]


def train(
    connection: duckdb.DuckDBPyConnection, version: str, accept: float, review: float, persons: int, told: str
) -> Model:
    """A model of what `linkage.observed` holds.

    Args:
        connection: With `candidate(left_id, right_id)` beside the observations.
        version: Name of the model.
        accept: Weight from which two are one person.
        review: Weight from which a steward looks.
        persons: Size of the population that the prior is for; the larger, the more namesakes there are.
        told: What it is trained on, in words.
    """
    size = int(connection.execute("SELECT count(*) FROM linkage.observed").fetchall()[0][0])
    candidates = compare_pairs(connection, read_pairs(connection, "candidate"))
    by_chance = _by_chance(connection, size)
    by_number = _counts(candidates, "document", SAME_NUMBER)
    by_iin = _counts(candidates, "iin", 1)
    chances, _ = _maximise(by_iin, by_chance, [field for field in LEVELS if field != "iin"])
    others, share = _maximise(by_number, by_chance, [field for field in LEVELS if field != "document"])
    chances |= {field: others[field] for field in ("iin", "birth", "sex")}
    pairs = size * (size - 1) / 2
    wrong = (1 - share) * sum(number for _, number in by_number)
    by_chance["document"][4] = max(1.0, wrong) / pairs
    by_chance["iin"][1] = 1.0 / pairs
    counted = connection.execute(SHARES).fetchall()
    totals = {role: sum(number for of, _, number in counted if of == role) for role in ROLES}
    each = size / max(
        1,
        int(
            connection.execute("SELECT count(DISTINCT coalesce(iin, document)) FROM linkage.observed").fetchall()[0][0]
        ),
    )
    return Model(
        version,
        -log2(persons),
        accept,
        review,
        {f: tuple(zip(chances[f].tolist(), by_chance[f].tolist(), strict=True)) for f in LEVELS},
        {role: log2(sum((n / totals[role]) ** 2 for of, _, n in counted if of == role)) for role in ROLES},
        {(role, root): log2(n / totals[role]) for role, root, n in counted if n >= FEWEST},
        {"observations": size, "observations_per_number": round(each, 2), "of": told},
    )


def _by_chance(connection: duckdb.DuckDBPyConnection, size: int) -> Chances:
    ids = connection.execute("SELECT observation_id FROM linkage.observed ORDER BY ALL").fetchnumpy()["observation_id"]
    places = np.random.default_rng(SEED).integers(0, size, (2, RANDOM_PAIRS))
    connection.register("drawn_pair", pa.table({"a": ids[places[0]], "b": ids[places[1]]}))
    connection.execute(DRAWN)
    connection.unregister("drawn_pair")
    compared = compare_pairs(connection, read_pairs(connection, "drawn"))
    found = {}
    for field, names in LEVELS.items():
        levels = compared.levels[field]
        counts = SMOOTH + np.bincount(levels[levels >= 0], minlength=len(names))
        found[field] = counts / counts.sum()
    # Pairs with one birth date are candidates where a name agrees, too, and so not among the others.
    dates = connection.execute(
        """SELECT sum((n / total) ** 2) FROM (SELECT count(*) AS n, sum(count(*)) OVER () AS total
        FROM linkage.observed WHERE length(birth) = 10 GROUP BY birth)"""
    ).fetchall()[0][0]
    found["birth"][-1] = dates or found["birth"][-1]
    for role in ROLES:
        found[role][ROOT : EXACT + 1] = (
            _of_roots(connection, role) * found[role][ROOT : EXACT + 1] / found[role][ROOT : EXACT + 1].sum()
        )
    return found


def _of_roots(connection: duckdb.DuckDBPyConnection, role: str) -> float:
    counted = np.array([n for of, _, n in connection.execute(SHARES).fetchall() if of == role], dtype=float)
    return float(((counted / counted.sum()) ** 2).sum())


def _counts(compared: Compared, field: str, level: int) -> list[tuple[tuple[int, ...], float]]:
    """Patterns of levels of the pairs with one level of a field, -1 where a side does not know, and their numbers."""
    of_these = np.stack([compared.levels[each][compared.levels[field] == level] for each in LEVELS], axis=1)
    patterns, numbers = np.unique(of_these, axis=0, return_counts=True)
    return [(tuple(pattern), float(count)) for pattern, count in zip(patterns.tolist(), numbers, strict=True)]


def _maximise(
    counts: list[tuple[tuple[int, ...], float]], by_chance: Chances, fields: list[str]
) -> tuple[Chances, float]:
    """M of each field and the share of pairs that are of one person, by expectation maximisation; u stays."""
    order = list(LEVELS)
    patterns = np.array([pattern for pattern, _ in counts])
    numbers = np.array([number for _, number in counts])
    columns = {field: patterns[:, order.index(field)] for field in fields}
    found = {field: np.full(len(LEVELS[field]), 0.1 / len(LEVELS[field])) for field in fields}
    for field in fields:
        found[field][min(len(LEVELS[field]) - 1, EXACT) if field in ROLES else -1] += 0.9
    share = 0.9
    for _ in range(ROUNDS):
        odds = np.full(len(numbers), np.log(share / (1 - share)))
        for field, column in columns.items():
            known = column >= 0
            odds[known] += np.log(found[field][column[known]] / by_chance[field][column[known]])
        belief = 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
        share = min(1 - 1e-9, float((belief * numbers).sum() / numbers.sum()))
        for field, column in columns.items():
            known = column >= 0
            told = np.bincount(column[known], (belief * numbers)[known], len(LEVELS[field])) + SMOOTH
            found[field] = told / told.sum()
    return found, share
