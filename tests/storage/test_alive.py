"""A process that works is known by the file that it holds, and one that was killed by the file that it held."""

from __future__ import annotations

import time
from multiprocessing import get_context
from pathlib import Path

import pytest

from pipelines.storage.alive import is_gone, signs_of_life


def live(path: Path) -> None:
    """A run that goes on until it is killed."""
    with signs_of_life(path):
        time.sleep(600)


def test_who_was_killed_is_gone_at_once_and_who_ended_after_a_while(tmp_path: Path) -> None:
    path = tmp_path / "alive" / "run"
    holder = get_context("spawn").Process(target=live, args=(path,))
    holder.start()
    try:
        while not path.exists():
            assert holder.is_alive()
            time.sleep(0.05)
        assert not is_gone(path, 0.0, 0.0)
    finally:
        holder.kill()
        holder.join()
    assert is_gone(path, time.time(), 600.0)
    with pytest.raises(ZeroDivisionError), signs_of_life(path):
        assert not is_gone(path, 0.0, 0.0)
        raise ZeroDivisionError
    assert (is_gone(path, 0.0, 600.0), is_gone(path, time.time(), -1.0)) == (False, True)


def test_who_has_no_file_yet_is_gone_after_a_while(tmp_path: Path) -> None:
    assert [is_gone(tmp_path / "run", time.time() - ago, 120.0) for ago in (0.0, 60.0, 600.0)] == [False, False, True]
