"""Surnames of one people in the place of another: the linkage knows how common a name is, and nothing else of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.identity import load_model
from pipelines.identity.scoring import COMMONEST, RAREST
from pipelines.storage import open_memory
from tests.identity.conftest import Register, Seen, make_register

# Two peoples, each with one surname in its scripts; training saw neither, so that both are equally common to the model.
KAZAKH, SLAVIC = ("Тарзымбаев", "TARZYMBAYEV"), ("Бошлукенко", "BOSHLUKENKO")
# The model gives the one 2^-17.5 of all, the other 2^-8.7.
RARE, COMMON = ("Абашанов", "ABASHANOV"), ("Иванов", "IVANOV")

Weights = dict[tuple[int, int], float]


def paper(number: int, surname: str, given: str, birth: str, document: str | None, patronymic: str | None) -> Seen:
    return Seen(number, surname=surname, given=given, birth=birth, document=document, patronymic=patronymic)


def group(first: int, names: tuple[str, str], year: int) -> list[Seen]:
    """A person in two scripts and with a slip, a sibling, a namesake of another day, and one who changed documents."""
    own, latin = names
    return [
        paper(first, own, "Рустам", f"{year}-03-17", "A1", "Олегович"),
        paper(first + 1, latin, "RUSTAM", f"{year}-03-17", None, None),
        paper(first + 2, own, "Рустам", f"{year}-03-18", None, None),
        paper(first + 3, own, "Зарина", f"{year}-03-17", "A2", "Олеговна"),
        paper(first + 4, own, "Рустам", f"{year}-09-02", None, "Сергеевич"),
        paper(first + 5, latin, "RUSTAM", f"{year}-09-02", "C9", None),
        paper(first + 6, own, "Р.", f"{year}-03-17", "C9", None),
    ]


def linked(folder: Path, seen: list[Seen]) -> tuple[set[frozenset[int]], Weights, set[str]]:
    """The persons of a register, what all its pairs weigh, and the roots of its names."""
    with open_memory() as connection:
        register: Register = make_register(folder, connection)
        register.model = replace(load_model(), review=-100.0)
        register.load(*seen)
        pairs = connection.execute(
            "SELECT left_observation_id, right_observation_id, weight FROM linkage.pair"
        ).fetchall()
        weights = {(left, right): weight for left, right, weight in pairs}
        roots = {root for (root,) in connection.execute("SELECT root FROM linkage.name_part").fetchall()}
        return register.persons(), weights, roots


def of_both(first: tuple[str, str], second: tuple[str, str]) -> list[Seen]:
    return [*group(1, first, 1988), *group(11, second, 1971)]


def test_surnames_that_are_equally_common_may_change_places(tmp_path: Path) -> None:
    persons, weights, roots = linked(tmp_path / "one", of_both(KAZAKH, SLAVIC))
    known = {root for role, root in load_model().frequency if role == "surname"}
    _, _, other_roots = linked(tmp_path / "neither", of_both(COMMON, COMMON))
    assert len(roots - other_roots) == 2 and not (roots - other_roots) & known, "training saw neither surname"
    assert 4 < len(persons) < 14 and len(weights) > 10
    turned, turned_weights, same_roots = linked(tmp_path / "other", of_both(SLAVIC, KAZAKH))
    assert (turned, same_roots) == (persons, roots)
    assert turned_weights == pytest.approx(weights)


def test_a_rarer_surname_weighs_more_and_never_more_than_the_model_may_move(tmp_path: Path) -> None:
    shares = {root: share for (role, root), share in load_model().frequency.items() if role == "surname"}
    _, rare, rare_roots = linked(tmp_path / "one", of_both(RARE, RARE))
    _, common, common_roots = linked(tmp_path / "other", of_both(COMMON, COMMON))
    (rare_root,), (common_root,) = rare_roots - common_roots, common_roots - rare_roots
    assert shares[rare_root] < shares[common_root] - 5
    moved = [rare[pair] - common[pair] for pair in rare.keys() & common.keys()]
    assert moved and 5 < max(moved) <= RAREST - COMMONEST
    assert min(moved) > -1e-9
