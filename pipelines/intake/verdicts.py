"""Writing a verdict on a delivery: database and ledger say the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts import Contract
from pipelines.intake.casting import forbidden, header_places
from pipelines.intake.text import Text
from pipelines.storage import ledger
from pipelines.storage.faults import passage
from pipelines.storage.home import Home

Row = dict[str, Any]
Drift = tuple[str, str, str | None, int]


def find_drift(connection: duckdb.DuckDBPyConnection, contract: Contract, text: Text, number: int) -> list[Drift]:
    """What in delivery `number` of the group at hand the contract does not know: kind, column, code, rows.

    Columns that may not be kept are reported by name alone.
    """
    places = set(header_places(contract, text.columns).values())
    found: list[Drift] = []
    for place, name in enumerate(text.columns):
        if forbidden(contract, name):
            found.append(("forbidden_column", name, None, text.records))
        elif place not in places:
            found.append(("extra_column", name, None, text.records))
    flagged = connection.execute(
        "SELECT DISTINCT flag FROM (SELECT unnest(flags) AS flag FROM judged WHERE _delivery = $1) "
        "WHERE flag LIKE 'unknown_code:%' ORDER BY flag",
        [number],
    ).fetchall()
    for (flag,) in flagged:
        name = flag.partition(":")[2]
        counted = connection.execute(
            f"""SELECT 'unknown_code', $1, CAST({name} AS VARCHAR) AS code, count(*) AS row_count
            FROM judged WHERE _delivery = $3 AND list_contains(flags, $2)
            GROUP BY code ORDER BY row_count DESC, code LIMIT 20""",
            [name, flag, number],
        )
        found += counted.fetchall()
    return found


@dataclass
class Verdict:
    """What a delivery is, and what belongs to it.

    Attributes:
        row: Columns of `intake.delivery`.
        quarantine: File with the rows held back, where there are any.
        drift: What the contract does not know.
    """

    row: Row
    quarantine: Path | None = None
    drift: list[Drift] = field(default_factory=list)


def write_verdicts(connection: duckdb.DuckDBPyConnection, home: Home, load_seq: int, verdicts: list[Verdict]) -> None:
    """Writes verdicts: the database first, all in one transaction, then the ledger."""
    connection.begin()
    for verdict in verdicts:
        _write(connection, load_seq, verdict)
    passage("delivery.commit")
    connection.commit()
    entries = [{"what": "delivery", "load": load_seq, **v.row, "drift": v.drift} for v in verdicts]
    ledger.append(home.ledger, entries, "ledger")


def _write(connection: duckdb.DuckDBPyConnection, load_seq: int, verdict: Verdict) -> None:
    row = verdict.row
    connection.execute(
        "DELETE FROM intake.delivery WHERE feed = $1 AND file_name = $2 AND (state = 'waiting' OR "
        "(delivery_id = $3 AND state IN ('held', 'released', 'rejected')))",
        [row["feed"], row["file_name"], row["delivery_id"]],
    )
    marks = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    connection.execute(f"INSERT INTO intake.delivery ({', '.join(row)}) VALUES ({marks})", list(row.values()))
    if verdict.quarantine is not None:
        connection.execute(
            """INSERT INTO intake.quarantine
            SELECT $1, $2, $3, row_ordinal, line_number, record_id, reasons, $4, NULL, NULL FROM read_parquet($5)""",
            [row["delivery_id"], row["feed"], row["file_name"], load_seq, str(verdict.quarantine)],
        )
    named = [row["feed"], row["file_name"], row.get("business_date")]
    for part in verdict.drift:
        connection.execute(
            "INSERT INTO quality.drift VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            [*named, *part, row["delivery_id"], load_seq],
        )
