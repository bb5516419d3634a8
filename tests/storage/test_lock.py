"""One writer at a time, also after a writer that was killed."""

from __future__ import annotations

import json
import time
from multiprocessing import get_context
from pathlib import Path

import pytest

from pipelines.storage.lock import Holder, LockHeldError, read_holder, run_lock


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
        assert ("a night" in read_holder(lock).said, read_holder(lock).is_alive) == (True, True)
    finally:
        holder.kill()
        holder.join()
    assert json.loads(lock.read_text())["pid"] == holder.pid, "it could not tidy up"
    assert ("a night" in read_holder(lock).said, read_holder(lock).is_alive) == (True, False)
    with run_lock(lock, "other"):
        assert json.loads(lock.read_text())["purpose"] == "other"


def test_holder_that_comes_to_its_end_is_not_taken_for_one_that_was_killed(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with pytest.raises(ZeroDivisionError), run_lock(lock, "a night that fails"):
        raise ZeroDivisionError
    assert read_holder(lock) == Holder()


@pytest.mark.parametrize("left", [b"\0\0\0", b"\xff{", b'"a night"', b'{"pid": 1}'])
def test_what_a_power_cut_left_in_the_file_keeps_nobody_from_the_lock(left: bytes, tmp_path: Path) -> None:
    (tmp_path / "lock").write_bytes(left)
    assert not read_holder(tmp_path / "lock").is_alive
    with run_lock(tmp_path / "lock", "other"):
        assert '"other"' in read_holder(tmp_path / "lock").said
