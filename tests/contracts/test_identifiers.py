"""Facts about the check digit of IIN and BIN."""

from __future__ import annotations

import numpy as np

from pipelines.contracts.identifiers import NEVER_ISSUED, check_digits, valid_numbers


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
