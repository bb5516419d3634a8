"""Names from one script to another by `letters.csv`, a whole list at a time.

A table's letter may become one of several; `variant` chooses the same place among them throughout a text. Which
tables a list of names goes through is said in `book.py`.
"""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).with_name("letters.csv")
FIRST_SYLLABLE, LAST_SYLLABLE = 0xAC00, 0xD7A3
VOWELS, FINALS = 21, 28
Letters = dict[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def load_letters() -> dict[str, Letters]:
    """The tables of the file: what each letter, or row of letters, may become."""
    tables: dict[str, Letters] = {}
    with FILE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            tables.setdefault(row["table"], {})[row["letter"]] = tuple(row["becomes"].split("|"))
    return tables


def spelled(names: list[str], table: str, variant: int = 0) -> list[str]:
    """The names in the letters of a table; letters that it does not know stay."""
    joined = "\n".join(names)
    if table == "ko":
        joined = _korean(joined, variant)
    else:
        letters = _chosen(table, variant)
        if any(len(letter) > 1 for letter in letters):
            joined = _pattern(table).sub(lambda found: letters[found[0]], joined)
        else:
            joined = joined.translate({ord(letter): way for letter, way in letters.items()})
    return joined.split("\n")


@lru_cache(maxsize=64)
def _chosen(table: str, variant: int) -> dict[str, str]:
    return {letter: ways[variant % len(ways)] for letter, ways in load_letters()[table].items()}


@lru_cache(maxsize=64)
def _pattern(table: str) -> re.Pattern[str]:
    longest = sorted(load_letters()[table], key=lambda letter: (-len(letter), letter))
    return re.compile("|".join(map(re.escape, longest)))


def _korean(joined: str, variant: int) -> str:
    initial, vowel, final = (_chosen(f"ko-{part}", variant) for part in ("initial", "vowel", "final"))
    syllables: dict[int, str] = {}
    for letter in set(joined):
        code = ord(letter) - FIRST_SYLLABLE
        if 0 <= code <= LAST_SYLLABLE - FIRST_SYLLABLE:
            parts = code // (VOWELS * FINALS), code // FINALS % VOWELS, code % FINALS
            syllables[ord(letter)] = initial[str(parts[0])] + vowel[str(parts[1])] + final[str(parts[2])]
    return joined.translate(syllables)
