"""Who lives in the synthetic state or comes to it: persons, families, names and papers of identity, with numbers only.

A `Population` is one array per attribute and one position per person; text is made when a record is written
(`spelling.py`). Where persons are on which day does not belong here (`movement.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from pipelines.contracts.identifiers import NEVER_ISSUED, check_digits
from pipelines.simulation.calibration import Calibration, draw
from pipelines.simulation.names import NameBook
from pipelines.simulation.randomness import stream

Numbers = NDArray[np.int64]
DAY = 86_400
NEVER = np.iinfo(np.int64).max
ADULT, SPOUSE, CHILD = 0, 1, 2


@dataclass(frozen=True)
class Families:
    """One position per family: where its members stand and what they share."""

    first: Numbers
    size: Numbers
    kind: Numbers
    citizenship: Numbers
    names: Numbers


@dataclass(frozen=True)
class Population:
    """One position per person; days count from 1 January 1970, seconds from the first day of the world.

    Attributes:
        family: Position in `families`.
        role: `ADULT`, `SPOUSE` or `CHILD` in it.
        kind: Position among the kinds of travellers.
        citizenship: Position among the citizenships.
        names: Position among the lists of names.
        sex: 0 man, 1 woman.
        born: Day of birth.
        born_at: Second of birth; children may be born within the world.
        precision: 0 whole date, 1 year and month, 2 year alone, as the papers have it.
        surname, new_surname, given, patronymic: Numbers of names.
        renamed_at: Second from which `new_surname` holds.
        document, new_document: Serial numbers of the travel document before and after renewal.
        renewed_at: Second from which the new document holds.
        expires, new_expires: Last days of the documents.
        iin: Identification number, 0 for none.
        home: Position of the usual region in the country.
    """

    families: Families
    family: Numbers
    role: Numbers
    kind: Numbers
    citizenship: Numbers
    names: Numbers
    sex: Numbers
    born: Numbers
    born_at: Numbers
    precision: Numbers
    surname: Numbers
    new_surname: Numbers
    renamed_at: Numbers
    given: Numbers
    patronymic: Numbers
    document: Numbers
    new_document: Numbers
    renewed_at: Numbers
    expires: Numbers
    new_expires: Numbers
    iin: Numbers
    home: Numbers

    def __len__(self) -> int:
        """Number of persons."""
        return len(self.sex)


def populate(
    calibration: Calibration, book: NameBook, persons: int, first_day: date, days: int, regions: list[float], seed: int
) -> Population:
    """One population of `persons` foreigners, and of the citizens who cross the same border."""
    families = _families(calibration, book, persons, stream(seed, "families"))
    rng = stream(seed, "persons")
    family = np.repeat(np.arange(len(families.size)), families.size)
    place = np.arange(count := len(family)) - families.first[family]
    role, kind, names = np.minimum(place, CHILD), families.kind[family], families.names[family]
    today = first_day.toordinal() - date(1970, 1, 1).toordinal()
    sex = _sexes(calibration, rng, kind, role, family)
    born = _births(calibration, rng, today, role, place, family, kind)
    born = _with_newborns(calibration, rng, born, today, days, role, place)
    men = np.zeros(count, dtype=np.int64)
    renewed_at, expires, new_expires = _validities(calibration, rng, np.maximum(today, born), today, days)
    renamed_at = _some_moment(rng, calibration.persons["surname_changed_per_year"] * days / 365, count, days)
    return Population(
        families=families,
        family=family,
        role=role,
        kind=kind,
        citizenship=families.citizenship[family],
        names=names,
        sex=sex,
        born=born,
        born_at=(born - today) * DAY,
        precision=np.where(born < today, draw(rng, _precision_weights(calibration), count), 0),
        surname=book.surname.pick(rng, families.names, men[: len(families.size)])[family],
        new_surname=book.surname.pick(rng, names, men),
        renamed_at=np.where((sex == 1) & (role == ADULT), renamed_at, NEVER),
        given=_given(book, rng, names, sex, family, place),
        patronymic=book.patronymic.pick(rng, families.names, men[: len(families.size)])[family],
        document=_serials(np.arange(count), place, born),
        new_document=_serials(np.arange(count) + count, place, born),
        renewed_at=renewed_at,
        expires=expires,
        new_expires=new_expires,
        iin=_iins(calibration, rng, kind, sex, born),
        home=draw(rng, regions, len(families.size))[family],
    )


def _families(calibration: Calibration, book: NameBook, persons: int, rng: np.random.Generator) -> Families:
    kinds = list(calibration.travellers.values())
    states = list(calibration.citizenships.values())
    parts: list[tuple[Numbers, Numbers]] = []
    for position, kind in enumerate(kinds):
        wanted = max(round(persons * kind.share), kind.fewest)
        size = 1 + draw(rng, list(kind.family), wanted)
        size = size[: int(np.searchsorted(np.cumsum(size), wanted, side="right"))]
        size = np.concatenate([size, np.ones(wanted - int(size.sum()), dtype=np.int64)])
        parts.append((size, np.full(len(size), position, dtype=np.int64)))
    order = rng.permutation(sum(len(size) for size, _ in parts))
    size = np.concatenate([size for size, _ in parts])[order]
    kind_of = np.concatenate([kind for _, kind in parts])[order]
    citizenship = np.zeros(len(size), dtype=np.int64)
    for position, kind in enumerate(kinds):
        chosen = kind_of == position
        citizenship[chosen] = draw(rng, [getattr(state, kind.mix) for state in states], int(chosen.sum()))
    names = np.zeros(len(size), dtype=np.int64)
    for position, state in enumerate(states):
        chosen = citizenship == position
        lists = np.array([book.lists.index(name) for name in state.names], dtype=np.int64)
        names[chosen] = lists[draw(rng, list(state.names.values()), int(chosen.sum()))]
    for position, kind in enumerate(kinds):
        names[kind_of == position] = book.lists.index(kind.names) if kind.names else names[kind_of == position]
    return Families(np.cumsum(size) - size, size, kind_of, citizenship, names)


def _sexes(
    calibration: Calibration, rng: np.random.Generator, kind: Numbers, role: Numbers, family: Numbers
) -> Numbers:
    women = np.array([calibration.persons["women"][name] for name in calibration.travellers])
    size = np.bincount(family)[family]
    share = np.where(size > 1, np.where(role == ADULT, 0.1, 0.5), women[kind])
    sex = (rng.random(len(kind)) < share).astype(np.int64)
    spouse = np.flatnonzero(role == SPOUSE)
    sex[spouse] = 1 - sex[spouse - 1]
    return sex


def _births(
    calibration: Calibration,
    rng: np.random.Generator,
    today: int,
    role: Numbers,
    place: Numbers,
    family: Numbers,
    kind: Numbers,
) -> Numbers:
    count = len(kind)
    age = np.clip(rng.gamma(6.0, 4.0, count) + 16, 18, 90)
    student = list(calibration.travellers).index("student")
    age = np.where(kind == student, 17 + 7 * rng.random(count), age)
    head = age[np.concatenate([[0], np.flatnonzero(np.diff(family)) + 1])][family]
    age = np.where(role == SPOUSE, np.clip(head + rng.normal(-2, 4, count), 18, 90), age)
    oldest = np.clip(head - 19, 1, 17)
    age = np.where(role == CHILD, oldest - np.minimum(12, oldest - 0.3) * rng.random(count), age)
    born = today - (age * 365.2425).astype(np.int64)
    year = born.astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    born = np.where((rng.random(count) < calibration.persons["first_of_january"]) & (role != CHILD), year, born)
    twin = (place == 3) & (rng.random(count) < calibration.persons["twins_among_pairs_of_children"])
    born[np.flatnonzero(twin)] = born[np.flatnonzero(twin) - 1]
    return born


def _with_newborns(
    calibration: Calibration,
    rng: np.random.Generator,
    born: Numbers,
    today: int,
    days: int,
    role: Numbers,
    place: Numbers,
) -> Numbers:
    """The births, with some youngest children born within the world."""
    youngest = (role == CHILD) & (np.roll(place, -1) == 0) & (place == 2)
    share = calibration.papers["births_per_year"] * days / 365
    newborn = youngest & (rng.random(len(born)) < share)
    return np.where(newborn, today + (rng.random(len(born)) * days).astype(np.int64), born)


def _precision_weights(calibration: Calibration) -> list[float]:
    month, year = calibration.persons["month_only"], calibration.persons["year_only"]
    return [1 - month - year, month, year]


def _given(
    book: NameBook, rng: np.random.Generator, names: Numbers, sex: Numbers, family: Numbers, place: Numbers
) -> Numbers:
    """One given name per person, never the same for brothers or for sisters."""
    count = book.given.count[names, sex]
    return (book.given.pick(rng, names, sex) + np.where(place > 1, place * 3, 0)) % count


def _some_moment(rng: np.random.Generator, share: float, count: int, days: int) -> Numbers:
    chosen = rng.random(count) < share
    return np.where(chosen, (rng.random(count) * days * DAY).astype(np.int64), NEVER)


def _validities(
    calibration: Calibration, rng: np.random.Generator, earliest: Numbers, today: int, days: int
) -> tuple[Numbers, Numbers, Numbers]:
    """Per person: the second of renewal of the travel document, and the last days of the old one and the new."""
    share = calibration.persons["document_renewed_per_year"] * days / 365
    renewed_at = _some_moment(rng, share, len(earliest), days)
    expires = earliest + rng.integers(30, 3650, len(earliest))
    day = today + np.minimum(renewed_at // DAY, 10**6)
    renewed = renewed_at < NEVER
    return (
        renewed_at,
        np.where(renewed, np.minimum(expires, day + 60), expires),
        np.where(renewed, day + 3650, expires),
    )


def _serials(number: Numbers, place: Numbers, born: Numbers) -> Numbers:
    """One serial per document, none twice; neighbours stay far apart, but twins got theirs at one counter."""
    block, within = number // 250_000, number % 250_000
    serial = block * 1_000_000 + 4 * ((within * 104_729 + 7_919) % 250_000) + 1
    twin = np.flatnonzero((place == 3) & (born == np.roll(born, 1)))
    serial[twin] = serial[twin - 1] + 1
    return serial


def _iins(calibration: Calibration, rng: np.random.Generator, kind: Numbers, sex: Numbers, born: Numbers) -> Numbers:
    """One identification number per person who has one: order numbers from 9000 up, which registries do not reach."""
    share = np.array([calibration.persons["with_iin"][name] for name in calibration.travellers])
    has = rng.random(len(kind)) < share[kind]
    day = born.astype("datetime64[D]")
    year = day.astype("datetime64[Y]").astype(np.int64) + 1970
    month = day.astype("datetime64[M]").astype(np.int64) % 12 + 1
    date_of = (day - day.astype("datetime64[M]")).astype(np.int64) + 1
    century = np.where(year >= 2000, 5, 3) + sex
    head = ((year % 100 * 100 + month) * 100 + date_of) * 10 + century
    order = np.argsort(head, kind="stable")
    ordered = head[order]
    fresh = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    run = np.arange(len(head)) - np.maximum.accumulate(np.where(fresh, np.arange(len(head)), 0))
    rank = np.empty(len(head), dtype=np.int64)
    rank[order] = run
    iin = np.zeros(len(head), dtype=np.int64)
    for attempt in range(3):
        body = head * 10_000 + 9_000 + rank * 3 + attempt
        digit = check_digits(body)
        usable = has & (rank < 333) & (iin == 0) & (digit != NEVER_ISSUED)
        iin = np.where(usable, body * 10 + digit, iin)
    return iin
