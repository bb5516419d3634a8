"""What the segments of a PAXLST message say of a flight and of a person on it, as text columns.

Qualifiers are those of the UN/EDIFACT directory and of the WCO/IATA/ICAO guide to PAXLST. What no column tells stays
together in `further_segments`. How an interchange is cut into segments does not belong here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

Words = list[list[str]]
Values = dict[str, str]

COLUMNS = (
    "passenger_id",
    "list_type",
    "list_function",
    "flight",
    "carrier",
    "departure_airport",
    "departs_on",
    "departs_clock",
    "arrival_airport",
    "arrives_on",
    "arrives_clock",
    "role",
    "embarkation_airport",
    "debarkation_airport",
    "clearance_airport",
    "residence_country",
    "reservation",
    "carrier_reference",
    "seat",
    "is_verified",
    "visa_number",
    "document_code",
    "birth_date_sent",
    "document_expires_sent",
    "further_segments",
    "surname",
    "given_names",
    "full_name",
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
)
PLACES = {"178": "embarkation_airport", "179": "debarkation_airport", "22": "clearance_airport"}
PLACES |= {"174": "residence_country", "180": "birth_country"}
REFERENCES = {"AVF": "reservation", "ABO": "carrier_reference", "SEA": "seat"}
ENDS = {"125": "departure", "87": "arrival"}
PORT_OF_CALL = "92"
CLOCKS = {"189": "departure", "232": "arrival"}
VERBS = {"departure": "departs", "arrival": "arrives"}
VERIFIED = {"173": "true", "174": "false"}
# ICAO Doc 9303 lets identity cards bear A, C or I, and crew member certificates AC.
DOCUMENTS = {"P": "P", "I": "I", "A": "I", "C": "I", "AC": "O"}
VISA = "V"
BEYOND_LATIN = "\u0370"
YEARS_AHEAD = 50
DIGITS = {"101": 6, "102": 8, "201": 10, "203": 12, "205": 12, "602": 4, "610": 6}


def value(words: Words, element: int, component: int = 0) -> str:
    """A component of an element; empty where the segment has none."""
    return "".join(words[element][component : component + 1]) if element < len(words) else ""


def flight_of(segments: Iterable[tuple[str, Words]], business_date: str) -> Values:
    """Columns that all persons of a message share.

    Where a journey has several legs, the flight is the one that leaves the last airport before the border (125); ports
    of call (92) are its ends where the message names no others.

    Args:
        segments: Tag and words of each segment before the first person.
        business_date: Day that settles the century of two-digit years.
    """
    told: Values = {}
    transport: Values = {}
    end = ""
    has_arrived = False
    for tag, words in segments:
        qualifier = value(words, 0)
        if tag == "BGM":
            told |= {"list_type": qualifier, "list_function": value(words, 1)}
        elif tag == "TDT":
            transport = {"flight": value(words, 1), "carrier": value(words, 4)}
            told = transport | told
        elif tag == "LOC":
            call = "" if has_arrived else "arrival" if "departure_airport" in told else "departure"
            end = ENDS.get(qualifier, call if qualifier == PORT_OF_CALL else "")
            has_arrived = has_arrived or qualifier == "87"
            if end:
                told |= {f"{end}_airport": value(words, 1)} | (transport if qualifier == "125" else {})
        elif tag == "DTM" and CLOCKS.get(qualifier) == end:
            verb = VERBS[end]
            on, clock = moment(value(words, 0, 1), value(words, 0, 2), business_date)
            told |= {f"{verb}_on": on, f"{verb}_clock": clock}
    return told


def person_of(segments: Iterable[tuple[str, str, Words]], business_date: str) -> Values:
    """Columns that a person's own segments fill; of what is told twice the first stands.

    Args:
        segments: Tag, text and words of each segment, the name first.
        business_date: Day that settles the century of two-digit years.
    """
    told: Values = {}
    further: list[str] = []
    document = ""
    for tag, raw, words in segments:
        if tag == "DOC":
            document = value(words, 0)
        new = _told(tag, words, document, business_date)
        if not new or not told.keys().isdisjoint(new):
            further.append(raw)
            if tag == "DOC":
                document = "another"
        else:
            told |= new
    return told | ({"further_segments": "'".join(further)} if further else {})


def _told(tag: str, words: Words, document: str, business_date: str) -> Values:
    reader: Callable[[Words], Values] | None = READERS.get((tag, "" if tag in ("NAD", "DOC") else value(words, 0)))
    if reader is not None:
        return reader(words)
    qualifier = value(words, 0)
    if tag == "DTM" and qualifier == "329":
        sent = value(words, 0, 1)
        return {"birth_date": day(sent, value(words, 0, 2), business_date), "birth_date_sent": sent}
    if tag == "DTM" and qualifier == "36" and document not in ("", VISA, "another"):
        sent, limit = value(words, 0, 1), _later(business_date)
        return {"document_expires": day(sent, value(words, 0, 2), limit), "document_expires_sent": sent}
    if tag == "LOC" and qualifier == "91" and document not in ("", VISA, "another"):
        return {"document_state": value(words, 1)}
    return {}


def _name(words: Words) -> Values:
    """Surname and given names, in the columns of their script; a single part is the whole name."""
    surname, *given = words[3] if len(words) > 3 else [""]
    role = {"role": value(words, 0)}
    if not any(given):
        return role | {"full_name": surname}
    parts = (surname, " ".join(filter(None, given)))
    is_latin = max(surname + parts[1]) < BEYOND_LATIN
    names = ("surname_latin", "given_names_latin") if is_latin else ("surname", "given_names")
    return role | dict(zip(names, parts, strict=True))


def _document(words: Words) -> Values:
    code, number = value(words, 0), value(words, 1)
    if code == VISA:
        return {"visa_number": number}
    return {"document_code": code, "document_type": DOCUMENTS.get(code, code), "document_number": number}


def _birthplace(words: Words) -> Values:
    return {"birth_country": value(words, 1), "birth_place": value(words, 1, 3)}


READERS: dict[tuple[str, str], Callable[[Words], Values]] = {
    ("NAD", ""): _name,
    ("DOC", ""): _document,
    ("ATT", "2"): lambda words: {"sex": value(words, 2)},
    ("NAT", "2"): lambda words: {"citizenship": value(words, 1)},
    ("GEI", "4"): lambda words: {"is_verified": VERIFIED[value(words, 1)]} if value(words, 1) in VERIFIED else {},
    ("LOC", "180"): _birthplace,
}


def _placed(column: str) -> Callable[[Words], Values]:
    return lambda words: {column: value(words, 1)}


def _referred(column: str) -> Callable[[Words], Values]:
    return lambda words: {column: value(words, 0, 1)}


READERS |= {("LOC", code): _placed(column) for code, column in PLACES.items() if code != "180"}
READERS |= {("RFF", code): _referred(column) for code, column in REFERENCES.items()}


def moment(text: str, form: str, business_date: str) -> tuple[str, str]:
    """Day and clock of a flight, local to the airport; a text that is no moment stays as it is and has no clock."""
    size = DIGITS.get(form, len(text))
    digits = text[:size] if form == "205" else text
    if not re.fullmatch(r"\d{10}|\d{12}", digits, re.ASCII) or len(digits) != size:
        return day(text, form, _later(business_date)), ""
    return day(digits[:-4], "", _later(business_date)), f"{digits[-4:-2]}:{digits[-2:]}"


def day(text: str, form: str, limit: str) -> str:
    """A day, month or year in ISO order; the century of a two-digit year is the last that keeps it within `limit`.

    A text of another form stays as it is; that it is no date is for the contract to say.
    """
    if not re.fullmatch(r"\d{4}|\d{6}|\d{8}", text, re.ASCII) or len(text) != DIGITS.get(form, len(text)):
        return text
    if form == "610":
        return f"{text[:4]}-{text[4:]}"
    if len(text) == 4:
        return text
    if len(text) == 8:
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    found = f"{limit[:2]}{text[:2]}-{text[2:4]}-{text[4:]}"
    return found if found <= limit else f"{int(limit[:2]) - 1}{found[2:]}"


def _later(iso_day: str) -> str:
    return f"{int(iso_day[:4]) + YEARS_AHEAD}{iso_day[4:]}"
