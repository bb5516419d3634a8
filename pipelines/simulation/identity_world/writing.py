"""Records of the world as text: the columns of an observation, and the truth beside them, part by part.

Memory holds the numbers of all persons and the text of one part of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.contracts.identifiers import valid_numbers
from pipelines.simulation.identity_world.book import SCRIPTS, Numbers, load_book
from pipelines.simulation.identity_world.entries import Entries, Habits, draw_entries
from pipelines.simulation.identity_world.naming import name_columns
from pipelines.simulation.identity_world.papers import birth_dates, document_columns, iin_numbers
from pipelines.simulation.identity_world.people import People, load_citizenships, populate
from pipelines.simulation.identity_world.rates import Rates
from pipelines.simulation.randomness import stream
from pipelines.simulation.spelling import IDENTITY_COLUMNS

# Where a person was born within a state, and when a document ends, decide no identity.
OBSERVED = tuple(name for name in IDENTITY_COLUMNS if name not in ("birth_place", "document_expires"))
TRUTH = ("person", "citizenship_group", "script", "person_sex", "is_twin")
PERSONS_AT_ONCE = 50_000


def identity_records(persons: int, seed: int, rates: Rates | None = None) -> pa.Table:
    """One row per source record: the columns of an observation, whether the IIN's check digit holds, and the truth.

    Args:
        persons: Size of the world; 200,000 persons have some 1.1 million records.
        seed: The same seed gives the same records.
        rates: How harsh it is.
    """
    return pa.concat_tables(_parts(persons, seed, rates or Rates()))


def write_records(path: Path, persons: int, seed: int, rates: Rates | None = None) -> int:
    """Writes the records of `identity_records` to a Parquet file, a part at a time, and returns their number."""
    rows, writer = 0, None
    for part in _parts(persons, seed, rates or Rates()):
        writer = writer or pq.ParquetWriter(path, part.schema, compression="zstd")
        writer.write_table(part)
        rows += part.num_rows
    if writer:
        writer.close()
    return rows


def _parts(persons: int, seed: int, rates: Rates) -> Iterator[pa.Table]:
    book = load_book()
    people = populate(book, rates, persons, seed)
    entries, habits = draw_entries(book, people, rates, seed)
    for part, first in enumerate(range(0, persons, PERSONS_AT_ONCE)):
        begin, end = np.searchsorted(entries.person, [first, first + PERSONS_AT_ONCE])
        yield _part(people, entries, habits, rates, np.arange(begin, end), stream(seed, "identity records", part))


def _part(
    people: People, entries: Entries, habits: Habits, rates: Rates, rows: Numbers, rng: np.random.Generator
) -> pa.Table:
    """The records of some entries: each entry is written right, and once more with its slip; records repeat these."""
    entry = np.repeat(rows, 1 + rng.poisson(rates.repeats, len(rows)))
    always = rng.random(len(rows)) < rates.typing
    slips = np.where(
        habits.apart[entries.person[entry]], always[entry - rows[0]], rng.random(len(entry)) < rates.typing
    )
    spoiled, place = np.unique(entry[slips], return_inverse=True)
    written = _written(people, entries, np.concatenate([rows, spoiled]), len(rows), rng)
    shown = entry - rows[0]
    shown[slips] = len(rows) + place
    return written.take(pa.array(rng.permutation(shown)))


def _written(people: People, entries: Entries, rows: Numbers, clean: int, rng: np.random.Generator) -> pa.Table:
    """One row per entry in `rows`; from position `clean` on with a slip in the name."""
    states = load_citizenships()
    person = entries.person[rows]
    group = np.where(entries.renewed[rows], people.next_group[person], people.group[person])
    codes = pa.array(states.codes)
    shows = {name: truth[rows] for name, truth in entries.shows.items()}
    iin, shows_iin = iin_numbers(people, entries, rows, rng)
    digits = pc.utf8_lpad(pc.cast(pa.array(iin), pa.string()), 12, "0")
    columns = name_columns(load_book(), people, entries, rows, clean, rng) | {
        "birth_date": birth_dates(people.born[person], entries.precision[rows], shows["slip"]),
        "sex": _coded(["M", "F"], people.sex[person], shows["sex"]),
        "citizenship": codes.take(pa.array(group)),
        "birth_country": _masked(codes.take(pa.array(people.group[person])), shows["birth_country"]),
        **document_columns(states, people, entries, rows, group, rng),
        "iin": _masked(digits, shows_iin),
    }
    home = np.array([load_book().home_script, load_book().second_script])[:, people.names[person]]
    form = entries.form[rows]
    truth = {
        "person": pa.array(person),
        "citizenship_group": codes.take(pa.array(people.group[person])),
        "script": pa.array(SCRIPTS).take(pa.array(np.select([form == 0, form == 1, form < 5], [*home, 0], 1))),
        "person_sex": _coded(["M", "F"], people.sex[person], np.ones(len(rows), dtype=bool)),
        "is_twin": pa.array(people.twin[person]),
    }
    verified = {"iin_verified": pa.array(shows_iin & valid_numbers(iin))}
    return pa.table({name: columns[name] for name in OBSERVED} | verified | truth)


def _coded(labels: list[str], codes: Numbers, shown: np.ndarray) -> pa.Array:
    return pa.array(labels).take(pa.array(codes, mask=~shown))


def _masked(texts: pa.Array, shown: np.ndarray) -> pa.Array:
    return pc.if_else(pa.array(shown), texts, None)
