"""When a look is refused: nothing is answered over a log that was changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.audit import Look, LookRefusedError, log
from pipelines.audit.chain import check
from pipelines.settings import Settings
from pipelines.storage import Home

WHEN = datetime(2026, 3, 1, 20, tzinfo=UTC)


def look(home: Path, case: str = "C-1") -> None:
    log(Settings(home, keys={"registry": "key"}), Look("find", "border", case), lambda: WHEN)


@pytest.fixture
def logged(tmp_path: Path) -> Path:
    for case in ("C-1", "C-2", "C-3"):
        look(tmp_path, case)
    return Home(tmp_path).access_log


@pytest.mark.parametrize(
    "changed",
    [
        lambda lines: [lines[0].replace(b"C-1", b"C-9"), *lines[1:]],
        lambda lines: [lines[0], lines[2]],
        lambda lines: [lines[1], lines[0], lines[2]],
        lambda lines: [*lines, lines[2]],
    ],
    ids=["a line was changed", "a line was taken out", "lines were moved", "a line was put in"],
)
def test_no_look_is_answered_over_a_log_that_was_changed(
    changed: Callable[[list[bytes]], list[bytes]], logged: Path, tmp_path: Path
) -> None:
    logged.write_bytes(b"".join(changed(logged.read_bytes().splitlines(keepends=True))))
    standing = logged.read_bytes()
    with pytest.raises(LookRefusedError, match=r"was changed .*so nothing is answered"):
        look(tmp_path)
    assert logged.read_bytes() == standing


def test_a_line_that_a_power_cut_left_stops_no_look(logged: Path, tmp_path: Path) -> None:
    logged.write_bytes(logged.read_bytes()[:-20])
    look(tmp_path)
    assert check(logged).problems == []


def test_a_broken_log_that_was_put_aside_is_followed_by_a_new_one(logged: Path, tmp_path: Path) -> None:
    logged.write_bytes(logged.read_bytes().replace(b"C-1", b"C-9"))
    logged.rename(logged.with_name("broken-2026-03-01.jsonl"))
    look(tmp_path)
    assert check(logged).head.count == 1
