"""The tables that other steps fill and models read, made by hand as intake and linkage show them."""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from pipelines.contracts import Contract
from pipelines.intake.tables import SQL_TYPES
from pipelines.storage.loads import PSEUDONYM

ROW_COLUMNS = (
    "record_id VARCHAR, delivery_id VARCHAR, business_date DATE, happened_on DATE, flags VARCHAR[] DEFAULT [], "
    "normalised MAP(VARCHAR, VARCHAR), extra MAP(VARCHAR, VARCHAR), is_citizen_stripped BOOLEAN DEFAULT false, "
    "load_seq INTEGER, outcome VARCHAR DEFAULT 'current', known_from_seq INTEGER, known_to_seq INTEGER"
)
TABLES = f"""
    CREATE SCHEMA raw; CREATE SCHEMA intake; CREATE SCHEMA quality; CREATE SCHEMA linkage; CREATE SCHEMA meta;
    CREATE TABLE intake.changed_record (feed VARCHAR, record_id VARCHAR);
    CREATE TABLE intake.parted_record (feed VARCHAR, record_id VARCHAR, known_from_seq INTEGER, known_to_seq INTEGER);
    CREATE TABLE quality.delivery (feed VARCHAR, delivery_id VARCHAR, business_date DATE, state VARCHAR,
        kind VARCHAR, created_at TIMESTAMPTZ, rows_accepted BIGINT, load_seq INTEGER);
    CREATE VIEW intake.ranking AS SELECT feed, delivery_id, business_date, kind, CAST(NULL AS VARCHAR) AS fate,
        row_number() OVER (PARTITION BY feed ORDER BY business_date, load_seq, rowid) AS rank FROM quality.delivery;
    CREATE TABLE meta.load (load_seq INTEGER, state VARCHAR, known_at TIMESTAMPTZ);
    CREATE TABLE meta.person_key (person_id VARCHAR, person_key VARCHAR);
    {PSEUDONYM}
    CREATE TABLE meta.modelled (selection VARCHAR, project VARCHAR);
    CREATE TABLE linkage.person_observation (
        observation_id UBIGINT, person_id VARCHAR, known_from_seq INTEGER, known_to_seq INTEGER
    );
    CREATE TABLE linkage.touched_person (person_id VARCHAR);
    CREATE TABLE linkage.link_event (
        event VARCHAR, person_id VARCHAR, other_person_id VARCHAR, load_seq INTEGER, reason VARCHAR
    );
"""


def create_tables(connection: duckdb.DuckDBPyConnection, contracts: Collection[Contract]) -> None:
    """Empty tables, one in `raw` for each feed."""
    connection.execute(TABLES)
    for contract in contracts:
        connection.execute(f"CREATE TABLE raw.{contract.feed} ({_columns(contract)})")
    settled = " UNION ALL ".join(
        f"SELECT '{contract.feed}' AS feed, record_id FROM raw.{contract.feed} WHERE outcome <> 'current'"
        for contract in contracts
    )
    connection.execute(f"CREATE VIEW intake.standing AS {settled}")


def end_versions(
    connection: duckdb.DuckDBPyConnection, seq: int, feed: str, outcome: str, record_id: str | None = None
) -> None:
    """Versions of a record, or of all, have another outcome from this load on, as the views of intake show it."""
    standing = "outcome = 'current'" if outcome == "superseded" else f"outcome <> '{outcome}'"
    ended = f"known_to_seq IS NULL AND {standing} AND ($record IS NULL OR record_id = $record)"
    copied = f"* REPLACE ('{outcome}' AS outcome, {seq} AS known_from_seq)"
    connection.execute(f"INSERT INTO raw.{feed} SELECT {copied} FROM raw.{feed} WHERE {ended}", {"record": record_id})
    connection.execute(f"UPDATE raw.{feed} SET known_to_seq = {seq} WHERE {ended}", {"record": record_id})


def _columns(contract: Contract) -> str:
    own = ", ".join(f"{column.name} {SQL_TYPES.get(column.type, 'VARCHAR')}" for column in contract.columns)
    return f"{own}, {ROW_COLUMNS}"
