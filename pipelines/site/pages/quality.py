"""The quality of the data: how late the feeds report, how much of them came, and how good the links are."""

from __future__ import annotations

from typing import Any

from pipelines.site.figures import asked, bounds, number, over_months
from pipelines.site.markup import Figure, Raw, element, joined, link, table
from pipelines.site.page import Page
from pipelines.site.released import Answer, Released
from pipelines.site.wording import Wording

LATENESS = """SELECT feed, CAST(delay_days AS INTEGER) AS delay_days, value
FROM 'quality_lateness.parquet'
WHERE indicator = 'share_reported' AND period = (SELECT max(period) FROM 'quality_lateness.parquet')
ORDER BY feed, delay_days"""
MISSING = """SELECT period, sum(value) FILTER (indicator = 'deliveries_missing')
  / nullif(sum(value) FILTER (indicator = 'deliveries_expected'), 0) AS value
FROM 'quality_coverage.parquet'
GROUP BY period
ORDER BY period"""
COVERAGE = """SELECT feed, max(value) FILTER (indicator = 'deliveries_expected') AS deliveries_expected,
  coalesce(max(value) FILTER (indicator = 'deliveries_missing'), 0) AS deliveries_missing,
  max(value) FILTER (indicator = 'share_under') AS share_under,
  max(value) FILTER (indicator = 'share_over') AS share_over
FROM 'quality_coverage.parquet'
WHERE period = (SELECT max(period) FROM 'quality_coverage.parquet')
GROUP BY feed
ORDER BY feed"""
LINKS = """SELECT month AS period, value, lower, upper, pairs, model_version
FROM 'linkage_monthly.parquet'
WHERE measure = '{measure}' AND group_kind = 'all'
ORDER BY month"""
GROUPS = """SELECT month AS period, group_kind, group_value, value, lower, upper, pairs, model_version
FROM 'linkage_monthly.parquet'
WHERE measure = '{measure}' AND month = (SELECT max(month) FROM 'linkage_monthly.parquet' WHERE measure = '{measure}')
ORDER BY group_kind, group_value"""
ATTACKS = """SELECT attack, tried, measured, allowed
FROM 'attack_report.parquet'
ORDER BY attack"""
MEASURES = ("precision", "recall_without_iin", "clerical_precision", "steward_agreement")


def pages(released: Released) -> list[Page]:
    """The quality of the deliveries, and that of the links."""
    told = tuple(map(released.ask, (LATENESS, MISSING, COVERAGE, ATTACKS)))
    links = {
        measure: (released.ask(LINKS.format(measure=measure)), released.ask(GROUPS.format(measure=measure)))
        for measure in MEASURES
    }

    def body(wording: Wording, lateness: Answer, missing: Answer, coverage: Answer, attacks: Answer) -> Raw:
        return joined(
            [
                element("p", wording.words("site.quality.lead"), class_="lead"),
                element("p", link(wording.to("linkage.html"), wording.words("linkage.title"))),
                element("h2", wording.words("site.quality.lateness")),
                _lateness(wording, lateness),
                element("h2", wording.words("site.quality.coverage")),
                over_months(wording, wording.words("site.quality.missing"), missing, written=wording.share),
                _coverage(wording, coverage),
                element("h2", wording.words("release.table.attack_report")),
                element("p", wording.words("site.attacks.about")),
                _attacks(wording, attacks),
            ]
        )

    return [
        Page("quality.html", "quality", lambda wording: wording.words("site.section.quality"), body, told),
        Page(
            "linkage.html",
            "quality",
            lambda wording: wording.words("linkage.title"),
            _links,
            (links,),
        ),
    ]


def _lateness(wording: Wording, answer: Answer) -> Raw:
    if not answer.rows:
        return element("p", wording.words("site.nothing"))
    delays = sorted({row["delay_days"] for row in answer.rows})
    found = {(row["feed"], row["delay_days"]): row["value"] for row in answer.rows}
    rows = [
        [wording.code("feed", feed), *(Figure(wording.share(found.get((feed, delay)))) for delay in delays)]
        for feed in sorted({feed for feed, _ in found})
    ]
    headings = [wording.words("site.column.feed")]
    headings += [Figure(wording.words("site.quality.within", days=delay)) for delay in delays]
    return joined([table(wording.words("site.quality.lateness.about"), headings, rows), asked(wording, answer)])


def _coverage(wording: Wording, answer: Answer) -> Raw:
    if not answer.rows:
        return element("p", wording.words("site.nothing"))
    counts, shares = ("deliveries_expected", "deliveries_missing"), ("share_under", "share_over")

    def cells(row: dict[str, Any]) -> list[object]:
        told: list[object] = [Figure(wording.number(row[name])) for name in counts]
        return [wording.code("feed", row["feed"]), *told, *(Figure(wording.share(row[name])) for name in shares)]

    headings = [wording.words("site.column.feed")]
    headings += [Figure(wording.words(f"site.column.{name}")) for name in (*counts, *shares)]
    return joined(
        [table(wording.words("site.quality.coverage.about"), headings, map(cells, answer.rows)), asked(wording, answer)]
    )


def _attacks(wording: Wording, answer: Answer) -> Raw:
    def cells(row: dict[str, Any]) -> list[object]:
        told = [wording.number(row["tried"]), *(wording.number(row[name], 3) for name in ("measured", "allowed"))]
        return [wording.words(f"site.attack.{row['attack']}"), *map(Figure, told)]

    headings: list[object] = [wording.words("release.column.attack")]
    headings += [Figure(wording.words(f"release.column.{name}")) for name in ("tried", "measured", "allowed")]
    title = wording.words("release.table.attack_report")
    return joined([table(title, headings, map(cells, answer.rows)), asked(wording, answer)])


def _links(wording: Wording, answers: dict[str, tuple[Answer, Answer]]) -> Raw:
    parts = [element("p", wording.words("linkage.about"), class_="lead")]
    for measure, (overall, groups) in answers.items():
        if not groups.rows:
            continue
        title = wording.words(f"linkage.{measure}")
        parts += [
            element("h2", title),
            element("p", wording.words(f"linkage.{measure}.about")),
            over_months(wording, title, overall, written=wording.link_share, from_zero=False),
            _groups(wording, title, groups),
        ]
    return joined(parts if len(parts) > 1 else [*parts, element("p", wording.words("linkage.none"))])


def _groups(wording: Wording, title: str, answer: Answer) -> Raw:
    title = f"{title}: {wording.month(answer.rows[0]['period'])}"

    def cells(row: dict[str, Any]) -> list[object]:
        group = wording.value(row["group_kind"], row["group_value"])
        pairs = Figure(wording.number(row["pairs"]))
        return [
            wording.words(f"linkage.{row['group_kind']}"),
            group,
            number(wording, row, wording.link_share),
            Figure(bounds(wording, row, wording.link_share)),
            pairs,
        ]

    headings = [wording.words("linkage.group_kind"), wording.words("linkage.group")]
    headings += [Figure(wording.words(name)) for name in ("linkage.value", "site.column.bounds", "linkage.pairs")]
    return joined([table(title, headings, map(cells, answer.rows)), asked(wording, answer)])
