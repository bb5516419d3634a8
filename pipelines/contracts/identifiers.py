"""Kazakhstan's identification numbers: the check digit and what the digits say.

IIN (of persons) and BIN (of organisations) share one check digit. Pure functions on text and on arrays; how a feed
uses a number, and what a contradiction means, does not belong here.
"""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

FIRST_WEIGHTS = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], dtype=np.int64)
SECOND_WEIGHTS = np.array([3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2], dtype=np.int64)
NEVER_ISSUED = -1


def check_digits(bodies: NDArray[np.int64]) -> NDArray[np.int64]:
    """One check digit per eleven-digit body of an IIN or BIN.

    The sum of the digits by the first weights, modulo 11; where that is 10, by the second weights. A body for which
    both give 10 is never issued.

    Args:
        bodies: Bodies as numbers; leading zeros are understood.

    Returns:
        Check digits, `NEVER_ISSUED` where the body has none.
    """
    digits = (bodies[:, None] // 10 ** np.arange(10, -1, -1, dtype=np.int64)) % 10
    first = digits @ FIRST_WEIGHTS % 11
    second = digits @ SECOND_WEIGHTS % 11
    chosen = np.where(first == 10, second, first)
    return np.where(chosen == 10, NEVER_ISSUED, chosen)


def valid_numbers(numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """One truth per twelve-digit number: whether its check digit is right."""
    return np.asarray(check_digits(numbers // 10) == numbers % 10)


def has_valid_check_digit(text: str) -> bool:
    """Whether `text` is twelve digits of which the last checks the others."""
    if len(text) != 12 or not (text.isascii() and text.isdigit()):
        return False
    return bool(valid_numbers(np.array([int(text)], dtype=np.int64))[0])


def iin_birth_and_sex(text: str) -> tuple[date, str] | None:
    """Birth date and sex that an IIN states, `None` where its first seven digits state none.

    The seventh digit names century and sex: 1 and 2 for the 19th, 3 and 4 for the 20th, 5 and 6 for the 21st; odd is
    male. Other values are of persons without a stated century.
    """
    if len(text) != 12 or not (text.isascii() and text.isdigit()) or text[6] not in "123456":
        return None
    mark = int(text[6])
    try:
        born = date(1800 + 100 * ((mark - 1) // 2) + int(text[:2]), int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None
    return born, "M" if mark % 2 else "F"
