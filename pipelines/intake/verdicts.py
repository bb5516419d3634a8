"""Writing a verdict on a delivery: database and ledger say the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts import Contract
from pipelines.intake.casting import forbidden, header_places
from pipelines.intake.reading import Text
from pipelines.storage import ledger
from pipelines.storage.faults import passage
from pipelines.storage.home import Home

Row = dict[str, Any]
Drift = tuple[str, str, str | None, int]


def find_drift(connection: duckdb.DuckDBPyConnection, contract: Contract, text: Text) -> list[Drift]:
    """What in the delivery at hand the contract does not know: kind, column, code, rows.

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
        "SELECT DISTINCT flag FROM (SELECT unnest(flags) AS flag FROM judged) WHERE flag LIKE 'unknown_code:%' ORDER BY flag"
    ).fetchall()
    for (flag,) in flagged:
        name = flag.partition(":")[2]
        counted = connection.execute(
            f"""SELECT 'unknown_code', $1, CAST({name} AS VARCHAR) AS code, count(*) AS row_count
            FROM judged WHERE list_contains(flags, $2) GROUP BY code ORDER BY row_count DESC, code LIMIT 20""",
            [name, flag],
        )
        found += counted.fetchall()
    return found


def write_verdict(
    connection: duckdb.DuckDBPyConnection, home: Home, load_seq: int, row: Row, quarantine: Path | None, drift: list[Drift]
) -> None:
    """Writes one verdict: the database first, all of it in one transaction, then the ledger.

    Args:
        connection: The build database.
        home: Where things lie.
        load_seq: The running load.
        row: Columns of `intake.delivery`.
        quarantine: File with the rows held back, where there are any.
        drift: What the contract does not know.
    """
    connection.begin()
    connection.execute(
        "DELETE FROM intake.delivery WHERE feed = $1 AND file_name = $2 AND (state = 'waiting' OR "
        "(delivery_id = $3 AND state IN ('held', 'released', 'rejected')))",
        [row["feed"], row["file_name"], row["delivery_id"]],
    )
    marks = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    connection.execute(f"INSERT INTO intake.delivery ({', '.join(row)}) VALUES ({marks})", list(row.values()))
    if quarantine is not None:
        connection.execute(
            """INSERT INTO intake.quarantine SELECT $1, $2, $3, row_ordinal, line_number, record_id, reasons, $4, NULL, NULL
            FROM read_parquet($5)""",
            [row["delivery_id"], row["feed"], row["file_name"], load_seq, str(quarantine)],
        )
    named = [row["feed"], row["file_name"], row.get("business_date")]
    for part in drift:
        connection.execute(
            "INSERT INTO quality.drift VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", [*named, *part, row["delivery_id"], load_seq]
        )
    passage("delivery.commit")
    connection.commit()
    ledger.append(home.ledger, [{"what": "delivery", "load": load_seq, **row, "drift": drift}], "ledger")
