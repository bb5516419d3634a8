"""The map of the regions, and a page for each of them."""

from __future__ import annotations

from typing import Any

from pipelines.site import maps
from pipelines.site.figures import asked, bounds, left_out, number, over_months, ranked
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
DENSITY = """SELECT period, region, value
FROM 'host_ratio.parquet'
WHERE indicator = 'foreigners_per_1000'"""
LINE = """SELECT period, value, lower, upper, obs_status
FROM '{table}.parquet'
WHERE indicator = '{indicator}' AND region = {region}
ORDER BY period"""
PARTS = """SELECT period, {column}, value, lower, upper, obs_status
FROM '{table}.parquet'
WHERE indicator = 'stock' AND region = {region}
  AND period = (SELECT max(period) FROM '{table}.parquet')
ORDER BY value DESC NULLS LAST, {column}"""

# As many as are released, so that few foreigners still make classes that the legend tells apart.
DIGITS = 2
Ratios = dict[tuple[str, str], float | None]

TABLES = {
    "district": "stock_district",
    "citizenship": "stock_region_citizenship",
    "category": "stock_region_category",
}


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
    ratios: Ratios = {(row["period"], row["region"]): row["value"] for row in density.rows}
    # Colours go by the share of the population: coloured by counts, a map shows where many people live.
    values = {
        region: [ratios.get((period, region)) for period in periods]
        for region in sorted({region for _, region in ratios} & maps.shapes().paths.keys())
    }
    rows = _through_months(wording, periods, found, ratios)
    cells = {f"{name} {region}": told for region, columns in rows.items() for name, told in columns.items()}
    months = Months([wording.month(period) for period in periods], values, cells)
    title = wording.words("code.indicator.foreigners_per_1000")
    queries = [
        *([left_out(wording, stock.later)] if stock.later else []),
        asked(wording, stock),
        asked(wording, density),
    ]
    moved = moving(wording, title, months, _beside(wording, rows), lambda value: wording.number(value, DIGITS))
    return joined([lead, moved, *queries])


def _through_months(
    wording: Wording, periods: list[str], found: dict[tuple[str, str], dict[str, Any]], ratios: Ratios
) -> dict[str, dict[str, list[str]]]:
    """What is said of each region in each month, by column; the greatest of the last month first."""
    nothing = {"value": None, "lower": None, "upper": None}

    def columns(region: str) -> dict[str, list[str]]:
        told = [found.get((period, region)) for period in periods]
        return {
            "value": [number(wording, row) if row else wording.number(None) for row in told],
            "bounds": [bounds(wording, row or nothing) for row in told],
            "per_1000": [wording.number(ratios.get((period, region)), DIGITS) for period in periods],
        }

    last = {region: found.get((periods[-1], region), nothing)["value"] or 0 for _, region in found}
    return {region: columns(region) for region in sorted(last, key=lambda region: (-last[region], region))}


def _beside(wording: Wording, rows: dict[str, dict[str, list[str]]]) -> Raw:
    def cells(region: str, columns: dict[str, list[str]]) -> list[object]:
        name = wording.value("region", region)
        shown = link(wording.to(f"region/{region}.html"), name) if region in maps.shapes().paths else name
        figures = [
            Cell(element("td", told[-1], class_="number", data_cell=f"{column} {region}"))
            for column, told in columns.items()
        ]
        return [shown, *figures]

    headings = [
        wording.words("site.column.region"),
        *(Figure(wording.words(f"site.column.{n}")) for n in ("people", "bounds", "per_1000")),
    ]
    return table(wording.words("site.regions.map"), headings, [cells(*row) for row in rows.items()])


def _region(released: Released, code: str) -> Page:
    region = quoted(code)
    stock = released.ask(LINE.format(table="stock_region", indicator="stock", region=region))
    density = released.ask(LINE.format(table="host_ratio", indicator="foreigners_per_1000", region=region))
    parts = {
        column: released.ask(PARTS.format(column=column, table=table, region=region))
        for column, table in TABLES.items()
    }

    told = (stock, density, parts)

    def body(wording: Wording, stock: Answer, density: Answer, parts: dict[str, Answer]) -> Raw:
        return joined(
            [
                over_months(wording, wording.words("site.region.stock"), stock),
                over_months(
                    wording,
                    wording.words("code.indicator.foreigners_per_1000"),
                    density,
                    written=lambda value: wording.number(value, DIGITS),
                ),
                element("h2", wording.words("site.by_district")),
                ranked(wording, parts["district"], "district", lambda _: None),
                element("h2", wording.words("site.by_citizenship")),
                ranked(wording, parts["citizenship"], "citizenship", lambda state: _state(wording, state)),
                element("h2", wording.words("site.by_category")),
                ranked(wording, parts["category"], "category", lambda _: None),
            ]
        )

    return Page(f"region/{code}.html", "regions", lambda wording: wording.value("region", code), body, told)


def _state(wording: Wording, code: str) -> str | None:
    return None if code in NO_STATE else wording.to(f"citizenship/{code}.html")
