"""A load under another model than the one before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.identity import link, load_model
from pipelines.identity.adopting import NotAdoptedError, adopt, adopted, bring_adopted, model_of
from pipelines.identity.model import Model, save_model
from pipelines.identity.tables import EVIDENCE_VIEW
from pipelines.storage import Home, faults
from tests.identity.conftest import Register, Seen

# Names and whole birth dates alone: some 17 bits under the model that ships, which accepts from 9 on.
ALIKE = {
    "surname": "Нурмагамбетова",
    "given": "Айгерим",
    "patronymic": "Серикжановна",
    "birth": "1988-03-17",
    "sex": "F",
}
STRICT = replace(load_model(), version="strict", accept=60.0)


def linked_by(register: Register, model: Model) -> set[frozenset[int]]:
    """The next load, which brings nothing, under a model."""
    register.load_seq += 1
    link(register.connection, register.home, register.load_seq, "secret", model)
    return register.persons()


def weights(register: Register) -> list[tuple[object, ...]]:
    query = "SELECT left_observation_id, right_observation_id, weight, model_version FROM linkage.pair ORDER BY ALL"
    return register.connection.execute(query).fetchall()


def test_another_threshold_parts_and_the_first_joins_again_under_the_old_ids(register: Register) -> None:
    register.load(Seen(1, **ALIKE), Seen(2, **ALIKE))
    assert register.persons() == {frozenset({1, 2})}
    first = register.person(1)
    assert linked_by(register, STRICT) == {frozenset({1}), frozenset({2})}
    assert register.person(1) == first
    assert {version for *_, version in weights(register)} == {"strict"}
    assert linked_by(register, load_model()) == {frozenset({1, 2})}
    assert register.person(2) == first


def test_what_no_longer_links_is_told_field_by_field_as_it_was_weighed(register: Register) -> None:
    """Evidence that another model, or a withdrawn record, has ended keeps its levels and the model's name."""
    told = """SELECT evidence, surname, birth, round(surname_bits, 3), model_version, known_from_seq, known_to_seq
    FROM linkage.weighed_evidence ORDER BY known_from_seq"""
    register.load(Seen(1, **ALIKE), Seen(2, **ALIKE))
    register.connection.execute(EVIDENCE_VIEW)
    ((*first, known_from, known_to),) = register.connection.execute(told).fetchall()
    assert first[:3] == ["model", "exact", "same"] and first[4] == load_model().version
    assert (known_from, known_to) == (1, None)
    linked_by(register, STRICT)
    assert register.connection.execute(told).fetchall() == [(*first, 1, 2)]
    linked_by(register, load_model())
    assert register.connection.execute(told).fetchall() == [(*first, 1, 2), (*first, 3, None)]
    register.load(withdrawn=(2,))
    assert register.connection.execute(told).fetchall() == [(*first, 1, 2), (*first, 3, 4)]


def test_a_load_that_was_killed_after_its_pairs_were_weighed_anew_weighs_them_again(register: Register) -> None:
    register.load(Seen(1, **ALIKE), Seen(2, **ALIKE))
    linked_by(register, STRICT)
    once = weights(register)
    assert once
    register.load_seq -= 1
    linked_by(register, STRICT)
    assert weights(register) == once


def test_pairs_that_the_old_model_did_not_keep_are_weighed_by_the_new_one(register: Register) -> None:
    blind = replace(load_model(), version="blind", accept=90.0, review=90.0)
    register.load_seq += 1
    for fact in (Seen(1, **ALIKE), Seen(2, **ALIKE)):
        register._carry(fact.number, fact)
    link(register.connection, register.home, 1, "secret", blind)
    assert weights(register) == [] and len(register.persons()) == 2
    assert linked_by(register, load_model()) == {frozenset({1, 2})}


def test_a_model_is_used_from_its_load_on_and_goes_with_a_home_made_anew(tmp_path: Path) -> None:
    home, other = Home(tmp_path / "home"), Home(tmp_path / "other")
    home.prepare()
    other.prepare()
    save_model(STRICT, tmp_path / "strict")
    adopt(home, tmp_path / "strict", 3)
    assert [model_of(home, load).version for load in (2, 3, 4)] == [load_model().version, "strict", "strict"]
    with pytest.raises(NotAdoptedError, match="known already"):
        adopt(home, tmp_path / "strict", 4)
    save_model(replace(STRICT, version="../../elsewhere"), tmp_path / "foreign")
    with pytest.raises(NotAdoptedError, match="small letters"):
        adopt(home, tmp_path / "foreign", 4)
    bring_adopted(home, other, 2)
    assert adopted(other) == []
    bring_adopted(home, other, 3)
    assert model_of(other, 3) == model_of(home, 3)


@pytest.mark.parametrize("point", ["identity.model.rename:1", "identity.model.write:2", "identity.adopt.rename:1"])
def test_an_adoption_that_was_stopped_uses_the_model_before_and_is_done_again(point: str, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    save_model(STRICT, tmp_path / "strict")
    faults.arm(f"{point}:full")
    try:
        with pytest.raises(OSError, match=point.partition(":")[0]):
            adopt(home, tmp_path / "strict", 3)
    finally:
        faults.arm("")
    assert model_of(home, 3).version == load_model().version
    adopt(home, tmp_path / "strict", 3)
    assert model_of(home, 3).version == "strict"
