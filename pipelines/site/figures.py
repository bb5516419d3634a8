"""Answers as figures: a chart or a map, its numbers as a table, and the query that gives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipelines.site.charts import Point, Series, lines
from pipelines.site.markup import NO_HEADING, Figure, Raw, bar, element, folded, joined, link, table
from pipelines.site.released import Answer
from pipelines.site.wording import Wording

NUMBERS = ("value", "lower", "upper", "pairs", "regions")
MOST_LINES = 4
Written = Callable[[float | None], str]


def over_months(
    wording: Wording,
    caption: str,
    answer: Answer,
    *,
    by: str | None = None,
    written: Written | None = None,
    from_zero: bool = True,
) -> Raw:
    """A chart of an answer over its months.

    Args:
        wording: The language.
        caption: What it shows.
        answer: Rows with `period`, `value`, `lower` and `upper`.
        by: Column whose values are lines of their own, the greatest `MOST_LINES`; all stand in the table.
        written: How a number is written.
        from_zero: Let the axis begin at nought.
    """
    write = written or wording.number
    series = _series(wording, caption, answer, by)
    if not series:
        return element("p", f"{caption}: {wording.words('site.nothing')}", class_="note")
    return shown(
        wording, caption, lines(caption, series, write, from_zero), numbers(wording, caption, answer, write), answer
    )


def shown(wording: Wording, caption: str, picture: Raw, told: Raw, answer: Answer) -> Raw:
    """A picture with its numbers and its query."""
    return element(
        "figure",
        element("figcaption", caption),
        picture,
        folded(wording.words("site.numbers"), told),
        asked(wording, answer),
    )


def asked(wording: Wording, answer: Answer) -> Raw:
    """The query behind a figure."""
    code = element("pre", element("code", answer.query), tabindex="0")
    return folded(wording.words("site.query"), joined([element("p", wording.words("site.query.about")), code]))


def numbers(wording: Wording, caption: str, answer: Answer, written: Written) -> Raw:
    """An answer as a table, its codes in words."""
    columns = list(answer.rows[0]) if answer.rows else []
    headings = [heading(wording, column) for column in columns]
    return table(
        caption, headings, [[_told(wording, name, row[name], written) for name in columns] for row in answer.rows]
    )


def ranked(wording: Wording, caption: str, answer: Answer, column: str, address: Callable[[str], str | None]) -> Raw:
    """A table of an answer's values with bars, and its query.

    Args:
        wording: The language.
        caption: What it shows.
        answer: Rows with a column, `value`, `lower` and `upper`, in the order of the table.
        column: What names a row.
        address: Page of a code, where it has one.
    """
    if not answer.rows:
        return element("p", f"{caption}: {wording.words('site.nothing')}", class_="note")
    most = max((row["value"] or 0 for row in answer.rows), default=0) or 1
    rows = []
    for row in answer.rows:
        name, way = wording.value(column, row[column]), address(row[column])
        bounds = f"{wording.number(row['lower'])} – {wording.number(row['upper'])}" if has_bounds(row) else "—"
        shown_name = link(way, name) if way else name
        rows.append([shown_name, number(wording, row), Figure(bounds), bar((row["value"] or 0) / most)])
    head = [
        wording.words(f"site.column.{column}"),
        *(Figure(wording.words(f"site.column.{n}")) for n in ("value", "bounds")),
    ]
    return joined([table(caption, [*head, NO_HEADING], rows), asked(wording, answer)])


def number(wording: Wording, row: dict[str, Any], written: Written | None = None) -> Figure:
    """The figure of a row, or that it is withheld."""
    if row["value"] is None:
        return Figure(wording.words("site.withheld"))
    return Figure((written or wording.number)(row["value"]))


def between(wording: Wording, row: dict[str, Any], written: Written | None = None) -> str:
    """The bounds of a figure in a sentence; empty where it has none."""
    write = written or wording.number
    if not has_bounds(row):
        return ""
    return wording.words("site.between", lower=write(row["lower"]), upper=write(row["upper"]))


def has_bounds(row: dict[str, Any]) -> bool:
    """Whether a figure is estimated: what is counted has no bounds, or two that are the figure itself."""
    return row.get("lower") is not None and row.get("upper") is not None and row["lower"] < row["upper"]


def heading(wording: Wording, column: str) -> object:
    """Name of a column; that of a number stands right."""
    words = wording.words(f"site.column.{column}")
    return Figure(words) if column in NUMBERS else words


def _series(wording: Wording, caption: str, answer: Answer, by: str | None) -> list[Series]:
    found: dict[str, list[Point]] = {}
    for row in answer.rows:
        if row["value"] is not None:
            point = Point(row["period"], row["value"], row.get("lower"), row.get("upper"))
            found.setdefault(str(row[by]) if by else "", []).append(point)
    greatest = sorted(found, key=lambda code: -max(point.value for point in found[code]))[:MOST_LINES]
    return [Series(wording.value(by, code) if by else caption, found[code]) for code in greatest]


def _told(wording: Wording, column: str, value: Any, written: Written) -> object:
    if column in NUMBERS:
        return Figure(written(value))
    return "—" if value is None else wording.value(column, str(value))
