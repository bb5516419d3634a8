"""Lines over months, with their bounds, drawn as SVG; colours are those of the style sheet."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from pipelines.site.markup import Raw, element, joined

# The picture in its own units, and what is kept free for months below, for air around, and for each letter on the left:
# the width of one as a phone draws it.
WIDTH, HEIGHT, BOTTOM, AIR, LETTER = 720, 260, 34, 16, 15
MOST_TICKS = 5
MOST_MONTHS = 4
# So many months are marked one by one; more are a line and a band.
MOST_MARKS = 24


@dataclass(frozen=True)
class Point:
    """One month, as `YYYY-MM`, of a series; the bounds are None where the figure has none."""

    period: str
    value: float
    lower: float | None
    upper: float | None

    @property
    def number(self) -> int:
        """Months since the year nought."""
        return month_number(self.period)


@dataclass(frozen=True)
class Series:
    """A line of a chart: its name and its months in order."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True)
class Words:
    """How a language writes a number, and a month given as `YYYY-MM`."""

    written: Callable[[float], str]
    dated: Callable[[str], str]


@dataclass(frozen=True)
class Scale:
    """Where a month and a value stand in the picture, right of the words of the ticks."""

    first: int
    last: int
    ticks: Sequence[float]
    left: int

    def x(self, number: int) -> float:
        """From the left; a lone month stands in the middle."""
        room = WIDTH - self.left - 2 * AIR
        part = (number - self.first) / (self.last - self.first) if self.last > self.first else 0.5
        return self.left + AIR + room * part

    def y(self, value: float) -> float:
        """From the top."""
        least, most = self.ticks[0], self.ticks[-1]
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - AIR) * (value - least) / (most - least)


def lines(
    title: str,
    series: Sequence[Series],
    written: Callable[[float], str],
    dated: Callable[[str], str],
    from_zero: bool = True,
) -> Raw:
    """A chart of lines; the table beside it says the same in numbers.

    Args:
        title: What it shows, for those who do not see it.
        series: The lines, each with a month at least; the first is drawn strongest.
        written: A number as the language writes it.
        dated: A month as the language writes it.
        from_zero: Let the axis begin at nought; a share near one has it near its least value.
    """
    points = [point for line in series for point in line.points]
    heights = [height for point in points for height in (point.value, point.lower, point.upper) if height is not None]
    months = [point.number for point in points]
    marked = ticks(0 if from_zero else min(heights), max(heights))
    if len({written(tick) for tick in marked}) < len(marked):  # too close for the digits that are written
        marked = [marked[0], marked[-1]]
    left = LETTER * max(len(written(tick)) for tick in marked) + AIR
    scale, words = Scale(min(months), max(months), marked, left), Words(written, dated)
    drawn = [_grid(scale, words), *(_line(scale, line, number, words) for number, line in enumerate(series))]
    told = f"{title}: {'; '.join(_last(line, words, len(series) > 1) for line in series)}"
    picture = element("svg", *drawn, viewBox=f"0 0 {WIDTH} {HEIGHT}", class_="chart", role="img", aria_label=told)
    return joined([picture, _legend(series)]) if len(series) > 1 else picture


@cache
def month_number(period: str) -> int:
    """Months since the year nought of a month given as `YYYY-MM`."""
    year, _, month = period.partition("-")
    return 12 * int(year) + int(month) - 1


def ticks(least: float, most: float) -> list[float]:
    """Round values that cover a range, about `MOST_TICKS` of them; a lone value has room below, no share exceeds 1."""
    if least == most:
        least, most = (most - abs(most) / 10, most) if most else (0.0, 1.0)
    rough = (most - least) / (MOST_TICKS - 1)
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough * 0.999)
    first = math.floor(least / step + 1e-9)
    last = max(math.ceil(most / step - 1e-9), first + 1)
    return [number * step for number in range(first, last + 1)]


def _grid(scale: Scale, words: Words) -> Raw:
    rules = []
    for tick in scale.ticks:
        y = scale.y(tick)
        rules.append(element("line", x1=scale.left, x2=WIDTH - AIR, y1=f"{y:.1f}", y2=f"{y:.1f}"))
        rules.append(element("text", words.written(tick), x=scale.left - 8, y=f"{y + 5:.1f}", text_anchor="end"))
    every = math.ceil((scale.last - scale.first + 1) / MOST_MONTHS)
    months = [
        element(
            "text",
            words.dated(f"{n // 12}-{n % 12 + 1:02}"),
            x=f"{scale.x(n):.1f}",
            y=HEIGHT - 8,
            text_anchor=_anchor(scale, n),
        )
        for n in range(scale.last, scale.first - 1, -every)
    ]
    return element("g", *rules, *months, class_="grid")


def _anchor(scale: Scale, number: int) -> str:
    """The first month begins beside the least figure, the last ends at the edge, so that nothing is covered or cut."""
    if scale.first == scale.last:
        return "middle"
    return {scale.first: "start", scale.last: "end"}.get(number, "middle")


def _line(scale: Scale, line: Series, number: int, words: Words) -> Raw:
    """A line with its bounds; a month without a figure breaks it."""
    runs: list[list[Point]] = []
    for point in line.points:
        if runs and point.number == runs[-1][-1].number + 1:
            runs[-1].append(point)
        else:
            runs.append([point])
    is_short = scale.last - scale.first < MOST_MARKS
    marks = [_mark(scale, line.name, point, words) for run in runs if is_short or len(run) == 1 for point in run]
    return element("g", *[_run(scale, run) for run in runs if len(run) > 1], *marks, class_=f"series s{number}")


def _run(scale: Scale, run: list[Point]) -> Raw:
    upper = [(point.number, point.upper) for point in run]
    lower = [(point.number, point.lower) for point in reversed(run)]
    edge = [f"{scale.x(month):.1f},{scale.y(value):.1f}" for month, value in upper + lower if value is not None]
    band = element("polygon", points=" ".join(edge)) if len(edge) == 2 * len(run) else ""
    path = " ".join(f"{scale.x(point.number):.1f},{scale.y(point.value):.1f}" for point in run)
    return joined([band, element("polyline", points=path)])


def _mark(scale: Scale, name: str, point: Point, words: Words) -> Raw:
    x, y = f"{scale.x(point.number):.1f}", f"{scale.y(point.value):.1f}"
    told, bounds = f"{name}, {words.dated(point.period)}: {words.written(point.value)}", Raw()
    if point.lower is not None and point.upper is not None:
        told += f" ({words.written(point.lower)} – {words.written(point.upper)})"
        bounds = element("line", x1=x, x2=x, y1=f"{scale.y(point.lower):.1f}", y2=f"{scale.y(point.upper):.1f}")
    return joined([bounds, element("circle", element("title", told), cx=x, cy=y, r=3.5)])


def _last(line: Series, words: Words, is_named: bool) -> str:
    """The last figure of a line in words, for those who do not see the line."""
    last = line.points[-1]
    told = f"{words.dated(last.period)}: {words.written(last.value)}"
    return f"{line.name}, {told}" if is_named else told


def _legend(series: Sequence[Series]) -> Raw:
    """Names of the lines, each beside a piece of it: its dashes tell it from the others without its colour."""
    entries = [element("li", _piece(number), line.name) for number, line in enumerate(series)]
    return element("ul", *entries, class_="legend")


def _piece(number: int) -> Raw:
    drawn = element("g", element("polyline", points="0,6 44,6"), class_=f"series s{number}")
    return element("svg", drawn, viewBox="0 0 44 12", class_="piece", aria_hidden="true")
