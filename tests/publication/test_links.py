"""Published files are opened through their links, and readers are never disturbed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.publication import publish
from tests.publication.published_world import add_load, opened, rows, settings_of

NAMES = ("restricted", "asylum", "analysis", "aggregates")
HAS_KEY = {"restricted", "asylum", "analysis"}
QUERY = "SELECT sum(value) FROM stock_on(DATE '2026-01-31')"


@pytest.mark.parametrize("name", NAMES)
def test_name_is_a_link_to_the_generation_of_the_load(two_nights: Path, name: str) -> None:
    link = two_nights / f"{name}.duckdb"
    assert link.is_symlink()
    assert link.readlink() == Path("generations") / f"{name}-2.duckdb"


def test_no_write_ahead_log_stands_beside_a_file(two_nights: Path) -> None:
    assert not [path for folder in (two_nights, two_nights / "generations") for path in folder.glob("*.wal")]


@pytest.mark.parametrize("catalogue", ["analysis", "published", "registry_of_today"])
def test_views_and_macros_work_by_the_link_and_directly_under_any_name(two_nights: Path, catalogue: str) -> None:
    answers = []
    for path in (two_nights / "analysis.duckdb", two_nights / "generations" / "analysis-2.duckdb"):
        with opened(two_nights, "analysis", path, catalogue) as connection:
            answers.append(rows(connection, QUERY) + rows(connection, "SELECT count(*) FROM registry.person"))
    assert answers[0] == answers[1]
    assert answers[0][0][0] > 0


@pytest.mark.parametrize("name", NAMES)
def test_definitions_name_no_catalogue(two_nights: Path, name: str) -> None:
    with opened(two_nights, name) as connection:
        definitions = rows(connection, "SELECT sql FROM duckdb_views() WHERE database_name = 'p' AND NOT internal")
        definitions += rows(connection, "SELECT macro_definition FROM duckdb_functions() WHERE database_name = 'p'")
    assert all("part_" not in text and "build." not in text for (text,) in definitions)


@pytest.mark.parametrize("name", NAMES)
def test_file_is_encrypted_where_it_has_a_key(two_nights: Path, name: str) -> None:
    content = (two_nights / f"{name}.duckdb").read_bytes()
    assert (b"known_until" in content) == (name not in HAS_KEY)


def test_reader_keeps_what_it_opened_while_the_next_load_is_published(copied: Path) -> None:
    with opened(copied, "aggregates") as before:
        publish(settings_of(copied), add_load(copied))
        assert rows(before, "SELECT load_seq FROM meta.release") == [(2,)]
        assert rows(before, QUERY)
    with opened(copied, "aggregates") as after:
        assert rows(after, "SELECT load_seq FROM meta.release") == [(3,)]


def test_log_that_somebody_left_is_not_read_into_the_new_generation(copied: Path) -> None:
    load = add_load(copied)
    strays = [copied / "aggregates.duckdb.wal", copied / "generations" / f"aggregates-{load.load_seq}.duckdb.wal"]
    for stray in strays:
        stray.write_bytes(b"left behind")
    publish(settings_of(copied), load)
    assert not any(stray.exists() for stray in strays)
