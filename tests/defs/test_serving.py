"""The UI's settings do what they are there for."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import dagster as dg
import yaml
from dagster._core.test_utils import instance_for_test

from pipelines.defs.centre import POOL
from pipelines.serving import INSTANCE, dagster_command
from pipelines.settings import Settings


def test_the_pool_lets_one_step_write_at_a_time(tmp_path: Path) -> None:
    spans: list[tuple[float, float]] = []

    @dg.op(pool=POOL)
    def write() -> None:
        began = time.monotonic()
        time.sleep(0.3)
        spans.append((began, time.monotonic()))

    @dg.job(executor_def=dg.in_process_executor)
    def writing() -> None:
        write()

    concurrency = yaml.safe_load(INSTANCE)["concurrency"]
    with instance_for_test(overrides={"concurrency": concurrency}, temp_dir=str(tmp_path)) as instance:
        runs = [threading.Thread(target=writing.execute_in_process, kwargs={"instance": instance}) for _ in range(2)]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
    (_, first_ended), (second_began, _) = sorted(spans)
    assert second_began >= first_ended


def test_no_key_is_in_the_command_line(settings: Settings) -> None:
    command = " ".join(dagster_command(settings, "dev"))
    assert f"MIC_HOME={settings.home}" in command
    assert not any(key in command for key in settings.keys.values())
