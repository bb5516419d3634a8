"""What the public may know of the quality of the links: shares of closed months, and the page that shows them.

A month's figures are taken from the load in which it closed and stand as released; later releases add months. Counts
are left out but for their size, rounded as every public count is, and a share of fewer pairs than `FEWEST_PAIRS` is
not told.
"""

from __future__ import annotations

from datetime import date
from itertools import groupby

import duckdb
import pyarrow as pa

from pipelines.labels import label
from pipelines.publication.rounding import rounded
from pipelines.quality.page import cell, document, marked, table, words

TABLE = "linkage_monthly"
FEWEST_PAIRS = 100
MEASURES = ("precision", "recall_without_iin", "clerical_precision", "steward_agreement")
HEADINGS = ("month", "group_kind", "group", "value", "lower", "upper", "pairs", "model")
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("month", "measure", "group_kind", "group_value")),
        *((name, pa.float64()) for name in ("value", "lower", "upper")),
        ("pairs", pa.int64()),
        ("model_version", pa.string()),
    ]
)
Line = tuple[str, str, str, str, float, float, float, int, str]

SHARES = f"""SELECT measure, group_kind, group_value, round(value, 5), round(lower, 5), round(upper, 5), counted,
  model_version
FROM linkage_quality_rows WHERE measure IN {MEASURES} AND value IS NOT NULL AND counted >= {FEWEST_PAIRS}
ORDER BY ALL"""
EARLIER = "FROM read_parquet($1) WHERE month < $2 ORDER BY ALL"

# The plot, in its own units: width and height of the picture, and what is kept free for the figures.
WIDTH, HEIGHT, MARGIN = 640, 160, 60


def lines(connection: duckdb.DuckDBPyConnection, month: str, key: str, before: str | None) -> list[Line]:
    """The lines of a release: those that stand for earlier months, and the shares of the load at hand.

    Args:
        connection: The build database, with `linkage_quality_rows` of the load.
        month: The month that has closed, as `YYYY-MM`.
        key: Secret of the release, for the rounding.
        before: The table as the release that stands has it; None where there is none.
    """
    found: list[Line] = connection.execute(EARLIER, [before, month]).fetchall() if before else []
    for measure, kind, group, value, lower, upper, counted, model in connection.execute(SHARES).fetchall():
        pairs = rounded(key, f"{TABLE}/{month}/{measure}/{kind}/{group}", counted)
        found.append((month, measure, kind, group, value, lower, upper, pairs, model))
    return found


def page(found: list[Line], made_on: date) -> str:
    """The page of the links: for each measure a plot over the months and the figures of the last month by group."""
    sections = [f"<h1>{words('linkage.title')}</h1><p>{words('linkage.about')}</p>"]
    sections.append(f"<p>{words('release.made_on')}: {made_on}</p>")
    for measure, of_measure in groupby(sorted(found, key=lambda line: MEASURES.index(line[1])), lambda line: line[1]):
        sections.append(_measure(measure, sorted(of_measure)))
    if not found:
        sections.append(f"<p>{words('linkage.none')}</p>")
    sections.append(
        f'<p>{words("release.data")}: <a href="../data/{TABLE}.csv">CSV</a>, '
        f'<a href="../data/{TABLE}.parquet">Parquet</a> · <a href="index.html">{words("release.title")}</a></p>'
    )
    return document(label("linkage.title", "en"), sections)


def _measure(measure: str, found: list[Line]) -> str:
    last = max(line[0] for line in found)
    rows = [
        ("", [cell(month), marked(words(f"linkage.{kind}")), cell(group), *map(cell, figures)])
        for month, _, kind, group, *figures in found
        if month == last
    ]
    head = f"<h2>{words(f'linkage.{measure}')}</h2><p>{words(f'linkage.{measure}.about')}</p>"
    return head + _plot([line for line in found if line[2] == "all"]) + table([f"linkage.{n}" for n in HEADINGS], rows)


def _plot(found: list[Line]) -> str:
    """The share of all persons over the months with its bounds; the table beside it says the same in figures."""
    if not found:
        return ""
    least = min(line[5] for line in found)
    highest = max(line[6] for line in found)
    spread = highest - least or 1.0

    def height(value: float) -> float:
        return HEIGHT - 25 - (HEIGHT - 50) * (value - least) / spread

    step = (WIDTH - 2 * MARGIN) / max(len(found) - 1, 1)
    marks, path = [], []
    for number, (month, _, _, _, value, lower, upper, *_) in enumerate(found):
        x = MARGIN + number * step
        path.append(f"{x:.1f},{height(value):.1f}")
        marks.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{height(lower):.1f}" y2="{height(upper):.1f}"/>'
            f'<circle cx="{x:.1f}" cy="{height(value):.1f}" r="4"><title>{month}: {value:.5f}</title></circle>'
        )
    figures = "".join(
        f'<text x="0" y="{height(value) + 4:.1f}">{value:.5g}</text>' for value in sorted({least, highest})
    )
    months = "".join(
        f'<text x="{MARGIN + number * step:.1f}" y="{HEIGHT - 4}" text-anchor="middle">{found[number][0]}</text>'
        for number in sorted({0, len(found) - 1})
    )
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{found[0][1]}">'
        f'<polyline points="{" ".join(path)}"/>{"".join(marks)}{figures}{months}</svg>'
    )
