"""The public page: the totals of closed months in three languages; it needs neither a network nor a server."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pipelines.labels import label
from pipelines.quality.page import cell, document, marked, table, words

HEADINGS = ("release.month", "release.indicator", "release.direction", "release.value")


def page(rows: Iterable[tuple[str, str, str, str, int]], made_on: date) -> str:
    """The page of the release.

    Args:
        rows: Month, indicator, direction, status and rounded value.
        made_on: Day of the release.
    """
    listed = [
        ("", [cell(month), _code("indicator", indicator), _code("direction", direction), cell(value)])
        for month, indicator, direction, _, value in sorted(rows, key=lambda row: row[0], reverse=True)
    ]
    body = table(HEADINGS, listed) if listed else f"<p>{words('release.none')}</p>"
    return document(
        label("release.title", "en"),
        [
            f"<h1>{words('release.title')}</h1><p>{words('release.about')}</p>",
            f"<p>{words('release.made_on')}: {made_on}</p>",
            body,
            f'<p>{words("release.data")}: <a href="../data/national_monthly.csv">CSV</a>, '
            '<a href="../data/national_monthly.parquet">Parquet</a> · '
            f'<a href="linkage.html">{words("linkage.title")}</a></p>',
        ],
    )


def _code(name: str, code: str) -> str:
    return marked(words(f"code.{name}.{code}"))
