"""The night as Dagster runs it, killed with its process, and with everything that watched it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from pipelines.defs.lost_runs import PURPOSE, TOLD
from pipelines.overview import look
from pipelines.serving import MODULE, dagster_command, end_ui, prepare_ui, start_ui
from pipelines.storage import Home
from tests.laws.invariants import broken
from tests.laws.nights import Content, content, difference, settings_of
from tests.processes import free_port, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow]
SUCCESS, FAILURE, STARTED = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.STARTED


@pytest.fixture
def mailbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of those who start Dagster; where its messages go."""
    for name, key in settings_of(tmp_path).keys.items():
        monkeypatch.setenv(f"MIC_{name.upper()}_KEY", key)
    monkeypatch.setenv("MIC_THREADS", "1")
    monkeypatch.setenv("MIC_ALERT_MAILBOX", str(tmp_path / "box"))
    return tmp_path / "box"


@pytest.fixture
def home(new_night: Callable[[], Path], mailbox: Path) -> Path:
    """A second night's deliveries have landed, and Dagster has its settings."""
    found = new_night()
    prepare_ui(settings_of(found))
    return found


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """What Dagster keeps of its runs."""
    with dg.DagsterInstance.from_config(str(Home(home).dagster)) as kept:
        yield kept


def runs_of(instance: dg.DagsterInstance) -> list[tuple[str, dg.DagsterRunStatus]]:
    """Runs and how they stand, the first one first."""
    return [(record.dagster_run.run_id, record.dagster_run.status) for record in instance.get_run_records()][::-1]


def job(home: Path, what: str, fault: str = "") -> int:
    """`dagster job execute` or `launch` of the night; returns how it ended."""
    command = ["env", f"MIC_FAULT={fault}", *dagster_command(settings_of(home), "job", what, "-m", MODULE)]
    return subprocess.run([*command, "-j", "nightly"], capture_output=True, check=False).returncode


def test_run_killed_while_it_takes_in_and_while_it_models_is_shown_as_failed_and_run_again(
    home: Path, instance: dg.DagsterInstance, undisturbed: Content
) -> None:
    """Nobody watches such a run; the next one finds it, and is not kept waiting by the place that it held."""
    for number, fault in enumerate(("delivery.commit:1", "model.start:40"), start=1):
        assert job(home, "execute", f"{fault}:kill") == -signal.SIGKILL, "the fault point was never passed"
        statuses = [status for _, status in runs_of(instance)]
        assert statuses == [FAILURE] * (number - 1) + [STARTED]
        assert PURPOSE + runs_of(instance)[-1][0] in look(settings_of(home)).killed
    assert job(home, "execute") == 0
    assert [status for _, status in runs_of(instance)] == [FAILURE, FAILURE, SUCCESS]
    assert look(settings_of(home)).killed == ""
    assert difference(content(home), undisturbed) == []
    assert broken(home) == []


def test_night_killed_with_the_daemon_begins_again_once_when_the_daemon_is_back(
    home: Path, instance: dg.DagsterInstance, mailbox: Path, undisturbed: Content
) -> None:
    """As after a power cut: the run, the daemon and the server of the code are all gone at one moment."""

    def is_modelling() -> bool:
        [(run_id, _)] = runs_of(instance)
        begun = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_START)
        return any(event.dagster_event and event.dagster_event.step_key == "model_after_linking" for event in begun)

    ui = start_ui(settings_of(home), free_port())
    try:
        assert job(home, "launch") == 0
        wait_until(is_modelling)
        os.killpg(ui.pid, signal.SIGKILL)
    finally:
        end_ui(ui)
    [(first, status)] = runs_of(instance)
    assert status is STARTED
    wait_until(lambda: PURPOSE + first in look(settings_of(home)).killed)
    ui = start_ui(settings_of(home), free_port())
    try:
        wait_until(lambda: [status for _, status in runs_of(instance)][1:] in ([SUCCESS], [FAILURE]))
        wait_until(mailbox.exists)
    finally:
        end_ui(ui)
    assert [status for _, status in runs_of(instance)] == [FAILURE, SUCCESS]
    assert TOLD in mailbox.read_text(encoding="utf-8").replace("=\n", "").replace("\n", " ")
    assert difference(content(home), undisturbed) == []
    assert broken(home) == []
