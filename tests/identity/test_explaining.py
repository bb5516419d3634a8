"""Why two records are one person, or two: what is told is what the night weighed."""

from __future__ import annotations

import pytest

from pipelines.identity import load_model
from pipelines.identity.explaining import Explanation, NoSuchRecordError, explain
from pipelines.identity.levels import LEVELS
from pipelines.labels import LANGUAGES, label
from tests.identity.conftest import Register, Seen, Verdict

ALIKE = {"surname": "Каримов", "given": "Рустам", "birth": "1988-03-17", "citizenship": "UZB"}
STRANGER = Seen(9, surname="Li", given="Min", birth="1970-12-30", sex="F", document="Z9", citizenship="CHN")


def told(register: Register, left: int, right: int) -> Explanation:
    return explain(register.connection, load_model(), ("f", str(left)), ("f", str(right)))


def test_the_waterfall_ends_at_the_weight_that_the_night_kept(register: Register) -> None:
    register.load(Seen(1, **ALIKE, document="A1"), Seen(2, **ALIKE, document="B77"))
    ((kept,),) = register.connection.execute("SELECT weight FROM linkage.pair").fetchall()
    found = told(register, 2, 1)
    assert found.weight == pytest.approx(kept)
    assert found.steps[-1].total == pytest.approx(kept, abs=1e-3)
    assert [step.field for step in found.steps] == list(LEVELS)
    assert found.prior + sum(step.bits for step in found.steps) == pytest.approx(kept, abs=1e-3)
    document = next(step for step in found.steps if step.field == "document")
    assert (document.left, document.right, document.level) == (["B77", "UZB"], ["A1", "UZB"], "different")


def test_records_that_were_never_candidates_are_weighed_too(register: Register) -> None:
    register.load(Seen(1, **ALIKE), STRANGER)
    assert register.connection.execute("SELECT count(*) FROM linkage.pair").fetchall() == [(0,)]
    found = told(register, 1, 9)
    assert (found.verdict, found.conflict, found.is_one_person, found.links) == ("conflict", "birth", False, [])
    assert found.left.person_id != found.right.person_id
    assert {event["event"] for event in found.events} == {"created"}


def test_an_unsure_pair_says_that_its_weight_is_not_enough(register: Register) -> None:
    register.load(Seen(1, document="A1", birth=None), Seen(2, document="A1", birth=None))
    assert told(register, 1, 2).verdict == "unsure"


def test_what_a_steward_and_the_ledger_say_stands_beside_the_weight(register: Register) -> None:
    register.load(Seen(1, **ALIKE, document="A1"), STRANGER)
    register.load(Verdict(20, 1, 9, "same"))
    found = told(register, 9, 1)
    assert found.is_one_person
    assert found.verdict == "conflict"
    assert [row["verdict"] for row in found.stewards] == ["same"]
    assert [(row["evidence"], row["known_from_seq"], row["known_to_seq"]) for row in found.links] == [
        ("steward", 2, None)
    ]
    assert [(row["event"], row["decided_by"]) for row in found.events if row["load_seq"] == 2] == [
        ("merged", "steward")
    ]


def test_a_withdrawn_record_is_told_as_such_and_an_unknown_one_is_refused(register: Register) -> None:
    register.load(Seen(1, **ALIKE), STRANGER)
    register.load(withdrawn=(9,))
    found = told(register, 1, 9)
    assert found.left.is_current and not found.right.is_current
    assert found.right.person_id is None
    with pytest.raises(NoSuchRecordError, match="second record") as refusal:
        told(register, 1, 77)
    assert "77" not in str(refusal.value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_level_has_words(language: str) -> None:
    names = {name for names in LEVELS.values() for name in names} | {"unknown"}
    assert all(label(f"code.level.{name}", language) for name in names)
