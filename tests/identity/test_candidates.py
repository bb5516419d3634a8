"""Which two observations are compared at all, and what a day that stands for a year says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.identity.conftest import Register, Seen

ONE = Seen(1, "1980-03-14", surname="Каримов", given="Азиз", patronymic="Саидович")
SLIPS = {
    "another day": "1980-03-19",
    "another month": "1980-11-14",
    "the year alone": "1980",
    "the month alone": "1980-03",
    "1 January": "1980-01-01",
}


@pytest.mark.parametrize("birth", SLIPS.values(), ids=SLIPS)
def test_two_names_and_a_date_that_may_be_the_same_are_compared(register: Register, birth: str) -> None:
    assert register.load(ONE, replace(ONE, number=2, birth=birth)).compared == 1


def test_a_day_and_a_month_that_are_turned_are_compared(register: Register) -> None:
    turned = replace(ONE, number=2, birth="1980-07-03")
    assert register.load(replace(ONE, birth="1980-03-07"), turned).compared == 1


def test_whole_dates_that_share_the_year_alone_are_not_compared(register: Register) -> None:
    assert register.load(ONE, replace(ONE, number=2, birth="1980-11-20")).compared == 0


def test_a_weak_date_meets_the_whole_ones_of_its_year_in_whichever_order_they_come(register: Register) -> None:
    register.load(ONE)
    assert register.load(replace(ONE, number=2, birth="1980")).compared == 1
    register.load(replace(ONE, number=3, birth="1991"))
    assert register.load(replace(ONE, number=4, birth="1991-03-14")).compared == 1


def test_names_in_each_others_fields_are_compared(register: Register) -> None:
    exchanged = replace(ONE, number=2, birth="1980-03-19", surname="Азиз", given="Каримов")
    assert register.load(ONE, exchanged).compared == 1


@pytest.mark.parametrize("full_name", [None, "Чэнь Синь"])
def test_a_surname_and_a_given_name_of_the_same_consonants_are_two_names(
    register: Register, full_name: str | None
) -> None:
    whole = Seen(1, "2002-03-14", surname="Чэнь", given="Синь")
    year = Seen(2, "2002", full_name=full_name) if full_name else replace(whole, number=2, birth="2002")
    assert register.load(whole, year).compared == 1


def test_a_father_of_ones_surname_is_no_reason_to_compare(register: Register) -> None:
    son = Seen(2, "1980-03-19", surname="Рахимов", given="Азиз", patronymic="Каримович")
    assert register.load(ONE, son).compared == 0


def test_1_january_on_both_sides_weighs_as_the_year_alone(register: Register) -> None:
    weights = []
    for number, birth in enumerate(("1980", "1991-01-01", "2002-03-14")):
        one = replace(ONE, number=2 * number, birth=birth, document=f"A{number + 1}")
        register.load(one, replace(one, number=2 * number + 1, surname="Каримова"))
        weights.append(
            register.connection.execute("SELECT weight FROM linkage.pair ORDER BY first_load_seq DESC").fetchall()[0]
        )
    year, january, day = weights
    assert january == year < day
