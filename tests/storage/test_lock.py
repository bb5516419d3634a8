"""One writer at a time, also after a writer that was killed."""

from __future__ import annotations

import json
import time
from multiprocessing import get_context
from pathlib import Path

import pytest

from pipelines.storage.lock import LockHeldError, run_lock


def hold(path: Path, began: Path) -> None:
    """A run that goes on until it is killed."""
    with run_lock(path, "a night"):
        began.touch()
        time.sleep(600)


def test_lock_of_another_process_is_respected_and_that_of_a_killed_one_taken_over(tmp_path: Path) -> None:
    lock, began = tmp_path / "lock", tmp_path / "began"
    holder = get_context("spawn").Process(target=hold, args=(lock, began))
    holder.start()
    try:
        while not began.exists():
            assert holder.is_alive()
            time.sleep(0.05)
        with pytest.raises(LockHeldError, match=rf'"pid": {holder.pid}, "purpose": "a night"'), run_lock(lock, "other"):
            pass
    finally:
        holder.kill()
        holder.join()
    assert json.loads(lock.read_text())["pid"] == holder.pid, "it could not tidy up"
    with run_lock(lock, "other"):
        assert json.loads(lock.read_text())["purpose"] == "other"
