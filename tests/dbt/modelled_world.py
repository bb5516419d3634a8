"""A small build database for the models: raw tables as intake shows them, identity as one document per person.

A person of this world is the document number; `P` + number is the person id. Linkage is not under test here.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts import ColumnType, Contract, load_contracts
from pipelines.modelling import AFTER_LINKING, BEFORE_LINKING, NodeResult, build
from pipelines.settings import Settings
from pipelines.storage import Home, open_build
from pipelines.storage.keys import make_missing_keys

SQL_TYPES = {
    ColumnType.timestamp: "TIMESTAMPTZ",
    ColumnType.date: "DATE",
    ColumnType.integer: "BIGINT",
    ColumnType.decimal: "DOUBLE",
    ColumnType.boolean: "BOOLEAN",
    ColumnType.list: "VARCHAR[]",
}
ROW_COLUMNS = (
    "record_id VARCHAR, delivery_id VARCHAR, business_date DATE, flags VARCHAR[] DEFAULT [], "
    "normalised MAP(VARCHAR, VARCHAR), extra MAP(VARCHAR, VARCHAR), is_citizen_stripped BOOLEAN DEFAULT false, "
    "load_seq INTEGER, outcome VARCHAR DEFAULT 'current', known_from_seq INTEGER, known_to_seq INTEGER"
)
TABLES = """
    CREATE SCHEMA raw; CREATE SCHEMA intake; CREATE SCHEMA quality; CREATE SCHEMA linkage; CREATE SCHEMA meta;
    CREATE TABLE intake.changed_record (feed VARCHAR, record_id VARCHAR);
    CREATE TABLE quality.delivery (feed VARCHAR, business_date DATE, state VARCHAR);
    CREATE TABLE meta.load (load_seq INTEGER, state VARCHAR, known_at TIMESTAMPTZ);
    CREATE TABLE meta.person_key (person_id VARCHAR, person_key VARCHAR);
    CREATE TABLE meta.stay_key (stay_id VARCHAR, stay_key VARCHAR);
    CREATE TABLE linkage.person_observation (
        observation_id UBIGINT, person_id VARCHAR, known_from_seq INTEGER, known_to_seq INTEGER
    );
    CREATE TABLE linkage.touched_person (person_id VARCHAR);
"""
LINK = """
    DELETE FROM linkage.person_observation WHERE known_from_seq >= $seq;
    INSERT INTO linkage.person_observation
    SELECT observation_id, 'P' || document_number, $seq, NULL FROM intermediate.observation
    WHERE observation_id NOT IN (SELECT observation_id FROM linkage.person_observation);
    DELETE FROM linkage.touched_person;
    INSERT INTO linkage.touched_person
    SELECT DISTINCT link.person_id FROM intake.changed_record
    JOIN intermediate.source_record USING (feed, record_id)
    JOIN linkage.person_observation AS link USING (observation_id) WHERE link.person_id IS NOT NULL;
"""


class World:
    """A home whose deliveries are written straight into `raw`."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(home=folder, memory_limit="1GB")
        Home(folder).prepare()
        make_missing_keys(self.settings)
        self.contracts = load_contracts(self.settings.sources)
        with open_build(self.settings) as connection:
            connection.execute(TABLES)
            for contract in self.contracts.values():
                connection.execute(f"CREATE TABLE raw.{contract.feed} ({_columns(contract)})")

    def deliver(self, seq: int, feed: str, rows: list[dict[str, Any]], on: date = date(2026, 1, 31)) -> None:
        """Rows of one delivery; a row with a known record id takes the place of the earlier version."""
        contract = self.contracts[feed]
        with open_build(self.settings) as connection:
            connection.execute("INSERT INTO quality.delivery VALUES (?, ?, 'accepted')", [feed, on])
            for row in rows:
                record_id = "|".join(str(row[name]) for name in contract.record_id)
                connection.execute(
                    f"UPDATE raw.{feed} SET outcome = 'superseded', known_to_seq = ? "
                    "WHERE record_id = ? AND known_to_seq IS NULL",
                    [seq, record_id],
                )
                full = row | {"record_id": record_id, "business_date": on, "load_seq": seq, "known_from_seq": seq}
                marks = ", ".join("?" for _ in full)
                connection.execute(f"INSERT INTO raw.{feed} ({', '.join(full)}) VALUES ({marks})", list(full.values()))

    def load(self, seq: int, full_refresh: bool = False) -> list[NodeResult]:
        """Models load `seq`: events, identity, registry and statistics."""
        with open_build(self.settings) as connection:
            connection.execute("DELETE FROM meta.load WHERE load_seq = ?", [seq])
            connection.execute("INSERT INTO meta.load VALUES (?, 'open', now())", [seq])
            connection.execute("DELETE FROM intake.changed_record")
            for feed in self.contracts:
                connection.execute(
                    f"INSERT INTO intake.changed_record SELECT DISTINCT '{feed}', record_id FROM raw.{feed} "
                    "WHERE load_seq = ? OR known_to_seq = ?",
                    [seq, seq],
                )
        before = build(self.settings, BEFORE_LINKING, seq, full_refresh)
        with open_build(self.settings) as connection:
            for statement in LINK.replace("$seq", str(seq)).split(";"):
                connection.execute(statement)
        return before + build(self.settings, AFTER_LINKING, seq, full_refresh)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query on the build database answers."""
        with open_build(self.settings) as connection:
            return _rows(connection, query)


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def _columns(contract: Contract) -> str:
    own = ", ".join(f"{column.name} {SQL_TYPES.get(column.type, 'VARCHAR')}" for column in contract.columns)
    return f"{own}, {ROW_COLUMNS}"


def crossing(number: str, at: str, direction: str, person: str, **more: Any) -> dict[str, Any]:
    """One crossing of the person whose document is `person`."""
    row = {
        "event_id": number,
        "event_at": f"{at}:00+05:00",
        "direction": direction,
        "post_code": "ALA",
        "purpose": "tourism",
        "surname": "Example",
        "birth_date": "1990-03-05",
        "sex": "F",
        "citizenship": "UZB",
        "document_number": person,
    }
    return row | more
