"""The name columns of an entry: parts, whole names, passport spelling, in the form and manner of its source."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.simulation.identity_world.book import FORM_NAMES, OTHER, Book, Numbers
from pipelines.simulation.identity_world.entries import Entries
from pipelines.simulation.identity_world.people import Mask, People
from pipelines.simulation.identity_world.slips import mistyped

FIRST_LATIN = FORM_NAMES.index("latin0")
FIRST_RUSSIAN = FORM_NAMES.index("cyrillic0")


def name_columns(
    book: Book, people: People, entries: Entries, rows: Numbers, clean: int, rng: np.random.Generator
) -> dict[str, pa.Array]:
    """One text per name column and row; rows from position `clean` on have a slip in surname or given names."""
    person, form = entries.person[rows], entries.form[rows]
    shows = {name: truth[rows] for name, truth in entries.shows.items()}
    married = people.marries[person] & entries.renewed[rows]
    number = np.where(married, people.married_surname[person], people.surname[person])
    surname = _surnames(book, people, person, number, form, shows["other_ending"])
    given = _given(book, people, person, form)
    surname, given = _slipped(surname, given, clean, rng)
    patronymic = _null_unless(_patronymics(book, people, person, form), shows["patronymic"])
    loud = shows["mrz"] | (shows["capitals"] & (form >= FIRST_RUSSIAN))
    surname, given, patronymic = (_loud(texts, loud) for texts in (surname, given, patronymic))
    surname, given = (_without_apostrophes(texts, shows["mrz"]) for texts in (surname, given))
    passport = np.where(form >= FIRST_LATIN, form, FIRST_LATIN + person % 2)
    nobody = np.zeros(len(rows), dtype=bool)
    latin = (_surnames(book, people, person, number, passport, nobody), _given(book, people, person, passport))
    former = _surnames(book, people, person, people.surname[person], form, nobody)
    columns = _arranged(surname, given, patronymic, shows)
    in_passport = shows["mrz"] | shows["latin"]
    return columns | {
        "former_names": _null_unless(former, married & shows["former"]),
        "surname_latin": _null_unless(
            pc.if_else(pa.array(shows["mrz"]), surname, pc.utf8_upper(latin[0])), in_passport
        ),
        "given_names_latin": _null_unless(
            pc.if_else(pa.array(shows["mrz"]), given, pc.utf8_upper(latin[1])), in_passport
        ),
    }


def _arranged(surname: pa.Array, given: pa.Array, patronymic: pa.Array, shows: dict[str, Mask]) -> dict[str, pa.Array]:
    """The parts in their columns, in each other's, merged into one, or as one whole name; none in a passport's line."""
    swapped, merged = pa.array(shows["swapped"]), pa.array(shows["merged"] & ~shows["whole"])
    both = pc.binary_join_element_wise(surname, given, " ")
    whole = pc.binary_join_element_wise(surname, given, patronymic, " ", null_handling="skip")
    first = pc.if_else(merged, both, pc.if_else(swapped, given, surname))
    second = pc.if_else(merged, None, pc.if_else(swapped, surname, given))
    in_parts = ~shows["mrz"] & ~shows["whole"]
    return {
        "surname": _null_unless(first, in_parts),
        "given_names": _null_unless(second, in_parts),
        "patronymic": _null_unless(patronymic, in_parts),
        "full_name": _null_unless(whole, shows["whole"]),
    }


def _surnames(book: Book, people: People, person: Numbers, number: Numbers, form: Numbers, other: Mask) -> pa.Array:
    row = book.surname.start[people.names[person]] + number
    ending = np.where(other & book.has_other[row], OTHER, 0)
    return _in_form(book.surname.texts, 4 * row + ending + people.sex[person], form)


def _given(book: Book, people: People, person: Numbers, form: Numbers) -> pa.Array:
    names, sex = people.names[person], people.sex[person]
    men, women = (
        _in_form(part.texts, np.minimum(part.start[names] + people.given[person], len(part.texts["home"]) - 1), form)
        for part in book.given
    )
    return pc.if_else(pa.array(sex == 1), women, men)


def _patronymics(book: Book, people: People, person: Numbers, form: Numbers) -> pa.Array:
    row = book.given[0].start[people.names[person]] + people.father[person]
    of_men, of_women = (_in_form(texts, row, form) for texts in book.patronymic)
    return pc.if_else(pa.array(people.sex[person] == 1), of_women, of_men)


def _in_form(texts: dict[str, pa.Array], row: Numbers, form: Numbers) -> pa.Array:
    stacked = pa.concat_arrays([texts[name] for name in FORM_NAMES])
    return stacked.take(pa.array(form * len(texts["home"]) + row))


def _slipped(surname: pa.Array, given: pa.Array, clean: int, rng: np.random.Generator) -> tuple[pa.Array, pa.Array]:
    in_surname = pa.array(rng.random(len(surname) - clean) < 0.5)
    one, other = surname.slice(clean), given.slice(clean)
    changed = (
        pc.if_else(in_surname, mistyped(one, rng), one),
        pc.if_else(in_surname, other, mistyped(other, rng)),
    )
    return tuple(
        pa.concat_arrays([whole.slice(0, clean), part.cast(whole.type)])
        for whole, part in zip((surname, given), changed, strict=True)
    )


def _loud(texts: pa.Array, loud: Mask) -> pa.Array:
    return pc.if_else(pa.array(loud), pc.utf8_upper(texts), texts)


def _without_apostrophes(texts: pa.Array, shown: Mask) -> pa.Array:
    """Machine-readable lines have none."""
    return pc.if_else(pa.array(shown), pc.replace_substring(texts, "'", ""), texts)


def _null_unless(texts: pa.Array, shown: Mask) -> pa.Array:
    return pc.if_else(pa.array(shown), texts, None)
