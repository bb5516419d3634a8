"""From the command of a steward to the persons of the next night: whole nights, and the commands as they are typed."""

from __future__ import annotations

import csv
import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.audit.chain import check, entries
from pipelines.comparison import compare
from pipelines.erasure import erase
from pipelines.nightly import run_nightly
from pipelines.rebuilding import rebuild
from pipelines.storage import Home, open_build
from pipelines.verification import verify
from tests.laws.nights import content, difference
from tests.persons.planted_world import iin, mic
from tests.publication.published_world import crossing, deliver, night, opened, rows, settings_of

pytestmark = pytest.mark.slow
WHY = ("--purpose", "stewardship", "--case", "S-1")
IIN = iin("90030530001")
BORN = {"birth_date": "1990-03-05", "sex": "M"}


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two persons, whom a third record joins in the second load, the first that is published."""
    home = tmp_path_factory.mktemp("merged")
    first_day(home)
    night(home, 1, publishes=False)
    second_day(home)
    night(home, 2)
    return home


def first_day(home: Path) -> None:
    rows = [crossing("E-1", "2026-01-01", "entry", "DOC1", **BORN)]
    rows.append(crossing("E-2", "2026-01-01", "entry", "DOC2", **BORN, iin=IIN))
    deliver(home, "border_crossings", date(2026, 1, 1), rows)


def second_day(home: Path) -> None:
    rows = [crossing("E-3", "2026-01-02", "exit", "DOC1", **BORN, iin=IIN)]
    deliver(home, "border_crossings", date(2026, 1, 2), rows)


def first_named(home: Path) -> dict[str, str]:
    """The person of each record as the first load knew it."""
    with open_build(settings_of(home), read_only=True) as connection:
        query = "SELECT record_id, person_id FROM registry.source_link_history WHERE known_from_seq = 1"
        return dict(rows(connection, query))


def persons(home: Path) -> dict[str, str]:
    """The person of each record, as published."""
    with opened(home, "restricted") as connection:
        return dict(rows(connection, "SELECT record_id, person_id FROM registry.source_link WHERE feed LIKE 'border%'"))


def decided(home: Path, *arguments: str) -> list[dict[str, Any]]:
    """The decisions that a command writes."""
    result = mic(home, *arguments, *WHY, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    with Path(told["delivery"]).open(encoding="utf-8") as file:
        written = list(csv.DictReader(file))
    assert told["decisions"] == len(written)
    return written


def test_whoever_is_erased_is_gone_under_former_ids_too(merged: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(merged, home, symlinks=True)
    known = {*persons(home).values(), *first_named(home).values()}
    assert len(known) == 2, "one id went into the other"
    erase(settings_of(home), [persons(home)["E-1"]], "court", "2026-118", "by the order of the court")
    assert persons(home) == {}
    with open_build(settings_of(home), read_only=True) as connection:
        query = "SELECT table_schema, table_name FROM information_schema.columns WHERE column_name = 'person_id'"
        for schema, table in rows(connection, query):
            left = {person for (person,) in rows(connection, f"SELECT person_id FROM {schema}.{table}")}
            assert left & known == set(), f"{schema}.{table}"


@pytest.mark.faults
def test_who_was_mixed_up_with_somebody_erased_stays_and_a_rebuild_agrees(merged: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(merged, home, symlinks=True)
    decided(home, "unmerge", persons(home)["E-1"], "--load", "2")
    run_nightly(settings_of(home))
    before = persons(home)
    assert before["E-1"] != before["E-2"]
    erase(settings_of(home), [before["E-1"]], "court", "2026-118", "by the order of the court")
    assert persons(home).items() <= before.items() and before["E-2"] in persons(home).values()
    assert [found for found in verify(settings_of(home)) if not found.holds] == [], "nobody else has lost a stay"
    rebuilt = rebuild(settings_of(home), 3, tmp_path / "rebuilt")
    assert compare(settings_of(home), rebuilt).problems == []


def test_a_merge_is_undone_by_the_next_night_and_made_again_by_a_verdict(merged: Path, tmp_path: Path) -> None:
    before = persons(merged)
    assert len(set(before.values())) == 1
    with opened(merged, "restricted") as connection:
        ((former,),) = rows(connection, "SELECT other_person_id FROM registry.link_event WHERE event = 'merged'")
    gone = mic(merged, "statement", former, *WHY)
    assert gone.exit_code == 1 and f"ask for {before['E-1']}" in gone.stderr
    for wrong, told in (("1", "merges in load 2"), ("7", "merges in load 2")):
        refused = mic(merged, "unmerge", before["E-1"], "--load", wrong, *WHY)
        assert refused.exit_code == 2
        assert told in refused.stderr
    (decision,) = decided(merged, "unmerge", before["E-1"], "--load", "2")
    assert (decision["left_record_id"], decision["right_record_id"]) in (("E-1", "E-2"), ("E-2", "E-1"))
    assert (decision["verdict"], decision["reason"]) == ("different", "undoes the merge of load 2")
    shutil.copytree(merged / "landing" / "steward_decisions", tmp_path / "landing" / "steward_decisions")
    run_nightly(settings_of(merged))
    parted = persons(merged)
    assert parted["E-1"] != parted["E-2"]
    former_ids = first_named(merged)
    assert {record: parted[record] for record in former_ids} == former_ids, "the ids of before come back"
    first_day(tmp_path)
    second_day(tmp_path)
    run_nightly(settings_of(tmp_path), publishes=False)
    assert difference(content(merged), content(tmp_path)) == [], "as if they had never been joined"
    pair = mic(merged, "review", parted["E-1"], parted["E-2"], *WHY, "--json")
    assert {"field": "document_number", "left": ["DOC1"], "right": ["DOC1", "DOC2"]} in json.loads(pair.stdout)[
        "fields"
    ]
    again = decided(merged, "review", parted["E-1"], parted["E-2"], "--verdict", "same", "--reason", "seen both")
    assert {row["verdict"] for row in again} == {"same"}
    run_nightly(settings_of(merged))
    assert len(set(persons(merged).values())) == 1
    looks = [entry for _, entry in entries(Home(merged).access_log) if entry["what"] == "look"]
    assert [look["command"] for look in looks] == ["statement", *["unmerge"] * 3, *["review"] * 2]
    assert check(Home(merged).access_log).problems == []
    with opened(merged, "restricted") as connection:
        assert rows(connection, "SELECT count(DISTINCT number) FROM audit.access") == [(6,)]
    with opened(merged, "aggregates") as connection:
        counted = rows(connection, "SELECT purpose, command, looks FROM quality.access ORDER BY command")
        assert [(command, looks) for _, command, looks in counted] == [("review", 2), ("statement", 1), ("unmerge", 3)]


@pytest.mark.parametrize(
    "arguments",
    [
        ("review",),
        ("review", "a" * 16, *WHY),
        ("review", "Name", "Other", *WHY),
        ("review", "--verdict", "same", "--reason", "r", *WHY),
        ("review", "a" * 16, "b" * 16, "--verdict", "same", *WHY),
        ("review", "--item", "2", *WHY),
        ("review", "a" * 16, "b" * 16, "--sample", "6", *WHY),
        ("review", "--sample", "6", "--verdict", "same", "--reason", "r", *WHY),
        ("unmerge", "a" * 16, *WHY),
        ("unmerge", "a" * 16, "--load", "2"),
    ],
)
def test_wrong_use_is_told_and_logs_nothing(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert mic(tmp_path, *arguments).exit_code == 2
    assert not Home(tmp_path).access_log.exists()


def test_a_sample_is_shown_without_the_word_of_the_model_and_takes_verdicts_like_the_queue(merged: Path) -> None:
    shown = mic(merged, "review", "--sample", "6", *WHY, "--json")
    assert shown.exit_code == 0, shown.output
    pairs = json.loads(shown.stdout)
    assert [pair["item"] for pair in pairs] == [*range(1, len(pairs) + 1)] and pairs
    assert {name.split("_")[0] for name in pairs[0]} == {"item", "left", "right"}
    fields = json.loads(mic(merged, "review", "--sample", "6", "--item", "1", *WHY, "--json").stdout)
    assert {"field": "birth_date", "left": "1990-03-05", "right": "1990-03-05"} in fields
    judged = ("review", "--sample", "6", "--item", "1", "--verdict", "same", "--reason", "seen both")
    (decision,) = decided(merged, *judged)
    assert re.fullmatch(
        r"sample load=\d seed=1 stratum=(near|far|rejected) near=\d far=\d: seen both", decision["reason"]
    )
    last = [entry for _, entry in entries(Home(merged).access_log)][-3:]
    assert all("persons" not in entry or len(entry["persons"]) <= 2 for entry in last)
    assert mic(merged, "review", "--sample", "6", "--item", "9", *WHY).exit_code == 2
