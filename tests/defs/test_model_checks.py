"""The tests of models are checks: described, blocking where they stop the night, and failed with numbers and advice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipelines import nightly
from pipelines.defs.model_assets import table_key
from pipelines.defs.model_checks import PROMISES, check_spec, promise, read_test
from pipelines.modelling import ModellingError, NodeResult
from pipelines.settings import Settings

PLACEMENT = dg.AssetKey(["registry", "placement_history"])
OVERLAP = "never_overlaps_placement_history_"
RELEASED = dg.AssetKey(["registry", "released_placement_history"])
KEPT = "never_overlaps_released_placement_history_"


@pytest.fixture(scope="module")
def tests(manifest: Path) -> list[dict[str, Any]]:
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    return [node for node in nodes if node["resource_type"] == "test"]


def result(name: str, status: str, failures: int = 0) -> NodeResult:
    return NodeResult(name, "test", status, 0.1, failures, f"rows that break it: {failures}")


def test_every_test_of_a_model_is_a_check_with_a_sentence(
    definitions: dg.Definitions, tests: list[dict[str, Any]]
) -> None:
    graph = definitions.get_repository_def().asset_graph
    described = {key.name: graph.get(key).description for key in graph.asset_check_keys}
    assert len(tests) > 50
    assert [test["name"] for test in tests if not described.get(test["name"])] == []


def test_every_kind_of_test_has_words_of_its_own(tests: list[dict[str, Any]]) -> None:
    kinds = {test["test_metadata"]["name"] for test in tests if test.get("test_metadata") and not test["description"]}
    assert kinds <= set(PROMISES)


def test_words_name_columns_and_tables() -> None:
    known = {"name": "relationships", "kwargs": {"column_name": "region", "field": "kato", "to": "ref('region')"}}
    assert promise({"name": "x", "test_metadata": known}) == "Every `region` is one of `kato` in `region`."
    assert promise({"name": "nobody_leaves_twice"}) == "Nobody leaves twice."
    assert promise({"name": "x", "test_metadata": known, "description": "Districts lie in regions."}) == (
        "Districts lie in regions."
    )


def test_a_singular_test_is_a_check_of_the_table_that_its_sql_names_first() -> None:
    stay = {"resource_type": "model", "schema": "registry", "alias": "stay"}
    singular = {
        "name": "everybody_stays_somewhere",
        "resource_type": "test",
        "depends_on": {"nodes": ["model.stay", "model.person"]},
        "config": {"severity": "warn"},
        "original_file_path": "tests/everybody_stays_somewhere.sql",
    }
    manifest = {"nodes": {"model.stay": stay, "model.person": stay | {"alias": "person"}, "test.x": singular}}
    assert check_spec(manifest, "test.x", dg.AssetKey(["registry", "person"]), table_key) is None
    spec = check_spec(manifest, "test.x", dg.AssetKey(["registry", "stay"]), table_key)
    assert spec is not None
    assert (spec.description, spec.blocking, spec.metadata["severity"]) == (
        "Everybody stays somewhere.",
        False,
        "warning",
    )


def test_a_broken_test_that_only_warns_does_not_stop_the_night() -> None:
    shown = read_test(result(OVERLAP, "warn", 2), dg.AssetCheckKey(PLACEMENT, OVERLAP))
    assert (shown.passed, shown.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "rows that break it: 2" in (shown.description or "").lower()


def test_a_broken_test_is_a_failed_check_and_fails_the_step(
    settings: Settings, definitions: dg.Definitions, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = [
        NodeResult("registry.placement_history", "model", "success", 1.0, 0, "OK"),
        result(OVERLAP, "fail", 3),
        NodeResult("registry.released_placement_history", "model", "success", 1.0, 0, "OK"),
        result(KEPT, "pass"),
        NodeResult("registry.placement", "model", "skipped", 0.0, 0, ""),
    ]

    def model(*_: object) -> list[NodeResult]:
        raise ModellingError(f"{OVERLAP}: rows that break it: 3", results)

    nightly.begin(settings)
    monkeypatch.setattr(nightly, "model", model)
    job = definitions.get_implicit_global_asset_job_def()
    keys = [PLACEMENT, RELEASED, dg.AssetKey(["registry", "placement"])]
    run = job.execute_in_process(instance=instance, asset_selection=keys, raise_on_error=False)
    assert not run.success
    shown = {evaluation.check_name: evaluation for evaluation in run.get_asset_check_evaluations()}
    assert shown[KEPT].passed
    assert not shown[OVERLAP].passed
    assert shown[OVERLAP].severity is dg.AssetCheckSeverity.ERROR
    assert shown[OVERLAP].metadata["rows_that_break_it"].value == 3
    assert "start the night again" in (shown[OVERLAP].description or "")
    built = run.asset_materializations_for_node("model_after_linking")
    assert [event.asset_key for event in built] == [PLACEMENT, RELEASED]
    [failed] = run.get_step_failure_events()
    told = failed.step_failure_data.user_failure_data
    assert told is not None
    assert told.description == f"model after linking: {OVERLAP}: rows that break it: 3"
