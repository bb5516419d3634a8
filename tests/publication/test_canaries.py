"""Values that only the restricted file may hold are looked for everywhere else: by SQL and in the bytes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.storage import open_build
from tests.publication.published_world import ASYLUM_CANARIES, CANARIES, key_of, opened, rows, settings_of

OPEN_FILES = ("analysis", "aggregates")
ALL_CANARIES = CANARIES | ASYLUM_CANARIES
TELLING = (
    "(asylum|return|kandas|enforcement)_cases|settlement_support",
    "asylum_seeker|refugee|kandas|compatriot|ata_zholy",
)
OPEN_FOLDERS = ("release", "build/tmp", "build/dagster", "build/dbt", "build/reports")
TABLES = """SELECT format('"{}"."{}"', schema_name, table_name) FROM duckdb_tables() WHERE database_name = $1"""


def found_by_sql(connection: duckdb.DuckDBPyConnection, catalogue: str) -> set[str]:
    """Canaries in any value of any table: texts, dates, members of lists and structs."""
    tables = [name for (name,) in connection.execute(TABLES, [catalogue]).fetchall()]
    contents = [f"SELECT upper(CAST(t AS VARCHAR)) AS content FROM {catalogue}.{table} AS t" for table in tables]
    looked_for = {"names": list(ALL_CANARIES), "values": [value.upper() for value in ALL_CANARIES.values()]}
    query = f"""WITH canary AS (SELECT unnest($names) AS name, unnest($values) AS value)
    SELECT DISTINCT name FROM canary JOIN ({" UNION ALL ".join(contents)}) ON contains(content, value)"""
    return {name for (name,) in connection.execute(query, looked_for).fetchall()}


def found_in_bytes(content: bytes) -> set[str]:
    """Canaries in raw bytes, whatever their letters' case."""
    return {canary for canary, value in ALL_CANARIES.items() if value.upper().encode() in content.upper()}


def uncompressed(connection: duckdb.DuckDBPyConnection, catalogue: str, folder: Path) -> bytes:
    """The bytes of a copy of the file without compression."""
    connection.execute("PRAGMA force_compression = 'uncompressed'")
    copy = folder / "copy.duckdb"
    connection.execute(f"ATTACH '{copy}' AS copied; COPY FROM DATABASE {catalogue} TO copied; DETACH copied")
    return copy.read_bytes()


def test_search_finds_what_is_planted(two_nights: Path, tmp_path: Path) -> None:
    with opened(two_nights, "aggregates") as connection:
        connection.execute(f"ATTACH '{tmp_path / 'planted.duckdb'}' AS planted; COPY FROM DATABASE p TO planted")
        listed = ", ".join(f"'{value}'" for value in ALL_CANARIES.values())
        connection.execute(
            f"CREATE TABLE planted.reference.nest AS SELECT {{'inner': [{listed}]}} AS deep FROM range(9)"
        )
        assert found_by_sql(connection, "planted") == set(ALL_CANARIES)
        assert found_in_bytes(uncompressed(connection, "planted", tmp_path)) == set(ALL_CANARIES)


def test_restricted_file_holds_the_identity_and_the_cases_of_kandas_and_of_enforcement(two_nights: Path) -> None:
    with opened(two_nights, "restricted") as connection:
        found = found_by_sql(connection, "p")
    assert found >= {"surname", "given name", "birth date", "document", "IIN"}
    assert found >= {"kandas case", "place in the family", "ethnicity", "article", "court", "centre", "end of the ban"}
    assert found & ASYLUM_CANARIES.keys() == set()


def test_asylum_file_holds_the_cases_of_asylum_and_return_and_nothing_else(two_nights: Path) -> None:
    with opened(two_nights, "asylum") as connection:
        assert found_by_sql(connection, "p") == ASYLUM_CANARIES.keys()
        people = "SELECT person_id FROM registry.refugee_case UNION ALL SELECT person_id FROM registry.return_case"
        assert len({person for (person,) in rows(connection, people)} - {None}) == 1


@pytest.mark.parametrize("name", OPEN_FILES)
def test_no_canary_in_any_value_of_a_file(two_nights: Path, name: str) -> None:
    with opened(two_nights, name) as connection:
        assert found_by_sql(connection, "p") == set()


@pytest.mark.parametrize("name", OPEN_FILES)
def test_no_canary_in_the_bytes_of_a_file(two_nights: Path, tmp_path: Path, name: str) -> None:
    with opened(two_nights, name) as connection:
        assert found_in_bytes(uncompressed(connection, "p", tmp_path)) == set()


@pytest.mark.parametrize("telling", TELLING)
def test_no_person_row_outside_names_what_tells_of_protection_ethnicity_or_offence(
    two_nights: Path, telling: str
) -> None:
    with opened(two_nights, "analysis") as connection:
        tables = [table for (table,) in rows(connection, TABLES.replace("$1", "'p'")) if '"registry"' in table]
        found = [
            table
            for table in tables
            if rows(connection, f"FROM {table} AS t WHERE regexp_matches(CAST(t AS VARCHAR), '{telling}')")
        ]
    assert len(tables) > 5
    assert found == []


def test_who_is_known_by_enforcement_alone_is_not_there(two_nights: Path) -> None:
    key = key_of(two_nights, "DOC900")
    with opened(two_nights, "analysis") as connection:
        for table in ("person_history", "person_category_history", "stay_history", "legal_status_history"):
            assert rows(connection, f"FROM registry.{table} WHERE person_key = '{key}'") == []


def test_a_fine_leaves_no_version_and_no_count_behind(two_nights: Path) -> None:
    columns = "source_count, last_seen_on, known_from_seq, known_to_seq"
    query = f"SELECT {columns} FROM registry.person_history WHERE person_key = '{key_of(two_nights, 'DOC102')}'"
    with opened(two_nights, "analysis") as connection:
        assert rows(connection, query) == [(1, date(2026, 1, 1), 1, None)]


def test_protection_and_return_are_one_lawful_status_without_a_boundary(two_nights: Path) -> None:
    query = "SELECT status, basis_feed, valid_from, valid_to FROM registry.legal_status WHERE person_key = '{}'"
    query += " ORDER BY status"
    with opened(two_nights, "analysis") as connection:
        shown = rows(connection, query.format(key_of(two_nights, CANARIES["document"])))
    assert shown == [
        ("lawful_other", "residence_permits", date(2026, 1, 10), None),
        ("visa_free", "border_crossings", date(2026, 1, 1), date(2026, 1, 10)),
    ]
    with opened(two_nights, "restricted") as connection:
        known = rows(
            connection,
            "SELECT status, basis_feed FROM registry.legal_status "
            "WHERE status NOT IN ('visa_free', 'citizen') ORDER BY status",
        )
    assert known == [("asylum_seeker", "asylum_cases"), ("kandas", "kandas_cases")]


def test_a_country_of_birth_is_told_of_a_hundred_persons_alone(two_nights: Path) -> None:
    """Whether anybody is its citizen or not."""
    countries = "SELECT birth_country, count(*) FROM registry.person GROUP BY ALL ORDER BY ALL"
    with opened(two_nights, "restricted") as connection:
        assert rows(connection, countries)[:2] == [("KGZ", 119), ("TUR", 1)]
    with opened(two_nights, "analysis") as connection:
        shown = dict(rows(connection, countries))
    assert (shown["KGZ"], shown["_R"], set(shown)) == (119, 1, {"KGZ", "_R", "_U"})


def test_a_centre_is_a_place_in_the_identified_registry_alone(two_nights: Path) -> None:
    query = "SELECT region FROM registry.placement WHERE host_type = 'centre' OR region = '710000000'"
    with opened(two_nights, "restricted") as connection:
        assert rows(connection, query) == [("710000000",)]
    with opened(two_nights, "analysis") as connection:
        assert rows(connection, query) == []


@pytest.mark.parametrize("folder", OPEN_FOLDERS)
def test_no_canary_in_a_folder_that_others_read(two_nights: Path, folder: str) -> None:
    files = [path for path in (two_nights / folder).rglob("*") if path.is_file()]
    assert {path.name: found for path in files if (found := found_in_bytes(path.read_bytes()))} == {}


def test_no_canary_in_the_ledger(two_nights: Path) -> None:
    assert found_in_bytes((two_nights / "build" / "ledger.jsonl").read_bytes()) == set()


def test_no_canary_in_the_results_of_the_checks(two_nights: Path) -> None:
    with open_build(settings_of(two_nights), read_only=True) as connection:
        results = rows(connection, "FROM quality.expectation_result") + rows(connection, "FROM quality.drift")
    assert results
    assert found_in_bytes(repr(results).encode()) == set()


def test_row_held_back_is_listed_without_its_content(two_nights: Path) -> None:
    with opened(two_nights, "aggregates") as connection:
        held = rows(connection, "SELECT feed, line_number, record_id FROM quality.quarantine")
    assert held == [("border_crossings", 10, "E-10")]
