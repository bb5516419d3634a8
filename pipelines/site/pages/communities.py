"""Communities: which stand where through the months, and a page for each of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pipelines.site import maps
from pipelines.site.charts import month_number
from pipelines.site.figures import Written, asked, chart, numbers
from pipelines.site.markup import Figure, Raw, Row, element, folded, joined, link, table
from pipelines.site.moving import Months, moving
from pipelines.site.page import Page
from pipelines.site.released import Answer, Released
from pipelines.site.wording import Wording
from pipelines.storage.database import quoted

STANDING = """SELECT community_id, basis, basis_value, region, district, min(period) AS first_period,
  max(period) AS last_period, arg_max(value, period) AS value
FROM 'community.parquet'
WHERE indicator = 'size'
GROUP BY ALL
ORDER BY community_id, basis, basis_value"""
PERIODS = "SELECT DISTINCT period FROM 'national_monthly.parquet' ORDER BY period"
FIGURES = """SELECT period, basis, max(value) FILTER (indicator = 'size') AS size,
  max(value) FILTER (indicator = 'hosts') AS hosts, max(value) FILTER (indicator = 'share') AS share,
  max(value) FILTER (indicator = 'location_quotient') AS location_quotient,
  max(lower) FILTER (indicator = 'location_quotient') AS lower,
  max(upper) FILTER (indicator = 'location_quotient') AS upper
FROM 'community.parquet'
WHERE community_id = {community}
GROUP BY period, basis
ORDER BY period, basis"""
QUOTIENT = ("location_quotient", "lower", "upper")
BASES = ("citizenship", "birth_country", "host_type")


@dataclass(frozen=True)
class Community:
    """A community as the release tells of it.

    Attributes:
        code: Its identifier.
        bases: Bases and groups, the one that names it first.
        region: Where it is.
        district: Where in the region; `_T` for the whole of it.
        first: First month in which it stands in the release.
        last: Last such month.
        size: Persons in the last month; None where that is withheld.
    """

    code: str
    bases: tuple[tuple[str, str], ...]
    region: str
    district: str
    first: str
    last: str
    size: float | None

    def name(self, wording: Wording) -> str:
        """What it is called: its group and its place."""
        basis, group = self.bases[0]
        place = wording.value("region", self.region)
        if self.district != "_T":
            place = f"{wording.value('district', self.district)}, {place}"
        return f"{wording.value(basis, group)} · {place}"


def pages(released: Released) -> list[Page]:
    """The months of all communities, and one page per community."""
    standing = released.ask(STANDING)
    found = [_community(list(rows)) for _, rows in groupby(standing.rows, lambda row: row["community_id"])]
    periods = [row["period"] for row in released.ask(PERIODS).rows]
    overview = Page(
        "communities.html",
        "communities",
        lambda wording: wording.words("site.section.communities"),
        _overview,
        (found, periods, standing),
    )
    return [overview, *(_page(released, community) for community in found)]


def _community(rows: list[dict[str, Any]]) -> Community:
    named = sorted(rows, key=lambda row: BASES.index(row["basis"]) if row["basis"] in BASES else len(BASES))
    first = named[0]
    return Community(
        code=first["community_id"],
        bases=tuple((row["basis"], row["basis_value"]) for row in named),
        region=first["region"],
        district=first["district"],
        first=min(row["first_period"] for row in rows),
        last=max(row["last_period"] for row in rows),
        size=first["value"],
    )


def _overview(wording: Wording, found: list[Community], periods: list[str], standing: Answer) -> Raw:
    lead = joined(
        [
            element("p", wording.words("site.communities.lead"), class_="lead"),
            element("p", wording.words("site.communities.about"), class_="note"),
        ]
    )
    if not found:
        return joined([lead, element("p", wording.words("site.communities.none")), asked(wording, standing)])
    counted = Counter(
        (community.region, period)
        for community in found
        for period in periods
        if community.first <= period <= community.last
    )
    values = {
        region: [float(counted[region, period]) or None for period in periods]
        for region in sorted({community.region for community in found} & maps.shapes().paths.keys())
    }
    months = Months([_summary(wording, found, periods, period) for period in periods], values)
    moved = moving(wording, wording.words("site.communities.map"), months, _listed(wording, found, periods))
    return joined([lead, moved, asked(wording, standing)])


def _summary(wording: Wording, found: list[Community], periods: list[str], period: str) -> str:
    """How many stand in a month, how many are new, and how many of the month before are gone.

    Those of the first month are not called new: nothing is known of the month before.
    """
    is_first = period == periods[0]
    return wording.words(
        "site.communities.month",
        month=wording.month(period),
        standing=sum(community.first <= period <= community.last for community in found),
        new=0 if is_first else sum(community.first == period for community in found),
        gone=sum(month_number(community.last) + 1 == month_number(period) for community in found),
    )


def _listed(wording: Wording, found: list[Community], periods: list[str]) -> Raw:
    rows = [
        Row(
            [
                link(wording.to(f"community/{community.code}.html"), community.name(wording)),
                Figure(
                    wording.number(community.size) if community.size is not None else wording.words("site.withheld")
                ),
                f"{wording.short_month(community.first)} – {wording.short_month(community.last)}",
            ],
            {"data-from": periods.index(community.first), "data-to": periods.index(community.last)},
        )
        for community in sorted(found, key=lambda community: -(community.size or 0))
    ]
    headings = [wording.words("site.column.community"), Figure(wording.words("site.column.size"))]
    headings.append(wording.words("site.column.months"))
    return table(wording.words("site.section.communities"), headings, rows)


def _page(released: Released, community: Community) -> Page:
    answer = released.ask(FIGURES.format(community=quoted(community.code)))

    def body(wording: Wording, community: Community, answer: Answer) -> Raw:
        bases = [
            element("li", f"{wording.code('basis', basis)}: {wording.value(basis, group)}")
            for basis, group in community.bases
        ]
        told = {"first": wording.month(community.first), "last": wording.month(community.last)}
        caption = wording.words("site.community.months")
        return joined(
            [
                element("p", wording.words("site.community.lead", **told), class_="lead"),
                element("ul", *bases),
                _chart(wording, community, answer, "size", bounded=False),
                _chart(wording, community, answer, "location_quotient", bounded=True),
                element("p", wording.words("site.gaps"), class_="note") if _has_gap(answer) else "",
                element("p", wording.words("site.community.quotient"), class_="note"),
                folded(
                    wording.words("site.numbers"),
                    numbers(
                        wording,
                        caption,
                        answer,
                        wording.number,
                        share=wording.share,
                        **dict.fromkeys(QUOTIENT, _quotient(wording)),
                    ),
                ),
                asked(wording, answer),
                element("p", wording.words("site.communities.about"), class_="note"),
            ]
        )

    return Page(f"community/{community.code}.html", "communities", community.name, body, (community, answer))


def _has_gap(answer: Answer) -> bool:
    """Whether a size is withheld, or a month between the first and the last is not told."""
    months = {month_number(row["period"]) for row in answer.rows}
    return any(row["size"] is None for row in answer.rows) or max(months) - min(months) >= len(months)


def _chart(wording: Wording, community: Community, answer: Answer, name: str, *, bounded: bool) -> Raw:
    """One figure of a community over the months; the bases that tell of it are lines of their own."""
    bounds = ("lower", "upper") if bounded else ()
    rows = [
        {"period": row["period"], "basis": row["basis"], "value": row[name], **{bound: row[bound] for bound in bounds}}
        for row in answer.rows
    ]
    caption = wording.words(f"code.indicator.{name}")
    written = _quotient(wording) if bounded else wording.number
    drawn = chart(wording, caption, rows, by="basis" if len(community.bases) > 1 else None, written=written)
    return element("figure", element("figcaption", caption), drawn) if drawn else Raw()


def _quotient(wording: Wording) -> Written:
    return lambda value: wording.number(value, 1)
