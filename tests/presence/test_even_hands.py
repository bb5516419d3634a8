"""Errors of control that can be counted by hand, in a truth of a few stays."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.benchmarks.even_hands import judge_control
from pipelines.storage import open_memory

LAST = date(2026, 6, 30)
# Person, citizenship, sex, days of the true stay, whether its exit was recorded; last allowed day, state as we have it.
STAYS = [
    ("in time", "UZB", "F", "2026-01-01", "2026-01-20", True, "2026-01-30", "lawful"),
    ("wronged", "UZB", "F", "2026-01-01", "2026-01-20", True, "2026-01-30", "overstay"),
    ("rightly", "UZB", "M", "2026-01-01", "2026-02-20", True, "2026-01-30", "left_late"),
    ("not seen out", "RUS", "M", "2026-01-01", "2026-01-20", False, "2026-01-30", "exit_not_matched"),
    ("lost by us", "RUS", "M", "2026-01-01", "2026-01-20", True, "2026-01-30", "exit_not_matched"),
    ("just reported", "RUS", "F", "2026-06-01", "2026-06-28", True, "2026-06-29", "exit_not_matched"),
]


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    """The truth as files."""
    with open_memory() as connection:
        _lay_out(connection)
        for name in ("persons", "stays"):
            connection.execute(f"COPY {name} TO '{tmp_path / name}.parquet'")
    return tmp_path


def _lay_out(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE SCHEMA registry")
    connection.execute("CREATE TABLE persons (person_no BIGINT, citizenship VARCHAR, sex VARCHAR)")
    connection.execute(
        "CREATE TABLE stays (person_no BIGINT, entered_at VARCHAR, left_at VARCHAR, exit_recorded BOOLEAN)"
    )
    connection.execute("CREATE TABLE who (person_no BIGINT, person_id VARCHAR)")
    connection.execute(
        "CREATE TABLE registry.stay (person_id VARCHAR, entered_on DATE, allowed_until DATE, control_state VARCHAR)"
    )
    for number, (name, citizenship, sex, came, went, told, allowed, state) in enumerate(STAYS):
        connection.execute("INSERT INTO persons VALUES (?, ?, ?)", [number, citizenship, sex])
        times = [f"{came} 10:00:00+05:00", f"{went} 10:00:00+05:00"]
        connection.execute("INSERT INTO stays VALUES (?, ?, ?, ?)", [number, *times, told])
        connection.execute("INSERT INTO who VALUES (?, ?)", [number, name])
        connection.execute("INSERT INTO registry.stay VALUES (?, ?, ?, ?)", [name, came, allowed, state])


def test_only_what_was_in_truth_otherwise_is_an_error(truth: Path) -> None:
    """Who stayed too long, whose exit nobody recorded, and whose exit may still be reported were judged rightly."""
    with open_memory() as connection:
        _lay_out(connection)
        found = judge_control(connection, truth, LAST, least=1)
    counts = {(one["measure"], one["group"]): (one["stays"], one["wrong"]) for one in found}
    assert counts == {
        ("false_overstay", "RUS"): (3, 0),
        ("false_overstay", "UZB"): (2, 1),
        ("false_overstay", "F"): (3, 1),
        ("false_overstay", "M"): (2, 0),
        ("false_unmatched", "RUS"): (1, 1),
        ("false_unmatched", "UZB"): (3, 0),
        ("false_unmatched", "F"): (2, 0),
        ("false_unmatched", "M"): (2, 1),
    }


def test_groups_of_few_stays_are_not_compared_and_wide_intervals_overlap(truth: Path) -> None:
    with open_memory() as connection:
        _lay_out(connection)
        found = judge_control(connection, truth, LAST, least=3)
    assert {(one["measure"], one["group"]) for one in found} == {
        ("false_overstay", "RUS"),
        ("false_overstay", "F"),
        ("false_unmatched", "UZB"),
    }
    assert all(one["is_even"] for one in found)
