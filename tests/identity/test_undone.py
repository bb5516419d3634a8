"""Undoing a merge leaves what would be known had the two never been joined: persons, evidence, links and ids."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from pipelines.stewardship import Decision, NoMergeError, undo_merge
from pipelines.storage import open_memory
from tests.identity.conftest import Register, Seen, Verdict, make_register
from tests.identity.test_order import knowledge, papers

MERGED = "SELECT DISTINCT person_id FROM linkage.link_event WHERE event = 'merged' AND load_seq = $1 ORDER BY ALL"
FIRST = 6
BORN = st.sampled_from(["1980-05-01", "1980-05-01", "1980-05", "1980-05-02"])


def verdicts(decisions: list[Decision]) -> list[Verdict]:
    return [
        Verdict(number, int(word.left[1]), int(word.right[1]), word.verdict)
        for number, word in zip(count(100), decisions, strict=False)
    ]


def undone(connection: duckdb.DuckDBPyConnection, person: str) -> list[Decision]:
    """The decisions that undo a merge of the second load; none where the same load left what it joined apart."""
    try:
        return undo_merge(connection, person, 2)
    except NoMergeError:
        return []


def ids(register: Register) -> dict[str, set[int]]:
    """Which of the first observations each person has."""
    rows = register.connection.execute(
        """SELECT person_id, list(observation_id) FROM linkage.person_observation
        WHERE known_to_seq IS NULL AND person_id IS NOT NULL AND observation_id <= $1 GROUP BY person_id""",
        [FIRST],
    ).fetchall()
    return {person: set(members) for person, members in rows}


def unmerged(first: list[Seen], second: list[Seen]) -> tuple[list[Verdict], dict[str, Any], dict[str, set[int]]]:
    """Loads both, undoes all that the second merged, and says by which words and what is known then."""
    with tempfile.TemporaryDirectory() as folder, open_memory() as connection:
        register = make_register(Path(folder), connection)
        register.load(*first)
        register.load(*second)
        merges = [person for (person,) in connection.execute(MERGED, [2]).fetchall()]
        words = verdicts([word for person in merges for word in undone(connection, person)])
        assume(words)
        register.load(*words)
        return words, knowledge(register), ids(register)


def never_merged(
    first: list[Seen], second: list[Seen], words: list[Verdict]
) -> tuple[dict[str, Any], dict[str, set[int]]]:
    """The same arrivals where the words are there before anything could be joined."""
    with tempfile.TemporaryDirectory() as folder, open_memory() as connection:
        register = make_register(Path(folder), connection)
        register.load(*first)
        register.load(*second, *words)
        return knowledge(register), ids(register)


@st.composite
def bridged(draw: st.DrawFn) -> tuple[list[Seen], list[Seen]]:
    """Papers of one passport and papers of one IIN, and then one that bears both; doubts about birth, sex and name."""
    left, right = draw(papers(range(1, 4))), draw(papers(range(4, FIRST + 1)))
    left = [replace(paper, document="A1", iin=None, birth=draw(BORN)) for paper in left]
    right = [
        replace(paper, document=draw(st.sampled_from(["B2", None])), iin="111", birth=draw(BORN)) for paper in right
    ]
    bridge, other = draw(papers(range(FIRST + 1, FIRST + 3)))
    return [*left, *right], [replace(bridge, document="A1", iin="111", birth="1980-05-01"), other]


@settings(max_examples=5, phases=(Phase.generate,), deadline=None, derandomize=True)
@given(bridged())
def test_an_undone_merge_leaves_what_would_be_known_had_it_never_been(world: tuple[list[Seen], list[Seen]]) -> None:
    words, known, named = unmerged(*world)
    assert (known, named) == never_merged(*world, words)
