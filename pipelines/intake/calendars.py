"""What a date of another calendar may mean, for the person who asks the agency; no row is ever converted.

A year does not say its calendar: 1402 may be of the solar or the lunar Hijra. So each reading is given that fits.
Reckoned by rule, not by sight of the moon: a lunar date may be a day or two off. The rules are those of the tabular
Islamic calendar and of the cycle of 33 years; the tests compare them with known days.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

DATE = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
FIRST_YEAR = 1600
JULIAN_DAY_ZERO = 1_721_425
LUNAR_EPOCH = 1_948_439
SOLAR_EPOCH = 1_948_319


def lunar_hijri(year: int, month: int, day: int) -> date:
    """The day of a date of the Hijra by the moon: thirty years have eleven days more than 354 each."""
    before = (59 * (month - 1) + 1) // 2 + (year - 1) * 354 + (3 + 11 * year) // 30
    return _of_julian_day(day + before + LUNAR_EPOCH)


def solar_hijri(year: int, month: int, day: int) -> date:
    """The day of a date of the Hijra by the sun, eight leap days in thirty-three years."""
    months = (month - 1) * 31 if month <= 7 else (month - 1) * 30 + 6
    return _of_julian_day(day + months + (year - 1) * 365 + (8 * year + 21) // 33 + SOLAR_EPOCH)


CALENDARS: dict[str, tuple[range, Callable[[int, int, int], date]]] = {
    "lunar Hijri": (range(1300, 1500), lunar_hijri),
    "solar Hijri": (range(1250, 1500), solar_hijri),
    "Buddhist": (range(2400, 2700), lambda year, month, day: date(year - 543, month, day)),
    "Minguo": (range(1, 200), lambda year, month, day: date(year + 1911, month, day)),
}


def readings(text: str, last: date) -> list[str]:
    """What each date of a foreign calendar in a text may mean, in words; nothing later than `last`.

    Args:
        text: A row as delivered.
        last: Today where an event or a birth is told, of which none lies ahead; later where a term may end.
    """
    found: dict[str, None] = {}
    for year, month, day in (map(int, parts) for parts in DATE.findall(text)):
        if FIRST_YEAR <= year <= last.year + 10:
            continue
        for name, (years, convert) in CALENDARS.items():
            meant = _day(convert, year, month, day) if year in years else None
            if meant is not None and meant <= last:
                found[f"{year:04}-{month:02}-{day:02} may be {meant} ({name})"] = None
    return list(found)


def _day(convert: Callable[[int, int, int], date], year: int, month: int, day: int) -> date | None:
    try:
        return convert(year, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None
    except ValueError:
        return None


def _of_julian_day(number: int) -> date:
    return date.fromordinal(number - JULIAN_DAY_ZERO)
