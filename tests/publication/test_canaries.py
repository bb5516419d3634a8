"""Values that only the restricted file may hold are looked for everywhere else: by SQL and in the bytes."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.storage import open_build
from tests.publication.published_world import CANARIES, opened, rows, settings_of

OPEN_FILES = ("analysis", "aggregates", "asylum")
OPEN_FOLDERS = ("release", "build/tmp", "build/dagster", "build/dbt", "build/reports")
TABLES = """SELECT format('"{}"."{}"', schema_name, table_name) FROM duckdb_tables() WHERE database_name = $1"""


def found_by_sql(connection: duckdb.DuckDBPyConnection, catalogue: str) -> set[str]:
    """Canaries in any value of any table: texts, dates, members of lists and structs."""
    tables = [name for (name,) in connection.execute(TABLES, [catalogue]).fetchall()]
    return {
        canary
        for table in tables
        for canary, value in CANARIES.items()
        if connection.execute(
            f"SELECT 1 FROM {catalogue}.{table} AS t WHERE contains(upper(CAST(t AS VARCHAR)), upper($1)) LIMIT 1",
            [value],
        ).fetchall()
    }


def found_in_bytes(content: bytes) -> set[str]:
    """Canaries in raw bytes, whatever their letters' case."""
    return {canary for canary, value in CANARIES.items() if value.upper().encode() in content.upper()}


def uncompressed(connection: duckdb.DuckDBPyConnection, catalogue: str, folder: Path) -> bytes:
    """The bytes of a copy of the file without compression."""
    connection.execute("PRAGMA force_compression = 'uncompressed'")
    copy = folder / "copy.duckdb"
    connection.execute(f"ATTACH '{copy}' AS copied; COPY FROM DATABASE {catalogue} TO copied; DETACH copied")
    return copy.read_bytes()


def test_search_finds_what_is_planted(two_nights: Path, tmp_path: Path) -> None:
    with opened(two_nights, "aggregates") as connection:
        connection.execute(f"ATTACH '{tmp_path / 'planted.duckdb'}' AS planted; COPY FROM DATABASE p TO planted")
        listed = ", ".join(f"'{value}'" for value in CANARIES.values())
        connection.execute(
            f"CREATE TABLE planted.reference.nest AS SELECT {{'inner': [{listed}]}} AS deep FROM range(9)"
        )
        assert found_by_sql(connection, "planted") == set(CANARIES)
        assert found_in_bytes(uncompressed(connection, "planted", tmp_path)) == set(CANARIES)


def test_restricted_file_holds_the_identity(two_nights: Path) -> None:
    with opened(two_nights, "restricted") as connection:
        assert found_by_sql(connection, "p") >= {"surname", "given name", "birth date", "document", "IIN"}


@pytest.mark.parametrize("name", OPEN_FILES)
def test_no_canary_in_any_value_of_a_file(two_nights: Path, name: str) -> None:
    with opened(two_nights, name) as connection:
        assert found_by_sql(connection, "p") == set()


@pytest.mark.parametrize("name", OPEN_FILES)
def test_no_canary_in_the_bytes_of_a_file(two_nights: Path, tmp_path: Path, name: str) -> None:
    with opened(two_nights, name) as connection:
        assert found_in_bytes(uncompressed(connection, "p", tmp_path)) == set()


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
