"""A year that a benchmark keeps is loaded once, and judged as often as it is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelines.benchmarks import presence as benchmark
from pipelines.settings import Settings


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What was done with which home; neither loads nor judges anything."""
    seen: list[tuple[str, str]] = []

    def load(work: Any, settings: Settings, *given: Any) -> dict[str, Any]:
        settings.home.mkdir(parents=True)
        seen.append(("loaded", settings.home.name))
        return {}

    def judge(settings: Settings, truth: Path) -> benchmark.Measures:
        seen.append(("judged", settings.home.name))
        return [], [], []

    monkeypatch.setattr(benchmark, "in_process", load)
    monkeypatch.setattr(benchmark, "make_chances_anew", lambda settings: seen.append(("made anew", settings.home.name)))
    monkeypatch.setattr(benchmark, "judge_home", judge)
    return seen


def test_a_kept_year_is_loaded_once(tmp_path: Path, done: list[tuple[str, str]]) -> None:
    settings = Settings(tmp_path)
    for _ in range(2):
        benchmark.measure_presence(settings, 300, seed=1, kept=tmp_path / "years")
    benchmark.measure_presence(settings, 300, seed=2, kept=tmp_path / "years")
    assert [what for what, home in done if home == "1-300-365"] == ["loaded", "judged", "made anew", "judged"]
    assert [what for what, home in done if home == "2-300-365"] == ["loaded", "judged"]


def test_a_year_whose_load_was_stopped_is_loaded_from_the_start(tmp_path: Path, done: list[tuple[str, str]]) -> None:
    half = tmp_path / "1-300-365"
    half.mkdir()
    (half / "landing").touch()
    benchmark.measure_presence(Settings(tmp_path), 300, seed=1, kept=tmp_path)
    assert done == [("loaded", "1-300-365"), ("judged", "1-300-365")]
    assert not (half / "landing").exists()


def test_a_year_that_nobody_keeps_is_gone(tmp_path: Path, done: list[tuple[str, str]]) -> None:
    for _ in range(2):
        benchmark.measure_presence(Settings(tmp_path), 300, seed=1)
    assert [what for what, _ in done] == ["loaded", "judged"] * 2
    assert list(tmp_path.iterdir()) == []
