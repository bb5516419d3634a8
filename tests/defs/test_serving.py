"""The UI's settings do what they are there for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from pipelines.defs.centre import POOL
from pipelines.serving import INSTANCE, dagster_command
from pipelines.settings import Settings
from tests.processes import wait_until

WRITING = f"""
import pathlib, time
import dagster as dg

@dg.op(pool="{POOL}")
def write(context):
    here = pathlib.Path(__file__).parent
    (here / f"{{context.run_id}}.writes").touch()
    ends = time.time() + 120
    while not (here / "let").exists() and time.time() < ends:
        time.sleep(0.1)

@dg.job(executor_def=dg.in_process_executor)
def writing():
    write()
"""


@pytest.mark.slow
def test_a_step_waits_while_another_writes(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text(INSTANCE, encoding="utf-8")
    (tmp_path / "writing.py").write_text(WRITING, encoding="utf-8")
    dagster = ["env", f"DAGSTER_HOME={tmp_path}", sys.executable, "-m", "dagster"]
    command = [*dagster, "job", "execute", "-f", str(tmp_path / "writing.py"), "-j", "writing"]
    runs = []
    try:
        with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
            pools = instance.event_log_storage
            # One after the other: the pool takes no lock, two that ask at one instant are kept apart by the home's.
            runs.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            wait_until(lambda: len(list(tmp_path.glob("*.writes"))) == 1)
            runs.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            wait_until(lambda: pools.get_concurrency_info(POOL).pending_step_count == 1)
            assert len(list(tmp_path.glob("*.writes"))) == 1
            (tmp_path / "let").touch()
            assert [run.wait(timeout=120) for run in runs] == [0, 0]
            assert len(list(tmp_path.glob("*.writes"))) == 2
    finally:
        for run in runs:
            run.kill()


def test_no_key_is_in_the_command_line(settings: Settings) -> None:
    command = " ".join(dagster_command(settings, "dev"))
    assert f"MIC_HOME={settings.home}" in command
    assert not any(key in command for key in settings.keys.values())
