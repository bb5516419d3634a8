"""Who lives in the world: persons as numbers, with the relatives and namesakes that identity must keep apart.

One position per person in every array. How a source writes them does not belong here (`entries.py`, `writing.py`).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipelines.contracts.identifiers import NEVER_ISSUED, check_digits
from pipelines.simulation.identity_world.book import FEMALE, Book, Numbers
from pipelines.simulation.identity_world.rates import Rates
from pipelines.simulation.randomness import stream

FILE = Path(__file__).with_name("citizenships.csv")
TODAY = 20_600  # days from 1 January 1970: May 2026
YEAR = 365
EPOCHS = 8
SPREAD = 7_368_787
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Citizenships:
    """States of which the persons are citizens: names borne there, and how documents are numbered."""

    codes: tuple[str, ...]
    shares: NDArray[np.float64]
    names: tuple[dict[str, float], ...]
    prefixes: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class People:
    """One position per person; days count from 1 January 1970.

    Attributes:
        group: Position among the citizenships.
        names: Position among the lists of names.
        sex: 0 man, 1 woman.
        born: Day of birth.
        surname, married_surname, given, father: Numbers of names in the list; `father` among men's names.
        document: Serial of the first document; those of later ones follow by `EPOCHS`.
        number_of: Person whose first document number this person's first document bears.
        parent: Person in whose passport this one travels; itself where it has its own.
        iin: Identification number; 0 where there is none.
        next_group: Citizenship after a change.
        twin: Whether the person is a twin.
        marries: Whether the surname changes.
    """

    group: Numbers
    names: Numbers
    sex: Numbers
    born: Numbers
    surname: Numbers
    married_surname: Numbers
    given: Numbers
    father: Numbers
    document: Numbers
    number_of: Numbers
    parent: Numbers
    iin: Numbers
    next_group: Numbers
    twin: Mask
    marries: Mask

    def __len__(self) -> int:
        """Number of persons."""
        return len(self.sex)


@lru_cache(maxsize=1)
def load_citizenships() -> Citizenships:
    """The states of `citizenships.csv`."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    shares = np.array([float(row["share"]) for row in rows])
    names = tuple(
        {name: float(part) for name, _, part in (mix.partition(":") for mix in row["names"].split())} for row in rows
    )
    prefixes = tuple(tuple(row["prefixes"].split("|")) for row in rows)
    return Citizenships(tuple(row["code"] for row in rows), shares / shares.sum(), names, prefixes)


def populate(book: Book, rates: Rates, persons: int, seed: int) -> People:
    """A population of `persons`; relatives stand beside each other until they are written."""
    rng = stream(seed, "identity persons")
    states = load_citizenships()
    group = rng.choice(len(states.codes), persons, p=states.shares)
    columns = {
        "group": group,
        "names": _names(book, states, group, rng),
        "sex": rng.integers(0, 2, persons),
        "born": TODAY - (YEAR * (1 + 74 * rng.beta(1.6, 2.2, persons))).astype(np.int64),
        "document": 2 * (np.arange(persons) * SPREAD % (10 * persons + 7)),
        "number_of": np.arange(persons),
        "parent": np.arange(persons),
    }
    pairs = _pairs(persons, rates)
    _relate(columns, pairs, rates, rng)
    columns |= _named(book, columns, pairs, rng)
    _namesakes(columns, pairs["namesakes"])
    others = rng.integers(0, persons, persons)
    reused = (rng.random(persons) < rates.reused_number) & (columns["group"][others] != columns["group"])
    columns["number_of"] = np.where(reused, others, columns["number_of"])
    changed = rng.random(persons) < rates.changed_citizenship
    columns["next_group"] = np.where(changed, rng.choice(len(states.codes), persons, p=states.shares), columns["group"])
    columns["iin"] = _iins(columns["sex"], columns["born"], rng.random(persons) < rates.with_iin)
    grown = columns["born"] < TODAY - 20 * YEAR
    marries = (columns["sex"] == FEMALE) & grown & (rng.random(persons) < rates.married)
    return People(**columns, twin=np.isin(np.arange(persons), pairs["twins"]), marries=marries)


def _names(book: Book, states: Citizenships, group: Numbers, rng: np.random.Generator) -> Numbers:
    names = np.zeros(len(group), dtype=np.int64)
    for position, mix in enumerate(states.names):
        here = np.flatnonzero(group == position)
        weights = np.array(list(mix.values()))
        drawn = rng.choice(len(mix), len(here), p=weights / weights.sum())
        names[here] = np.array([book.lists.index(name) for name in mix])[drawn]
    return names


def _pairs(persons: int, rates: Rates) -> dict[str, Numbers]:
    """Pairs of neighbours, each kind after the other: twins, siblings, parents with children, namesakes."""
    shares = {
        "twins": rates.twins,
        "siblings": rates.siblings,
        "parents": rates.in_parents_passport,
        "namesakes": rates.namesakes,
    }
    found, first = {}, 0
    for kind, share in shares.items():
        count = int(persons * share / 2)
        elder = first + 2 * np.arange(count)
        found[kind] = np.column_stack([elder, elder + 1])
        first += 2 * count
    return found


def _relate(columns: dict[str, Numbers], pairs: dict[str, Numbers], rates: Rates, rng: np.random.Generator) -> None:
    """Makes neighbours relatives: state, names, birth and papers that they share."""
    related = np.concatenate([pairs[kind] for kind in ("twins", "siblings", "parents", "namesakes")])
    for column in ("group", "names"):
        columns[column][related[:, 1]] = columns[column][related[:, 0]]
    elder, younger = pairs["twins"].T
    alike = rng.random(len(elder)) < rates.alike_twins
    columns["sex"][younger] = np.where(alike, columns["sex"][elder], 1 - columns["sex"][elder])
    columns["born"][younger] = columns["born"][elder]
    columns["document"][younger] = columns["document"][elder] + 1
    elder, younger = pairs["siblings"].T
    columns["born"][younger] = columns["born"][elder] - rng.integers(330, 3_000, len(elder))
    parent, child = pairs["parents"].T
    columns["born"][child] = TODAY - rng.integers(30, 14 * YEAR, len(child))
    columns["born"][parent] = columns["born"][child] - rng.integers(20 * YEAR, 38 * YEAR, len(child))
    columns["parent"][child] = parent


def _named(
    book: Book, columns: dict[str, Numbers], pairs: dict[str, Numbers], rng: np.random.Generator
) -> dict[str, Numbers]:
    names, sex = columns["names"], columns["sex"]
    surname, married = (book.surname.pick(rng, names) for _ in range(2))
    father = book.given[0].pick(rng, names)
    given = np.where(sex == FEMALE, book.given[1].pick(rng, names), book.given[0].pick(rng, names))
    family = np.concatenate([pairs["twins"], pairs["siblings"]])
    for column in (surname, father):
        column[family[:, 1]] = column[family[:, 0]]
    parent, child = pairs["parents"].T
    surname[child] = surname[parent]
    father[child] = np.where(sex[parent] == 0, given[parent], father[child])
    count = np.where(sex == FEMALE, book.given[1].count[names], book.given[0].count[names])
    elder, younger = family.T
    same = (given[elder] == given[younger]) & (sex[elder] == sex[younger])
    given[younger] = np.where(same, (given[younger] + 1) % count[younger], given[younger])
    return {"surname": surname, "married_surname": married, "given": given, "father": father}


def _namesakes(columns: dict[str, Numbers], pairs: Numbers) -> None:
    one, other = pairs.T
    for column in ("sex", "born", "surname", "given"):
        columns[column][other] = columns[column][one]


def _iins(sex: Numbers, born: Numbers, has: Mask) -> Numbers:
    """One identification number per person who has one, none twice: the order on a birth date makes it so."""
    day = born.astype("datetime64[D]")
    year = day.astype("datetime64[Y]").astype(np.int64) + 1970
    month = day.astype("datetime64[M]").astype(np.int64) % 12 + 1
    of_month = (day - day.astype("datetime64[M]")).astype(np.int64) + 1
    mark = np.where(year >= 2000, 5, 3) + sex
    head = ((year % 100 * 100 + month) * 100 + of_month) * 10 + mark
    order = np.lexsort((np.arange(len(head)), head))
    first = np.concatenate([[True], head[order][1:] != head[order][:-1]])
    rank = np.empty(len(head), dtype=np.int64)
    rank[order] = np.arange(len(head)) - np.maximum.accumulate(np.where(first, np.arange(len(head)), 0))
    iin = np.zeros(len(head), dtype=np.int64)
    for attempt in range(3):
        body = head * 10_000 + rank * 3 + attempt
        digit = check_digits(body)
        usable = has & (iin == 0) & (digit != NEVER_ISSUED) & (rank < 3_000)
        iin = np.where(usable, body * 10 + digit, iin)
    return iin
