"""Whom `mic find` shows, in what order, and what it leaves in the log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.audit.chain import check, entries
from pipelines.reporting import write_night
from pipelines.storage import Home, faults
from tests.persons.planted_world import CHILD, CYRILLIC, PLANTED, RENEWED, TWIN, WHY, found, mic, the
from tests.publication.published_world import settings_of


def test_a_number_finds_its_person_however_it_is_written(home: Path) -> None:
    (row,) = found(home, "--document", "plt 1000-001")
    assert (row["fit"], row["birth_dates"], row["citizenships"]) == (100, [PLANTED["birth_date"]], ["UZB"])
    assert {"P PLT1000001 UZB", "P PLT2000009 UZB"} <= set(row["documents"]), "both passports of the person"
    assert {"PLANTOVA ZARINA", "Плантова Зарина Олеговна"} <= set(row["names"])
    assert found(home, "--document", "рLТ1000001") == [row], "two letters of it typed in Cyrillic"


def test_a_number_that_nobody_has_finds_those_one_slip_away(home: Path) -> None:
    assert [(row["fit"], row["person_id"]) for row in found(home, "--document", "PLT2000008")] == [
        (75, the(home, RENEWED))
    ]
    assert found(home, "--document", "QQQ9999999") == []


def test_an_iin_finds_its_person_and_not_the_twin(home: Path) -> None:
    assert [row["person_id"] for row in found(home, "--iin", PLANTED["iin"])] == [the(home, PLANTED)]


@pytest.mark.parametrize("name", ["Зарина Плантова", "PLANTOVA ZARINA", "Плантова Зарина Олеговна", "Plantowa Zarina"])
def test_a_name_in_another_script_ranks_its_person_before_the_twin(name: str, home: Path) -> None:
    rows = found(home, "--name", name, "--born", PLANTED["birth_date"])
    assert [row["person_id"] for row in rows] == [the(home, PLANTED), the(home, TWIN)]
    assert rows[0]["fit"] > rows[1]["fit"]


def test_a_birth_date_may_be_partial_swapped_or_mistyped_and_costs_fit(home: Path) -> None:
    fits = []
    for born in ("1990-04-12", "1990", "1990-12-04", "1990-04-13", "1991-05-20"):
        rows = found(home, "--name", "Зарина Плантова", "--born", born)
        fits.append(rows[0]["fit"] if rows else None)
    assert fits == [100, 95, 85, 80, None]


def test_a_look_names_no_one_in_clear(home: Path) -> None:
    before = check(Home(home).access_log).head.count
    found(home, "--name", CYRILLIC["surname"], "--born", CHILD["birth_date"])
    found(home, "--iin", PLANTED["iin"])
    look, answer = [entry for head, entry in entries(Home(home).access_log) if head.count > before][-2:]
    assert (look["command"], look["purpose"], look["case"]) == ("find", "stay", "2026-118")
    assert (answer["rows"], answer["persons"]) == (1, [the(home, PLANTED)])
    logged = Home(home).access_log.read_text(encoding="utf-8")
    for told in (CYRILLIC["surname"], PLANTED["surname"], PLANTED["iin"], PLANTED["document_number"], "1990-04-12"):
        assert told not in logged
    assert check(Home(home).access_log).problems == []


@pytest.mark.parametrize(
    "asked",
    [
        (),
        ("--name", "Зарина"),
        ("--born", "1990"),
        ("--iin", "1", "--document", "2"),
        ("--name", "Зарина", "--born", "12.04.1990"),
        ("--name", "Зарина", "--born", "1990-13-04"),
        ("--iin", "90041230012"),
    ],
)
def test_a_question_that_is_none_is_wrong_use_and_no_look(asked: tuple[str, ...], home: Path) -> None:
    before = check(Home(home).access_log).head
    assert mic(home, "find", *asked, *WHY).exit_code == 2
    assert mic(home, "find", "--iin", "1").exit_code == 2
    assert check(Home(home).access_log).head == before


def test_what_cannot_be_logged_is_not_answered(home: Path) -> None:
    log = Home(home).access_log
    log.rename(log.with_name("aside"))
    log.mkdir()
    try:
        for asked in (
            ("find", "--iin", PLANTED["iin"]),
            ("sql", "--restricted", "SELECT surname FROM registry.identity"),
            ("statement", "a" * 16),
            ("review",),
            ("review", "a" * 16, "b" * 16),
            ("review", "a" * 16, "b" * 16, "--verdict", "same", "--reason", "seen"),
            ("unmerge", "a" * 16, "--load", "1"),
        ):
            result = mic(home, *asked, *WHY)
            assert result.exit_code == 1
            assert "not answered" in result.stderr
            assert PLANTED["surname"] not in result.output
    finally:
        log.rmdir()
        log.with_name("aside").rename(log)


@pytest.mark.parametrize("point", ["audit.write:1", "audit.fsync:1", "audit.write:2", "audit.fsync:2"])
def test_neither_look_nor_answer_passes_a_disk_that_does_not_take_its_line(point: str, home: Path) -> None:
    faults.arm(f"{point}:full")
    try:
        result = mic(home, "find", "--iin", PLANTED["iin"], *WHY)
    finally:
        faults.arm("")
    assert result.exit_code == 1
    assert "not answered" in result.stderr
    assert PLANTED["surname"] not in result.output
    assert found(home, "--iin", PLANTED["iin"]) != []
    assert check(Home(home).access_log).problems == []


def test_verify_compares_the_log_with_the_head_that_was_kept(home: Path) -> None:
    found(home, "--iin", PLANTED["iin"])
    log = Home(home).access_log
    whole, looks = log.read_bytes(), json.loads(mic(home, "status", "--json").stdout)["looks"]
    kept = ("--count", str(looks["count"]), "--head", looks["hash"])

    def told(*arguments: str) -> list[dict[str, Any]]:
        result = mic(home, "verify", "--json", *arguments)
        (of_looks,) = [one for one in json.loads(result.stdout) if "looks" in one["name"]]
        assert result.exit_code == (0 if of_looks["holds"] else 1)
        return list(of_looks["problems"])

    assert told(*kept) == []
    try:
        log.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
        assert told() == [] and told(*kept) != [] and told("--count", str(looks["count"])) != []
        log.write_bytes(whole.replace(b'"who"', b'"Who"', 1))
        assert told() != []
    finally:
        log.write_bytes(whole)


def test_a_log_that_is_not_whole_is_told_by_the_next_night_and_stops_nothing(home: Path) -> None:
    found(home, "--iin", PLANTED["iin"])
    log = Home(home).access_log
    whole = log.read_bytes()
    try:
        log.write_bytes(whole.replace(b'"who"', b'"Who"', 1))
        write_night(settings_of(home))
        matters = json.loads(mic(home, "status", "--json", "--language", "ru").stdout)["matters"]
        assert [matter["kind"] for matter in matters][:1] == ["looks"]
        assert "mic verify" in matters[0]["what_to_do"]
    finally:
        log.write_bytes(whole)
    write_night(settings_of(home))
    assert "looks" not in [one["kind"] for one in json.loads(mic(home, "status", "--json").stdout)["matters"]]


def test_a_restricted_query_is_logged_by_its_hash_and_reads_nothing_else(home: Path) -> None:
    query = f"SELECT person_id FROM registry.identity WHERE iin = '{PLANTED['iin']}'"
    result = mic(home, "sql", "--restricted", *WHY, "--json", query)
    assert {row["person_id"] for row in json.loads(result.stdout)} == {the(home, PLANTED)}
    assert PLANTED["iin"] not in Home(home).access_log.read_text()
    for harm in (
        "SELECT * FROM read_text('/etc/hostname')",
        "SET enable_external_access = true",
        "DELETE FROM registry.identity_history",
    ):
        assert mic(home, "sql", "--restricted", *WHY, harm).exit_code == 1
    assert mic(home, "sql", "--restricted", "--analysis", *WHY, "SELECT 1").exit_code == 2


def test_asylum_officers_ask_their_file_by_their_key_and_each_query_is_logged(home: Path, tmp_path: Path) -> None:
    """An order of expulsion four days after the claim is theirs to see, and nobody else's."""
    key = tmp_path / "asylum.key"
    key.write_text(str(settings_of(home).keys["asylum"]))
    query = "SELECT person_id, ground, event, record_id FROM registry.protection_conflict"
    before = check(Home(home).access_log).head
    result = mic(home, "sql", "--asylum-key", str(key), *WHY, "--json", query)
    assert json.loads(result.stdout) == [
        {"person_id": the(home, PLANTED), "ground": "asylum_claim", "event": "expulsion_ordered", "record_id": "F-2"}
    ]
    assert check(Home(home).access_log).head != before
    assert mic(home, "sql", "--asylum-key", str(key), query).exit_code == 2
    for other in ("--restricted", "--analysis"):
        assert mic(home, "sql", other, *WHY, query).exit_code == 1
    key.write_text("not the key")
    assert mic(home, "sql", "--asylum-key", str(key), *WHY, query).exit_code == 1
