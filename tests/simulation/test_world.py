"""Facts about a delivered world: its files, its truth, and that the seed decides everything."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet

from pipelines.contracts import load_contracts
from pipelines.simulation.names import SCRIPTS, load_names
from tests.identification_numbers import has_valid_check_digit, iin_birth_and_sex
from tests.simulation.simulated_world import SMALL, SOURCES, Simulated, deliver

MANIFEST = ".manifest.json"


def rows_of(path: Path) -> list[dict[str, str]]:
    """Rows of a csv.gz delivery."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def crossings(world: Simulated, sequence: str = "001") -> list[dict[str, str]]:
    """All rows of `border_crossings` of one sequence."""
    files = sorted((world.landing / "border_crossings").glob(f"*_{sequence}.csv.gz"))
    return [row for file in files for row in rows_of(file)]


def truth_of(world: Simulated, name: str) -> list[dict[str, object]]:
    """Rows of a table of the truth."""
    rows: list[dict[str, object]] = pyarrow.parquet.read_table(world.truth / f"{name}.parquet").to_pylist()
    return rows


def contents(world: Simulated) -> dict[str, str]:
    """Hash of every delivered file by its place."""
    files = (file for file in world.landing.rglob("*") if file.is_file())
    return {str(file.relative_to(world.landing)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_every_data_file_has_a_manifest_that_fits_it(small_world: Simulated) -> None:
    files = [file for file in small_world.landing.rglob("*") if file.is_file() and not file.name.endswith(MANIFEST)]
    assert files
    for file in files:
        manifest = json.loads(file.with_name(file.name + MANIFEST).read_text(encoding="utf-8"))
        assert manifest["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
        assert file.name.startswith(f"{manifest['feed']}_{manifest['business_date'].replace('-', '')}_")
        if file.name.endswith(".csv.gz"):
            assert manifest["rows"] == len(rows_of(file))


def test_every_feed_with_a_generator_or_a_register_delivers(small_world: Simulated) -> None:
    delivered = {folder.name for folder in small_world.landing.iterdir()}
    contracts = load_contracts(SOURCES).values()
    due = {c.feed for c in contracts if c.simulation.generator or (SOURCES / c.feed / "real.csv").exists()}
    assert due <= delivered


def test_columns_are_those_of_the_contract(small_world: Simulated) -> None:
    known = {column.name for column in load_contracts(SOURCES)["border_crossings"].columns}
    assert set(crossings(small_world)[0]) <= known


def test_the_same_seed_gives_the_same_files(small_world: Simulated, tmp_path: Path) -> None:
    assert contents(deliver(SMALL, tmp_path)) == contents(small_world)


def test_another_seed_gives_other_crossings(small_world: Simulated, tmp_path: Path) -> None:
    other = deliver(replace(SMALL, seed=8, days=5), tmp_path)
    assert crossings(other)[0]["document_number"] != crossings(small_world)[0]["document_number"]


def test_the_truth_names_the_person_of_every_record_once(small_world: Simulated) -> None:
    truth = [row for row in truth_of(small_world, "record_truth") if row["feed"] == "border_crossings"]
    owners = {row["record_id"]: row["person_no"] for row in truth}
    assert len(owners) == len(truth)
    assert {row["event_id"] for row in crossings(small_world)} == set(owners)
    persons = {row["person_no"] for row in truth_of(small_world, "persons")}
    assert set(owners.values()) <= persons


def test_record_ids_repeat_only_with_the_same_content(small_world: Simulated) -> None:
    contents_by_id: dict[str, set[tuple[str, ...]]] = {}
    for row in crossings(small_world) + crossings(small_world, "003"):
        contents_by_id.setdefault(row["event_id"], set()).add(tuple(row.values()))
    assert all(len(versions) == 1 for versions in contents_by_id.values())


def test_corrections_replace_records_that_were_delivered(small_world: Simulated) -> None:
    first = {row["event_id"] for row in crossings(small_world)}
    corrected = [row["event_id"] for row in crossings(small_world, "002")]
    assert corrected
    assert set(corrected) <= first


def test_identification_numbers_fit_check_digit_birth_and_sex(small_world: Simulated) -> None:
    persons = [row for row in truth_of(small_world, "persons") if row["iin"]]
    numbers = [str(row["iin"]) for row in persons]
    assert len(set(numbers)) == len(numbers) > 100
    for row, number in zip(persons, numbers, strict=True):
        stated = iin_birth_and_sex(number)
        assert has_valid_check_digit(number)
        assert stated is not None
        assert stated[0].isoformat().startswith(str(row["birth_date"]))
        assert stated[1] == row["sex"]


def test_names_come_from_the_lists_and_numbers_from_ranges_not_in_use(small_world: Simulated) -> None:
    book = load_names()
    surnames = set(book.surname.texts["latin"].to_pylist())
    given = set(book.given.texts["latin"].to_pylist())
    for row in truth_of(small_world, "persons"):
        assert row["surname_latin"] in surnames
        assert row["given_names_latin"] in given
        assert not row["iin"] or str(row["iin"])[7] == "9"


def test_a_state_of_many_persons_has_many_surnames_spelled_alike_in_all_scripts() -> None:
    few, many = load_names(), load_names(are_many=True)
    uzbek = np.full(50_000, few.lists.index("uz"))
    women = np.ones_like(uzbek)
    numbers = {len(set(book.surname.pick(np.random.default_rng(1), uzbek, women).tolist())) for book in (few, many)}
    assert min(numbers) == 100
    assert max(numbers) == 1_600
    third = np.array([100 * 3 + 7]), np.array([few.lists.index("uz")]), np.array([1])
    told = [many.surname.spelled(script, third[1], third[2], third[0])[0].as_py() for script in SCRIPTS]
    plain = [few.surname.spelled(script, third[1], third[2], np.array([7]))[0].as_py() for script in SCRIPTS]
    assert told == ["Tosh" + plain[0].lower(), "Тош" + plain[1].lower(), "TOSH" + plain[2]]
    assert many.surname.spelled("latin", third[1], third[2], np.array([7]))[0].as_py() == plain[2]


def test_travel_documents_are_of_one_person(small_world: Simulated) -> None:
    persons = truth_of(small_world, "persons")
    owners = Counter(number for row in persons for number in {row["first_document"], row["last_document"]})
    assert max(owners.values()) == 1


def test_planted_errors_stand_on_the_line_that_the_truth_names(small_world: Simulated) -> None:
    planted = [row for row in truth_of(small_world, "planted") if row["feed"] == "border_crossings"]
    assert planted
    for error in planted:
        rows = rows_of(small_world.landing / "border_crossings" / str(error["file"]))
        row = rows[int(str(error["line"])) - 2]
        assert row["event_id"] == error["record_id"]
        if error["kind"] == "identity_missing":
            assert not row["surname_latin"] and not row["document_number"] and not row["iin"]


def test_nobody_leaves_before_entering_and_nobody_is_inside_twice(small_world: Simulated) -> None:
    stays = pyarrow.parquet.read_table(small_world.truth / "stays.parquet")
    assert pc.all(pc.greater(stays["left_at"], stays["entered_at"])).as_py()
    ordered = sorted(zip(*(stays[c].to_pylist() for c in ("person_no", "entered_at", "left_at")), strict=True))
    for (person, _, left), (following, entered, _) in pairwise(ordered):
        assert person != following or left <= entered


def test_nobody_is_recorded_before_birth(small_world: Simulated) -> None:
    planted = {row["record_id"] for row in truth_of(small_world, "planted")}
    for row in crossings(small_world):
        if row["event_id"] not in planted and row["birth_date"]:
            assert row["birth_date"] <= row["event_at"]


def test_notifications_are_windows_1251_with_semicolons(small_world: Simulated) -> None:
    file = sorted((small_world.landing / "stay_notifications").glob("*_001.csv"))[0]
    text = file.read_bytes().decode("windows-1251")
    assert len(text.splitlines()[0].split(";")) > 10
    assert any("а" <= letter <= "я" for letter in text.lower())
