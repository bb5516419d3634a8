"""The page of changes says what differs from the release before, and a reason that is true."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from pipelines.labels import LANGUAGES, label
from pipelines.site import build
from tests.site.conftest import parsed, rows
from tests.site.released_world import Size, altered, write_release

FIRST = "citizenship = 'UZB' AND period = '2016-03'"


def changed(path: Path, now: Size, before: Size, shift: int = 0, *alterations: tuple[str, str, str]) -> list[list[str]]:
    """The rows that the English page lists.

    Args:
        path: A folder of the test.
        now: What the release holds.
        before: What the one before it held.
        shift: As late data change some counts of the last month of the one before.
        alterations: Release (`now` or `before`), table and query, as `altered` takes them.
    """
    data = {"now": write_release(path / "now", now), "before": write_release(path / "before", before, shift)}
    for release, table, query in alterations:
        altered(data[release], table, query)
    build(data["now"], path / "site", date(2016, 7, 1), {}, data["before"])
    return [row for row in rows(path / "site" / "en" / "changes.html") if len(row) == 6 and row[0] != "Table"]


def test_what_was_revised_is_listed_with_its_reason(released: Path) -> None:
    listed = [row for row in rows(released / "site" / "ru" / "changes.html") if len(row) == 6]
    revised = [row for row in listed if row[3:] == ["3\u202f249", "3\u202f240", label("site.reason.revised", "ru")]]
    assert len(revised) == 6
    assert not any(label("site.reason.month_closed", "ru") in row for row in listed)


def test_a_month_that_the_calendar_lets_stand_was_made_anew_out_of_turn(tmp_path: Path) -> None:
    listed = changed(tmp_path, Size(months=3), Size(months=3), 9)
    assert {row[5] for row in listed} == {label("site.reason.anew", "en")}
    assert {row[1] for row in listed} == {"March 2016"}
    page = (tmp_path / "site" / "en" / "changes.html").read_text(encoding="utf-8")
    assert label("site.reason.anew.about", "en") in page


def test_a_release_before_without_a_calendar_is_compared_all_the_same(tmp_path: Path) -> None:
    data, before = (
        write_release(tmp_path / "now", Size(months=4)),
        write_release(tmp_path / "before", Size(months=3), 9),
    )
    (before / "calendar.parquet").unlink()
    build(data, tmp_path / "site", date(2016, 5, 1), {}, before)
    reasons = {row[5] for row in rows(tmp_path / "site" / "en" / "changes.html") if len(row) == 6}
    assert label("site.reason.revised", "en") in reasons


def test_a_row_that_is_new_and_withheld_is_not_called_shown(tmp_path: Path) -> None:
    listed = changed(
        tmp_path,
        Size(months=4, communities=0),
        Size(months=3, communities=0),
        0,
        ("before", "stock_citizenship", f"FROM told WHERE NOT ({FIRST})"),
        ("now", "stock_citizenship", f"SELECT * REPLACE (if({FIRST}, NULL, value) AS value) FROM told"),
    )
    assert [row[2:] for row in listed] == [
        [
            "Uzbekistan; Persons in the country at the end of the month",
            "—",
            label("site.withheld", "en"),
            label("site.reason.withheld", "en"),
        ]
    ]


def test_a_community_is_listed_by_its_group_and_place_and_not_by_its_number(tmp_path: Path) -> None:
    query = "SELECT * REPLACE (if(period = '2016-03', value + 3, value) AS value) FROM told"
    listed = changed(tmp_path, Size(months=4), Size(months=3), 0, ("before", "community", query))
    assert listed
    assert [row for row in listed if re.search(r"c\d{4}", row[2])] == []


def test_the_page_of_changes_says_how_many_changed_of_how_many_and_why_by_three(released: Path) -> None:
    for language in LANGUAGES:
        page = parsed(released / "site" / language / "changes.html")
        assert label("site.changes.steps", language) in ["".join(part.itertext()) for part in page.iter("p")]
    english = (released / "site" / "en" / "changes.html").read_text(encoding="utf-8")
    listed = len(parsed(released / "site" / "en" / "changes.html").findall(".//table")[1].findall("./tbody/tr"))
    months = re.findall(r"\w+ 2016: (\d+) of (\d+) figures changed", english)
    assert sum(int(changed) for changed, _ in months) == listed
    assert all(int(changed) <= int(known) for changed, known in months)
