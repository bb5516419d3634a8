"""Runs through Dagster: a load from end to end, single days, and what is refused."""

from __future__ import annotations

from datetime import date

import dagster as dg
import pytest

from pipelines import accounts
from pipelines.defs.feed_assets import landing_key, raw_key
from pipelines.settings import Settings
from pipelines.storage import Home, open_build, run_lock

CROSSINGS = raw_key("border_crossings")


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


@pytest.mark.slow
def test_the_nightly_job_takes_in_models_links_judges_and_publishes(
    landed: Settings, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    result = definitions.resolve_job_def("nightly").execute_in_process(instance=instance, raise_on_error=False)
    assert result.success, failure_text(result)
    filled = instance.get_materialized_partitions(CROSSINGS)
    assert filled == {"2026-01-05", "2026-01-06", "2026-01-07"}
    event = instance.get_latest_materialization_event(landing_key("border_crossings"))
    assert event is not None and event.asset_materialization is not None
    metadata = event.asset_materialization.metadata
    numbers = {name: int(str(value.value)) for name, value in metadata.items()}
    assert set(numbers) == set(accounts.NUMBERS)
    assert numbers["rows_in_file"] == numbers["rows_accepted"] + numbers["rows_quarantined"] + numbers["rows_repeated"]
    linked = instance.get_latest_materialization_event(dg.AssetKey(["linkage", "person_observation"]))
    assert linked is not None and linked.asset_materialization is not None
    assert {"observations", "pairs", "merges", "splits", "persons_touched"} <= set(
        linked.asset_materialization.metadata
    )
    checked = {evaluation.asset_check_key.asset_key.path[0] for evaluation in result.get_asset_check_evaluations()}
    assert checked >= {"raw", "registry", "intermediate"}
    with open_build(landed) as connection:
        assert accounts.find_open_load(connection) is None
    assert (landed.home / "aggregates.duckdb").exists()


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


def test_a_model_is_refused_where_no_load_is_open(definitions: dg.Definitions, instance: dg.DagsterInstance) -> None:
    result = materialise(definitions, instance, dg.AssetKey(["registry", "stay"]))
    assert "launch the job `nightly`" in failure_text(result)


def test_publication_is_refused_to_a_run_that_skips_steps(
    definitions: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    published = [
        key
        for key in definitions.get_repository_def().asset_graph.materializable_asset_keys
        if key.path[0] == "published"
    ]
    result = materialise(definitions, instance, *published)
    assert "Only a run of all steps may publish" in failure_text(result)
