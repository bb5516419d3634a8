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

WRITING = f"""
import pathlib, time
import dagster as dg

@dg.op(pool="{POOL}")
def write():
    began = time.time()
    time.sleep(4)
    pathlib.Path(__file__).with_name(f"{{began}}.span").write_text(f"{{began}} {{time.time()}}")

@dg.job(executor_def=dg.in_process_executor)
def writing():
    write()
"""


@pytest.mark.slow
def test_the_pool_lets_one_step_write_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text(INSTANCE, encoding="utf-8")
    (tmp_path / "writing.py").write_text(WRITING, encoding="utf-8")
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        # Lays the tables and the pool: two first runs at once would both try, and find a slot each.
        instance.event_log_storage.get_pool_limits()
        assert instance.event_log_storage.initialize_concurrency_limit_to_default(POOL)
    dagster = ["env", f"DAGSTER_HOME={tmp_path}", sys.executable, "-m", "dagster"]
    command = [*dagster, "job", "execute", "-f", str(tmp_path / "writing.py"), "-j", "writing"]
    runs = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [run.communicate(timeout=180)[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], told
    spans = [path.read_text(encoding="utf-8").split() for path in tmp_path.glob("*.span")]
    (_, first_ended), (second_began, _) = sorted((float(began), float(ended)) for began, ended in spans)
    assert second_began >= first_ended


def test_no_key_is_in_the_command_line(settings: Settings) -> None:
    command = " ".join(dagster_command(settings, "dev"))
    assert f"MIC_HOME={settings.home}" in command
    assert not any(key in command for key in settings.keys.values())
