"""The front page: the figures of the last closed month and how sure they are."""

from __future__ import annotations

from typing import Any

from pipelines.site.figures import asked, between, left_out, number, over_months
from pipelines.site.markup import Raw, element, joined, link
from pipelines.site.page import SECTIONS, Page
from pipelines.site.released import Answer, Released
from pipelines.site.wording import Wording

STOCK = """SELECT period, value, lower, upper, obs_status
FROM 'national_monthly.parquet'
WHERE indicator = 'stock'
ORDER BY period"""
LAST = """SELECT period, indicator, direction, value, lower, upper, obs_status
FROM 'national_monthly.parquet'
WHERE period = (SELECT max(period) FROM 'calendar.parquet' WHERE state <> 'planned')
  AND (direction = '_T' OR indicator = 'crossings' AND direction IN ('entry', 'exit'))
ORDER BY indicator = 'stock' DESC, indicator = 'crossings', indicator = 'presence_unknown', indicator, direction"""


def pages(released: Released) -> list[Page]:
    """The front page."""
    stock, last = released.ask(STOCK), released.ask(LAST)
    return [
        Page(
            "index.html",
            "index",
            lambda wording: wording.words("site.title"),
            _body,
            (released.closed, stock, last),
        )
    ]


def summary(wording: Wording, released: Released) -> Raw:
    """The stock of the last month in a sentence, for the page on which a language is chosen."""
    rows = [row for row in released.ask(LAST).rows if row["indicator"] == "stock"]
    if released.closed is None:
        return element("p", wording.words("release.none"))
    if not rows:
        return left_out(wording, released.closed)
    return element("dl", *(_card(wording, row) for row in rows), class_="figures")


def _body(wording: Wording, closed: str | None, stock: Answer, last: Answer) -> Raw:
    if closed is None:
        return element("p", wording.words("release.none"), class_="lead")
    has_stock = any(row["indicator"] == "stock" for row in last.rows)
    return joined(
        [
            element("p", wording.words("site.lead", month=wording.month(closed)), class_="lead"),
            element("dl", *(_card(wording, row) for row in last.rows), class_="figures") if last.rows else "",
            "" if has_stock else left_out(wording, closed),
            element("p", wording.words("site.certainty"), class_="note"),
            asked(wording, last),
            over_months(wording, wording.words("site.front.stock"), stock),
            element("h2", wording.words("site.further")),
            element("ul", *(_way(wording, section) for section in SECTIONS[1:])),
        ]
    )


def _card(wording: Wording, row: dict[str, Any]) -> Raw:
    name = (
        wording.words("site.front.stock")
        if row["indicator"] == "stock"
        else wording.code("indicator", row["indicator"])
    )
    if row["direction"] != "_T":
        name = f"{name}: {wording.code('direction', row['direction'])}"
    told = [element("span", number(wording, row), class_="value")]
    if between(wording, row):
        told.append(element("span", between(wording, row), class_="note"))
    told.append(element("span", wording.month(row["period"]), class_="note"))
    return element("div", element("dt", name), element("dd", *told))


def _way(wording: Wording, section: str) -> Raw:
    name = link(wording.to(f"{section}.html"), wording.words(f"site.section.{section}"))
    return element("li", name, f": {wording.words(f'site.about.{section}')}")
