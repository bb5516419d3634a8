"""Runs through Dagster: a load from end to end, single days, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pytest
from dagster_shared.serdes import serialize_value

from pipelines import accounts, nightly
from pipelines.defs.assembly import build
from pipelines.defs.feed_assets import landing_key, raw_key
from pipelines.modelling import NodeResult
from pipelines.settings import Settings
from pipelines.storage import Home, open_build, run_lock
from pipelines.storage.loads import Load
from tests.defs.conftest import land, new_centre

CROSSINGS = raw_key("border_crossings")


@dataclass(frozen=True)
class Night:
    """A finished run of the job `nightly`."""

    settings: Settings
    instance: dg.DagsterInstance
    result: dg.ExecuteInProcessResult


def shown_numbers(instance: dg.DagsterInstance, key: dg.AssetKey) -> dict[str, float]:
    """What the last event of an asset shows."""
    event = instance.get_latest_materialization_event(key)
    assert event is not None
    assert event.asset_materialization is not None
    return {name: float(str(value.value)) for name, value in event.asset_materialization.metadata.items()}


def failure_text(result: dg.ExecuteInProcessResult) -> str:
    """What the failed steps, or the run, said."""
    told = [event.step_failure_data.user_failure_data for event in result.get_step_failure_events()]
    error = result.get_run_failure_event().job_failure_data.error if not told else None
    return " ".join(one.description or "" for one in told if one) + (error.to_string() if error else "")


def materialise(
    definitions: dg.Definitions, instance: dg.DagsterInstance, *keys: dg.AssetKey
) -> dg.ExecuteInProcessResult:
    """What the button of the UI does for some assets."""
    job = definitions.get_implicit_global_asset_job_def()
    return job.execute_in_process(instance=instance, asset_selection=list(keys), raise_on_error=False)


@pytest.fixture(scope="module")
def night(manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """The job `nightly`, run once over a tiny state."""
    settings = new_centre(tmp_path_factory.mktemp("night"))
    land(settings)
    job = build(settings, manifest).resolve_job_def("nightly")
    with dg.DagsterInstance.ephemeral() as instance:
        yield Night(settings, instance, job.execute_in_process(instance=instance, raise_on_error=False))


@pytest.mark.slow
def test_the_nightly_job_takes_in_publishes_and_commits(night: Night) -> None:
    assert night.result.success, failure_text(night.result)
    with open_build(night.settings) as connection:
        assert accounts.find_open_load(connection) is None
    assert (night.settings.home / "aggregates.duckdb").exists()


@pytest.mark.slow
def test_the_night_fills_the_days_that_it_found(night: Night) -> None:
    assert night.instance.get_materialized_partitions(CROSSINGS) == {"2026-01-05", "2026-01-06", "2026-01-07"}


@pytest.mark.slow
def test_the_numbers_of_a_feed_add_up_under_the_names_that_are_always_the_same(night: Night) -> None:
    numbers = shown_numbers(night.instance, landing_key("border_crossings"))
    assert set(numbers) == set(accounts.NUMBERS)
    assert numbers["rows_in_file"] == numbers["rows_accepted"] + numbers["rows_quarantined"] + numbers["rows_repeated"]
    linked = shown_numbers(night.instance, dg.AssetKey(["linkage", "person_observation"]))
    plotted = {"pairs_compared", "blocks_capped", "links_yellow", "links_red", "mean_probability"}
    assert plotted | {"observations", "pairs", "merges", "splits", "persons_touched"} <= set(linked)
    assert linked["pairs_compared"] >= linked["pairs"] > 0 and linked["mean_probability"] > 0.99


@pytest.mark.slow
def test_the_release_by_itself_leaves_the_one_that_stands_while_no_month_has_closed(
    night: Night, manifest: Path
) -> None:
    standing = Home(night.settings.home).release.resolve()
    job = build(night.settings, manifest).resolve_job_def("release_of_the_month")
    done = job.execute_in_process(instance=night.instance)
    assert done.success
    assert Home(night.settings.home).release.resolve() == standing


def test_promises_and_tests_of_models_are_checks_with_results(night: Night) -> None:
    checked = {
        evaluation.asset_check_key.asset_key.path[0] for evaluation in night.result.get_asset_check_evaluations()
    }
    assert checked >= {"raw", "registry", "intermediate"}


@pytest.mark.slow
def test_no_name_or_document_number_is_in_what_dagster_keeps(night: Night) -> None:
    kept = "\n".join(serialize_value(entry) for entry in night.instance.all_logs(night.result.run_id))
    with open_build(night.settings) as connection:
        rows = connection.execute(
            "SELECT DISTINCT unnest([surname_latin, given_names_latin, document_number, iin]) FROM raw.border_crossings"
        ).fetchall()
    values = [value for (value,) in rows if value is not None and len(value) >= 5]
    assert len(values) > 50
    assert "rows_accepted" in kept
    assert [value for value in values if value in kept] == []


@pytest.mark.slow
def test_all_assets_started_as_a_backfill_of_a_day_are_a_load(
    night: Night, manifest: Path, instance: dg.DagsterInstance
) -> None:
    """As the button of the lineage does: the days are a run, and all that has no days is another, which publishes."""
    job = build(night.settings, manifest).get_implicit_global_asset_job_def()
    assets = job.asset_layer.asset_graph.materializable_asset_keys
    feeds = [key for key in assets if key.path[0] == "raw"]
    rest = [key for key in assets if key not in feeds]
    reported: set[dg.AssetKey] = set()
    for keys, day in ((feeds, "2026-01-06"), (rest, None)):
        tags = {"dagster/backfill": "button"}
        run = job.execute_in_process(
            instance=instance, asset_selection=keys, partition_key=day, tags=tags, raise_on_error=False
        )
        assert run.success, failure_text(run)
        assert [event.step_key for event in run.all_events if event.is_step_skipped] == []
        reported |= {event.asset_key for event in run.all_events if event.is_step_materialization and event.asset_key}
    assert reported >= set(rest), "what a backfill asked for and nobody reported counts as failed"
    with open_build(night.settings) as connection:
        states = connection.execute("SELECT state FROM meta.load ORDER BY load_seq").fetchall()
    assert states == [("committed",), ("committed",)]


def test_a_chosen_day_is_taken_in_alone_and_the_load_stays_open(
    landed: Settings, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    job = definitions.get_implicit_global_asset_job_def()
    result = job.execute_in_process(instance=instance, asset_selection=[CROSSINGS], partition_key="2026-01-06")
    assert result.success
    assert instance.get_materialized_partitions(CROSSINGS) == {"2026-01-06"}
    with open_build(landed) as connection:
        days = accounts.read_days(connection, 1)
        assert [(day.feed, day.business_date) for day in days] == [("border_crossings", date(2026, 1, 6))]
        assert accounts.find_open_load(connection) is not None
    [shown] = result.asset_materializations_for_node("take_in")[-1:]
    assert shown.metadata["rows_accepted"].value == days[0].numbers["rows_accepted"]


def test_a_second_writer_is_told_who_holds_the_lock(
    settings: Settings, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    with run_lock(Home(settings.home).lock, "mic nightly"):
        result = materialise(definitions, instance, CROSSINGS)
    assert not result.success
    assert "another run is writing" in failure_text(result)
    assert "mic nightly" in failure_text(result)


def test_a_run_without_room_begins_nothing(
    landed: Settings, definitions: dg.Definitions, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=2999))
    result = materialise(definitions, instance, CROSSINGS)
    assert "free some space" in failure_text(result)
    assert not Home(landed.home).database.exists()


def test_a_model_that_is_started_alone_works_for_the_open_load_or_opens_one(
    settings: Settings, definitions: dg.Definitions, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[Load] = []

    def model(settings: Settings, load: Load, select: str) -> list[NodeResult]:
        loads.append(load)
        return []

    monkeypatch.setattr(nightly, "model", model)
    for _ in range(2):
        assert materialise(definitions, instance, dg.AssetKey(["registry", "placement"])).success
    assert [(load.load_seq, load.is_resumed) for load in loads] == [(1, False), (1, True)]


def test_a_table_that_stands_unchanged_is_reported_so_that_nothing_after_it_is_skipped(
    definitions: dg.Definitions, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly, "model", lambda settings, load, select: [])
    keys = [dg.AssetKey(["reference", "country"]), dg.AssetKey(["registry", "placement"])]
    result = materialise(definitions, instance, *keys)
    assert [event for event in result.all_events if event.is_step_skipped] == []
    assert {event.asset_key for event in result.get_asset_materialization_events()} == set(keys)


def test_publication_is_refused_to_a_run_that_skips_steps(
    definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    published = [
        key
        for key in definitions.get_repository_def().asset_graph.materializable_asset_keys
        if key.path[0] == "published"
    ]
    result = materialise(definitions, instance, *published)
    assert "Only a run of all steps with their checks may publish" in failure_text(result)
