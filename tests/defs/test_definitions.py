"""What is shown: an asset, partitions and checks per feed, keys that are names, and lineage from end to end."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
import yaml

from expectations import PROMISES
from pipelines.contracts import Cadence, load_contracts
from pipelines.defs.assembly import build
from pipelines.defs.calendar import BUSINESS_DAYS, freshness
from pipelines.defs.feed_assets import landing_key, raw_key
from pipelines.defs.feed_checks import GATE, check_name, promised
from pipelines.defs.model_assets import read_models
from pipelines.settings import CHECKOUT, Settings

LAYERS = ("landing", "raw", "staging", "intermediate", "linkage", "registry", "statistics", "published")
FEEDS = sorted(load_contracts(CHECKOUT / "sources"))


@pytest.fixture(scope="session")
def shown(manifest: Path) -> dg.Definitions:
    return build(Settings(home=manifest.parent), manifest)


@pytest.fixture(scope="session")
def graph(shown: dg.Definitions) -> dg.AssetGraph:
    return shown.get_repository_def().asset_graph


@pytest.mark.parametrize("feed", FEEDS)
def test_every_feed_has_days_columns_and_an_owner(graph: dg.AssetGraph, feed: str) -> None:
    contract, node = load_contracts(CHECKOUT / "sources")[feed], graph.get(raw_key(feed))
    assert node.partitions_def == BUSINESS_DAYS
    assert node.owners == graph.get(landing_key(feed)).owners != []
    assert contract.description in (node.description or "")
    columns = node.metadata["dagster/column_schema"].columns
    assert [column.name for column in columns] == [column.name for column in contract.columns]


@pytest.mark.parametrize("feed", FEEDS)
def test_every_promise_of_a_feed_is_a_check_and_one_gate_blocks(graph: dg.AssetGraph, feed: str) -> None:
    contract = load_contracts(CHECKOUT / "sources")[feed]
    keys = {dg.AssetCheckKey(raw_key(feed), check_name(one.type, one.column)) for one in promised(contract)}
    assert len(keys) == len(promised(contract))
    assert keys <= graph.asset_check_keys
    gate = dg.AssetCheckKey(raw_key(feed), GATE)
    assert [key for key in graph.asset_check_keys if key.asset_key == raw_key(feed) and graph.get(key).blocking] == [
        gate
    ]


def test_every_promise_about_the_registry_is_a_check_on_its_table(graph: dg.AssetGraph) -> None:
    for promise in PROMISES:
        key = dg.AssetKey(promise.table.split("."))
        assert key in graph.materializable_asset_keys
        assert dg.AssetCheckKey(key, promise.id) in graph.asset_check_keys


@pytest.mark.parametrize(
    ("cadence", "warns_after", "fails_after"),
    [
        ("daily", 1 + 3, 2 + 3),
        ("weekly", 7 + 3, 14 + 3),
        ("monthly", 31 + 3, 62 + 3),
        ("quarterly", 92 + 3, 184 + 3),
        ("yearly", 366 + 3, 732 + 3),
    ],
)
def test_a_feed_with_a_calendar_ages_by_its_cadence_and_the_grace_of_its_contract(
    cadence: str, warns_after: int, fails_after: int
) -> None:
    contract = load_contracts(CHECKOUT / "sources")["treaties"]
    policy = freshness(contract.model_copy(update={"cadence": Cadence(cadence), "grace_days": 3}))
    warn, fail = timedelta(days=warns_after), timedelta(days=fails_after)
    assert policy == dg.FreshnessPolicy.time_window(warn_window=warn, fail_window=fail)


def test_every_feed_is_fresh_by_its_deliveries_and_one_without_a_calendar_never_ages(graph: dg.AssetGraph) -> None:
    for feed, contract in load_contracts(CHECKOUT / "sources").items():
        assert graph.get(landing_key(feed)).freshness_policy == freshness(contract)
    assert {cadence for cadence in Cadence if cadence.days is None} == {Cadence.snapshot, Cadence.as_decided}


def test_what_is_published_is_fresh_every_morning(graph: dg.AssetGraph) -> None:
    files = [key for key in graph.materializable_asset_keys if key.path[0] == "published"]
    assert [key.path[1] for key in files if graph.get(key).freshness_policy is None] == ["release"]


def test_the_key_of_a_model_is_its_schema_and_table(graph: dg.AssetGraph, manifest: Path) -> None:
    nodes = read_models(manifest).manifest["nodes"].values()
    tables = {(node["schema"], node["alias"]) for node in nodes if node["resource_type"] in ("model", "seed")}
    assert tables <= {tuple(key.path) for key in graph.materializable_asset_keys}


def test_every_table_has_a_layer_an_owner_a_kind_and_a_description(graph: dg.AssetGraph) -> None:
    for node in graph.asset_nodes:
        assert node.group_name.partition("_")[0].isdigit()
        assert node.owners
        assert node.kinds
        assert node.description


def test_no_table_depends_on_a_later_layer(graph: dg.AssetGraph) -> None:
    backwards = [
        (parent.to_user_string(), node.key.to_user_string())
        for node in graph.asset_nodes
        for parent in node.parent_keys
        if graph.get(parent).group_name[0] > node.group_name[0]
    ]
    assert backwards == []


def test_feeds_stand_by_family_with_their_deliveries(graph: dg.AssetGraph) -> None:
    families = {graph.get(raw_key(feed)).group_name for feed in FEEDS}
    assert all(graph.get(landing_key(feed)).group_name == graph.get(raw_key(feed)).group_name for feed in FEEDS)
    assert 5 <= len(families) <= 12
    assert "1_other" not in families, "a contract names no family"


def test_crossings_reach_every_published_file_through_every_layer(graph: dg.AssetGraph) -> None:
    start = landing_key("border_crossings")
    for key in (key for key in graph.materializable_asset_keys if key.path[0] == "published"):
        assert start in graph.get_ancestor_asset_keys(key)
    reached = {key.path[0] for key in dg.AssetSelection.assets(start).downstream().resolve(graph)}
    assert reached >= set(LAYERS)


def test_all_that_has_no_days_waits_for_all_feeds_so_that_a_backfill_of_the_lineage_is_two_runs(
    graph: dg.AssetGraph,
) -> None:
    feeds = {raw_key(feed) for feed in FEEDS}
    eager = [
        key.to_user_string()
        for key in graph.materializable_asset_keys - feeds
        if not graph.get_ancestor_asset_keys(key) >= feeds
    ]
    assert eager == []


def test_a_new_feed_folder_appears_by_itself(settings: Settings, manifest: Path, tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    shutil.copytree(CHECKOUT / "sources" / "treaties", sources / "bee_permits")
    contract = yaml.safe_load((sources / "bee_permits" / "feed.yml").read_text(encoding="utf-8"))
    text = yaml.safe_dump(contract | {"feed": "bee_permits", "cadence": "weekly"}, allow_unicode=True)
    (sources / "bee_permits" / "feed.yml").write_text(text, encoding="utf-8")
    elsewhere = replace(settings, sources=sources)
    graph = build(elsewhere, manifest).get_repository_def().asset_graph
    assert raw_key("bee_permits") in graph.materializable_asset_keys
    assert raw_key("treaties") not in graph.materializable_asset_keys
    assert graph.get(landing_key("bee_permits")).freshness_policy is not None
    assert {key.asset_key for key in graph.asset_check_keys} >= {raw_key("bee_permits")}


def test_the_night_begins_at_two_by_the_clock_of_almaty(shown: dg.Definitions) -> None:
    schedule = shown.get_repository_def().get_schedule_def("every_night")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "Asia/Almaty")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert schedule.job_name == "nightly"


def test_the_monthly_release_has_a_schedule_that_is_on(shown: dg.Definitions) -> None:
    schedule = shown.get_repository_def().get_schedule_def("every_month")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 8 3 * *", "Asia/Almaty")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert schedule.job_name == "release_of_the_month"


def test_the_nightly_job_runs_every_step(shown: dg.Definitions) -> None:
    job = shown.resolve_job_def("nightly")
    steps = {node.name for node in job.graph.nodes}
    assert steps == {
        "take_in",
        "judge",
        "add_up",
        "model_before_linking",
        "link",
        "model_after_linking",
        "judge_registry",
        "publish",
    }
