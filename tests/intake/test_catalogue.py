"""Every number of the catalogue of bad inputs is shown by cases, tests or sample rows that exist."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.settings import CHECKOUT

CASES = Path(__file__).parent / "cases"
TRAPS, NUMBERS = 11, 112


def read(name: str) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load((CASES / name).read_text(encoding="utf-8"))
    return found


CATALOGUE = read("catalogue.yml")
DECLARED = read("expected.yml").keys() | read("values.yml").keys()
NAMED = [name for entry in CATALOGUE.values() for name in entry["shown_by"]]


@cache
def names_in(path: str) -> set[str]:
    """Names of the tests of a file."""
    return set(re.findall(r"^def (test_\w+)", (CHECKOUT / path).read_text(encoding="utf-8"), re.MULTILINE))


@cache
def sampled(feed: str) -> set[str]:
    """First values of the rows of a feed's samples, which are their record ids."""
    found = set()
    for name in ("good.csv", "bad.csv"):
        with (CHECKOUT / "sources" / feed / name).open(encoding="utf-8", newline="") as file:
            found |= {row[0] for row in csv.reader(file)}
    return found


def exists(name: str) -> bool:
    """Whether there is a case, test or sample row of this name."""
    if "::" in name:
        path, _, test = name.partition("::")
        return test in names_in(path)
    if "/" in name:
        feed, _, record = name.partition("/")
        return record in sampled(feed)
    return name in DECLARED


def test_no_number_is_missing() -> None:
    assert list(CATALOGUE) == [*(f"T{n}" for n in range(1, TRAPS + 1)), *range(1, NUMBERS + 1)]


@pytest.mark.parametrize("number", CATALOGUE)
def test_number_says_what_becomes_of_it_and_what_shows_it(number: int | str) -> None:
    entry = CATALOGUE[number]
    assert entry.keys() == {"what", "becomes", "shown_by"}
    assert entry["what"] and entry["becomes"] and entry["shown_by"]
    assert [name for name in entry["shown_by"] if not exists(name)] == []


def test_every_numbered_case_shows_a_number() -> None:
    numbered = {name for name in DECLARED if re.match(r"[a-z]\d+_", name)}
    assert numbered - set(NAMED) == set()
