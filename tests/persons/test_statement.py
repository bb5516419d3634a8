"""A statement holds every row of its person and nobody else's, and tells of asylum only to those who may know."""

from __future__ import annotations

import hashlib
import html
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipelines.audit.chain import entries
from pipelines.cli import main
from pipelines.contracts import load_contracts
from pipelines.labels import LANGUAGES, catalogue
from pipelines.persons.sections import LEFT_OUT, OTHER_PARTY, Section
from pipelines.persons.showing import Words, read_words, show
from pipelines.persons.statement import Statement, gather, may_be_minor
from pipelines.settings import CHECKOUT
from pipelines.storage import Home
from tests.persons.planted_world import (
    ASYLUM_CASE,
    CHILD,
    EMPLOYER,
    ETHNICITY,
    HOST,
    PLANTED,
    RECORDS,
    REFUGEE,
    RENEWED,
    TWIN,
    TWINS_OWN,
    WHY,
    found,
    mic,
    the,
)
from tests.publication.published_world import opened, rows, settings_of

TODAY = date(2026, 3, 2)
PERSON_TABLES = """SELECT table_name FROM duckdb_columns() WHERE database_name = 'p' AND schema_name = 'registry'
AND column_name = 'person_id' AND NOT ends_with(table_name, '_history')"""


def held(home: Path, person: dict[str, str], with_asylum: bool = True) -> Statement:
    person_id, log = the(home, person), Home(home).access_log
    with (
        opened(home, "restricted") as restricted,
        opened(home, "asylum", catalogue="a") as asylum,
        opened(home, "analysis") as analysis,
    ):
        restricted.execute("USE p")
        analysis.execute("USE p")
        return gather(restricted, asylum if with_asylum else None, analysis, log, person_id, TODAY)


def printed(home: Path, person: dict[str, str], *more: str) -> str:
    result = mic(home, "statement", the(home, person), "--language", "en", *more, *WHY)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def asylum_key(home: Path, tmp_path: Path) -> str:
    (tmp_path / "key").write_text(settings_of(home).keys["asylum"])
    return str(tmp_path / "key")


def test_every_row_of_every_table_about_the_person_is_in_it(home: Path) -> None:
    statement = held(home, PLANTED)
    shown = {section.name: len(section.rows) for section in statement.sections}
    for file in ("restricted", "asylum"):
        with opened(home, file) as connection:
            for (table,) in rows(connection, PERSON_TABLES):
                if table not in LEFT_OUT:
                    count = f"SELECT count(*) FROM registry.{table} WHERE person_id = '{statement.person_id}'"
                    assert [(shown[table],)] == rows(connection, count), table
    assert all(shown[part] for part in ("stay", "legal_status", "placement", "kandas_case", "refugee_case"))
    linked = {(row["feed"], row["record_id"]) for row in part(statement, "source_link")}
    assert linked == {(feed, record) for feed, records in RECORDS.items() for record in records}


def part(statement: Statement, name: str) -> list[dict[str, Any]]:
    (only,) = [section for section in statement.sections if section.name == name]
    return only.rows


def test_spellings_documents_and_what_links_them_are_shown(home: Path) -> None:
    text = printed(home, PLANTED)
    for value in ("PLANTOVA", "Плантова", "PLT1000001", "PLT2000009", PLANTED["iin"], "the same IIN", ETHNICITY, "R-1"):
        assert value in text
    assert {row["evidence"] for row in part(held(home, PLANTED), "link_evidence")} == {"document", "iin", "model"}
    assert [row["event"] for row in part(held(home, PLANTED), "link_event")] == ["created"]


@pytest.mark.parametrize("form", ["text", "html"])
def test_nothing_of_the_twin_is_in_it(form: str, home: Path, asylum_key: str) -> None:
    text = printed(home, PLANTED, "--format", form, "--asylum-key", asylum_key)
    for value in (*TWINS_OWN.values(), the(home, TWIN), "B-2", "N-2", "L-2", "STR0000001", CHILD["document_number"]):
        assert value not in text


def test_days_used_and_left_are_those_of_the_query(home: Path) -> None:
    """Nine days before the permit, of the thirty that the rule allows."""
    told = [tuple(row.values()) for row in part(held(home, PLANTED), "stay_days")]
    with opened(home, "restricted") as restricted:
        ((key,),) = rows(
            restricted, f"SELECT person_key FROM p.registry.person_key WHERE person_id = '{the(home, PLANTED)}'"
        )
    with opened(home, "analysis") as analysis:
        analysis.execute("USE p")
        asked = f"SELECT counter, used, allowed, left_over, rule_id, act, clause FROM stay_days('{key}', '2026-01-31')"
        assert told == rows(analysis, asked)
    assert told[0] == ("entry", 9, 30, 21, "UZ-30", "Sample act N 1", "clause 2")
    assert told == [tuple(row.values()) for row in part(held(home, PLANTED, with_asylum=False), "stay_days")]
    text = " ".join(printed(home, PLANTED).split())
    assert "Counter: per entry; Days used: 9; Days allowed: 30; Days left: 21; Rule of stay: UZ-30" in text


def test_without_the_analysts_key_a_statement_says_that_days_are_left_out(home: Path) -> None:
    keys = {"MIC_REGISTRY_KEY": settings_of(home).keys["registry"]}
    asked = ["statement", the(home, PLANTED), "--language", "en", *WHY]
    result = CliRunner().invoke(main, asked, env={"MIC_HOME": str(home)} | keys)
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    assert "Days used and left are not shown" in text and "Days left:" not in text


def test_third_parties_are_shown_by_their_kind(home: Path) -> None:
    text = printed(home, PLANTED)
    assert EMPLOYER not in text and HOST not in text and "KF-SECRET" not in text
    assert part(held(home, PLANTED), "enforcement_case")[0]["employer_bin"] == OTHER_PARTY
    assert "Employer: an employer" in " ".join(text.split())


def test_each_record_is_shown_whole_and_without_third_parties_when_asked(home: Path, asylum_key: str) -> None:
    text, own = printed(home, PLANTED, "--records"), ("TRP-1", "LP-1", "B-3", "N-1", "labour_permits_20260131_001.csv")
    assert [value for value in own if value not in text] == []
    assert "TRP-1" not in printed(home, PLANTED), "the registry does not hold the number of a permit"
    for value in (EMPLOYER, HOST, "KF-SECRET", ASYLUM_CASE, *TWINS_OWN.values(), "LP-2"):
        assert value not in text
    assert ASYLUM_CASE in printed(home, PLANTED, "--records", "--asylum-key", asylum_key)


def test_every_column_that_agencies_deliver_about_persons_has_a_name_in_three_languages() -> None:
    contracts = load_contracts(CHECKOUT / "sources").values()
    columns = {column.name for contract in contracts if contract.identity_block for column in contract.columns}
    assert sorted(name for name in columns if f"column.{name}" not in catalogue()) == []


def test_asylum_is_told_only_with_the_key_and_its_absence_tells_nothing(home: Path, asylum_key: str) -> None:
    without, withheld = printed(home, PLANTED), "are not shown in this copy"
    assert ASYLUM_CASE in printed(home, PLANTED, "--asylum-key", asylum_key)
    assert withheld in " ".join(without.split())
    assert withheld in " ".join(printed(home, TWIN).split()), "said to everybody"
    assert not re.search(r"asylum (seeker|case)|A-1\b|2026-01-21", without, re.IGNORECASE)
    names = [[section.name for section in held(home, person, False).sections] for person in (PLANTED, TWIN)]
    assert names[0] == names[1]


def test_what_asylum_alone_says_and_who_looked_for_protection_is_not_told_without_the_key(
    home: Path, asylum_key: str
) -> None:
    looked = ("statement", the(home, PLANTED), "--purpose", "protection", "--case", "P-7")
    assert mic(home, *looked, "--asylum-key", asylum_key).exit_code == 0
    told, without = (" ".join(printed(home, PLANTED, *key).split()) for key in (("--asylum-key", asylum_key), ()))
    for value in ("Afghanistan", "P-7", "case of asylum or statelessness"):
        assert value in told and value not in without, value


def test_whom_asylum_alone_tells_of_is_nobody_without_the_key(home: Path, asylum_key: str) -> None:
    asked = ("--document", REFUGEE["document_number"])
    assert found(home, *asked) == [] and found(home, "--name", "Refugov", "--born", REFUGEE["birth_date"]) == []
    (refugee,) = (row["person_id"] for row in found(home, *asked, "--asylum-key", asylum_key))
    answers = [mic(home, "statement", person, "--language", "en", *WHY) for person in (refugee, "a" * 16)]
    assert [(answer.exit_code, answer.stdout) for answer in answers] == [(1, "")] * 2
    assert answers[0].stderr == answers[1].stderr
    told = mic(home, "statement", refugee, "--language", "en", "--asylum-key", asylum_key, *WHY)
    assert told.exit_code == 0 and "AC-REFUGEE-1" in told.stdout


def test_a_wrong_asylum_key_shows_nothing(home: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("another")
    result = mic(home, "statement", the(home, PLANTED), "--asylum-key", str(tmp_path / "key"), *WHY)
    assert (result.exit_code, result.stdout) == (1, "")


def test_the_statement_of_a_minor_goes_to_the_guardian(home: Path) -> None:
    refused = mic(home, "statement", the(home, CHILD), *WHY)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert CHILD["document_number"] in printed(home, CHILD, "--guardian")


@pytest.mark.parametrize(
    ("born", "is_minor"),
    [
        ("2008-03-02", False),
        ("2008-03-03", True),
        ("2008-03", True),
        ("2008-02", False),
        ("2007", False),
        ("2008", True),
    ],
)
def test_a_partial_birth_date_is_taken_as_late_as_it_may_be(born: str, is_minor: bool) -> None:
    assert may_be_minor(born, TODAY) is is_minor


@pytest.mark.parametrize(
    ("born", "today", "is_minor"),
    [
        ("2008-02-29", date(2026, 2, 27), True),
        ("2008-02-29", date(2026, 2, 28), False),
        ("2008-03-01", date(2026, 2, 28), True),
        ("2006-02-28", date(2024, 2, 28), False),
        ("2006-03-01", date(2024, 2, 29), True),
    ],
)
def test_who_was_born_on_29_february_is_of_age_on_the_28th(born: str, today: date, is_minor: bool) -> None:
    assert may_be_minor(born, today) is is_minor


def test_who_looked_is_told_and_what_was_handed_out_is_logged(home: Path) -> None:
    text = printed(home, RENEWED)
    assert "Command: find" in text and "Case: 2026-118" in text
    answer = [entry for _, entry in entries(Home(home).access_log)][-1]
    handed = {"recipient": "person", "basis": "stay", "hash": hashlib.sha256(text.encode()).hexdigest()}
    assert answer["disclosed"] == handed
    assert answer["rows"] == held(home, RENEWED, False).rows - 1, "the find that the comparison needed came later"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_a_statement_stands_in_the_catalogue(language: str, home: Path) -> None:
    for section in held(home, PLANTED).sections:
        for key in (f"statement.{section.name}", *(f"column.{column}" for column in section.columns)):
            assert catalogue()[key][language], key
    text = printed(home, PLANTED, "--language", language)
    assert catalogue()["statement.title"][language].upper() in text


@pytest.mark.parametrize(
    ("language", "agency", "level"),
    [
        ("kk", "Ұлттық қауіпсіздік комитетінің Шекара қызметі", "Аты: бірдей"),
        ("ru", "Пограничная служба Комитета национальной безопасности", "Имя: совпадает точно"),
    ],
)
def test_agencies_levels_and_reasons_are_told_in_the_language_of_the_statement(
    language: str, agency: str, level: str, home: Path
) -> None:
    text = " ".join(printed(home, PLANTED, "--language", language).split())
    assert agency in text and level in text
    assert not re.search("Border Service|Ministry|new observations|: exact|: same|: residence", text)


def test_the_class_in_the_model_of_presence_is_told_in_words(home: Path) -> None:
    with opened(home, "aggregates") as aggregates:
        aggregates.execute("USE p")
        words = read_words(aggregates, load_contracts(CHECKOUT / "sources"), "ru")
    told = words.value("stay", "presence_class", "study:other:known")
    assert told == "учёба, документ другого государства, известен давно"


def test_the_page_is_whole_and_escapes_what_it_shows(home: Path) -> None:
    page = printed(home, PLANTED, "--format", "html")
    assert page.startswith("<!doctype html>") and page.endswith("</html>\n")
    assert "http" not in page.replace("http-equiv", "")
    assert html.escape("PLANTOVA") in page


def test_a_moment_is_told_by_the_clock_of_its_place() -> None:
    """Until March 2024 Oral kept UTC+5 and Almaty UTC+6."""
    at = datetime(2024, 1, 15, 10, 0, tzinfo=UTC)
    places: tuple[dict[str, str], ...] = ({"post_code": "TASKALA"}, {"kato": "751110000"}, {"post_code": "UNKNOWN"}, {})
    passages = [{"post_code": None, "kato": None, "event_at": at} | place for place in places]
    part = Section("record.border_crossings", ("event_at",), passages)
    words = Words("en", {}, {"TASKALA": "Asia/Oral", "27": "Asia/Oral", "75": "Asia/Almaty"})
    statement = Statement("P1", {"as_of": "", "release_id": ""}, False, [part], 0)
    told = re.findall("2024-01-15 [0-9:]+", show(statement, words, "text", datetime(2024, 3, 2, tzinfo=UTC)))
    assert told == ["2024-01-15 15:00", *["2024-01-15 16:00"] * 3]


def test_who_is_not_there_is_not_stated(home: Path) -> None:
    nobody = mic(home, "statement", "a" * 16, *WHY)
    assert (nobody.exit_code, nobody.stdout) == (1, "")
    assert "mic find" in nobody.stderr
    assert mic(home, "statement", "Planted Person", *WHY).exit_code == 2
    assert "Planted" not in Home(home).access_log.read_text()


def test_published_images_are_those_of_the_chain(home: Path) -> None:
    with opened(home, "restricted") as connection:
        assert rows(connection, "SELECT count(*) FROM audit.access") == [(0,)], "nobody had looked when it was made"
    status = json.loads(mic(home, "status", "--json").stdout)
    last = list(entries(Home(home).access_log))[-1][0]
    assert status["looks"] == {"count": last.count, "hash": last.hash}
