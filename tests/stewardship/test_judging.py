"""Verdicts and unmerging beside the real linkage: what the decisions do when the next load links with them.

Observations and records are the small register of the tests of identity; `linkage.*` is what `identity.link` makes of
it. `link_evidence.weight`, which the linkage by likeness brings, is added by hand where it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from pipelines.stewardship import (
    Decision,
    NoMergeError,
    NoSuchMergeError,
    NothingToDecideError,
    judge_persons,
    undo_merge,
)
from pipelines.storage import open_memory
from tests.identity.conftest import Register, Seen, Verdict, make_register

IIN = "900101300017"
NUMBERS = count(100)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with open_memory() as connection:
        yield make_register(tmp_path, connection)


def take(register: Register, decisions: list[Decision]) -> None:
    """The next load brings the decisions."""
    register.load(*(Verdict(next(NUMBERS), int(d.left[1]), int(d.right[1]), d.verdict) for d in decisions))


def of(register: Register, number: int) -> str:
    person = register.person(number)
    assert person
    return person


def persons(*members: set[int]) -> set[frozenset[int]]:
    return {frozenset(each) for each in members}


def merged(register: Register) -> None:
    """Two persons of two observations each, and in the second load one that joins them."""
    register.load(
        Seen(1, document="A1"), Seen(2, document="A1"), Seen(3, document="B2"), Seen(4, document="B2", iin=IIN)
    )
    register.load(Seen(5, document="A1", iin=IIN))


def test_unmerging_parts_what_was_apart_before_the_merge(register: Register) -> None:
    merged(register)
    assert register.persons() == persons({1, 2, 3, 4, 5})
    decisions = undo_merge(register.connection, of(register, 1), 2)
    assert {frozenset((d.left[1], d.right[1])) for d in decisions} == {
        frozenset(pair) for pair in (("1", "3"), ("1", "4"), ("2", "3"), ("2", "4"))
    }
    take(register, decisions)
    assert register.persons() == persons({1, 2}, {3, 4, 5}), "what came with the merge goes with its stronger evidence"


def test_what_unmerging_parted_stays_apart_when_more_evidence_comes(register: Register) -> None:
    merged(register)
    take(register, undo_merge(register.connection, of(register, 1), 2))
    register.load(Seen(6, document="A1", iin=IIN))
    assert {frozenset(group & {1, 2, 3, 4}) for group in register.persons()} == persons({1, 2}, {3, 4})


def test_of_several_persons_merged_in_one_load_each_comes_back(register: Register) -> None:
    register.load(Seen(1, document="A1"), Seen(2, document="B2"), Seen(3, document="C3"))
    before = register.persons()
    register.load(Verdict(1, 1, 2, "same"), Verdict(2, 2, 3, "same"))
    assert register.persons() == persons({1, 2, 3})
    take(register, undo_merge(register.connection, of(register, 1), 2))
    assert register.persons() == before


def test_an_earlier_merge_stays_when_a_later_one_is_undone(register: Register) -> None:
    register.load(Seen(1, document="A1"), Seen(2, document="B2"), Seen(3, document="C3"))
    register.load(Verdict(1, 1, 2, "same"))
    register.load(Verdict(2, 2, 3, "same"))
    take(register, undo_merge(register.connection, of(register, 1), 3))
    assert register.persons() == persons({1, 2}, {3})


def test_a_merge_that_never_was_is_refused_with_those_that_were(register: Register) -> None:
    merged(register)
    with pytest.raises(NoSuchMergeError, match="merges in load 2"):
        undo_merge(register.connection, of(register, 1), 1)
    with pytest.raises(NoSuchMergeError, match="nothing was ever merged"):
        undo_merge(register.connection, "nobody", 2)


def test_a_merge_that_was_undone_is_not_undone_again(register: Register) -> None:
    merged(register)
    person = of(register, 1)
    take(register, undo_merge(register.connection, person, 2))
    with pytest.raises(NoMergeError, match="apart already"):
        undo_merge(register.connection, person, 2)


def test_a_verdict_on_two_persons_holds_for_all_their_observations_and_can_be_changed(register: Register) -> None:
    register.load(Seen(1, document="A1"), Seen(2, document="A1"), Seen(3, document="B2"))
    for verdict, outcome in (
        ("same", persons({1, 2, 3})),
        ("different", persons({1, 2}, {3})),
        ("same", persons({1, 2, 3})),
    ):
        if verdict == "different":
            take(register, undo_merge(register.connection, of(register, 1), 2))
        else:
            take(register, judge_persons(register.connection, of(register, 1), of(register, 3), verdict))
        assert register.persons() == outcome


def test_a_verdict_different_outlasts_evidence_that_comes_later(register: Register) -> None:
    register.load(Seen(1, document="A1"), Seen(2, document="B2"))
    take(register, judge_persons(register.connection, of(register, 1), of(register, 2), "different"))
    register.load(Seen(3, document="A1", iin=IIN), Seen(4, document="B2", iin=IIN))
    assert not any({1, 2} <= group for group in register.persons())


def test_a_verdict_on_two_persons_outlasts_a_record_of_theirs(register: Register) -> None:
    register.load(Seen(1, document="A1"), Seen(2, document="B2"), carried={6: Seen(1), 7: Seen(2)})
    take(register, judge_persons(register.connection, of(register, 1), of(register, 2), "different"))
    register.load(Seen(3, document="A1", iin=IIN), Seen(4, document="B2", iin=IIN), withdrawn=(1, 2))
    register.load(withdrawn=(7,), carried={2: Seen(2)})
    assert not any({1, 2} <= group for group in register.persons())


def test_a_merge_is_undone_of_records_that_were_corrected_since(register: Register) -> None:
    register.load(Seen(1, document="A1"), Seen(2, document="B2"))
    register.load(Verdict(1, 1, 2, "same"))
    register.load(carried={1: Seen(8, document="C3")})
    assert register.persons() == persons({2, 8})
    take(register, undo_merge(register.connection, of(register, 8), 2))
    assert register.persons() == persons({2}, {8})


def test_corrections_that_make_two_persons_one_are_a_merge_and_can_be_undone(register: Register) -> None:
    """Both were told without a number first; each is of other words now, and no observation changed persons."""
    register.load(Seen(1, document="A1"), Seen(2, document="B2"))
    one, other = of(register, 1), of(register, 2)
    register.load(carried={1: Seen(8, document="A1", iin=IIN), 2: Seen(9, document="B2", iin=IIN)})
    left = of(register, 8)
    assert register.persons() == persons({8, 9}) and left in {one, other}
    (gone,) = {one, other} - {left}
    events = register.connection.execute(
        "SELECT event, person_id, other_person_id, reason, decided_by, records FROM linkage.link_event "
        "WHERE load_seq = 2"
    ).fetchall()
    assert events == [("merged", left, gone, "records corrected", "model", 1)]
    links = register.connection.execute(
        "SELECT colour FROM linkage.identity_link "
        "WHERE known_to_seq IS NULL AND $1 IN (left_person_id, right_person_id)",
        [gone],
    ).fetchall()
    assert links == [("white",)]
    take(register, undo_merge(register.connection, left, 2))
    assert register.persons() == persons({8}, {9})


def test_a_record_that_a_correction_takes_from_its_person_is_a_split(register: Register) -> None:
    register.load(Seen(1, document="A1"), Seen(2, document="A1"))
    whole = of(register, 1)
    register.load(carried={2: Seen(8, document="B2", birth="1951-02-03", sex="F")})
    assert register.persons() == persons({1}, {8})
    events = register.connection.execute(
        "SELECT event, person_id, other_person_id, reason, records FROM linkage.link_event "
        "WHERE load_seq = 2 AND event <> 'created'"
    ).fetchall()
    assert events == [("split", of(register, 8), whole, "records corrected", 1)]


def test_a_merge_of_records_that_say_the_same_is_undone_by_parting_them_again(register: Register) -> None:
    """Record 2 was a saying of its own by a steward's word; followed by another, it is of the saying of record 1."""
    register.load(Seen(1, document="A1"), Seen(2, document="A1"), Verdict(1, 1, 2, "different"))
    register.load(Verdict(2, 1, 2, "same"), carried={2: Seen(1)})
    (decision,) = undo_merge(register.connection, of(register, 1), 2)
    assert {decision.left, decision.right} == {("f", "1"), ("f", "2")}


def test_a_verdict_that_changes_nothing_is_refused(register: Register) -> None:
    register.load(Seen(1, document="A1"), Seen(2, document="A1"))
    register.connection.execute("ALTER TABLE linkage.link_evidence ADD COLUMN IF NOT EXISTS weight DOUBLE")
    person = of(register, 1)
    for other, verdict, told in (
        (person, "different", "unmerge"),
        (person, "same", "nothing to confirm"),
        ("x", "same", "no records"),
    ):
        with pytest.raises(NothingToDecideError, match=told):
            judge_persons(register.connection, person, other, verdict)


def test_the_weakest_likeness_of_a_person_is_confirmed(register: Register) -> None:
    register.load(Seen(1, document="A1"), Seen(2, document="A1"), Seen(3, document="A1"))
    register.connection.execute(
        """ALTER TABLE linkage.link_evidence ADD COLUMN IF NOT EXISTS weight DOUBLE;
        INSERT INTO linkage.link_evidence BY NAME
        SELECT 1 AS left_observation_id, 2 AS right_observation_id, 'likeness' AS evidence, 9.0 AS weight,
          1 AS known_from_seq
        UNION ALL SELECT 2, 3, 'likeness', 3.0, 1"""
    )
    person = of(register, 1)
    assert judge_persons(register.connection, person, person, "same") == [Decision(("f", "2"), ("f", "3"), "same")]
