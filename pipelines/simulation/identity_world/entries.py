"""What each source knows of each person: entries as numbers, before any text is made.

One position per entry; entries of one person stand beside each other in order of time. An entry says in which script
and spelling, with which document, date and parts of the name a source holds the person. Records repeat entries.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.simulation.identity_world.book import Book, Numbers
from pipelines.simulation.identity_world.people import EPOCHS, Mask, People
from pipelines.simulation.identity_world.rates import Rates
from pipelines.simulation.randomness import stream

ENTRIES = np.array([2, 3, 4, 5])
ENTRY_SHARES = np.array([0.45, 0.30, 0.15, 0.10])
CYRILLIC, LATIN, HOME, SECOND = 0, 1, 2, 3
KIND_SHARES = np.array([0.45, 0.35, 0.14, 0.06])
WHOLE_DATE, MONTH, YEAR_ALONE, FIRST_OF_JANUARY = 0, 1, 2, 3


@dataclass(frozen=True)
class Entries:
    """One position per entry.

    Attributes:
        person: Position of the person.
        form: Position among the forms of a name.
        epoch: Which of the person's documents it shows; -1 none.
        renewed: Whether the citizenship and surname after a change hold.
        precision: How much of the birth date it shows.
        shows: Truth per column or manner, by name: `iin`, `patronymic`, `latin`, `whole`, `mrz`, …
    """

    person: Numbers
    form: Numbers
    epoch: Numbers
    renewed: Mask
    precision: Numbers
    shows: dict[str, Mask]

    def __len__(self) -> int:
        """Number of entries."""
        return len(self.person)


@dataclass(frozen=True)
class Habits:
    """How the sources of each person differ; one position per person."""

    apart: Mask
    crosses: Mask
    partial: Mask
    latin_alone: Mask


def draw_entries(book: Book, people: People, rates: Rates, seed: int) -> tuple[Entries, Habits]:
    """All entries of all persons, and the habits that they follow."""
    rng = stream(seed, "identity entries")
    persons = len(people)
    habits = Habits(
        rng.random(persons) < rates.no_shared_document,
        rng.random(persons) < rates.cross_script,
        rng.random(persons) < rates.partial_birth,
        rng.random(persons) < 0.3,
    )
    person = np.repeat(np.arange(persons), rng.choice(ENTRIES, persons, p=ENTRY_SHARES))
    first = np.concatenate([[True], person[1:] != person[:-1]])
    place = np.arange(len(person)) - np.maximum.accumulate(np.where(first, np.arange(len(person)), 0))
    kind = _kinds(book, people, habits, person, place, rng)
    shows = _shows(rates, habits, kind, person, rng)
    later = (place > 0) & (rng.random(len(person)) < 0.6)
    epoch = _epochs(rates, habits, people, person, place, rng)
    of_document = np.random.default_rng(seed).random(persons)[person] * (epoch + 2) % 1
    usual = rng.random(len(person))
    entries = Entries(
        person,
        _forms(rates, kind, np.where(shows["mrz"], of_document, usual)),
        epoch,
        _kept_on(later, first),
        _precisions(rates, habits, person, first, rng),
        shows,
    )
    return entries, habits


def _kinds(
    book: Book, people: People, habits: Habits, person: Numbers, place: Numbers, rng: np.random.Generator
) -> Numbers:
    """Script of each entry; who crosses scripts has a Cyrillic entry first and then one that is not."""
    kind = rng.choice(len(KIND_SHARES), len(person), p=KIND_SHARES)
    kind = np.where(place == 0, CYRILLIC, np.where((place == 1) & (kind == CYRILLIC), LATIN, kind))
    abroad = book.home_script[people.names[person]] != 0
    kind = np.where((place == 1) & (kind >= HOME) & ~abroad, LATIN, kind)
    alone = np.where(habits.latin_alone[person], LATIN, CYRILLIC)
    return np.where(habits.crosses[person], kind, alone)


def _forms(rates: Rates, kind: Numbers, chance: NDArray[np.float64]) -> Numbers:
    """Position of the form: the usual spelling of the script, or, as chance has it, one of the others."""
    spelling = np.where(chance < rates.other_spelling, 1 + (chance * 997).astype(np.int64) % 3, 0)
    return np.select([kind == CYRILLIC, kind == LATIN, kind == HOME], [2 + spelling % 3, 5 + spelling, 0], 1)


def _epochs(
    rates: Rates, habits: Habits, people: People, person: Numbers, place: Numbers, rng: np.random.Generator
) -> Numbers:
    """Which document each entry shows: never the same twice, or the same in the first two and then until renewed."""
    apart = habits.apart[person]
    renewed = (rng.random(len(person)) < rates.renewed) & (place > 1)
    counted = np.cumsum(renewed)
    epoch = np.where(apart, place, counted - np.maximum.accumulate(np.where(place == 0, counted, 0)))
    without = rng.random(len(person)) < np.where(apart, 2 * rates.no_document, rates.no_document)
    kept = np.where(apart, (people.parent[person] != person) & (place == 0), place < 2)
    return np.where(without & ~kept, -1, np.minimum(epoch, EPOCHS - 1))


def _kept_on(later: Mask, first: Mask) -> Mask:
    """What has changed stays changed in the entries that follow."""
    counted = np.cumsum(later)
    return np.asarray(counted > np.maximum.accumulate(np.where(first, counted, 0)))


def _precisions(rates: Rates, habits: Habits, person: Numbers, first: Mask, rng: np.random.Generator) -> Numbers:
    partial = habits.partial[person] & (first | (rng.random(len(person)) < rates.partial_entry))
    fill = rng.random(len(person))
    kinds = np.where(fill < rates.first_of_january, FIRST_OF_JANUARY, np.where(fill < 0.5, MONTH, YEAR_ALONE))
    return np.where(partial, kinds, WHOLE_DATE)


def _shows(rates: Rates, habits: Habits, kind: Numbers, person: Numbers, rng: np.random.Generator) -> dict[str, Mask]:
    def happens(share: float) -> Mask:
        return np.asarray(rng.random(len(kind)) < share)

    travel = (kind == LATIN) & happens(0.7)
    apart = habits.apart[person]
    return {
        "mrz": travel,
        "latin": (kind != LATIN) & habits.crosses[person] & happens(0.15),
        "whole": ~travel & happens(rates.whole),
        "swapped": happens(rates.swapped),
        "merged": happens(rates.merged),
        "patronymic": ~travel & ~happens(rates.no_patronymic),
        "other_ending": happens(rates.other_ending),
        "former": happens(rates.former_names),
        "iin": ~travel & np.where(apart, happens(rates.iin_shown / 3), happens(rates.iin_shown)),
        "wrong_iin": happens(rates.wrong_iin),
        "sex": ~happens(rates.no_sex),
        "birth_country": ~happens(rates.no_birth_country),
        "slip": happens(rates.birth_slip),
        "capitals": happens(rates.capitals),
        "number_slip": happens(rates.number_slip),
        "spaced": happens(rates.spaced),
    }
