"""Facts about the check digit of IIN and BIN."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from pipelines.contracts.identifiers import (
    NEVER_ISSUED,
    check_digits,
    has_valid_check_digit,
    iin_birth_and_sex,
    valid_numbers,
)


def by_hand(body: str) -> int:
    """The rule in its own words: two passes of weights, modulo 11."""
    for weights in ((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)):
        rest = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11
        if rest < 10:
            return rest
    return NEVER_ISSUED


def test_arrays_agree_with_the_rule_in_words() -> None:
    bodies = np.random.default_rng(3).integers(0, 10**11, 5_000)
    assert check_digits(bodies).tolist() == [by_hand(f"{body:011d}") for body in bodies]
    assert NEVER_ISSUED in check_digits(bodies)


def test_one_wrong_digit_is_noticed() -> None:
    bodies = np.random.default_rng(4).integers(0, 10**11, 2_000)
    digits = check_digits(bodies)
    numbers = (bodies * 10 + digits)[digits != NEVER_ISSUED]
    assert valid_numbers(numbers).all()
    assert not valid_numbers(np.where(numbers % 10 == 9, numbers - 1, numbers + 1)).any()


@pytest.mark.parametrize("text", ["", "12345678901", "1234567890123", "12345678901x", "١٢٣٤٥٦٧٨٩٠١٢"])
def test_what_is_not_twelve_digits_is_not_valid(text: str) -> None:
    assert not has_valid_check_digit(text)
    assert iin_birth_and_sex(text) is None


@pytest.mark.parametrize(
    ("number", "born", "sex"),
    [
        ("850517390000", date(1985, 5, 17), "M"),
        ("011231690000", date(2001, 12, 31), "F"),
        ("991231190000", date(1899, 12, 31), "M"),
    ],
)
def test_the_first_seven_digits_state_birth_and_sex(number: str, born: date, sex: str) -> None:
    assert iin_birth_and_sex(number) == (born, sex)


@pytest.mark.parametrize("number", ["850230390000", "850517090000", "851317390000"])
def test_an_impossible_date_or_century_states_nothing(number: str) -> None:
    assert iin_birth_and_sex(number) is None
