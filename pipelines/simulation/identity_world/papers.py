"""What papers say beside the name: birth date, document and identification number, right or wrong."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.simulation.identity_world.book import Numbers
from pipelines.simulation.identity_world.entries import FIRST_OF_JANUARY, MONTH, YEAR_ALONE, Entries
from pipelines.simulation.identity_world.people import SPREAD, Citizenships, Mask, People

STATELESS, OF_STATELESS = "XXA", "KAZ"
WIDTH = 7


def birth_dates(born: Numbers, precision: Numbers, slip: Mask) -> pa.Array:
    """One date per row, whole or in part; a slip turns day and month, or takes the month after."""
    day = born.astype("datetime64[D]")
    of_month = (day - day.astype("datetime64[M]")).astype(np.int64) + 1
    texts = pa.array(np.datetime_as_string(np.where(slip & (of_month > 12), born + 30, born).astype("datetime64[D]")))
    year, month, date = (pc.utf8_slice_codeunits(texts, *ends) for ends in ((0, 4), (5, 7), (8, 10)))
    turned = pc.binary_join_element_wise(year, date, month, "-")
    texts = pc.if_else(pa.array(slip & (of_month <= 12)), turned, texts)
    texts = pc.if_else(pa.array(precision == MONTH), pc.utf8_slice_codeunits(texts, 0, 7), texts)
    texts = pc.if_else(pa.array(precision == YEAR_ALONE), year, texts)
    filled = pc.binary_join_element_wise(year, "01-01", "-")
    return pc.if_else(pa.array(precision == FIRST_OF_JANUARY), filled, texts)


def document_columns(
    states: Citizenships, people: People, entries: Entries, rows: Numbers, group: Numbers, rng: np.random.Generator
) -> dict[str, pa.Array]:
    """Type, number and state of the document per row; null where the entry shows none."""
    person, epoch = entries.person[rows], entries.epoch[rows]
    first = epoch == 0
    holder = np.where(first, people.parent[person], person)
    bearer = np.where(first, people.number_of[holder], holder)
    serial = np.where(first, people.document[bearer], _serials(len(people), bearer, epoch))
    serial = serial + 10 ** rng.integers(0, 5, len(rows)) * entries.shows["number_slip"][rows]
    state = np.where(bearer != holder, people.group[bearer], group)
    counts = np.array([len(prefixes) for prefixes in states.prefixes])
    starts = np.cumsum(counts) - counts
    prefixes = pa.array([prefix for state_prefixes in states.prefixes for prefix in state_prefixes])
    prefix = prefixes.take(pa.array(starts[state] + (bearer + np.maximum(epoch, 0)) % counts[state]))
    digits = pc.utf8_lpad(pc.cast(pa.array(serial), pa.string()), WIDTH, "0")
    spaced = pc.binary_join_element_wise(prefix, digits, " ")
    number = pc.if_else(
        pa.array(entries.shows["spaced"][rows]), spaced, pc.binary_join_element_wise(prefix, digits, "")
    )
    stateless = np.array([code == STATELESS for code in states.codes])
    issuers = pa.array([OF_STATELESS if code == STATELESS else code for code in states.codes])
    shown = pa.array(epoch >= 0)
    kinds = pa.array(["P", "T"]).take(pa.array(stateless[group].astype(np.int64)))
    return {
        "document_type": pc.if_else(shown, kinds, None),
        "document_number": pc.if_else(shown, number, None),
        "document_state": pc.if_else(shown, issuers.take(pa.array(group)), None),
    }


def _serials(persons: int, bearer: Numbers, epoch: Numbers) -> Numbers:
    """Serial of each later document; none is that of another document."""
    return np.asarray(2 * ((bearer + np.maximum(epoch, 0) * persons) * SPREAD % (10 * persons + 7)))


def iin_numbers(people: People, entries: Entries, rows: Numbers, rng: np.random.Generator) -> tuple[Numbers, Mask]:
    """One IIN per row and whether it is shown; a wrong one is somebody else's, or has another last digit."""
    own = people.iin[entries.person[rows]]
    wrong = entries.shows["wrong_iin"][rows]
    holders = np.flatnonzero(people.iin > 0)
    others = people.iin[rng.choice(holders, len(rows))] if len(holders) else own
    last = own - own % 10 + (own % 10 + 1) % 10
    spoiled = np.where(rng.random(len(rows)) < 0.5, others, last)
    return np.where(wrong, spoiled, own), (own > 0) & entries.shows["iin"][rows]
