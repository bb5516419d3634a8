"""The registry's promises: each holds on a sound registry and each finds its planted fault."""

from __future__ import annotations

import duckdb
import pytest

from expectations import PROMISES
from pipelines.quality import blocking, judge_registry

SOUND = """
    CREATE SCHEMA registry; CREATE SCHEMA linkage; CREATE SCHEMA intermediate; CREATE SCHEMA IF NOT EXISTS meta;
    CREATE OR REPLACE TABLE meta.load AS SELECT 1 AS load_seq;
    CREATE TABLE linkage.person_observation AS SELECT 1 AS observation_id, 'a' AS person_id, NULL::INT AS known_to_seq;
    CREATE TABLE intermediate.touched_person AS SELECT unnest(['a', 'b']) AS person_id;
    CREATE TABLE registry.told_again_history AS SELECT '6' AS record_id, NULL::INT AS known_to_seq;
    CREATE TABLE intermediate.touched_event AS SELECT 'a' AS person_id, 'entry' AS kind;
    CREATE TABLE registry.person_history AS SELECT unnest(['a', 'b']) AS person_id, NULL::INT AS known_to_seq;
    CREATE VIEW registry.person AS FROM registry.person_history WHERE known_to_seq IS NULL;
    CREATE TABLE intermediate.source_record_history AS
        SELECT 'border_crossings' AS feed, unnest(['1', '2', '3', '4']) AS record_id, 1 AS observation_id,
               1 AS known_from_seq, NULL::INT AS known_to_seq;
    CREATE VIEW intermediate.source_record AS FROM intermediate.source_record_history WHERE known_to_seq IS NULL;
    CREATE TABLE registry.source_link_history AS
        SELECT 'border_crossings' AS feed, unnest(['1', '2', '3', '4']) AS record_id,
               unnest(['a', 'a', 'b', NULL]) AS person_id, 1 AS known_from_seq, NULL::INT AS known_to_seq;
    CREATE VIEW registry.source_link AS FROM registry.source_link_history WHERE known_to_seq IS NULL;
    CREATE TABLE raw.border_crossings AS
        SELECT unnest(['1', '2', '3', '4', '6']) AS record_id,
               unnest(['entry', 'exit', 'entry', 'entry', 'entry']) AS direction,
               'current' AS outcome, NULL::INT AS known_to_seq, false AS is_citizen_stripped;
    CREATE TABLE registry.stay_history AS
        SELECT * FROM (VALUES ('a', DATE '2026-01-01', DATE '2026-01-09', 'P1', 'P2'),
                              ('b', DATE '2026-01-03', NULL, 'P1', NULL))
        stay(person_id, entered_on, left_on, entry_post, exit_post),
        LATERAL (SELECT left_on AS ended_on, NULL::INT AS known_to_seq, entered_on AS first_sign_on);
    CREATE VIEW intermediate.touched_crossing AS FROM raw.border_crossings WHERE record_id IN ('1', '2', '3', '6');
    CREATE TABLE intermediate.touched_period AS
        SELECT unnest(['a', 'b']) AS person_id, DATE '2026-01-01' AS computed_from;
    CREATE TABLE registry.minor_in_centre AS
        SELECT * FROM (VALUES ('special_receiver', DATE '2026-01-05'), ('undetermined_status', NULL))
        held(kind, ended_on);
"""

FAULTS = {
    "person_is_there_once": "INSERT INTO registry.person_history VALUES ('a', NULL)",
    "record_has_one_link": "INSERT INTO registry.source_link_history VALUES ('border_crossings', '4', NULL, 1, NULL)",
    "record_has_a_link": "DELETE FROM registry.source_link_history WHERE record_id = '3'",
    "link_has_a_record": "DELETE FROM intermediate.source_record_history WHERE record_id = '4'",
    "link_names_a_person": "UPDATE registry.source_link_history SET person_id = 'ghost' WHERE person_id = 'b'",
    "stays_do_not_overlap": "INSERT INTO registry.stay_history "
    "VALUES ('a', DATE '2026-01-05', NULL, NULL, NULL, NULL, NULL, NULL)",
    "stay_ends_after_it_begins": "INSERT INTO registry.stay_history "
    "VALUES ('b', DATE '2026-01-02', '2026-01-01', NULL, NULL, '2026-01-01', NULL, NULL)",
    "crossings_reconcile": "UPDATE registry.stay_history SET exit_post = NULL",
    "no_minor_is_held": "UPDATE registry.minor_in_centre SET ended_on = NULL",
}


def test_sound_registry_keeps_every_promise(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(SOUND)
    outcomes = judge_registry(connection, 1)
    assert {outcome.expectation for outcome in outcomes} == {promise.id for promise in PROMISES} == set(FAULTS)
    assert [outcome for outcome in outcomes if not outcome.success] == []


def test_a_stay_that_the_next_entry_ended_on_its_own_day_overlaps_nothing(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(
        SOUND
        + "INSERT INTO registry.stay_history VALUES ('a', '2026-01-01', NULL, 'P1', NULL, '2026-01-01', NULL, NULL)"
    )
    overlap = [one for one in judge_registry(connection, 1) if one.expectation == "stays_do_not_overlap"]
    assert [one.success for one in overlap] == [True]


@pytest.mark.parametrize(("promise", "fault"), FAULTS.items())
def test_planted_fault_breaks_its_promise_alone(
    connection: duckdb.DuckDBPyConnection, promise: str, fault: str
) -> None:
    connection.execute(SOUND)
    connection.execute(fault)
    outcomes = judge_registry(connection, 1)
    (broken,) = [outcome for outcome in outcomes if not outcome.success]
    assert broken.expectation == promise
    assert blocking(outcomes) == ([] if broken.severity == "warning" else [broken])


def test_registry_that_is_empty_though_records_are_linked_is_blocking(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(SOUND + "DELETE FROM registry.person_history; DELETE FROM registry.source_link_history")
    failed = {outcome.expectation for outcome in blocking(judge_registry(connection, 1))}
    assert {"person_is_there_once", "record_has_one_link"} <= failed


def test_missing_table_is_blocking(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(SOUND + "DROP TABLE registry.stay_history")
    failed = {outcome.expectation for outcome in blocking(judge_registry(connection, 1))}
    assert failed == {promise.id for promise in PROMISES if promise.table == "registry.stay"}


def test_first_load_without_any_person_is_not_blocking(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(SOUND)
    for table in ("linkage.person_observation", "registry.person_history", "intermediate.touched_event"):
        connection.execute(f"DELETE FROM {table}")
    for table in ("registry.source_link_history", "raw.border_crossings", "registry.stay_history"):
        connection.execute(f"DELETE FROM {table}")
    connection.execute("DELETE FROM intermediate.source_record_history")
    assert blocking(judge_registry(connection, 1)) == []


def test_results_stand_under_the_registry(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(SOUND)
    judge_registry(connection, 7)
    judge_registry(connection, 7)
    rows = connection.execute("SELECT DISTINCT feed, load_seq, count(*) OVER () FROM quality.expectation_result")
    assert rows.fetchall() == [("registry", 7, len(PROMISES))]


def test_a_stay_that_no_load_touched_is_judged_of_the_whole_registry_alone(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(SOUND + FAULTS["stays_do_not_overlap"] + "; DELETE FROM intermediate.touched_person")
    assert blocking(judge_registry(connection, 1)) == []
    promise = next(one for one in PROMISES if one.id == "stays_do_not_overlap")
    assert connection.execute(promise.of_all).fetchall() == [(1,)]


def test_a_crossing_lost_before_the_period_of_a_load_is_found_of_the_whole_registry_alone(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(SOUND + FAULTS["crossings_reconcile"])
    promise = next(one for one in PROMISES if one.id == "crossings_reconcile")
    assert connection.execute(promise.counterexamples).fetchall() == [(1,)]
    connection.execute("UPDATE intermediate.touched_period SET computed_from = DATE '2026-01-02' WHERE person_id = 'a'")
    connection.execute("CREATE OR REPLACE VIEW intermediate.touched_crossing AS FROM raw.border_crossings LIMIT 0")
    connection.execute("DELETE FROM intermediate.touched_period WHERE person_id = 'b'")
    assert connection.execute(promise.counterexamples).fetchall() == []
    assert connection.execute(promise.of_all).fetchall() == [(1,)]


def test_a_lost_link_of_an_earlier_load_is_found_of_the_whole_registry_alone(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(SOUND + FAULTS["record_has_a_link"] + "; INSERT INTO meta.load VALUES (2)")
    lost = next(one for one in PROMISES if one.id == "record_has_a_link")
    assert connection.execute(lost.counterexamples).fetchall() == []
    assert connection.execute(lost.of_all).fetchall() == [("border_crossings", "3")]


def test_a_link_of_this_load_or_of_a_touched_person_must_name_somebody(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(SOUND + "INSERT INTO meta.load VALUES (2)")
    connection.execute("DELETE FROM registry.person_history WHERE person_id = 'b'")
    named = next(one for one in PROMISES if one.id == "link_names_a_person")
    assert connection.execute(named.counterexamples).fetchall() == [("b",)]
    connection.execute("DELETE FROM intermediate.touched_person WHERE person_id = 'b'")
    assert connection.execute(named.counterexamples).fetchall() == []
    assert connection.execute(named.of_all).fetchall() == [("b",)]
    connection.execute("UPDATE registry.source_link_history SET known_from_seq = 2 WHERE record_id = '3'")
    assert connection.execute(named.counterexamples).fetchall() == [("b",)]
