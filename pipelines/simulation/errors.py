"""What goes wrong on the way from a person to a record, at the rates of the calibration.

Errors change text that is already made. Each planted error that intake must see is reported by row and kind; the
harmless ones (spelling, gaps) are what the linkage of persons has to live with.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.contracts import ColumnType, Contract
from pipelines.simulation.calibration import Calibration, draw
from pipelines.simulation.columns import nothing

Columns = dict[str, pa.Array]
Mask = NDArray[np.bool_]
LONGEST_POSITION = 7
NAME_SCRIPTS = {"surname_latin": "latin", "given_names_latin": "latin"}
NAMES = ("surname", "given_names", "patronymic", "full_name", "surname_latin", "given_names_latin")
GAPS = ("birth_date", "sex", "document_number", "birth_country", "patronymic")
IDENTIFYING = (*NAMES, "former_names", "document_number", "iin", "document_type", "document_state", "document_expires")


@dataclass(frozen=True)
class Spoiled:
    """Records after the errors: columns, the rows that the contract must hold back, and why."""

    columns: Columns
    held_back: NDArray[np.int64]
    kinds: list[str]


def misspell(columns: Columns, calibration: Calibration, script: str, rng: np.random.Generator) -> Columns:
    """The same rows with the slips of typing, transcription and copying that pass every check."""
    rates = calibration.errors
    rows = len(next(iter(columns.values())))
    done = dict(columns)
    for name in [name for name in NAMES if name in done]:
        done[name] = _mistyped(done[name], rng.random(rows) < rates["typing"], rng)
        swaps = calibration.variants[NAME_SCRIPTS.get(name, script)]
        done[name] = _varied(done[name], swaps, rng.random(rows) < rates["variant"], rng)
    if "surname" in done and "given_names" in done:
        turned = pa.array(rng.random(rows) < rates["swapped"])
        surname, given = done["surname"], done["given_names"]
        done["surname"] = pc.if_else(turned, given, surname)
        done["given_names"] = pc.if_else(turned, surname, given)
    for name in [name for name in GAPS if name in done]:
        done[name] = blanked(done[name], rng.random(rows) < rates["missing_field"])
    if "citizenship" in done:
        short = pa.array([state.alpha2 for state in calibration.citizenships.values()])
        known = pc.index_in(done["citizenship"], pa.array(list(calibration.citizenships)))
        chosen = pa.array(rng.random(rows) < rates["code_as_alpha2"])
        done["citizenship"] = pc.if_else(chosen, short.take(known), done["citizenship"])
    if "iin" in done:
        done["iin"] = _next_digit(done["iin"], rng.random(rows) < rates["wrong_iin"])
    return done


def break_rules(
    columns: Columns,
    contract: Contract,
    share: float,
    typed: bool,
    rng: np.random.Generator,
    shared: Collection[str] = (),
) -> Spoiled:
    """The same rows with some that intake must hold back.

    Args:
        columns: Text by column.
        contract: What the feed promises.
        share: Share of rows to break.
        typed: Whether the file's format has dates of its own, so that an impossible one cannot be written.
        rng: Source of chance.
        shared: Columns that several rows have from one place in the file, so that none of them is wrong by itself.
    """
    rows = len(next(iter(columns.values())))
    broken = np.flatnonzero(rng.random(rows) < share)
    needed = [column.name for column in contract.columns if column.required and column.name in columns]
    required = [name for name in needed if name not in (*contract.record_id, *shared)]
    kinds = ["missing_required"] if required else []
    kinds += ["identity_missing"] if contract.identity_block else []
    is_datable = contract.event_time in columns and not typed and contract.event_time not in shared
    kinds += ["impossible_date"] if is_datable else []
    kinds += ["born_after_event"] if "birth_date" in columns and contract.event_time in columns else []
    if not kinds or not len(broken):
        return Spoiled(columns, broken[:0], [])
    chosen = draw(rng, [1.0] * len(kinds), len(broken))
    done = dict(columns)
    for position, kind in enumerate(kinds):
        mask = np.zeros(rows, dtype=bool)
        mask[broken[chosen == position]] = True
        if kind == "missing_required":
            name = required[int(rng.integers(len(required)))]
            done[name] = blanked(done[name], mask)
        elif kind == "identity_missing":
            done |= {name: blanked(done[name], mask) for name in IDENTIFYING if name in done}
        elif kind == "impossible_date":
            is_day = contract.column(contract.event_time).type is ColumnType.date
            done[contract.event_time] = replaced(
                done[contract.event_time], mask, "2026-02-30" if is_day else "2026-02-30T25:61:00"
            )
        else:
            done["birth_date"] = replaced(done["birth_date"], mask, "2031-05-17")
    return Spoiled(done, broken, [kinds[i] for i in chosen])


def blanked(texts: pa.Array, mask: Mask) -> pa.Array:
    """The texts without those under the mask."""
    return pc.if_else(pa.array(mask), pa.scalar(None, texts.type), texts)


def replaced(texts: pa.Array, mask: Mask, text: str) -> pa.Array:
    """The texts with one text in place of those under the mask."""
    return pc.if_else(pa.array(mask), pa.scalar(text), texts)


def _mistyped(texts: pa.Array, mask: Mask, rng: np.random.Generator) -> pa.Array:
    """Letters swapped, dropped or doubled behind the first one."""
    position = rng.integers(1, LONGEST_POSITION, len(mask))
    slip = rng.integers(0, 3, len(mask))
    for place in range(1, LONGEST_POSITION):
        rows = mask & (position == place)
        if not rows.any():
            continue
        chosen = texts.filter(pa.array(rows))
        head, tail = pc.utf8_slice_codeunits(chosen, 0, place), pc.utf8_slice_codeunits(chosen, place + 2)
        one, two = (pc.utf8_slice_codeunits(chosen, place + i, place + i + 1) for i in (0, 1))
        swapped = pc.binary_join_element_wise(head, two, one, tail, "")
        dropped = pc.binary_join_element_wise(head, two, tail, "")
        doubled = pc.binary_join_element_wise(head, one, one, two, tail, "")
        texts = pc.replace_with_mask(texts, pa.array(rows), pc.choose(pa.array(slip[rows]), swapped, dropped, doubled))
    return texts


def _varied(texts: pa.Array, swaps: list[tuple[str, str]], mask: Mask, rng: np.random.Generator) -> pa.Array:
    """Another spelling of the same sound, where the name has it."""
    which = rng.integers(0, len(swaps), len(mask))
    for position, (old, new) in enumerate(swaps):
        rows = mask & (which == position)
        if rows.any():
            chosen = pc.replace_substring(texts.filter(pa.array(rows)), old, new)
            texts = pc.replace_with_mask(texts, pa.array(rows), chosen)
    return texts


def _next_digit(numbers: pa.Array, mask: Mask) -> pa.Array:
    """Numbers whose last digit is one too high."""
    digits = pa.array(list("0123456789"))
    following = pa.array(list("1234567890")).take(pc.index_in(pc.utf8_slice_codeunits(numbers, -1), digits))
    wrong = pc.binary_join_element_wise(pc.utf8_slice_codeunits(numbers, 0, -1), following, "")
    return pc.if_else(pa.array(mask), wrong, numbers)


def without(columns: Columns, names: tuple[str, ...]) -> Columns:
    """The columns with nulls in place of the named ones."""
    return {name: nothing(len(texts)) if name in names else texts for name, texts in columns.items()}
