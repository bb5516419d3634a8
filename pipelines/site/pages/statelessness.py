"""Statelessness: those recognised, and the decisions on those whose nationality is not determined."""

from __future__ import annotations

from pipelines.site.figures import asked, of_last_month, over_months
from pipelines.site.markup import Raw, element, joined
from pipelines.site.page import Page
from pipelines.site.released import Answer, Released
from pipelines.site.wording import Wording

RECOGNISED = """SELECT period, sum(value) AS value, count(value) AS regions
FROM 'statelessness.parquet'
WHERE category = 'stateless'
GROUP BY period
ORDER BY period"""
DECISIONS = """SELECT period, indicator, sum(value) AS value, count(value) AS regions
FROM 'statelessness.parquet'
WHERE category = 'undetermined_status'
GROUP BY period, indicator
ORDER BY period, indicator"""
# The value stands where a phone shows it.
LAST = """SELECT period, region, category, value, indicator, obs_status
FROM 'statelessness.parquet'
WHERE period = (SELECT max(period) FROM 'statelessness.parquet')
ORDER BY category, indicator, region"""


def pages(released: Released) -> list[Page]:
    """The one page."""
    return [
        Page(
            "statelessness.html",
            "statelessness",
            lambda wording: wording.words("site.section.statelessness"),
            _body,
            tuple(map(released.ask, (RECOGNISED, DECISIONS, LAST))),
        )
    ]


def _body(wording: Wording, recognised: Answer, decisions: Answer, last: Answer) -> Raw:
    lead = element("p", wording.words("site.statelessness.lead"), class_="lead")
    if not last.rows:
        return joined([lead, element("p", wording.words("site.statelessness.none")), asked(wording, last)])
    parts = [
        lead,
        over_months(wording, wording.words("site.statelessness.recognised"), recognised),
        over_months(wording, wording.words("site.statelessness.decisions"), decisions, by="indicator"),
        element("p", wording.words("site.statelessness.shown"), class_="note"),
        element("h2", wording.words("site.by_region")),
        of_last_month(wording, wording.words("release.table.statelessness"), last),
    ]
    return joined(parts)
