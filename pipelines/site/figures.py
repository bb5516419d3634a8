"""Answers as figures: a chart or a map, its numbers as a table, and the query that gives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipelines.labels import catalogue
from pipelines.site.charts import Point, Series, lines
from pipelines.site.markup import NO_HEADING, Figure, Raw, bar, element, folded, joined, link, table
from pipelines.site.released import Answer
from pipelines.site.wording import Wording

NUMBERS = ("value", "lower", "upper", "pairs", "regions", "size", "hosts", "share", "location_quotient")
# Numbers of persons, hosts, pairs and regions, which are none of the shares that a table may show beside them.
COUNTS = ("pairs", "regions", "size", "hosts")
MOST_LINES = 4
NO_BREAK = "\u00a0"
Rows = list[dict[str, Any]]
Written = Callable[[float | None], str]


def over_months(
    wording: Wording,
    caption: str,
    answer: Answer,
    *,
    by: str | None = None,
    written: Written | None = None,
    **drawn: bool,
) -> Raw:
    """A chart of an answer over its months, with its numbers and its query.

    Args:
        wording: The language.
        caption: What it shows.
        answer: Rows with `period`, `value`, `lower` and `upper`.
        by: Column whose values are lines of their own, the greatest `MOST_LINES`; all stand in the table.
        written: How a number is written.
        drawn: As `charts.lines` takes it.
    """
    write = written or wording.number
    picture = chart(wording, caption, answer.rows, by=by, written=write, **drawn)
    if not picture:
        return element("p", f"{caption}: {wording.words('site.nothing')}", class_="note")
    told = folded(wording.words("site.numbers"), numbers(wording, caption, answer, write))
    parts = [element("figcaption", caption), picture, *_gaps(wording, answer, by), told, asked(wording, answer)]
    return element("figure", *parts)


def chart(
    wording: Wording, caption: str, rows: Rows, *, by: str | None = None, written: Written | None = None, **drawn: bool
) -> Raw:
    """A chart of rows over their months without their numbers; nothing where no month has a figure."""
    series = _series(wording, caption, rows, by)
    return lines(caption, series, written or wording.number, wording.short_month, **drawn) if series else Raw()


def asked(wording: Wording, answer: Answer) -> Raw:
    """The query behind a figure."""
    code = element("pre", element("code", answer.query), tabindex="0")
    return folded(wording.words("site.query"), joined([element("p", wording.words("site.query.about")), code]))


def numbers(wording: Wording, caption: str, answer: Answer, *written: Written, **by_column: Written) -> Raw:
    """An answer as a table, its codes in words; a column in which nothing stands is left out.

    Args:
        wording: The language.
        caption: What it shows.
        answer: The rows.
        written: How a value and its bounds are written, where it is not told of their column; counts are counts.
        by_column: How the numbers of a column are written.
    """
    usual = written[0] if written else wording.number
    writes: dict[str, Written] = {**dict.fromkeys(COUNTS, wording.number), **by_column}
    columns = [name for name in (answer.rows or [{}])[0] if any(row[name] is not None for row in answer.rows)]
    known: dict[tuple[str, Any], object] = {}

    def told(column: str, value: Any) -> object:
        """Each value is put into words once."""
        if (column, value) not in known:
            known[column, value] = _told(wording, column, value, writes.get(column, usual))
        return known[column, value]

    headings = [heading(wording, column) for column in columns]
    return table(caption, headings, [[told(name, row[name]) for name in columns] for row in answer.rows])


def ranked(wording: Wording, answer: Answer, column: str, address: Callable[[str], str | None]) -> Raw:
    """A table of the values of the last month shown, with bars, and its query.

    Args:
        wording: The language.
        answer: Rows of one month with `period`, a column, `value`, `lower` and `upper`, in the order of the table.
        column: What names a row.
        address: Page of a code, where it has one.
    """
    if not answer.rows:
        return _nothing_of_last_month(wording)
    most = max((row["value"] or 0 for row in answer.rows), default=0) or 1
    rows = []
    for row in answer.rows:
        name, way = wording.value(column, row[column]), address(row[column])
        shown_name = link(way, name) if way else name
        rows.append([shown_name, number(wording, row), Figure(bounds(wording, row)), bar((row["value"] or 0) / most)])
    head = [
        wording.words(f"site.column.{column}"),
        *(Figure(wording.words(f"site.column.{n}")) for n in ("people", "bounds")),
    ]
    # Several such tables stand on a page, and each has a name of its own for those who do not see it.
    caption = f"{wording.words(f'site.by_{column}')}: {wording.month(answer.rows[0]['period'])}"
    return joined([table(caption, [*head, NO_HEADING], rows), *_left_out(wording, answer), asked(wording, answer)])


def of_last_month(wording: Wording, title: str, answer: Answer) -> Raw:
    """A table of an answer of one month, which its caption names after the title, and its query."""
    if not answer.rows:
        return _nothing_of_last_month(wording)
    rows = [{name: value for name, value in row.items() if name != "period"} for row in answer.rows]
    caption = f"{title}: {wording.month(answer.rows[0]['period'])}"
    told = numbers(wording, caption, Answer(answer.query, rows), wording.number)
    return joined([told, *_left_out(wording, answer), asked(wording, answer)])


def left_out(wording: Wording, month: str) -> Raw:
    """That a month has closed of which a table may not tell."""
    return element("p", wording.words("site.left_out", month=wording.month(month)), class_="note")


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


def bounds(wording: Wording, row: dict[str, Any], written: Written | None = None) -> str:
    """The bounds of a figure in a cell; a dash where it has none."""
    write = written or wording.number
    return f"{write(row['lower'])}{NO_BREAK}– {write(row['upper'])}" if has_bounds(row) else "—"


def has_bounds(row: dict[str, Any]) -> bool:
    """Whether a figure is estimated: what is counted has no bounds, or two that are the figure itself."""
    return row.get("lower") is not None and row.get("upper") is not None and row["lower"] < row["upper"]


def heading(wording: Wording, column: str) -> object:
    """Name of a column; that of a number stands right."""
    key = f"site.column.{column}"
    words = wording.words(key if key in catalogue() else f"code.indicator.{column}")
    return Figure(words) if column in NUMBERS else words


def _left_out(wording: Wording, answer: Answer) -> list[Raw]:
    """That the table lacks the last closed month, where it does."""
    return [left_out(wording, answer.later)] if answer.later else []


def _gaps(wording: Wording, answer: Answer, by: str | None) -> list[Raw]:
    """Why a line is broken or ends early, where one of a protected table is or does."""
    if not any("obs_status" in row for row in answer.rows):
        return []
    series = _series(wording, "", answer.rows, by)
    months = [[point.number for point in line.points] for line in series]
    is_broken = any(last - first >= len(line) for line in months for first, last in [(line[0], line[-1])])
    has_withheld = any(row["value"] is None for row in answer.rows)
    if not (is_broken or has_withheld or answer.later):
        return []
    return [element("p", wording.words("site.gaps"), class_="note")]


def _nothing_of_last_month(wording: Wording) -> Raw:
    return element("p", f"{wording.words('site.last_month')}: {wording.words('site.nothing')}", class_="note")


def _series(wording: Wording, caption: str, rows: Rows, by: str | None) -> list[Series]:
    found: dict[str, list[Point]] = {}
    for row in rows:
        if row["value"] is not None:
            point = Point(row["period"], row["value"], row.get("lower"), row.get("upper"))
            found.setdefault(str(row[by]) if by else "", []).append(point)
    greatest = sorted(found, key=lambda code: -max(point.value for point in found[code]))[:MOST_LINES]
    return [Series(wording.value(by, code) if by else caption, found[code]) for code in greatest]


def _told(wording: Wording, column: str, value: Any, written: Written) -> object:
    if column in NUMBERS:
        return Figure(written(value))
    return "—" if value is None else wording.value(column, str(value))
