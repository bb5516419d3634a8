"""Each load is a generation with keys of its own; a crash leaves the one before."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.intake import Selection
from pipelines.nightly import run_nightly
from pipelines.publication import publish
from pipelines.storage import faults, open_build
from tests.publication.published_world import add_load, crossing, deliver, last_load, opened, rows, settings_of

PERSON_KEYS = "SELECT person_key FROM registry.person_key ORDER BY ALL"
CONTENT = (
    "FROM registry.person_history ORDER BY ALL",
    "FROM registry.stay_history ORDER BY ALL",
    "FROM statistics.stock_daily ORDER BY ALL",
    "FROM quality.delivery ORDER BY ALL",
    "FROM meta.release",
)


def content(home: Path) -> list[list[tuple[Any, ...]]]:
    with opened(home, "analysis") as connection:
        return [rows(connection, query) for query in CONTENT]


def test_no_key_of_a_person_occurs_in_two_generations(two_nights: Path, third_generation: Path) -> None:
    with opened(two_nights, "restricted") as connection:
        before = set(rows(connection, PERSON_KEYS))
    with opened(third_generation, "restricted") as connection:
        after = set(rows(connection, PERSON_KEYS))
    assert len(before) == len(after) > 0
    assert not before & after


def test_restricted_file_says_whose_key_it_is(two_nights: Path) -> None:
    with opened(two_nights, "analysis") as connection:
        published = set(rows(connection, "SELECT person_key FROM registry.person_history"))
    with opened(two_nights, "restricted") as connection:
        mapped = set(
            rows(connection, "SELECT person_key FROM registry.person_key SEMI JOIN registry.person USING (person_id)")
        )
    assert published < mapped
    assert len(mapped - published) == 1, "one person is known by enforcement alone and has nothing to show"


def test_person_ids_stand_in_no_file_but_the_restricted(two_nights: Path) -> None:
    with opened(two_nights, "analysis") as connection:
        named = (
            "SELECT table_name FROM duckdb_columns() WHERE column_name IN ('person_id', 'stay_id', 'observation_id')"
        )
        assert rows(connection, named) == []


def test_publishing_a_load_again_gives_the_same_content(
    two_nights: Path, third_generation: Path, tmp_path: Path
) -> None:
    home = Path(shutil.copytree(third_generation, tmp_path / "home", symlinks=True))
    publish(settings_of(home), last_load(home))
    assert content(home) == content(third_generation) != content(two_nights)


def test_last_three_generations_are_kept(third_generation: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(third_generation, tmp_path / "home", symlinks=True))
    publish(settings_of(home), add_load(home))
    kept = sorted(path.name for path in (home / "generations").glob("analysis-*"))
    assert kept == ["analysis-2.duckdb", "analysis-3.duckdb", "analysis-4.duckdb"]


def test_failure_at_any_point_leaves_the_generation_before(copied: Path) -> None:
    """The next run passes the point that the one before failed at."""
    before, load = content(copied), add_load(copied)
    for point in ("publish.fsync", "publish.rename", "publish.link.rename"):
        faults.arm(f"{point}:1:io")
        try:
            with pytest.raises(OSError, match=point):
                publish(settings_of(copied), load)
        finally:
            faults.arm("")
        assert content(copied) == before
    publish(settings_of(copied), load)
    assert content(copied)[-1][0][1] == load.load_seq


def test_loads_that_leave_something_or_are_a_backfill_are_shown_by_the_next_generation(copied: Path) -> None:
    for day in (1, 2):
        deliver(
            copied, "border_crossings", date(2026, 3, day), [crossing(f"E-7{day}", "2026-03-01", "entry", f"DOC7{day}")]
        )
    settings, at_night = settings_of(copied), lambda: datetime(2026, 3, 3, 21, tzinfo=UTC)
    full = run_nightly(settings, Selection(most_rows=1), clock=at_night)
    assert (full.deliveries, full.left, full.published) == ({"accepted": 1}, 1, {})
    rest = run_nightly(settings, Selection(most_rows=1), clock=at_night, publishes=False)
    assert (rest.deliveries, rest.left, rest.published) == ({"accepted": 1}, 0, {})
    links = {link.readlink().name for link in copied.glob("*.duckdb")}
    with open_build(settings, read_only=True) as connection:
        states = rows(connection, "SELECT load_seq, state FROM meta.load ORDER BY load_seq")
    assert all(name.endswith("-2.duckdb") for name in links)
    assert states == [(number, "committed") for number in range(1, 5)]
    publish(settings, add_load(copied))
    with opened(copied, "analysis") as connection:
        shown = rows(connection, "SELECT load_seq FROM meta.release_history ORDER BY load_seq")
    assert shown == [(number,) for number in range(1, 6)]
