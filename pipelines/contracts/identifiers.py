"""The check digit of Kazakhstan's identification numbers, which IIN (of persons) and BIN (of organisations) share.

Pure functions on arrays; how a feed uses a number, and what a contradiction means, does not belong here.
"""

from __future__ import annotations

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
