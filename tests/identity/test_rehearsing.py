"""What another model would change, on a register small enough to read; and what training learns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.identity import load_model
from pipelines.identity.deduplicating import link_all
from pipelines.identity.levels import LEVELS
from pipelines.identity.rehearsing import Comparison, SameNameError, TooLittleToLearnError, rehearse, train_anew
from pipelines.simulation.identity_world import collapse, identity_records
from pipelines.storage import Home, open_memory
from tests.identity.conftest import Register, Seen, Verdict

SHIPPED = load_model()
STRICT, LAX = replace(SHIPPED, version="strict", accept=60.0), replace(SHIPPED, version="lax", accept=3.0, review=1.0)
ALIKE = {
    "surname": "Нурмагамбетова",
    "given": "Айгерим",
    "patronymic": "Серикжановна",
    "birth": "1988-03-17",
    "sex": "F",
}
SURE = {"surname": "Каримов", "given": "Рустам", "iin": "900101300017", "document": "B7"}


def compared(register: Register, new: object = STRICT) -> Comparison:
    assert isinstance(new, type(SHIPPED))
    return rehearse(register.connection, register.home, register.load_seq + 1, SHIPPED, new)


def test_a_higher_threshold_splits_what_rests_on_likeness_and_names_its_kind(register: Register) -> None:
    register.load(Seen(1, **ALIKE), Seen(2, **ALIKE), Seen(3, **SURE), Seen(4, **SURE | {"birth": "1980-01-02"}))
    before = register.person(1)
    found = compared(register)
    assert found.numbers == {
        "persons_before": 2,
        "persons_after": 3,
        "merged": 0,
        "split": 1,
        "unchanged": 1,
        "observations_moved": 1,
        "records_moved": 1,
    }
    ((kind,)) = found.kinds
    assert (kind["change"], kind["pattern"], kind["pairs"]) == ("split", "all agrees", 1)
    assert kind["right"] == pytest.approx(1 - kind["probability"]) and kind["right"] < 0.01
    assert [(row["change"], row["person_id"], row["with_person_id"]) for row in found.persons] == [
        ("split", before, None)
    ]


def test_a_lower_threshold_merges_and_names_what_differs(register: Register) -> None:
    common = {"surname": "Каримов", "given": "Рустам", "birth": "1988-03-17"}
    register.load(Seen(1, document="A1", **common), Seen(2, document="B7", **common | {"birth": "1988-01-01"}))
    assert len(register.persons()) == 2, "the pair must lie between the two thresholds for this test to tell anything"
    found = compared(register, LAX)
    assert (found.numbers["merged"], found.numbers["unchanged"], found.numbers["persons_after"]) == (2, 0, 1)
    ((kind,)) = found.kinds
    assert kind["change"] == "merged" and "birth filled" in kind["pattern"]
    assert kind["right"] == pytest.approx(kind["probability"])


def test_a_steward_is_honoured_and_each_model_is_held_against_his_verdicts(register: Register) -> None:
    register.load(Seen(1, **ALIKE), Seen(2, **ALIKE), Verdict(9, 1, 2, "same"))
    found = compared(register)
    assert found.numbers["split"] == 0 and found.kinds == []
    assert [(row["model"], row["verdicts"], row["agreeing"]) for row in found.stewards] == [
        (SHIPPED.version, 1, 1),
        ("strict", 1, 0),
    ]
    assert found.stewards[0]["agree_at_least"] == pytest.approx(0.05)


def test_a_model_not_in_use_is_linked_first(register: Register) -> None:
    register.load(Seen(1, **ALIKE), Seen(2, **ALIKE))
    found = rehearse(register.connection, register.home, 2, STRICT, LAX, is_in_use=False)
    assert (found.numbers["persons_before"], found.numbers["merged"]) == (2, 2)


def test_two_models_of_one_name_are_refused(register: Register) -> None:
    register.load(Seen(1))
    with pytest.raises(SameNameError):
        compared(register, replace(STRICT, version=SHIPPED.version))


def test_training_learns_from_a_world_and_refuses_a_few_pairs(register: Register, tmp_path: Path) -> None:
    register.load(Seen(1, **SURE), Seen(2, **SURE | {"document": "C9"}))
    with pytest.raises(TooLittleToLearnError, match="1 share an IIN"):
        train_anew(register.connection, 2, SHIPPED, "small")
    home = Home(tmp_path / "world")
    home.prepare()
    with open_memory() as connection:
        connection.register("records", identity_records(1_500, 5))
        _, observations = collapse(connection, "records")
        link_all(connection, home)
        persons = connection.execute("SELECT count(DISTINCT person_id) FROM linkage.person_observation").fetchall()
        model = train_anew(connection, 2, SHIPPED, "learnt")
    assert model.trained_on["observations"] == observations
    assert 2**-model.prior == pytest.approx(persons[0][0])
    assert (model.accept, model.review) == (SHIPPED.accept, SHIPPED.review)
    for field in ("surname", "given", "birth", "document", "iin"):
        bits = model.weights(field)
        assert bits[len(LEVELS[field]) - 1 if field not in ("surname",) else 7] > 5 > 0 > bits[0], field
