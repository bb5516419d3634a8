"""The tables beside the code: what letters, endings and particles mean, each row with its source.

Nothing is worked out here. What a script library knows already (Georgian, Armenian, Devanagari, Hangul, Han, plain
letters with a diacritic) is not in the tables.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Ending:
    """An ending that makes a patronymic or a surname of a name.

    Attributes:
        ending: The ending, in the letters of the keys.
        becomes: What stands in its place in the root.
        stem: How many letters must stand before it.
    """

    ending: str
    becomes: str
    stem: int


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def letters() -> dict[str, dict[str, tuple[str, ...]]]:
    """Script, then letters as written, then what they may stand for, the usual reading first.

    Letters with `^` before them are read so at the beginning of a part; `-` is a letter that is not heard.
    """
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in _rows("letters"):
        found.setdefault(row["script"], {})[row["letters"]] = tuple(
            each.strip("-") for each in row["readings"].split()
        ) or ("",)
    return found


@cache
def homoglyphs() -> tuple[dict[int, str], dict[int, str]]:
    """Look-alike letters: from Cyrillic to Latin, and from Latin to Cyrillic."""
    rows = _rows("homoglyphs")
    to_latin = {ord(row["cyrillic"]): row["latin"] for row in rows}
    to_cyrillic: dict[int, str] = {}
    for row in rows:
        to_cyrillic.setdefault(ord(row["latin"]), row["cyrillic"])
    return to_latin, to_cyrillic


@cache
def endings() -> tuple[Ending, ...]:
    """Endings, the longest first."""
    found = [Ending(row["ending"], row["becomes"], int(row["stem"])) for row in _rows("endings")]
    return tuple(sorted(found, key=lambda each: (-len(each.ending), each.ending)))


@cache
def particles(kind: str | None = None) -> tuple[str, ...]:
    """Words that say `son of` (`child` before the father's name, `child_behind` it) or are an `article`: no names."""
    return tuple(row["token"] for row in _rows("particles") if kind in (None, row["kind"]))


@cache
def apart() -> tuple[tuple[str, str], ...]:
    """Roots of names that custom gives to twins, and that are a slip apart."""
    return tuple((row["one"], row["other"]) for row in _rows("apart"))
