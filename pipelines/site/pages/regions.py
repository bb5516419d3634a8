"""The map of the regions, and a page for each of them."""

from __future__ import annotations

from pipelines.site import maps
from pipelines.site.figures import asked, number, over_months, ranked
from pipelines.site.markup import Cell, Figure, Raw, element, joined, link, table
from pipelines.site.moving import Months, moving
from pipelines.site.page import Page
from pipelines.site.released import Answer, Released
from pipelines.site.wording import NO_STATE, Wording
from pipelines.storage.database import quoted

STOCK = """SELECT period, region, value, lower, upper, obs_status
FROM 'stock_region.parquet'
WHERE indicator = 'stock'
ORDER BY period, region"""
DENSITY = """SELECT region, value
FROM 'host_ratio.parquet'
WHERE indicator = 'foreigners_per_1000' AND period = (SELECT max(period) FROM 'host_ratio.parquet')"""
LINE = """SELECT period, value, lower, upper, obs_status
FROM '{table}.parquet'
WHERE indicator = '{indicator}' AND region = {region}
ORDER BY period"""
PARTS = """SELECT period, {column}, value, lower, upper, obs_status
FROM 'stock_region_{column}.parquet'
WHERE indicator = 'stock' AND region = {region}
  AND period = (SELECT max(period) FROM 'stock_region_{column}.parquet')
ORDER BY value DESC NULLS LAST, {column}"""


def pages(released: Released) -> list[Page]:
    """The map, and one page per region that is drawn on it."""
    stock, density = released.ask(STOCK), released.ask(DENSITY)
    return [
        Page(
            "regions.html",
            "regions",
            lambda wording: wording.words("site.section.regions"),
            _overview,
            (stock, density),
        ),
        *(_region(released, code) for code in sorted(maps.shapes().paths)),
    ]


def _overview(wording: Wording, stock: Answer, density: Answer) -> Raw:
    lead = element("p", wording.words("site.regions.lead"), class_="lead")
    if not stock.rows:
        return joined([lead, element("p", wording.words("site.nothing"))])
    periods = sorted({row["period"] for row in stock.rows})
    found = {(row["period"], row["region"]): row for row in stock.rows}
    drawn = {region for _, region in found if region in maps.shapes().paths}
    values = {
        region: [found[period, region]["value"] if (period, region) in found else None for period in periods]
        for region in sorted(drawn)
    }
    months = Months([wording.month(period) for period in periods], values)
    title = wording.words("site.regions.map")
    return joined([lead, moving(wording, title, months, _beside(wording, stock, density)), asked(wording, stock)])


def _beside(wording: Wording, stock: Answer, density: Answer) -> Raw:
    last = max(row["period"] for row in stock.rows)
    ratios = {row["region"]: row["value"] for row in density.rows}
    rows = []
    for row in sorted(stock.rows, key=lambda row: -(row["value"] or 0)):
        if row["period"] != last:
            continue
        code, name = row["region"], wording.value("region", row["region"])
        value = Cell(element("td", number(wording, row), class_="number", data_value=code))
        shown = link(wording.to(f"region/{code}.html"), name) if code in maps.shapes().paths else name
        rows.append([shown, value, Figure(wording.number(ratios.get(code), 1))])
    headings = [
        wording.words("site.column.region"),
        *(Figure(wording.words(f"site.column.{n}")) for n in ("value", "per_1000")),
    ]
    return table(wording.words("site.regions.map"), headings, rows)


def _region(released: Released, code: str) -> Page:
    region = quoted(code)
    stock = released.ask(LINE.format(table="stock_region", indicator="stock", region=region))
    density = released.ask(LINE.format(table="host_ratio", indicator="foreigners_per_1000", region=region))
    parts = {column: released.ask(PARTS.format(column=column, region=region)) for column in ("category", "citizenship")}

    told = (stock, density, parts)

    def body(wording: Wording, stock: Answer, density: Answer, parts: dict[str, Answer]) -> Raw:
        return joined(
            [
                over_months(wording, wording.words("code.indicator.stock"), stock),
                over_months(
                    wording,
                    wording.words("code.indicator.foreigners_per_1000"),
                    density,
                    written=lambda value: wording.number(value, 1),
                ),
                element("h2", wording.words("site.by_citizenship")),
                ranked(wording, parts["citizenship"], "citizenship", lambda state: _state(wording, state)),
                element("h2", wording.words("site.by_category")),
                ranked(wording, parts["category"], "category", lambda _: None),
            ]
        )

    return Page(f"region/{code}.html", "regions", lambda wording: wording.value("region", code), body, told)


def _state(wording: Wording, code: str) -> str | None:
    return None if code in NO_STATE else wording.to(f"citizenship/{code}.html")
