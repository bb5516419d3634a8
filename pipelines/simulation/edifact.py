"""Passenger lists as PAXLST interchanges, by pydifact: the columns of a table become segments.

One interchange for each file, one message for each flight. A text that is no date or clock is written as it is, so
that a wrong one arrives wrong. Which passengers there are does not belong here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import pyarrow as pa
from pydifact.segments import Segment
from pydifact.serializer import Serializer

Row = dict[str, str | None]
SENDER, RECIPIENT = "SYNAIR", "MIC"
KIND = ["PAXLST", "D", "12B", "UN", "IATA"]
LATEST_YEARS = 100
# What a message says once for all its passengers; what says which passenger is meant binds the whole message too.
SHARED = frozenset(
    {
        "passenger_id",
        "list_type",
        "flight",
        "carrier",
        "departure_airport",
        "departs_on",
        "departs_clock",
        "arrival_airport",
        "arrives_on",
        "arrives_clock",
    }
)
REFERENCES = {"reservation": "AVF", "carrier_reference": "ABO", "seat": "SEA"}
PLACES = {"clearance_airport": "22", "residence_country": "174"}
PLACES |= {"embarkation_airport": "178", "debarkation_airport": "179", "birth_country": "180"}


def write_interchange(table: pa.Table, path: Path, business_date: str) -> None:
    """Writes one interchange; rows of a message stand together, in the order of their passengers' numbers.

    Args:
        table: One text column for each column of the feed.
        path: Where it goes.
        business_date: Day that settles the century of two-digit years.
    """
    rows: list[Row] = table.to_pylist()
    interchange = _parts(rows[0])[0] if rows else path.stem[-12:]
    content: list[Segment] = []
    count = 0
    for reference, group in groupby(rows, key=lambda row: _parts(row)[1]):
        count += 1
        content += _message(reference, list(group), business_date)
    text = Serializer().serialize(content, with_una_header=False)
    stamp = [business_date[2:].replace("-", ""), "2100"]
    syntax = ["UNOA" if text.isascii() else "UNOY", "4"]
    header = Segment("UNB", syntax, [SENDER, "ZZ"], [RECIPIENT, "ZZ"], stamp, interchange, "", "APIS")
    trailer = Segment("UNZ", str(count), interchange)
    whole = Serializer().serialize([header]) + text + Serializer().serialize([trailer], with_una_header=False)
    path.write_bytes(whole.encode("utf-8"))


def _parts(row: Row) -> tuple[str, str, str]:
    interchange, message, number = (row["passenger_id"] or "").split("/")
    return interchange, message, number


def _message(reference: str, rows: list[Row], business_date: str) -> list[Segment]:
    if [_parts(row)[2] for row in rows] != [str(number) for number in range(1, len(rows) + 1)]:
        raise ValueError(f"the passengers of message {reference} are not numbered from 1 in their order")
    inside = list(_flight(rows[0]))
    inside += [segment for row in rows for segment in _passenger(row, business_date)]
    inside.append(Segment("CNT", ["42", str(len(rows))]))
    return [Segment("UNH", reference, KIND), *inside, Segment("UNT", str(len(inside) + 2), reference)]


def _flight(row: Row) -> Iterator[Segment]:
    yield Segment("BGM", row["list_type"] or "745")
    yield Segment("NAD", "MS", "", "", "SYNTHETIC DESK")
    yield Segment("TDT", "20", row["flight"] or "", "", "", row["carrier"] or "")
    for end, verb, place, moment in (("departure", "departs", "125", "189"), ("arrival", "arrives", "87", "232")):
        yield Segment("LOC", place, row[f"{end}_airport"] or "")
        day, clock = row[f"{verb}_on"], row[f"{verb}_clock"] or ""
        if day:
            yield Segment("DTM", [moment, day.replace("-", "") + clock.replace(":", ""), "203" if clock else "102"])


def _passenger(row: Row, business_date: str) -> Iterator[Segment]:
    surname, given = row.get("surname_latin"), row.get("given_names_latin")
    yield Segment("NAD", row["role"] or "FL", "", "", [surname or "", given or ""])
    if row.get("sex"):
        yield Segment("ATT", "2", "", row["sex"] or "")
    if born := row.get("birth_date"):
        yield Segment("DTM", ["329", *_date(born, business_date)])
    for column, code in PLACES.items():
        if found := row.get(column):
            yield Segment("LOC", code, found)
    if citizenship := row.get("citizenship"):
        yield Segment("NAT", "2", citizenship)
    for column, code in REFERENCES.items():
        if found := row.get(column):
            yield Segment("RFF", [code, found])
    yield from _document(row, business_date)


def _document(row: Row, business_date: str) -> Iterable[Segment]:
    if not row.get("document_number"):
        return
    yield Segment("DOC", [row.get("document_type") or "P", "110", "111"], row["document_number"] or "")
    if expires := row.get("document_expires"):
        yield Segment("DTM", ["36", *_date(expires, f"{int(business_date[:4]) + 50}{business_date[4:]}")])
    if issuer := row.get("document_state"):
        yield Segment("LOC", "91", issuer)


def _date(day: str, limit: str) -> list[str]:
    """A date of six digits, as carriers write them, where its century follows from `limit`; else with its form."""
    digits = day.replace("-", "")
    if not re.fullmatch(r"\d{4}(\d\d)?(\d\d)?", digits):
        return [day]
    if len(digits) < 8:
        return [digits, "602" if len(digits) == 4 else "610"]
    is_plain = day <= limit and int(limit[:4]) - int(day[:4]) < LATEST_YEARS
    return [digits[2:]] if is_plain else [digits, "102"]
