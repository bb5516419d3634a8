"""The measure of a full day: in which loads its history is loaded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.benchmarks import full_day
from pipelines.settings import Settings

NIGHT = date(2026, 1, 20)
SPENT = {"answer": None, "seconds": 1.0, "cpu_s": 2.0, "peak_mb": 3}


def loads_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, days: int, load_rows: int) -> list[tuple[int, bool]]:
    """Days before the night until which each load takes in, the night with it, and whether it is published."""
    loads: list[tuple[int, bool]] = []

    def noted(work: Any, *given: Any) -> dict[str, Any]:
        if work is not full_day._load_until:
            return SPENT
        _, until, publishes = given
        loads.append(((NIGHT - until).days, publishes))
        step = {"seconds": 0.5, "cpu_s": 0.5, "peak_mb": None}
        return SPENT | {"answer": (200_000, {"1 take in": step, "2 publish": step})}

    monkeypatch.setattr(full_day, "in_process", noted)
    there = replace(Settings(home=tmp_path), load_rows=load_rows)
    _, night = full_day._measure_history(there, there, NIGHT, days)
    assert night == 1.5  # what publication cost is told apart
    return loads


def test_a_history_that_a_load_has_room_for_is_one_load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert loads_of(monkeypatch, tmp_path, days=10, load_rows=2_000_000) == [(1, True), (0, True)]


def test_a_longer_one_is_several_of_which_the_last_is_published(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert loads_of(monkeypatch, tmp_path, days=5, load_rows=400_000) == [(4, False), (2, False), (1, True), (0, True)]


def test_a_load_takes_one_day_at_least(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert loads_of(monkeypatch, tmp_path, days=2, load_rows=1) == [(2, False), (1, True), (0, True)]
