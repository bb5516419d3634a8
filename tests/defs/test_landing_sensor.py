"""What has landed is asked for once, and never while a run is under way."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from pipelines.defs import sensors
from pipelines.defs.sensors import landing_sensor
from pipelines.settings import Settings
from pipelines.storage import Home

FEEDS = ("border_crossings", "treaties")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sensors, "QUIET_SECONDS", 0)


def lay_down(settings: Settings, feed: str, number: int) -> Path:
    folder = Home(settings.home).landing / feed
    folder.mkdir(exist_ok=True)
    manifest = folder / f"{feed}_20260105_{number:03d}.csv.manifest.json"
    manifest.write_text("{}", encoding="utf-8")
    return manifest


def ask(settings: Settings, instance: dg.DagsterInstance, cursor: str | None) -> dg.SensorResult | dg.SkipReason:
    result = landing_sensor(settings, FEEDS)(dg.build_sensor_context(instance=instance, cursor=cursor))
    assert isinstance(result, dg.SensorResult | dg.SkipReason)
    return result


def test_deliveries_that_landed_together_are_one_run_and_asked_for_once(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    lay_down(settings, "border_crossings", 1)
    lay_down(settings, "treaties", 1)
    first = ask(settings, instance, None)
    assert isinstance(first, dg.SensorResult)
    assert len(first.run_requests or ()) == 1
    assert isinstance(ask(settings, instance, first.cursor), dg.SkipReason)
    lay_down(settings, "treaties", 2)
    second = ask(settings, instance, first.cursor)
    assert isinstance(second, dg.SensorResult)
    assert {request.run_key for request in (*(first.run_requests or ()), *(second.run_requests or ()))} == {
        f"landed-{first.cursor}",
        f"landed-{second.cursor}",
    }


def test_a_data_file_without_its_manifest_waits(settings: Settings, instance: dg.DagsterInstance) -> None:
    manifest = lay_down(settings, "treaties", 1)
    manifest.rename(manifest.with_name("treaties_20260105_001.csv"))
    assert isinstance(ask(settings, instance, None), dg.SkipReason)


def test_what_is_still_landing_waits(
    settings: Settings, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensors, "QUIET_SECONDS", 60)
    lay_down(settings, "treaties", 1)
    assert isinstance(ask(settings, instance, None), dg.SkipReason)


def test_what_was_judged_before_the_first_look_is_not_asked_for(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    lay_down(settings, "treaties", 1)
    Home(settings.home).ledger.write_text("", encoding="utf-8")
    assert isinstance(ask(settings, instance, None), dg.SkipReason)


def test_nothing_is_asked_for_while_a_run_is_under_way(settings: Settings, instance: dg.DagsterInstance) -> None:
    lay_down(settings, "treaties", 1)
    instance.create_run_for_job(dg.GraphDefinition("nightly").to_job(), status=dg.DagsterRunStatus.STARTED)
    assert isinstance(ask(settings, instance, None), dg.SkipReason)
