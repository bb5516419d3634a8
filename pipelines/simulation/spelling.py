"""How a person is written in a record: names in a script, birth date, papers, all as of the moment of the record.

The identity block of every person feed is made here. Errors of typing do not belong here (`errors.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.simulation.calibration import Calibration
from pipelines.simulation.columns import Coded, Dated, Numbered, joined, nothing
from pipelines.simulation.names import NameBook
from pipelines.simulation.population import Numbers, Population

IDENTITY_COLUMNS = (
    "surname",
    "given_names",
    "patronymic",
    "full_name",
    "former_names",
    "surname_latin",
    "given_names_latin",
    "birth_date",
    "sex",
    "citizenship",
    "birth_country",
    "birth_place",
    "document_type",
    "document_number",
    "document_state",
    "document_expires",
    "iin",
)
SOVIET_UNION_ENDED = int(np.datetime64("1991-12-26").astype(np.int64))
SOVIET = ("UZB", "RUS", "KGZ", "TJK", "TKM", "AZE", "BLR", "UKR", "ARM", "GEO", "KAZ", "XXA")


@dataclass(frozen=True)
class Style:
    """How a source writes persons.

    Attributes:
        script: Script of `surname`, `given_names`, `patronymic`: `native`, `cyrillic` or `latin`.
        latin: Whether the passport's Latin spelling is there too.
        whole: One `full_name` in place of the parts.
        patronymic: Whether patronymics are kept.
        documents: Whether travel documents are kept.
        soviet_births: Whether places of birth before 1991 carry the dissolved state's code.
    """

    script: str
    latin: bool = False
    whole: bool = False
    patronymic: bool = True
    documents: bool = True
    soviet_births: bool = False


def identity(
    calibration: Calibration, book: NameBook, people: Population, style: Style, person: Numbers, at: Numbers
) -> dict[str, pa.Array]:
    """One text per identity column and record: the person as written by a source of `style` at the second `at`."""
    sex, names = people.sex[person], people.names[person]
    number = np.where(at >= people.renamed_at[person], people.new_surname[person], people.surname[person])
    parts = {
        "surname": book.surname.spelled(style.script, names, sex, number),
        "given_names": book.given.spelled(style.script, names, sex, people.given[person]),
        "patronymic": book.patronymic.spelled(style.script, names, sex, people.patronymic[person]),
    }
    columns: dict[str, pa.Array] = {}
    if style.whole:
        columns["full_name"] = joined(list(parts.values()), " ")
    else:
        columns |= parts if style.patronymic else {k: v for k, v in parts.items() if k != "patronymic"}
    if style.latin:
        columns["surname_latin"] = book.surname.spelled("latin", names, sex, number)
        columns["given_names_latin"] = book.given.spelled("latin", names, sex, people.given[person])
    columns |= _birth(calibration, people, style, person)
    columns |= _papers(calibration, people, person, at) if style.documents else {}
    iin = people.iin[person]
    columns["iin"] = Numbered(np.where(iin > 0, iin, -1), width=12).text(np.arange(len(person)))
    return columns


def former_names(book: NameBook, people: Population, script: str, person: Numbers) -> pa.Array:
    """One text per record: the surname borne before."""
    return book.surname.spelled(script, people.names[person], people.sex[person], people.surname[person])


def _birth(calibration: Calibration, people: Population, style: Style, person: Numbers) -> dict[str, pa.Array]:
    rows = np.arange(len(person))
    states = pa.array([*calibration.citizenships, "SUN"])
    citizenship = people.citizenship[person]
    soviet = np.isin(citizenship, [i for i, code in enumerate(calibration.citizenships) if code in SOVIET])
    dissolved = soviet & (people.born[person] < SOVIET_UNION_ENDED) & style.soviet_births
    born_in = np.where(dissolved, len(states) - 1, citizenship)
    stateless = citizenship == list(calibration.citizenships).index("XXA")
    return {
        "birth_date": Dated(people.born[person], people.precision[person]).text(rows),
        "sex": Coded(pa.array(["M", "F"]), people.sex[person]).text(rows),
        "citizenship": Coded(states, citizenship).text(rows),
        "birth_country": Coded(states, np.where(stateless & ~dissolved, -1, born_in)).text(rows),
    }


def _papers(calibration: Calibration, people: Population, person: Numbers, at: Numbers) -> dict[str, pa.Array]:
    rows = np.arange(len(person))
    renewed = at >= people.renewed_at[person]
    serial = np.where(renewed, people.new_document[person], people.document[person])
    states = list(calibration.citizenships.values())
    citizenship = people.citizenship[person]
    prefixes = pa.array([prefix for state in states for prefix in state.prefixes])
    counts = np.array([len(state.prefixes) for state in states])
    first = np.cumsum(counts) - counts
    prefix = Coded(prefixes, first[citizenship] + person % counts[citizenship]).text(rows)
    longest = len(str(people.new_document.max()))
    widths = np.maximum(np.array([state.digits for state in states])[citizenship], longest)
    number = pc.binary_join_element_wise(prefix, _padded(serial, widths), "")
    stateless = citizenship == list(calibration.citizenships).index("XXA")
    issuer = np.where(stateless, list(calibration.citizenships).index("KAZ"), citizenship)
    return {
        "document_type": Coded(pa.array(["P", "T"]), stateless.astype(np.int64)).text(rows),
        "document_number": number,
        "document_state": Coded(pa.array(list(calibration.citizenships)), issuer).text(rows),
        "document_expires": Dated(np.where(renewed, people.new_expires[person], people.expires[person])).text(rows),
    }


def _padded(serial: Numbers, widths: Numbers) -> pa.Array:
    """One serial per row, padded with zeros to the row's width."""
    long = pc.utf8_lpad(pc.cast(pa.array(serial), pa.string()), 12, "0")
    pieces = nothing(len(serial))
    for width in np.unique(widths):
        cut = pc.utf8_slice_codeunits(long, 12 - int(width))
        pieces = pc.if_else(pa.array(widths == width), cut, pieces)
    return pieces
