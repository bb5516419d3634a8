"""`mic explain` on a published home: who may ask, what is logged first, and what is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.audit.chain import entries
from pipelines.labels import LANGUAGES, label
from pipelines.storage import Home
from tests.persons.planted_world import CYRILLIC, PLANTED, WHY, mic
from tests.publication.published_world import opened, rows, settings_of

pytestmark = pytest.mark.slow
PAIR = ("border_crossings", "B-1", "stay_notifications", "N-1")
TWINS = ("border_crossings", "B-1", "border_crossings", "B-2")


def person_of(home: Path, record: str) -> str:
    with opened(home, "restricted") as connection:
        asked = f"SELECT person_id FROM registry.source_link WHERE record_id = '{record}'"
        ((person,),) = rows(connection, asked)
        return str(person)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_shows_both_sides_the_level_in_words_and_the_verdict(home: Path, language: str) -> None:
    shown = mic(home, "explain", *PAIR, *WHY, "--language", language)
    assert shown.exit_code == 0, shown.output
    for value in (PLANTED["given_names"], CYRILLIC["given_names"], person_of(home, "B-1"), "fs-3"):
        assert value in shown.stdout
    assert label("code.level.same", language) in shown.stdout
    assert label("code.link_verdict.accepted", language) in shown.stdout


def test_twins_are_told_apart_by_a_named_conflict(home: Path) -> None:
    found = json.loads(mic(home, "explain", *TWINS, *WHY, "--json").stdout)
    assert (found["verdict"], found["conflict"], found["is_one_person"]) == ("conflict", "iin", False)
    assert found["left"]["person_id"] == person_of(home, "B-1")
    assert found["right"]["person_id"] == person_of(home, "B-2")
    assert [link["colour"] for link in found["colours"]] == ["red"]


def test_a_look_is_in_the_log_before_it_is_answered_and_names_no_record(home: Path) -> None:
    assert mic(home, "explain", *TWINS, *WHY).exit_code == 0
    look, answer = [entry for _, entry in entries(Home(home).access_log)][-2:]
    assert (look["what"], look["command"], answer["what"]) == ("look", "explain", "answer")
    assert answer["persons"] == [person_of(home, "B-1"), person_of(home, "B-2")]
    assert "B-2" not in json.dumps(look)
    before = len(list(entries(Home(home).access_log)))
    missing = mic(home, "explain", "border_crossings", "B-1", "border_crossings", "B-99", *WHY)
    assert missing.exit_code == 1 and "second record" in missing.stderr and "B-99" not in missing.stderr
    assert len(list(entries(Home(home).access_log))) == before + 1, "the question is logged though there is no answer"


def test_without_purpose_nothing_is_shown_or_logged(home: Path) -> None:
    before = len(list(entries(Home(home).access_log)))
    assert mic(home, "explain", *PAIR).exit_code == 2
    assert len(list(entries(Home(home).access_log))) == before


def test_records_of_asylum_want_the_key_of_asylum_officers(home: Path, tmp_path: Path) -> None:
    asked = ("explain", "border_crossings", "B-1", "asylum_cases", "A-1", *WHY)
    assert mic(home, *asked).exit_code == 2
    (tmp_path / "wrong").write_text("another key", encoding="utf-8")
    wrong = mic(home, *asked, "--asylum-key", str(tmp_path / "wrong"))
    assert wrong.exit_code == 1 and "does not open" in wrong.stderr
    (tmp_path / "key").write_text(settings_of(home).keys["asylum"], encoding="utf-8")
    shown = mic(home, *asked, "--asylum-key", str(tmp_path / "key"))
    assert shown.exit_code == 0, shown.output
