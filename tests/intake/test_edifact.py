"""Passenger lists in EDIFACT: what is read, what is held back, what is rejected whole."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydifact.control.characters import Characters
from pydifact.exceptions import EDISyntaxError
from pydifact.parser import Parser
from pydifact.segments import SegmentFactory
from pydifact.tokenizer import Tokenizer

from pipelines.intake.edifact_count import count_persons
from pipelines.intake.edifact_segments import DEFAULTS, UnreadableError, cut
from pipelines.intake.paxlst import day, flight_of, moment, person_of
from tests.intake.intake_world import Centre, Sent, sent, small_contract, visits
from tests.intake.interchanges import FEED, FLIGHT, edi, interchange, message, passenger, passengers_contract
from tests.intake.test_properties import FEW

PEOPLE = [passenger("SYNAQOV", f"TEST {letter}") for letter in "ABC"]
GOOD = interchange(message(PEOPLE))


@contextmanager
def new_centre() -> Iterator[Centre]:
    with tempfile.TemporaryDirectory() as folder:
        centre = Centre(Path(folder), {FEED: passengers_contract(), "visits": small_contract("visits")})
        yield centre
        centre.close()


def test_a_passenger_is_named_by_interchange_message_and_number() -> None:
    two = interchange(message(PEOPLE[:2]), message(PEOPLE[2:], "M2"))
    with new_centre() as centre:
        centre.load(edi(two, 3))
        assert centre.current(FEED).keys() == {"API1/M1/1", "API1/M1/2", "API1/M2/1"}
        assert centre.rows(f"SELECT DISTINCT flight, arrives_on::VARCHAR FROM raw.{FEED}") == [("KC912", "2026-03-02")]


def test_what_a_bad_passenger_said_is_kept_with_the_number_of_its_segment_and_the_others_are_accepted() -> None:
    people = [PEOPLE[0], [PEOPLE[1][0], "dtm+329:900517"], PEOPLE[2]]
    with new_centre() as centre:
        name = centre.land(edi(interchange(message(people)), 3))
        late = centre.land(edi(interchange(message([["NAD+FL+++A:B", "DTM+329:SOON"]])), 1, sequence=2))
        centre.load()
        assert centre.counts(name) == ("accepted", 2, 1, 0)
        held = f"SELECT row_ordinal, line_number, raw, reasons FROM intake.quarantine WHERE file_name = '{name}'"
        columns = centre.rows(held.replace(", raw", ""))
        assert columns == [(2, 14, ["segment_unreadable"])]
        assert centre.counts(late) == ("accepted", 0, 1, 0)
        assert centre.reasons(late) == ["not_a_date:birth_date"]


DAMAGES = {
    "interchange_cut": GOOD[: GOOD.index(b"UNZ")],
    "interchange_cut in a segment": GOOD[:-4],
    "interchange_cut in a message": interchange(message(PEOPLE)[:-1]),
    "control_count_mismatch of segments": GOOD.replace(b"UNT+22", b"UNT+21"),
    "control_count_mismatch of messages": GOOD.replace(b"UNZ+1", b"UNZ+2"),
    "control_reference_mismatch of a message": GOOD.replace(b"+M1'UNZ", b"+M9'UNZ"),
    "control_reference_mismatch of all": GOOD.replace(b"UNZ+1+API1", b"UNZ+1+API2"),
    "message_reference_twice": interchange(message(PEOPLE[:1]), message(PEOPLE[1:])),
    "message_type_unknown": interchange(message(PEOPLE, kind="PNRGOV:11:1:IA")),
    "message_version_unknown": interchange(message(PEOPLE, kind="PAXLST:D:98B:UN:IATA")),
    "syntax_unknown set": interchange(message(PEOPLE), syntax="SIRE:4"),
    "syntax_unknown version": interchange(message(PEOPLE), syntax="UNOA:9"),
    "charset_mismatch": interchange(message([passenger("ЖҰМА")]), encoding="utf-8"),
    "charset_mismatch of UTF-8": interchange(message([passenger("Ж")]), syntax="UNOY:4", encoding="cp1251"),
    "charset_mismatch of Latin": interchange(message([passenger("\x84")]), syntax="UNOC:3", encoding="latin-1"),
    "trailing_garbage": GOOD + GOOD[9:],
    "not_edifact": b"passenger_id,flight\n1,KC1\n",
    "separators_unusable": GOOD.replace(b"UNA:+.? '", b"UNA::.? '"),
    "flight_missing": interchange(message([], head=["BGM+745"])),
    "segment_misplaced": interchange(message(PEOPLE), ["BGM+745"]),
    "segment_unreadable": interchange(message(PEOPLE, head=[*FLIGHT, "LOC"])),
    "test_interchange": GOOD.replace(b"++APIS'", b"++APIS++++1'"),
    "reference_missing": interchange(message(PEOPLE), reference=""),
    "row_count_mismatch": interchange(message(PEOPLE[:2])),
}


SENT = {which: edi(content, 3, sequence=number) for number, (which, content) in enumerate(DAMAGES.items(), 1)}
FOREIGN = [sent(visits(A="x"), feed=FEED, sequence=900), edi(GOOD, 3, name="passengers_20260301_901.edi.gz")]
FOREIGN.append(replace(FOREIGN[1], feed="visits", name="visits_20260301_902.edi"))


@pytest.fixture(scope="module")
def judged() -> Iterator[Centre]:
    """A centre that has judged all damaged interchanges, in one load."""
    with new_centre() as centre:
        centre.load(*SENT.values(), *FOREIGN)
        yield centre


@pytest.mark.parametrize("which", DAMAGES)
def test_an_interchange_that_contradicts_itself_is_rejected_whole(judged: Centre, which: str) -> None:
    row = judged.verdict(SENT[which].file_name)
    assert (row["state"], row["reason"]) == ("rejected", which.partition(" ")[0])
    assert "SYNAQOV" not in row["message"]


def test_groups_lines_and_other_character_sets_are_read() -> None:
    grouped = ["UNG+PAXLST+KC:ZZ+MIC:ZZ+260301:2000+7+UN+D:12B", *message(PEOPLE), "UNE+1+7"]
    cyrillic = message([passenger("ЖҰМАБЕКОВ".replace("Ұ", "У"), "ТЕСТ")])
    with new_centre() as centre:
        names = [
            centre.land(edi(interchange(grouped), 3)),
            centre.land(edi(interchange(message(PEOPLE), end="'\r\n", reference="API2"), 3, sequence=2)),
            centre.land(
                edi(interchange(cyrillic, syntax="UNOE:3", encoding="iso8859-5", reference="A3"), 1, sequence=3)
            ),
            centre.land(edi(interchange(cyrillic, syntax="UNOY:4", encoding="utf-8", reference="A4"), 1, sequence=4)),
        ]
        centre.load()
        assert [centre.verdict(name)["state"] for name in names] == ["accepted"] * 4
        assert [centre.verdict(name)["encoding"] for name in names] == ["ascii", "ascii", "iso8859-5", "utf-8"]


@pytest.mark.parametrize("delivery", FOREIGN, ids=lambda delivery: delivery.file_name)
def test_a_feed_takes_the_formats_of_its_contract_alone(judged: Centre, delivery: Sent) -> None:
    assert judged.verdict(delivery.file_name)["reason"] == "bad_name"


@settings(FEW, max_examples=40)
@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1), st.text("?+:'UNA", min_size=1))
def test_names_are_read_as_they_were_written(surname: str, given_names: str) -> None:
    found = cut(interchange(message([passenger(surname, given_names)]), syntax="UNOY:4", encoding="utf-8"))
    words = [(piece.tag, piece.raw, found.words(piece.raw)) for piece in found.pieces[9:13]]
    told = person_of(words, "2026-03-01")
    assert surname in (told.get("surname"), told.get("surname_latin"))
    assert given_names in (told.get("given_names"), told.get("given_names_latin"))
    assert count_persons(interchange(message([passenger(surname, given_names)]), encoding="utf-8")) == 1


def read_by_pydifact(raw: str) -> list[list[str]] | None:
    """Words of a segment; nothing where pydifact finds none, or only a tag."""
    characters = Characters.from_str(DEFAULTS)
    try:
        tokens = Tokenizer().get_tokens(f"{raw}'", characters)
        ((tag, *elements),) = Parser(characters=characters).convert_tokens_to_raw_segments(tokens)
        if isinstance(tag, list) or not elements:
            return None
        found = SegmentFactory.create_segment(tag, *elements, validate=False).elements
    except (EDISyntaxError, ValueError):
        return None
    return [element if isinstance(element, list) else [element] for element in found]


@settings(FEW, max_examples=300)
@given(st.sampled_from(["NAD", "NAD:", "DTM+", ":LOC", "N:D", "nad", "NA", "É1D", "UNT", ""]), st.text("+:?AЖ .\n"))
def test_a_segment_is_split_as_pydifact_reads_it(tag: str, rest: str) -> None:
    whole = f"{tag}{rest}".lstrip(" \r\n")
    found = cut(interchange([f"{whole}A", "UNT+1+1"], syntax="UNOY:4", encoding="utf-8"))
    piece = found.pieces[1]
    assert piece.raw == f"{whole}A" and [other.number for other in found.pieces] == [1, 2, 3, 4]
    try:
        assert found.words(piece.raw) == read_by_pydifact(piece.raw)
    except UnreadableError:
        assert read_by_pydifact(piece.raw) is None


@settings(FEW, max_examples=1)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(1, 255)), min_size=50, max_size=50))
def test_a_flipped_bit_never_loses_a_passenger(flips: list[tuple[int, int]]) -> None:
    with new_centre() as centre:
        names = []
        for number, (place, mask) in enumerate(flips, 1):
            content = bytearray(GOOD)
            content[place] ^= mask
            names.append(centre.land(edi(bytes(content), 3, sequence=number)))
        centre.load()
        for row in map(centre.verdict, names):
            parts = row["rows_accepted"] + row["rows_quarantined"] + row["rows_repeated"]
            assert (row["state"], parts) in (("accepted", 3), ("rejected", 0)), row


def test_two_digit_years_take_the_last_century_that_fits() -> None:
    assert [day(text, "", "2026-03-01") for text in ("900517", "260301", "260302")] == [
        "1990-05-17",
        "2026-03-01",
        "1926-03-02",
    ]
    assert [day(*pair, "2026-03-01") for pair in (("19900517", "102"), ("1990", "602"), ("199005", "610"))] == [
        "1990-05-17",
        "1990",
        "1990-05",
    ]
    assert day("SOON", "101", "2026-03-01") == "SOON"


def test_moments_of_flights_are_clocks_at_the_airport() -> None:
    assert moment("2603012330", "201", "2026-03-01") == ("2026-03-01", "23:30")
    assert moment("202603012330Z0010", "205", "2026-03-01") == ("2026-03-01", "23:30")
    assert moment("20260301", "102", "2026-03-01") == ("2026-03-01", "")
    assert moment("LATER", "201", "2026-03-01") == ("LATER", "")


def legs(*segments: str) -> dict[str, str]:
    found = cut(interchange(["UNH+1+PAXLST:D:12B", *segments, "UNT"]))
    return flight_of([(piece.tag, found.words(piece.raw)) for piece in found.pieces[2:-2]], "2026-03-01")


def test_the_flight_is_the_one_that_comes_to_the_border() -> None:
    told = legs(
        "TDT+20+TK1",
        "LOC+92+FRA",
        "DTM+189:2603010800:201",
        "LOC+92+IST",
        "DTM+232:2603011200:201",
        "TDT+20+TK2+++TK",
        "LOC+125+IST",
        "DTM+189:2603012330:201",
        "LOC+87+ALA",
        "DTM+232:2603020710:201",
        "LOC+92+NQZ",
    )
    assert (told["flight"], told["departure_airport"], told["arrival_airport"]) == ("TK2", "IST", "ALA")
    assert (told["departs_on"], told["departs_clock"], told["arrives_on"]) == ("2026-03-01", "23:30", "2026-03-02")


def test_ports_of_call_are_the_ends_where_no_others_are_named() -> None:
    told = legs("TDT+20+TK1", "LOC+92+FRA", "DTM+189:2603010800:201", "LOC+92+IST", "DTM+232:2603011200:201")
    assert (told["departure_airport"], told["arrival_airport"], told["arrives_clock"]) == ("FRA", "IST", "12:00")


def person(*segments: str) -> dict[str, str]:
    found = cut(interchange(["UNH+1+PAXLST:D:12B", *segments, "UNT"]))
    return person_of([(piece.tag, piece.raw, found.words(piece.raw)) for piece in found.pieces[2:-2]], "2026-03-01")


def test_a_visa_is_no_second_document_and_what_no_column_tells_stays_together() -> None:
    told = person(
        "NAD+FL+++DOE:JANE:MARY",
        "LOC+180+GBR:::LONDON",
        "DOC+V+V123",
        "DTM+36:270101",
        "DOC+P:110:111+FA1",
        "DTM+36:300803",
        "LOC+91+GBR",
        "DOC+I+ID9",
        "DTM+36:310101",
        "FTX+BAG+++KC1",
    )
    assert (told["surname_latin"], told["given_names_latin"]) == ("DOE", "JANE MARY")
    assert (told["birth_country"], told["birth_place"]) == ("GBR", "LONDON")
    assert (told["visa_number"], told["document_type"], told["document_number"]) == ("V123", "P", "FA1")
    assert (told["document_expires"], told["document_state"]) == ("2030-08-03", "GBR")
    assert told["further_segments"] == "DTM+36:270101'DOC+I+ID9'DTM+36:310101'FTX+BAG+++KC1"


def test_a_name_of_one_part_is_the_whole_name() -> None:
    assert person("NAD+FM+++SOLO") == {"role": "FM", "full_name": "SOLO"}
