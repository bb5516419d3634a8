"""Where more is asked before two are one: two common names, a weak date alone, groups that are known well already."""

from __future__ import annotations

import numpy as np

from pipelines.identity.resolve import BEYOND, Evidence, resolve
from tests.identity.conftest import Register, Seen

NOBODY = (np.zeros(0, np.int64), np.zeros(0, np.int64))
CHAINS: dict[int, tuple[list[int], list[int]]] = {2: ([], []), 6: ([0, 1, 3, 4], [1, 2, 4, 5])}


def joined(size: int, weight: float) -> int:
    """Persons among two halves of some observations, each held together firmly, with one pair of a weight between."""
    left, right = CHAINS[size]
    accepted = (np.array([*left, 0]), np.array([*right, size // 2]))
    weights = np.array([*[30.0] * len(left), weight])
    return len(set(resolve(Evidence(size, NOBODY, accepted, weights), NOBODY, NOBODY).tolist()))


def test_a_light_pair_joins_two_who_are_known_once_and_not_two_who_are_known_well() -> None:
    assert joined(2, 0.0) == 1
    assert joined(6, BEYOND[3, 3] - 0.1) == 2
    assert joined(6, BEYOND[3, 3]) == 1


def weight(register: Register, one: int, other: int) -> float:
    rows = register.connection.execute(
        "SELECT weight FROM linkage.pair WHERE left_observation_id = $1 AND right_observation_id = $2", [one, other]
    )
    return float(rows.fetchall()[0][0])


def test_two_common_names_a_slip_apart_weigh_less_than_a_name_and_its_slip(register: Register) -> None:
    common = {"surname": "Каримов", "birth": "1988-03-17", "sex": "F"}
    register.load(
        Seen(1, given="Альбина", **common), Seen(2, given="Алина", **common), Seen(3, given="Алъбжна", **common)
    )
    assert weight(register, 1, 2) + 3 < weight(register, 1, 3)


def test_a_name_that_one_side_does_not_know_weighs_nothing_whoever_else_bears_it(register: Register) -> None:
    with_father = {"birth": "1988-03-17", "surname": "Каримов", "given": "Азиз", "patronymic": "Зъбжгкович"}
    register.load(Seen(1, **with_father), Seen(2, "1988-03-17", surname="Каримов", given="Азиз"))
    alone = weight(register, 1, 2)
    register.load(
        carried={
            3: Seen(3, document="A1", **with_father),
            4: Seen(4, document="A1", **with_father),
            5: Seen(5, "1988-03-17", surname="Каримов", given="Азиз"),
        }
    )
    assert weight(register, 3, 5) == alone


def test_a_date_that_is_a_slip_joins_nothing_without_a_common_number(register: Register) -> None:
    rare = {"surname": "Абдукаххоров", "given": "Мирзохид", "patronymic": "Зуфарович"}
    register.load(Seen(1, birth="1980-05-28", **rare), Seen(2, birth="1980-05-29", **rare))
    assert weight(register, 1, 2) > register.model.accept and len(register.persons()) == 2
    register.load(
        carried={1: Seen(3, "1980-05-28", document="A1", **rare), 2: Seen(4, "1980-05-29", document="A1", **rare)}
    )
    assert len(register.persons()) == 1


def test_names_in_each_others_place_join_nothing_on_a_weak_date(register: Register) -> None:
    register.load(
        Seen(1, birth="1980", surname="Абдукаххоров", given="Мирзохид"),
        Seen(2, birth="1980", surname="Мирзохид", given="Абдукаххоров"),
    )
    assert len(register.persons()) == 2


def test_the_record_of_a_twin_without_a_paper_is_not_drawn_to_the_other_twin_by_the_other_ones_record(
    register: Register,
) -> None:
    twins = {"surname": "Холматов", "birth": "2001-05-19", "citizenship": "UZB"}
    register.load(
        Seen(1, given="Хасан", document="FB2200117", **twins),
        Seen(2, given="Хусан", document="FB2200118", **twins),
        Seen(3, given="Хасан", **twins),
        Seen(4, given="Хусан", **twins),
    )
    assert not any({2, 3} <= person for person in register.persons())
