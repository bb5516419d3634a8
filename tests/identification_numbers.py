"""What an identification number says, read in words: beside it stands what worlds and casts make of one."""

from __future__ import annotations

from datetime import date

import numpy as np

from pipelines.contracts.identifiers import valid_numbers


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
