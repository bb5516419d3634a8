"""Everything published says what it is, in the file itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines.contracts import load_contracts
from pipelines.labels import LANGUAGES, catalogue
from tests.publication.published_world import opened, rows, settings_of

NAMES = ("restricted", "asylum", "analysis", "aggregates")
TABLES = "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = 'p'"
SILENT = f"""
{TABLES} AND comment IS NULL
UNION ALL SELECT view_name FROM duckdb_views() WHERE database_name = 'p' AND NOT internal AND comment IS NULL
UNION ALL SELECT table_name || '.' || column_name FROM duckdb_columns()
WHERE database_name = 'p' AND NOT internal AND comment IS NULL
UNION ALL SELECT function_name FROM duckdb_functions() WHERE database_name = 'p' AND comment IS NULL"""


@pytest.mark.parametrize("name", NAMES)
def test_every_table_view_column_and_macro_carries_a_comment(two_nights: Path, name: str) -> None:
    with opened(two_nights, name) as connection:
        assert rows(connection, SILENT) == []


@pytest.mark.parametrize("name", NAMES)
def test_dictionary_describes_every_column_of_the_file(two_nights: Path, name: str) -> None:
    columns = """SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns()
        WHERE database_name = 'p' AND NOT internal
        EXCEPT SELECT table_name, column_name FROM reference.column_meaning WHERE length(description) > 5"""
    with opened(two_nights, name) as connection:
        assert rows(connection, columns) == []


def test_analysis_holds_every_table_of_aggregates(two_nights: Path) -> None:
    with opened(two_nights, "aggregates") as connection:
        aggregates = set(rows(connection, TABLES))
    with opened(two_nights, "analysis") as connection:
        assert aggregates <= set(rows(connection, TABLES))


def test_the_guide_names_the_statistics_that_are_there_and_those_that_are_not(two_nights: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "guide" / "published.md").read_text(encoding="utf-8")
    section = page.split("## Which statistics there are\n")[1].split("\n## ")[0]
    there, absent = (set(re.findall(r"`(\w+)`", part)) for part in re.findall(r":\n\n(.+?)\.\n", section, re.DOTALL))
    told = f"SELECT table_name FROM ({TABLES} AND schema_name = 'statistics') AS t (table_name)"
    views = "SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE schema_name = 'statistics'"
    with opened(two_nights, "aggregates") as connection:
        found = {name.removeprefix("statistics.") for (name,) in rows(connection, f"{told} UNION {views}")}
    assert there == {name for name in found if not name.endswith(("_delta", "_history"))}
    assert absent
    assert not absent & found


def test_every_code_of_every_contract_has_three_labels(two_nights: Path) -> None:
    codes = {
        (f"{contract.feed}.{column.name}", code)
        for contract in load_contracts(settings_of(two_nights).sources).values()
        for column in contract.columns
        for code in column.codes or {}
    }
    labels = "SELECT code_list, code FROM reference.code_label WHERE name_kk <> '' AND name_ru <> '' AND name_en <> ''"
    with opened(two_nights, "aggregates") as connection:
        assert codes <= set(rows(connection, labels))


def test_codes_that_statistics_and_registry_show_have_labels(two_nights: Path) -> None:
    with opened(two_nights, "analysis") as connection:
        shown = """SELECT DISTINCT 'category', category FROM registry.person_category_history
            UNION SELECT DISTINCT 'presence', presence FROM registry.stay
            UNION SELECT DISTINCT 'indicator', indicator FROM reference.indicator
            UNION SELECT DISTINCT 'direction', direction FROM statistics.flow_daily
            UNION SELECT DISTINCT 'obs_status', obs_status FROM statistics.stock
            UNION SELECT DISTINCT 'population', population FROM statistics.stock
            UNION SELECT DISTINCT 'duration', duration FROM statistics.stock WHERE duration NOT IN ('_T', '_U')
            UNION SELECT DISTINCT 'status', status FROM statistics.stock WHERE status NOT IN ('_T', '_U')
            UNION SELECT DISTINCT 'pairing', pairing FROM registry.stay_history
            UNION SELECT DISTINCT 'feed', basis_feed FROM registry.legal_status_history
            UNION SELECT DISTINCT 'feed', feed FROM quality.freshness
            UNION SELECT DISTINCT 'feed', feed FROM quality.expectation_result
            UNION SELECT DISTINCT 'cadence', cadence FROM quality.freshness
            UNION SELECT DISTINCT 'freshness_state', state FROM quality.freshness
            UNION SELECT DISTINCT 'delivery_state', state FROM quality.delivery
            UNION SELECT DISTINCT 'delivery_kind', kind FROM quality.delivery
            UNION SELECT DISTINCT 'severity', severity FROM quality.expectation_result
            UNION SELECT DISTINCT 'expectation', expectation FROM quality.expectation_result
            UNION SELECT DISTINCT 'drift_kind', kind FROM quality.drift
            UNION SELECT DISTINCT 'cause', cause FROM statistics.stock_delta WHERE cause IS NOT NULL
            EXCEPT SELECT code_list, code FROM reference.code_label"""
        assert rows(connection, shown) == []


def test_every_label_stands_in_three_languages() -> None:
    assert [key for key, words in catalogue().items() if set(words) != set(LANGUAGES)] == []
