"""The citizenships that are released, and a page for each of them."""

from __future__ import annotations

from pipelines.site import maps
from pipelines.site.figures import over_months, ranked
from pipelines.site.markup import Raw, element, joined
from pipelines.site.page import Page
from pipelines.site.released import Answer, Released
from pipelines.site.wording import NO_STATE, Wording
from pipelines.storage.database import quoted

LAST = """SELECT period, citizenship, value, lower, upper, obs_status
FROM 'stock_citizenship.parquet'
WHERE indicator = 'stock' AND period = (SELECT max(period) FROM 'stock_citizenship.parquet')
ORDER BY value DESC NULLS LAST, citizenship"""
TOLD = """SELECT citizenship FROM 'stock_citizenship.parquet'
UNION SELECT citizenship FROM 'stock_region_citizenship.parquet'
UNION SELECT citizenship FROM 'flow.parquet'
ORDER BY citizenship"""
STOCK = """SELECT period, value, lower, upper, obs_status
FROM 'stock_citizenship.parquet'
WHERE indicator = 'stock' AND citizenship = {state}
ORDER BY period"""
FLOW = """SELECT period, direction, value, lower, upper, obs_status
FROM 'flow.parquet'
WHERE indicator = 'crossings' AND citizenship = {state}
ORDER BY period, direction"""
REGIONS = """SELECT period, region, value, lower, upper, obs_status
FROM 'stock_region_citizenship.parquet'
WHERE indicator = 'stock' AND citizenship = {state}
  AND period = (SELECT max(period) FROM 'stock_region_citizenship.parquet')
ORDER BY value DESC NULLS LAST, region"""


def pages(released: Released) -> list[Page]:
    """The list, and one page per citizenship."""
    last = released.ask(LAST)
    told = [row["citizenship"] for row in released.ask(TOLD).rows if row["citizenship"] not in NO_STATE]

    def body(wording: Wording, last: Answer, told: list[str]) -> Raw:
        lead = element("p", wording.words("site.citizenships.lead"), class_="lead")
        listed = ranked(wording, last, "citizenship", lambda code: address(wording, code))
        shown = {row["citizenship"] for row in last.rows}
        others = [code for code in told if code not in shown]
        return joined([lead, listed, _others(wording, others)])

    overview = Page(
        "citizenships.html", "citizenships", lambda w: w.words("site.section.citizenships"), body, (last, told)
    )
    return [overview, *(_citizenship(released, code) for code in told)]


def address(wording: Wording, code: str) -> str | None:
    """Page of a citizenship; what is no state has none."""
    return None if code in NO_STATE else wording.to(f"citizenship/{code}.html")


def _others(wording: Wording, codes: list[str]) -> Raw:
    """Those of which other months or crossings alone are released."""
    if not codes:
        return Raw()
    named = sorted((wording.value("citizenship", code), code) for code in codes)
    links = [element("li", element("a", name, href=address(wording, code))) for name, code in named]
    return joined([element("h2", wording.words("site.citizenships.others")), element("ul", *links)])


def _citizenship(released: Released, code: str) -> Page:
    state = quoted(code)
    stock, flow, regions = (released.ask(query.format(state=state)) for query in (STOCK, FLOW, REGIONS))

    def body(wording: Wording, stock: Answer, flow: Answer, regions: Answer) -> Raw:
        return joined(
            [
                over_months(wording, wording.words("site.citizenship.stock"), stock),
                over_months(wording, wording.words("code.indicator.crossings"), flow, by="direction"),
                element("h2", wording.words("site.by_region")),
                ranked(wording, regions, "region", lambda region: _place(wording, region)),
            ]
        )

    told = (stock, flow, regions)
    return Page(
        f"citizenship/{code}.html", "citizenships", lambda wording: wording.value("citizenship", code), body, told
    )


def _place(wording: Wording, code: str) -> str | None:
    return wording.to(f"region/{code}.html") if code in maps.shapes().paths else None
