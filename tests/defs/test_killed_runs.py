"""A run of Dagster that is killed keeps no other from its place, whether somebody watches it or nobody does.

The run has one step, with the resource, the sensor, the tags and the settings that the night has; what a night
makes of a kill, content and all, is shown in `tests/laws`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import dagster as dg
import pytest

from pipelines.defs.lost_runs import PURPOSE, TOLD
from pipelines.overview import look
from pipelines.serving import HOST, INSTANCE, end_ui
from pipelines.settings import Settings
from pipelines.storage import Home
from tests.processes import free_port, wait_until

WRITING = """
import pathlib, time
import dagster as dg
from pipelines.defs.centre import POOL, centre_resource
from pipelines.defs.jobs import AGAIN_ONCE
from pipelines.defs.sensors import lost_run_sensor
from pipelines.settings import Settings

settings, here = Settings.from_environment(), pathlib.Path(__file__).parent

@dg.op(pool=POOL, required_resource_keys={"centre"})
def write(context):
    (here / f"{context.run_id}.writes").touch()
    while not (here / "let").exists():
        time.sleep(0.1)

@dg.job(executor_def=dg.in_process_executor, resource_defs={"centre": centre_resource(settings)}, tags=AGAIN_ONCE)
def nightly():
    write()

defs = dg.Definitions(jobs=[nightly], sensors=[lost_run_sensor(settings)])
"""
STARTED, FAILURE, SUCCESS = dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS
PATIENCE_SECONDS = 600.0


@pytest.fixture
def dagster(settings: Settings) -> list[str]:
    """How Dagster is started for a centre whose night is one step that waits."""
    home = Home(settings.home).dagster
    (home / "dagster.yaml").write_text(INSTANCE, encoding="utf-8")
    (home / "writing.py").write_text(WRITING, encoding="utf-8")
    return ["env", f"DAGSTER_HOME={home}", f"MIC_HOME={settings.home}", sys.executable, "-m", "dagster"]


@pytest.fixture
def kept(settings: Settings, dagster: list[str]) -> Iterator[dg.DagsterInstance]:
    """What Dagster keeps of its runs."""
    with dg.DagsterInstance.from_config(str(Home(settings.home).dagster)) as instance:
        yield instance


def started(settings: Settings, command: list[str]) -> subprocess.Popen[bytes]:
    """A process in a group of its own, which can be killed whole."""
    folder = Home(settings.home).dagster
    return subprocess.Popen(command, cwd=folder, start_new_session=True, stdout=subprocess.DEVNULL)


def statuses(instance: dg.DagsterInstance) -> list[dg.DagsterRunStatus]:
    """How the runs stand, the first one first."""
    return [record.dagster_run.status for record in instance.get_run_records()][::-1]


def writes(settings: Settings) -> int:
    """Runs that have come to their step."""
    return len(list(Home(settings.home).dagster.glob("*.writes")))


def let(settings: Settings) -> None:
    """Lets the step end."""
    (Home(settings.home).dagster / "let").touch()


@pytest.mark.slow
def test_a_run_that_nobody_watches_and_that_was_killed_is_ended_by_the_next_one(
    settings: Settings, dagster: list[str], kept: dg.DagsterInstance
) -> None:
    command = [*dagster, "job", "execute", "-f", "writing.py", "-j", "nightly"]
    first = started(settings, command)
    try:
        wait_until(lambda: writes(settings) == 1)
    finally:
        first.kill()
        first.wait()
    assert statuses(kept) == [STARTED]
    [record] = kept.get_run_records()
    assert PURPOSE + record.dagster_run.run_id in look(settings).killed
    let(settings)
    assert started(settings, command).wait(PATIENCE_SECONDS) == 0
    assert statuses(kept) == [FAILURE, SUCCESS]
    assert look(settings).killed == ""


@pytest.mark.faults
def test_a_run_killed_with_all_that_watched_it_begins_again_once_when_the_daemon_is_back(
    settings: Settings, dagster: list[str], kept: dg.DagsterInstance
) -> None:
    """As after a power cut: the run, the daemon and the server of the code are all gone at one moment."""

    def served() -> subprocess.Popen[bytes]:
        return started(settings, [*dagster, "dev", "-f", "writing.py", "-h", HOST, "-p", str(free_port())])

    ui = served()
    try:
        launch = [*dagster, "job", "launch", "-f", "writing.py", "-j", "nightly"]
        assert started(settings, launch).wait(PATIENCE_SECONDS) == 0
        wait_until(lambda: writes(settings) == 1)
        os.killpg(ui.pid, signal.SIGKILL)
    finally:
        end_ui(ui)
    assert statuses(kept) == [STARTED]
    let(settings)
    ui = served()
    try:
        wait_until(lambda: statuses(kept)[1:] in ([FAILURE], [SUCCESS]))
    finally:
        end_ui(ui)
    assert statuses(kept) == [FAILURE, SUCCESS]
    lost = kept.get_run_records()[-1].dagster_run
    [failed] = kept.all_logs(lost.run_id, of_type=dg.DagsterEventType.PIPELINE_FAILURE)
    assert failed.message == TOLD
    assert writes(settings) == 2
