"""Overstays beside a truth of a few stays that can be counted by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from pipelines.benchmarks.overstays import judge_overstays
from pipelines.storage import open_memory

LAST = date(2026, 6, 30)
# Person, days of the true stay, whether its exit was recorded, an act of the person if any; state as we have it.
STAYS = [
    ("found by the exit", "2026-01-01", "2026-02-20", True, None, "left_late"),
    ("missed", "2026-01-01", "2026-02-20", True, None, "lawful"),
    ("found by the host", "2026-01-01", "2026-07-20", False, "2026-02-10", "overstay"),
    ("the host told of in time", "2026-01-01", "2026-07-20", False, "2026-01-10", "exit_not_matched"),
    ("exit still to be reported", "2026-01-01", "2026-06-28", True, None, "exit_not_matched"),
    ("left in time", "2026-01-01", "2026-01-20", True, None, "overstay"),
]


def _lay_out(connection: duckdb.DuckDBPyConnection, truth: Path) -> None:
    """The registry, all of whose stays were allowed until 30 January, and the files of the truth."""
    connection.execute("CREATE SCHEMA registry; CREATE SCHEMA intermediate")
    connection.execute(
        "CREATE TABLE registry.stay (person_id VARCHAR, entered_on DATE, allowed_until DATE, control_state VARCHAR)"
    )
    connection.execute(
        """CREATE TABLE intermediate.notification_event
        (record_id VARCHAR, action VARCHAR, reported_on DATE, stay_until DATE)"""
    )
    connection.execute(
        """CREATE TABLE intermediate.employment_event
        (record_id VARCHAR, is_worked BOOLEAN, worked_from DATE, worked_until DATE)"""
    )
    connection.execute("CREATE TABLE who (person_no BIGINT, person_id VARCHAR)")
    connection.execute(
        "CREATE TABLE stays (person_no BIGINT, entered_at VARCHAR, left_at VARCHAR, exit_recorded BOOLEAN)"
    )
    connection.execute("CREATE TABLE record_truth (feed VARCHAR, record_id VARCHAR, person_no BIGINT)")
    for number, (name, came, went, told, act, state) in enumerate(STAYS):
        connection.execute("INSERT INTO registry.stay VALUES (?, ?, '2026-01-30', ?)", [name, came, state])
        connection.execute("INSERT INTO who VALUES (?, ?)", [number, name])
        times = [f"{came} 10:00:00+05:00", f"{went} 10:00:00+05:00"]
        connection.execute("INSERT INTO stays VALUES (?, ?, ?, ?)", [number, *times, told])
        if act:
            notice = [str(number), act, act]
            connection.execute("INSERT INTO intermediate.notification_event VALUES (?, 'extended', ?, ?)", notice)
            connection.execute("INSERT INTO record_truth VALUES ('stay_notifications', ?, ?)", [str(number), number])
    for name in ("stays", "record_truth"):
        connection.execute(f"COPY {name} TO '{truth / name}.parquet'")


def test_overstays_are_right_where_the_person_stayed_and_found_where_an_act_shows_it(tmp_path: Path) -> None:
    with open_memory() as connection:
        _lay_out(connection, tmp_path)
        precision, recall = judge_overstays(connection, tmp_path, LAST)
    assert (precision["stays"], precision["right"], precision["rate"]) == (3, 2, 0.66667)
    assert (recall["stays"], recall["right"], recall["rate"]) == (3, 2, 0.66667)
