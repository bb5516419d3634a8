"""The page of the night: whole, self-contained, escaped, in three languages."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from expectations import PROMISES, TRANSLATIONS
from pipelines.contracts import Cadence
from pipelines.labels import LANGUAGES, LabelMissingError, catalogue, label
from pipelines.quality import Matter, judge, read_matters, refresh_freshness, write_report
from tests.quality.judged_world import SECRET, bring, promise, promising, record


@pytest.fixture
def page(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> str:
    """The page of a load with a failed check, a check that holds and a held delivery with a hostile name."""
    bring(connection, {"kind": "unheard"}, {})
    record(connection, rows=4, feed="visits", state="held")
    connection.execute("UPDATE quality.delivery SET file_name = '<script>alert(1)</script>' WHERE state = 'held'")
    contracts = promising(promise("identifies_rows", "visit_id"))
    judge(connection, contracts, 1)
    refresh_freshness(connection, contracts, date(2026, 3, 9))
    write_report(connection, 1, read_matters(connection), tmp_path / "load.html")
    return (tmp_path / "load.html").read_text(encoding="utf-8")


class Balance(HTMLParser):
    """Open elements of a page; a closing tag that does not match fails."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element that must be closed."""
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Closes the element that was opened last."""
        assert self.open.pop() == tag


def test_page_is_well_formed_and_needs_no_network(page: str) -> None:
    balance = Balance()
    balance.feed(page)
    assert balance.open == []
    assert not re.search(r"https?:|src=|@import|url\(|<link", page)


def test_text_from_deliveries_is_escaped(page: str) -> None:
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_what_wants_a_person_stands_first_with_what_to_do(page: str) -> None:
    wanting, held = page.index(label("attention.title", "en")), page.index(label("quality.held", "en"))
    assert wanting < page.index(label("check.todo.values_known", "en")) < held
    assert page.index(label("check.values_known", "en")) < held < page.index(label("check.identifies_rows", "en"))


def test_held_delivery_says_what_to_do(page: str) -> None:
    assert "mic quarantine release visits" in page


def test_feed_that_is_late_is_shown_late(page: str) -> None:
    assert label("freshness.late", "kk") in page


def test_page_holds_no_value_of_a_row(page: str) -> None:
    assert SECRET not in page
    assert "unheard" not in page


def test_load_that_brought_nothing_has_a_page(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    contracts = promising()
    judge(connection, contracts, 1)
    refresh_freshness(connection, contracts, date(2026, 3, 9))
    write_report(connection, 1, [], tmp_path / "load.html")
    page = (tmp_path / "load.html").read_text(encoding="utf-8")
    assert label("quality.nothing_came", "en") in page
    assert label("attention.none", "kk") in page


def test_night_that_failed_before_anything_came_has_a_page(tmp_path: Path) -> None:
    failed = Matter("failed", {"step": "begin", "told": "no key for {registry}"}, "advice.KeyMissingError")
    write_report(None, 0, [failed], tmp_path / "load.html")
    page = (tmp_path / "load.html").read_text(encoding="utf-8")
    assert "no key for {registry}" in page
    assert label("advice.KeyMissingError", "ru") in page


def test_every_label_is_in_every_language() -> None:
    assert [key for key, texts in catalogue().items() if sorted(texts) != sorted(LANGUAGES)] == []


def test_every_check_state_and_cadence_has_a_label() -> None:
    needed = {f"check.{name}" for name in TRANSLATIONS} | {f"check.todo.{name}" for name in TRANSLATIONS}
    needed |= {f"check.{promise.id}" for promise in PROMISES} | {f"cadence.{cadence}" for cadence in Cadence}
    assert needed - set(catalogue()) == set()


def test_missing_label_is_named() -> None:
    with pytest.raises(LabelMissingError, match=r"no\.such\.key"):
        label("no.such.key", "kk")
