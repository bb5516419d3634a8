"""A tiny feed with its ledger and register, in memory, in the documented shape of `raw` and `quality`."""

from __future__ import annotations

from typing import Any

import duckdb

from pipelines.contracts import Contract
from pipelines.contracts.model import Expectation

LABEL = {"kk": "x", "ru": "x", "en": "x"}
SECRET = "Zhanbolatova"

CONTRACT = Contract.model_validate(
    {
        "feed": "visits",
        "title": LABEL,
        "agency": "test",
        "description": "One row per visit.",
        "cadence": "daily",
        "record_id": ["visit_id"],
        "citizens": "strip",
        "columns": [
            {"name": "visit_id", "type": "text", "required": True, "meaning": "Number."},
            {"name": "surname", "type": "text", "marking": "personal", "meaning": "Name."},
            {"name": "kind", "type": "code", "meaning": "Kind.", "codes": {"short": LABEL, "o'long": LABEL}},
            {"name": "needs", "type": "list", "meaning": "Needs.", "codes": {"work": LABEL, "school": LABEL}},
            {"name": "days", "type": "integer", "meaning": "Days.", "minimum": 0, "maximum": 90},
            {"name": "post_code", "type": "text", "meaning": "Post."},
        ],
    }
)

TABLES = """
    CREATE SCHEMA raw; CREATE SCHEMA quality; CREATE SCHEMA intake;
    CREATE TABLE raw.visits (
        visit_id VARCHAR, surname VARCHAR, kind VARCHAR, needs VARCHAR[], days BIGINT, post_code VARCHAR,
        record_id VARCHAR, is_citizen_stripped BOOLEAN, load_seq INTEGER, outcome VARCHAR, known_to_seq INTEGER,
        business_date DATE);
    CREATE TABLE raw.posts (record_id VARCHAR, outcome VARCHAR, known_to_seq INTEGER);
    INSERT INTO raw.posts VALUES ('P1', 'current', NULL), ('P0', 'current', 1);
    CREATE TABLE quality.delivery (
        feed VARCHAR, file_name VARCHAR, business_date DATE, rows_in_file BIGINT, rows_accepted BIGINT,
        rows_quarantined BIGINT, rows_repeated BIGINT, state VARCHAR, load_seq INTEGER, reason VARCHAR,
        landed_at TIMESTAMPTZ, delivery_id VARCHAR);
    CREATE TABLE intake.erased (delivery_id VARCHAR, kind VARCHAR, load_seq INTEGER, row_count BIGINT);
    CREATE TABLE quality.quarantine (feed VARCHAR, file_name VARCHAR, cleared_seq INTEGER);
"""


def build_world(connection: duckdb.DuckDBPyConnection) -> None:
    """Empty tables and a register with one post in force and one that was closed."""
    connection.execute(TABLES)


def bring(connection: duckdb.DuckDBPyConnection, *rows: dict[str, Any], load_seq: int = 1) -> None:
    """One delivery of visits; what a row does not say is as in a row without fault."""
    for number, row in enumerate(rows):
        whole = {
            "visit_id": f"V{load_seq}-{number}", "surname": SECRET, "kind": "short", "needs": ["work"], "days": 5,
            "post_code": "P1", "record_id": f"V{load_seq}-{number}", "is_citizen_stripped": False,
            "load_seq": load_seq, "outcome": "current", "known_to_seq": None,
            "business_date": "2026-03-01",
        } | row  # fmt: skip
        connection.execute(f"INSERT INTO raw.visits VALUES ({', '.join('?' * len(whole))})", list(whole.values()))
    record(connection, rows=len(rows), load_seq=load_seq)


def record(
    connection: duckdb.DuckDBPyConnection,
    rows: int,
    load_seq: int = 1,
    feed: str = "visits",
    state: str = "accepted",
    business_date: str = "2026-03-01",
    reason: str | None = None,
    landed_on: str | None = None,
) -> None:
    """One line of the ledger; a delivery lands on the day that it reports where nothing else is said."""
    name = f"{feed}_{business_date}.csv"
    connection.execute(
        "INSERT INTO quality.delivery VALUES (?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?)",
        [feed, name, business_date, rows, rows, state, load_seq, reason, landed_on or business_date, name],
    )


def promising(*expectations: Expectation) -> dict[str, Contract]:
    """The visits' contract with these promises."""
    return {"visits": CONTRACT.model_copy(update={"expectations": expectations})}


def promise(kind: str, column: str | None = None, severity: str = "critical", **arguments: Any) -> Expectation:
    """A promise of a contract."""
    return Expectation(type=kind, column=column, arguments=arguments, severity=severity, reason="as tested")
