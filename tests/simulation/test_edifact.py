"""Passenger lists that the simulator writes are read as they were meant."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.intake.edifact_count import count_persons
from pipelines.intake.paxlst import COLUMNS, Values
from pipelines.simulation.edifact import SHARED, write_interchange
from tests.contracts.sample_rows import rows_of

FEW = settings(derandomize=True, deadline=None, database=None, max_examples=60, suppress_health_check=list(HealthCheck))
DAY = "2026-03-01"
FLIGHT: Values = {
    "list_type": "745",
    "flight": "KC912",
    "carrier": "KC",
    "departure_airport": "IST",
    "departs_on": "2026-03-01",
    "departs_clock": "23:30",
    "arrival_airport": "ALA",
    "arrives_on": "2026-03-02",
    "arrives_clock": "07:10",
    "role": "FL",
}
NAMES = st.text(st.one_of(st.sampled_from("?+:'AUN"), st.characters(min_codepoint=33, max_codepoint=0x24F)), min_size=1)
DATES = st.dates(max_value=date(2076, 3, 1)).map(str)
BIRTHS = st.one_of(DATES, DATES.map(lambda text: text[:7]), DATES.map(lambda text: text[:4]))
PERSONS = st.fixed_dictionaries(
    {"surname_latin": NAMES, "given_names_latin": NAMES, "birth_date": BIRTHS},
    optional={
        "sex": st.sampled_from("MFU"),
        "citizenship": st.sampled_from(("UZB", "XXA")),
        "reservation": NAMES,
        "document_number": NAMES,
        "document_expires": DATES,
        "document_state": st.just("UZB"),
        "residence_country": st.just("TUR"),
    },
)


def written(people: list[Values], folder: Path) -> Path:
    path = folder / "list_20260301_001.edi"
    rows = [{name: person.get(name) for name in COLUMNS} for person in people]
    write_interchange(pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in COLUMNS])), path, DAY)
    return path


@FEW
@given(st.lists(st.lists(PERSONS, min_size=1, max_size=3), min_size=1, max_size=3))
def test_values_come_back_as_they_were(flights: list[list[Values]]) -> None:
    people = [
        FLIGHT | person | {"passenger_id": f"API1/F{flight}/{number}"}
        for flight, persons in enumerate(flights)
        for number, person in enumerate(persons, 1)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = written(people, Path(folder))
        assert count_persons(path.read_bytes()) == len(people)
        header, *rows = rows_of(path)
    for person, row in zip(people, rows, strict=True):
        found = dict(zip(header, row, strict=True))
        papers = {name for name in person if name.startswith("document_")} if "document_number" not in person else set()
        assert {name: found[name] for name in person.keys() - papers} == {
            name: value for name, value in person.items() if name not in papers
        }


def test_passengers_out_of_order_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not numbered from 1"):
        written([FLIGHT | {"passenger_id": "API1/F1/2"}], tmp_path)


def test_what_a_message_says_once_is_what_its_rows_share() -> None:
    assert {"passenger_id", *FLIGHT} - {"role"} == SHARED
