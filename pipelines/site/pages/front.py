"""The front page: the figures of the last closed month and how sure they are."""

from __future__ import annotations

from typing import Any

from pipelines.site.figures import between, number, over_months
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
WHERE period = (SELECT max(period) FROM 'national_monthly.parquet')
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
            (stock, last),
        )
    ]


def summary(wording: Wording, released: Released) -> Raw:
    """The stock of the last month in a sentence, for the page on which a language is chosen."""
    rows = [row for row in released.ask(LAST).rows if row["indicator"] == "stock"]
    if not rows:
        return element("p", wording.words("release.none"))
    return element("dl", *(_card(wording, row) for row in rows), class_="figures")


def _body(wording: Wording, stock: Answer, last: Answer) -> Raw:
    if not last.rows:
        return element("p", wording.words("release.none"), class_="lead")
    month = wording.month(last.rows[0]["period"])
    caption = wording.words("code.indicator.stock")
    return joined(
        [
            element("p", wording.words("site.lead", month=month), class_="lead"),
            element("dl", *(_card(wording, row) for row in last.rows), class_="figures"),
            element("p", wording.words("site.certainty"), class_="note"),
            over_months(wording, caption, stock),
            element("h2", wording.words("site.further")),
            element("ul", *(_way(wording, section) for section in SECTIONS[1:])),
        ]
    )


def _card(wording: Wording, row: dict[str, Any]) -> Raw:
    name = wording.code("indicator", row["indicator"])
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
