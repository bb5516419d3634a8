"""dbt as a function call: what it says when a model fails, and that it lets go of the database."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.modelling import (
    BEFORE_LINKING,
    ModellingError,
    build,
    manifest_path,
    parsing,
    run_unit_tests,
    running,
    write_sources,
)
from pipelines.modelling.calling import first_line
from pipelines.modelling.preparing import prepare_manifest
from pipelines.settings import KEY_NAMES, Settings
from pipelines.storage import open_build, read_key
from tests.dbt.modelled_world import World


def test_the_models_unit_tests_pass(two_nights: World) -> None:
    results = run_unit_tests(two_nights.settings)
    assert len(results) >= 3
    assert {result.status for result in results} == {"pass"}


def test_a_broken_test_and_a_failing_model_are_named_with_what_went_wrong(copied: World) -> None:
    """However many models are chosen."""
    copied.execute("INSERT INTO raw.treaties (partner) VALUES ('KGZ')")
    with pytest.raises(ModellingError, match=r"identifies_treaty_treaty_id: rows that break it: 1") as raised:
        build(copied.settings, " ".join(["treaty"] * 60), 2)
    results = {result.name: result for result in raised.value.results}
    assert results["reference.treaty"].status == "success"
    assert results["identifies_treaty_treaty_id"].failures == 1
    assert [name for name, result in results.items() if result.has_failed] == ["identifies_treaty_treaty_id"]
    copied.execute("DROP TABLE raw.treaties")
    with pytest.raises(ModellingError, match=r"staging\.stg_treaties: Catalog Error"):
        build(copied.settings, "stg_treaties", 2)
    assert copied.rows("SELECT 1") == [(1,)]


def test_a_key_that_two_rows_share_stops_the_load_before_anything_is_written(copied: World) -> None:
    standing = "SELECT * FROM intermediate.crossing_event_history ORDER BY ALL"
    before = copied.rows(standing)
    copied.execute("INSERT INTO raw.border_crossings FROM raw.border_crossings WHERE load_seq = 2 LIMIT 1")
    shared = r"intermediate\.crossing_event_history: rows lack record_id or share it, keys: 1"
    with pytest.raises(ModellingError, match=shared):
        build(copied.settings, "crossing_event_history", 2)
    assert copied.rows(standing) == before


def test_rows_of_persons_whom_a_load_does_not_touch_stop_it(copied: World) -> None:
    touched = len(copied.rows("FROM intermediate.touched_person"))
    copied.execute("DELETE FROM intermediate.touched_person")
    untouched = rf"registry\.person_history: rows of keys that the load does not touch: {touched}"
    with pytest.raises(ModellingError, match=untouched):
        build(copied.settings, "person_history", 2)


def test_stays_that_ended_and_are_fewer_than_none_stop_the_load_by_name_and_day(copied: World) -> None:
    columns = "class_group, ending, silent_since, change, known_seq"
    one_day = ("recorded_away", "2026-01-02", " after a last sign on 2026-01-02")
    for ending, day, said in (one_day, ("recorded_back", "", "")):
        copied.execute(
            f"""INSERT INTO intermediate.ended_stay_delta ({columns})
            VALUES ('work:other', '{ending}', CAST(nullif('{day}', '') AS DATE), -9000, 1)"""
        )
        told = rf"ended_stay_delta: -[0-9]+ stays of work:other ended as {ending}{said}\. .*mic rebuild --replace"
        with pytest.raises(ModellingError, match=told):
            build(copied.settings, "gone_odds", 2)
        copied.execute("DELETE FROM intermediate.ended_stay_delta WHERE change = -9000")


def test_curves_are_made_anew_for_another_model_or_odds_or_a_load_that_broke_off(copied: World) -> None:
    def stand() -> bool:
        copied.execute("UPDATE intermediate.weighed_curve SET variance = -1")
        build(copied.settings, "weighed_curve", 3)
        [(standing, rows)] = copied.rows(
            "SELECT count(*) FILTER (variance = -1), count(*) FROM intermediate.weighed_curve"
        )
        assert standing in (0, rows) and rows > 0
        return bool(standing)

    assert [stand(), stand()] == [False, True]
    copied.execute("UPDATE presence.curve SET model_version = 'another'")
    assert [stand(), stand()] == [False, True]
    copied.execute(
        """INSERT INTO intermediate.gone_odds BY NAME
        SELECT * REPLACE (2 * odds AS odds, 3 AS known_seq) FROM intermediate.gone_odds WHERE known_seq = 2 LIMIT 1"""
    )
    assert [stand(), stand()] == [False, False]
    assert copied.rows("SELECT count(*) > 0 FROM intermediate.weighed_curve WHERE known_from_seq = 3") == [(True,)]


def test_a_message_that_quotes_a_row_loses_the_quoted_value() -> None:
    message = "Runtime Error in model x (models/x.sql)\n  Conversion Error: Could not convert string 'Example' to INT32"
    assert first_line(message) == "Conversion Error: Could not convert string '…' to INT32"


def test_nothing_that_dbt_leaves_holds_the_key(two_nights: World) -> None:
    key = read_key(two_nights.settings, "registry").encode()
    left = [path for path in manifest_path(two_nights.settings).parent.rglob("*") if path.is_file()]
    assert manifest_path(two_nights.settings) in left
    assert [path.name for path in left if key in path.read_bytes()] == []


def test_sources_are_written_once(two_nights: World) -> None:
    write_sources(two_nights.settings)
    assert write_sources(two_nights.settings) == []


def test_the_selection_before_linking_writes_no_registry_and_leaves_views_and_seeds_that_stand(copied: World) -> None:
    results = build(copied.settings, BEFORE_LINKING, 2)
    assert {result.name.split(".")[0] for result in results if result.kind in ("model", "seed")} == {"intermediate"}


def test_models_of_few_rows_are_made_two_at_a_time_and_of_many_one_by_one(
    copied: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def workers() -> int:
        found = set()
        build(copied.settings, BEFORE_LINKING, 2, progress=lambda _: found.add(threading.current_thread().name))
        return len(found)

    assert workers() == 2
    monkeypatch.setattr(running, "FEW_ROWS", -1)
    assert workers() == 1


def test_views_and_seeds_are_made_anew_for_a_changed_project_alone(copied: World) -> None:
    def made() -> list[str]:
        return [result.name for result in build(copied.settings, "stg_treaties region", 2) if result.kind != "test"]

    assert sorted(made()) == ["reference.region", "staging.stg_treaties"]
    assert made() == []
    copied.execute("UPDATE meta.modelled SET project = 'another'")
    assert sorted(made()) == ["reference.region", "staging.stg_treaties"]


def test_a_changed_project_gives_a_standing_table_the_columns_that_it_lacks(copied: World) -> None:
    copied.execute("ALTER TABLE intermediate.crossing_event_history DROP COLUMN post_code")
    copied.execute("UPDATE meta.modelled SET project = 'another'")
    build(copied.settings, BEFORE_LINKING, 2)
    assert "post_code" in [name for name, *_ in copied.rows("DESCRIBE intermediate.crossing_event_history")]


def test_a_test_of_several_tables_waits_until_all_of_them_are_built(grown_up: World) -> None:
    names = [result.name for result in build(grown_up.settings, "touched_person", 1)]
    assert "intermediate.touched_person" in names
    assert [name for name in names if name.startswith("never_overlaps")] == []


def test_no_model_compares_every_row_with_every_row_for_an_outer_join(two_nights: World) -> None:
    """The engine does so where a condition asks one side alone, and in a small world nobody would see it."""
    compiled = sorted((manifest_path(two_nights.settings).parent / "compiled").rglob("*.sql"))
    assert len(compiled) > 200
    with open_build(two_nights.settings, read_only=True) as connection:
        plans = {
            path.name: json.loads(
                connection.execute(f"EXPLAIN (FORMAT json) {path.read_text(encoding='utf-8')}").fetchall()[0][1]
            )
            for path in compiled
        }
    compared = {name: list(_outer_comparisons(plan)) for name, plan in plans.items()}
    assert {name: found for name, found in compared.items() if found} == {}


def _outer_comparisons(plan: list[dict[str, Any]]) -> Iterator[str]:
    for operator in plan:
        told = operator.get("extra_info", {})
        if operator.get("name") == "BLOCKWISE_NL_JOIN" and told.get("Join Type") != "INNER":
            yield told.get("Condition", "")
        yield from _outer_comparisons(operator.get("children", []))


def test_another_process_puts_the_kept_manifest_into_its_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def written(home: str) -> bytes:
        monkeypatch.setattr(parsing, "_PARSED", {})  # as in a process that has parsed nothing yet
        settings = Settings(home=tmp_path / home, keys=dict.fromkeys(KEY_NAMES, "unused"))
        return prepare_manifest(settings).read_bytes()

    assert written("one") == written("another"), "dbt gives every manifest that it writes the time"
