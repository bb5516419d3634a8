"""Stock and flows over time."""

from __future__ import annotations

from pipelines.site.figures import of_last_month, over_months
from pipelines.site.markup import Raw, element, joined
from pipelines.site.page import Page
from pipelines.site.released import Answer, Released
from pipelines.site.wording import Wording

STOCK = """SELECT period, indicator, value, lower, upper, obs_status
FROM 'national_monthly.parquet'
WHERE direction = '_T'
ORDER BY period, indicator"""
FLOW = """SELECT period, direction, value, lower, upper, obs_status
FROM 'national_monthly.parquet'
WHERE indicator = 'crossings'
ORDER BY period, direction"""
CITIZENS = """SELECT period, direction, value, lower, upper, obs_status
FROM 'national_monthly.parquet'
WHERE indicator = 'citizen_crossings'
ORDER BY period, direction"""
CATEGORY = """SELECT period, category, value, lower, upper, obs_status
FROM 'stock_category.parquet'
WHERE indicator = 'stock'
ORDER BY period, category"""
CITIZENSHIP = """SELECT period, citizenship, value, lower, upper, obs_status
FROM 'stock_citizenship.parquet'
WHERE indicator = 'stock' AND citizenship IN (
  SELECT citizenship FROM 'stock_citizenship.parquet'
  WHERE indicator = 'stock' AND period = (SELECT max(period) FROM 'stock_citizenship.parquet')
    AND citizenship NOT LIKE '$_%' ESCAPE '$'
  ORDER BY value DESC NULLS LAST, citizenship LIMIT 4)
ORDER BY period, citizenship"""
AGES = """SELECT period, age_group, sex, value, lower, upper, obs_status
FROM 'stock_sex_age.parquet'
WHERE indicator = 'stock' AND period = (SELECT max(period) FROM 'stock_sex_age.parquet')
ORDER BY age_group, sex"""


def pages(released: Released) -> list[Page]:
    """The one page."""
    told = tuple(map(released.ask, (STOCK, FLOW, CITIZENS, CATEGORY, CITIZENSHIP, AGES)))

    def body(wording: Wording, *told: Answer) -> Raw:
        stock, flow, citizens, category, citizenship, ages = told
        return joined(
            [
                element("p", wording.words("site.series.lead"), class_="lead"),
                element("h2", wording.words("site.stock")),
                over_months(wording, wording.words("site.stock"), stock, by="indicator"),
                over_months(wording, wording.words("site.by_citizenship"), citizenship, by="citizenship"),
                over_months(wording, wording.words("site.by_category"), category, by="category"),
                element("h2", wording.words("site.flow")),
                over_months(wording, wording.words("code.indicator.crossings"), flow, by="direction"),
                over_months(wording, wording.words("code.indicator.citizen_crossings"), citizens, by="direction"),
                element("h2", wording.words("site.by_age")),
                of_last_month(wording, wording.words("release.table.stock_sex_age"), ages),
            ]
        )

    return [Page("series.html", "series", lambda wording: wording.words("site.section.series"), body, told)]
