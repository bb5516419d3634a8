"""What wants a person: everything that does, nothing that is settled, the most pressing first, in three languages."""

from __future__ import annotations

import string
from datetime import date

import duckdb
import pytest

from pipelines.labels import LANGUAGES, catalogue
from pipelines.quality import Matter, grouped, judge, read_matters, refresh_freshness
from pipelines.quality.attention import ORDER
from tests.quality.judged_world import CONTRACT, bring, promise, promising, record


@pytest.fixture
def judged(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A load with an unknown code, two doubled numbers, a late feed and one that never came."""
    bring(connection, {"kind": "unheard", "visit_id": "V"}, {"visit_id": "V"})
    contracts = promising(promise("identifies_rows", "visit_id", severity="critical"))
    judge(connection, contracts, 1)
    silent = CONTRACT.model_copy(update={"feed": "silent"})
    refresh_freshness(connection, contracts | {"silent": silent}, date(2026, 3, 9))
    return connection


def test_every_kind_of_matter_is_found_the_most_pressing_first(judged: duckdb.DuckDBPyConnection) -> None:
    record(judged, 4, state="held", business_date="2026-03-02", reason="too_many_bad_rows")
    record(judged, 4, state="rejected", business_date="2026-03-03", reason="hash_mismatch")
    record(judged, 4, state="waiting", business_date="2026-03-04")
    judged.execute(
        "INSERT INTO quality.quarantine VALUES ('visits', 'a', NULL), ('visits', 'a', NULL), ('visits', 'b', 1)"
    )
    matters = read_matters(judged)
    told_elsewhere = ("failed", "looks", "stray")
    assert list(dict.fromkeys(matter.kind for matter in matters)) == [
        kind for kind in ORDER if kind not in told_elsewhere
    ]
    said = {matter.kind: matter.said("en") for matter in matters}
    assert said["rejected"] == "visits_2026-03-03.csv is refused whole: the file is not the one of the manifest."
    assert said["rows"] == "visits: rows held back 2."
    assert said["critical"].startswith("visits.visit_id: “no value twice” does not hold: found ")
    assert said["never"] == "silent (daily): nothing has ever come."
    [held] = [matter for matter in matters if matter.kind == "held"]
    assert "mic quarantine release visits visits_2026-03-02.csv" in held.advice("kk")


def test_what_to_do_is_said_once_for_all_that_ask_for_the_same() -> None:
    def late(feed: str) -> Matter:
        return Matter("late", {"feed": feed}, "freshness.todo.late")

    held = Matter("held", {"feed": "visits", "file": "v.csv"}, "delivery.todo.held")
    assert grouped([held, late("a"), late("b")]) == [[held], [late("a"), late("b")]]


def test_a_refusal_is_settled_by_the_same_file_or_by_a_fortnight(judged: duckdb.DuckDBPyConnection) -> None:
    record(judged, 4, state="rejected", business_date="2026-03-03", reason="hash_mismatch")
    assert "rejected" in {matter.kind for matter in read_matters(judged)}
    record(judged, 4, business_date="2026-03-03", landed_on="2026-03-04")
    assert "rejected" not in {matter.kind for matter in read_matters(judged)}
    record(judged, 4, state="rejected", business_date="2026-03-05", reason="hash_mismatch")
    record(judged, 4, business_date="2026-03-20")
    assert "rejected" not in {matter.kind for matter in read_matters(judged)}


def test_nothing_is_said_of_a_load_that_is_well(connection: duckdb.DuckDBPyConnection) -> None:
    bring(connection, {})
    contracts = promising()
    judge(connection, contracts, 1)
    refresh_freshness(connection, contracts, date(2026, 3, 2))
    assert read_matters(connection) == []


def test_a_code_that_the_catalogue_lacks_is_shown_as_it_is() -> None:
    matter = Matter("held", {"feed": "visits", "file": "v.csv", "reason": "reason.never_heard"}, "delivery.todo.held")
    assert matter.said("ru") == "v.csv задержана: never_heard."


@pytest.mark.parametrize("kind", ORDER)
def test_every_kind_has_a_sentence(kind: str) -> None:
    assert f"attention.{kind}" in catalogue()


def test_a_sentence_names_the_same_facts_in_every_language() -> None:
    """A month may be told by its number in one and by its name in another."""

    def named(text: str) -> set[str]:
        return {field.removesuffix("_name") for _, field, _, _ in string.Formatter().parse(text) if field}

    differing = [
        key
        for key, texts in catalogue().items()
        if len({frozenset(named(texts[language])) for language in LANGUAGES}) > 1
    ]
    assert differing == []
