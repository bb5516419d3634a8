"""Where more is asked before two are one: two common names, a weak date alone, groups that are known well already."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pipelines.identity.resolve import ALONE, BEYOND, MOST_BEYOND, RENAMED, Evidence, resolve
from tests.identity.conftest import Register, Seen

NOBODY = (np.zeros(0, np.int64), np.zeros(0, np.int64))
CHAINS: dict[int, tuple[list[int], list[int]]] = {2: ([], []), 6: ([0, 1, 3, 4], [1, 2, 4, 5])}


def joined(
    size: int,
    weight: float,
    enough: float = MOST_BEYOND,
    are_alike: bool = True,
    has_paper: tuple[bool, bool] = (True, True),
) -> int:
    """Persons among two halves of some observations, each held together firmly, with one pair of a weight between."""
    left, right = CHAINS[size]
    accepted = (np.array([*left, 0]), np.array([*right, size // 2]))
    weights, sufficing = np.array([*[30.0] * len(left), weight]), np.array([*[float(MOST_BEYOND)] * len(left), enough])
    alike, papers = np.array([*[True] * len(left), are_alike]), np.repeat(has_paper, size // 2)
    evidence = Evidence(size, NOBODY, accepted, weights, sufficing, alike, papers)
    return len(set(resolve(evidence, NOBODY, NOBODY).tolist()))


def test_a_light_pair_joins_two_who_are_known_once_and_not_two_who_are_known_well() -> None:
    assert joined(2, 0.0) == 1
    assert joined(6, BEYOND[3, 3] - 0.1) == 2
    assert joined(6, BEYOND[3, 3]) == 1


def test_two_who_are_known_well_need_fewer_bits_where_a_change_of_surname_parts_them() -> None:
    assert joined(6, RENAMED, RENAMED) == 1
    assert joined(6, RENAMED - 0.1, RENAMED) == 2
    assert joined(6, RENAMED) == 2


def test_two_who_have_one_name_alone_need_fewer_bits_however_well_they_are_known() -> None:
    nobody = (False, False)
    assert joined(6, ALONE, ALONE, has_paper=nobody) == 1
    assert joined(6, ALONE - 0.1, ALONE, has_paper=nobody) == joined(6, ALONE, has_paper=nobody) == 2
    assert joined(6, MOST_BEYOND - 0.1, ALONE) == 2, "whose papers are two are two"


def test_a_group_without_papers_is_what_others_wrote_of_one_who_has_them() -> None:
    assert joined(6, 0.0, has_paper=(True, False)) == joined(6, 0.0, has_paper=(False, True)) == 1
    assert joined(6, 0.0, has_paper=(False, False)) == 2
    assert joined(6, 0.0, are_alike=False, has_paper=(True, False)) == 2


@pytest.mark.parametrize(("document", "persons"), [(None, 1), ("FA2000002", 2)])
def test_two_who_share_names_and_a_year_are_one_where_the_year_has_no_paper(
    register: Register, document: str | None, persons: int
) -> None:
    names: dict[str, Any] = {"surname": "Бозоров", "given": "Фаррух", "citizenship": "UZB"}
    known = {"birth": "1984-05-17", "document": "FA1000001"}
    year = {"birth": "1984", "document": document}
    register.load(
        Seen(1, **names, **known),
        Seen(2, **names | {"surname": "BOZOROV", "given": "FARRUX"}, **known),
        Seen(3, **names, patronymic="Олимович", **known),
        Seen(4, **names, **year),
        Seen(5, **names | {"surname": "BOZOROV"}, **year),
        Seen(6, **names | {"given": "FARRUX"}, **year),
    )
    assert len(register.persons()) == persons


ALONE_SEEN: dict[str, Any] = {"birth": "1978-09-14", "sex": "M", "citizenship": "IDN"}


def test_an_only_name_is_a_name_in_whichever_field_it_stands(register: Register) -> None:
    register.load(
        Seen(1, surname="Suharto", document="C1", **ALONE_SEEN),
        Seen(2, surname="СУХАРТО", **ALONE_SEEN),
        Seen(3, given="SUHARTO", **ALONE_SEEN),
        Seen(4, full_name="Сухарто", **ALONE_SEEN),
        Seen(5, given="Сухарто", **ALONE_SEEN | {"birth": "1978"}),
    )
    assert register.persons() == {frozenset({1, 2, 3, 4}), frozenset({5})}


def test_an_only_surname_and_a_date_are_nobody_where_no_state_is_known(register: Register) -> None:
    register.load(*(Seen(number, surname="Ли", **ALONE_SEEN | {"citizenship": None}) for number in (1, 2)))
    assert len(register.persons()) == 2


@pytest.mark.parametrize("other", ["C5100012", "D7720455"])
def test_two_whose_surname_alone_is_written_are_two_by_their_papers(register: Register, other: str) -> None:
    suharto = ALONE_SEEN | {"surname": "Suharto"}
    register.load(Seen(1, document="C5100011", **suharto), Seen(2, document=other, **suharto))
    register.load(Seen(3, **ALONE_SEEN, given="СУХАРТО"), Seen(4, **suharto | {"surname": "СУХАРТО"}))
    assert not any({1, 2} <= group for group in register.persons())


def test_an_only_name_is_not_that_of_somebody_who_has_two(register: Register) -> None:
    register.load(Seen(1, surname="Suharto", **ALONE_SEEN), Seen(2, surname="Suharto", given="Agus", **ALONE_SEEN))
    assert len(register.persons()) == 2


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


@pytest.mark.parametrize(("document", "persons"), [("AC3636601", 2), ("PE3636601", 1), ("AC8250914", 1)])
def test_papers_that_were_given_out_one_after_the_other_are_of_two_unless_a_slip_tells_them_apart(
    register: Register, document: str, persons: int
) -> None:
    seen = {"birth": "2005-12-09", "sex": "F", "surname": "Нурболова", "patronymic": "Акановна"}
    register.load(
        Seen(1, given="Айгуль", document="PE3636600", **seen), Seen(2, given="Айгүл", document=document, **seen)
    )
    assert len(register.persons()) == persons


@pytest.mark.parametrize(("documents", "persons"), [(("762950100", "512950101"), 2), (("762950100", "752171354"), 1)])
def test_the_digits_of_a_series_hide_no_papers_in_a_row(
    register: Register, documents: tuple[str, str], persons: int
) -> None:
    seen = {"birth": "2001-09-12", "sex": "F", "surname": "Мирзохидова", "given": "Зуфара", "citizenship": "RUS"}
    register.load(*(Seen(number, document=each, state="RUS", **seen) for number, each in enumerate(documents, 1)))
    assert len(register.persons()) == persons


@pytest.mark.parametrize(("birth", "persons"), [("2003-10-05", 1), ("2003", 2)])
def test_a_woman_who_changed_her_surname_is_told_by_a_whole_date(register: Register, birth: str, persons: int) -> None:
    woman = {"birth": birth, "sex": "F", "given": "Зъбжгил", "patronymic": "Бекболовна", "citizenship": "KGZ"}
    register.load(Seen(1, surname="Омуралиева", **woman), Seen(2, surname="Темирбекова", **woman))
    assert len(register.persons()) == persons


@pytest.mark.parametrize(("birth", "persons"), [("1990-02-11", 1), ("1990-12-03", 2)])
def test_an_iin_tells_the_date_that_is_not_whole_beside_it(register: Register, birth: str, persons: int) -> None:
    man = {"surname": "Абдукаххоров", "given": "Мирзохид", "citizenship": "UZB"}
    register.load(Seen(1, birth="1990", iin="900211300095", **man), Seen(2, birth=birth, **man))
    assert len(register.persons()) == persons


def test_a_third_bridges_no_slip_of_a_date_between_children_of_two_fathers(register: Register) -> None:
    girl = {"sex": "F", "surname": "Муратбекова", "citizenship": "KGZ"}
    register.load(
        Seen(1, "2003-11-30", document="PE2878046", given="Сезимай", patronymic="Агыновна", **girl),
        Seen(2, "2003-10-31", document="ID2837818", given="Сезимса", patronymic="Манасжановна", **girl),
        Seen(3, "2003-11-30", document="ID2837818", given="Сезимса", **girl),
    )
    assert not any({1, 2} <= person for person in register.persons())


def papers(first: int, surname: str, document: str, patronymic: str | None) -> list[Seen]:
    """Three observations of a woman under one surname and one paper."""
    woman: dict[str, Any] = {"birth": "1977-03-04", "sex": "F", "given": "Матлуба", "citizenship": "TJK"}
    return [
        Seen(first, surname=surname, document=document, patronymic=patronymic, **woman),
        Seen(first + 1, surname=surname, document=document, **woman),
        Seen(first + 2, surname=surname, patronymic=patronymic, **woman),
    ]


def test_a_woman_known_well_under_two_surnames_is_one_by_father_given_name_and_date(register: Register) -> None:
    register.load(*papers(1, "Рустамова", "437430710", "Сафараловна"))
    register.load(*papers(4, "Сайфиддинова", "510365623", "Сафараловна"))
    assert register.persons() == {frozenset(range(1, 7))}


def test_two_women_whose_fathers_nobody_wrote_are_not_one_by_given_name_and_date(register: Register) -> None:
    register.load(*papers(1, "Рустамова", "437430710", None), *papers(4, "Сайфиддинова", "510365623", None))
    assert len(register.persons()) == 2


def test_namesakes_of_one_date_whose_fathers_share_but_an_ending_are_two(register: Register) -> None:
    namesakes: dict[str, Any] = {"birth": "1983-09-01", "sex": "F", "surname": "Эрмекова", "given": "Назгуль"}
    register.load(
        Seen(1, document="PE1004753", patronymic="Байышовна", **namesakes),
        Seen(2, document="PE6799137", patronymic="Ибраимовна", **namesakes),
    )
    assert len(register.persons()) == 2


def test_a_paper_and_a_date_outweigh_a_father_in_a_far_spelling(register: Register) -> None:
    register.load(
        Seen(1, "1989-10-26", document="C01115066", surname="Сафаров", given="Эльчин", patronymic="Рашад оглы"),
        Seen(2, "1989-10-26", document="C01115066", surname="SEFEROV", given="ELCIN", patronymic="RESAD OGLU"),
    )
    assert register.persons() == {frozenset({1, 2})}


@pytest.mark.parametrize(("surname", "given", "persons"), [("Галнна", "Куликова", 1), ("Куликова", "Марта", 2)])
def test_given_names_keep_nobody_apart_where_one_is_the_other_ones_surname(
    register: Register, surname: str, given: str, persons: int
) -> None:
    register.load(
        Seen(1, "1983-12-28", "F", "A768731", surname="Куликова", given="Галина"),
        Seen(2, "1983-12-28", "F", "A768731", surname=surname, given=given),
        Seen(3, "1983-12-28", "F", surname="Куликова", given="Галина Светлана"),
    )
    assert len(register.persons()) == persons
