"""The page of the night: one file that an operator opens without a network.

What wants a person stands first, in the words of `attention`; then what the load brought, what was checked, and how
far every feed is. It holds counts, names of files and columns, and reasons; no record and no value of a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipelines.labels import catalogue
from pipelines.quality.attention import Matter, grouped
from pipelines.quality.outcome import REGISTRY, RELEASE
from pipelines.quality.page import bar, cell, document, marked, spoken, table, words
from pipelines.storage.files import write_whole

DELIVERIES = """
    SELECT feed, file_name, business_date, state, rows_accepted, rows_quarantined, rows_repeated
    FROM quality.delivery WHERE load_seq = $1 ORDER BY state = 'accepted', feed, file_name"""
CHECKS = """
    SELECT feed, expectation, column_name, severity, observed_value, threshold, rows_judged, reason
    FROM quality.expectation_result WHERE load_seq = $1 AND success
    ORDER BY feed, expectation, column_name"""
FRESHNESS = """
    SELECT feed, cadence, state, last_business_date, expected_by, missing_deliveries
    FROM quality.freshness ORDER BY list_position(['late', 'never', 'on_time', 'not_scheduled'], state), feed"""
CHECK_HEADINGS = ["feed", "check", "column", "severity", "observed", "threshold", "rows_judged", "reason"]


def write_report(
    connection: duckdb.DuckDBPyConnection | None, load_seq: int, matters: Sequence[Matter], path: Path
) -> None:
    """Writes the page of the night: what wants a person, deliveries of the load, checks that held, freshness.

    Args:
        connection: The build database, once deliveries were judged and freshness was measured; none before.
        load_seq: The load.
        matters: What wants a person.
        path: The HTML file, written whole or not at all.
    """
    sections = [f"<h1>{words('quality.title')} {load_seq}</h1>", matters_section(matters)]
    if connection is not None:
        sections += [
            deliveries_section(connection.execute(DELIVERIES, [load_seq]).fetchall()),
            freshness_section(connection.execute(FRESHNESS).fetchall()),
            held_section(connection.execute(CHECKS, [load_seq]).fetchall()),
        ]
    page = document(f"Load {load_seq}", sections)
    write_whole(path, page.encode("utf-8"), "report")


def matters_section(matters: Sequence[Matter]) -> str:
    """What wants a person, the most pressing first, each with what to do."""
    heading = f"<h2>{words('attention.title')}</h2>"
    if not matters:
        return f"{heading}<p>{words('attention.none')}</p>"
    rows = [
        (group[0].kind, [marked("<br>".join(spoken(one.said) for one in group)), marked(spoken(group[0].advice))])
        for group in grouped(matters)
    ]
    return heading + table(["attention.matter", "quality.what_to_do"], rows)


def held_section(checks: list[tuple[Any, ...]]) -> str:
    """Checks that held."""
    rows = [("kept", check_cells(check)) for check in checks]
    return f"<h2>{words('quality.held')}</h2>" + table([f"quality.{name}" for name in CHECK_HEADINGS], rows)


def check_cells(check: tuple[Any, ...]) -> list[str]:
    """The cells of one check; its feed is the registry where it is about no feed."""
    feed, expectation, column, severity, observed, threshold, rows_judged, reason = check
    return [
        marked(words(f"quality.{feed}")) if feed in (REGISTRY, RELEASE) else cell(feed),
        named("check", expectation),
        cell(column),
        named("severity", severity),
        *map(cell, (observed, threshold, rows_judged, reason)),
    ]


def deliveries_section(deliveries: list[tuple[Any, ...]]) -> str:
    """Deliveries of the load, those that were not accepted first."""
    heading = f"<h2>{words('quality.deliveries')}</h2>"
    if not deliveries:
        return f"{heading}<p>{words('quality.nothing_came')}</p>"
    headings = ["feed", "file", "business_date", "state", "rows"]
    return heading + table([f"quality.{name}" for name in headings], map(delivery_row, deliveries))


def delivery_row(delivery: tuple[Any, ...]) -> tuple[str, list[str]]:
    """One delivery: its state, and what became of its rows."""
    feed, file_name, business_date, state, accepted, quarantined, repeated = delivery
    rows = {"accepted": accepted or 0, "quarantined": quarantined or 0, "repeated": repeated or 0}
    return str(state), [*map(cell, (feed, file_name, business_date)), named("delivery", state), marked(bar(rows))]


def freshness_section(feeds: list[tuple[Any, ...]]) -> str:
    """All feeds, those that are behind first."""
    headings = ["feed", "cadence", "state", "last_business_date", "expected_by", "missing_deliveries"]
    rows = [
        (state, [cell(feed), named("cadence", cadence), named("freshness", state), *map(cell, facts)])
        for feed, cadence, state, *facts in feeds
    ]
    return f"<h2>{words('quality.freshness')}</h2>" + table([f"quality.{name}" for name in headings], rows)


def named(subject: str, value: str) -> str:
    """A cell with the catalogue's words for a value, or the value itself where the catalogue has none."""
    key = f"{subject}.{value}"
    return marked(words(key)) if key in catalogue() else cell(value)
