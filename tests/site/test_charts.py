"""Charts: what stands on their axes, and that nothing is cut or told by colour alone."""

from __future__ import annotations

import re

import pytest

from pipelines.site.charts import LETTER, Point, Series, lines, ticks


def chart(values: list[float], *names: str) -> str:
    """A chart of a few months of 2026 from February on, with a line of each name."""
    points = [Point(f"2026-{month:02}", value, None, None) for month, value in enumerate(values, 2)]
    series = [Series(name, points) for name in names or ("entry",)]
    return lines("Crossings", series, lambda value: f"{100 * value:.3f} %", lambda period: period, from_zero=False)


def test_an_axis_of_shares_that_are_all_one_ends_at_one() -> None:
    assert ticks(1.0, 1.0)[-1] == pytest.approx(1.0)
    assert ticks(0.0, 0.0)[0] == 0.0


def test_no_month_below_a_chart_stands_under_the_figures_beside_it_or_beyond_its_edge() -> None:
    drawn = chart([0.4] * 5)
    assert {month: anchor for anchor, month in re.findall(r'text-anchor="(\w+)">(2026-\d+)<', drawn)} == {
        "2026-02": "start",
        "2026-04": "middle",
        "2026-06": "end",
    }


def test_no_two_ticks_of_an_axis_are_written_alike_and_each_has_its_room() -> None:
    ticked = re.findall(r'<text x="(\d+)" y="[\d.]+" text-anchor="end">([\d.]+ %)<', chart([0.99999, 1.0]))
    words = [word for _, word in ticked]
    assert words == ["99.999 %", "100.000 %"]
    assert all(int(x) >= LETTER * len(word) for x, word in ticked)


def test_a_legend_shows_the_lines_as_they_are_drawn() -> None:
    drawn = chart([0.4, 0.5], "entry", "exit")
    assert re.findall(r'<g class="series (s\d)"><polyline points="0,6 44,6">', drawn) == ["s0", "s1"]
