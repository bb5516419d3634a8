"""Database and ledger say the same of every delivery, also after a kill between the two."""

from __future__ import annotations

from collections import Counter

import duckdb

from pipelines.storage import ledger
from pipelines.storage.home import Home
from pipelines.storage.kept import KeptFile
from pipelines.storage.ledger import Entry, LedgerBehindError

UNWRITTEN = ("replayed_in",)
COMPACTED = """SELECT feed, path, any_value(size), any_value(sha256), min(load_seq), max(load_seq) FROM intake.kept_file
WHERE kind = 'bronze' AND path NOT LIKE '%/load_seq=%' GROUP BY feed, path ORDER BY feed, path"""


def agree(connection: duckdb.DuckDBPyConnection, home: Home, load_seq: int) -> None:
    """Writes to the ledger what the database committed just before a kill.

    Args:
        connection: The build database.
        home: Where the ledger lies.
        load_seq: The open load; verdicts that no load took in belong to it.

    Raises:
        LedgerBehindError: The database lacks an accepted delivery that the ledger has.
    """
    deliveries: set[tuple[str, str]] = set()
    replays: set[tuple[str, int]] = set()
    compacted: set[str] = set()
    for entry in ledger.read(home.ledger):
        if entry["what"] == "delivery":
            deliveries.add((entry["delivery_id"], entry["state"]))
        elif entry["what"] == "replay":
            replays.add((entry["delivery_id"], entry["load"]))
        elif entry["what"] == "compact":
            compacted.add(entry["bronze"][0])
    rows = connection.execute("SELECT * FROM intake.delivery WHERE state <> 'released'")
    names = [column[0] for column in rows.description]
    kept = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    lost = {name for name, state in deliveries if state == "accepted"} - {row["delivery_id"] for row in kept}
    lost |= compacted - {file.path for file in kept_files(connection)}
    if lost:
        raise LedgerBehindError(
            f"the database lacks {len(lost)} accepted deliveries or files that the ledger has (first {min(lost)}). "
            "It has lost data (a cut write-ahead log, an old copy). Nothing was changed: run `mic rebuild --replace`."
        )
    missing = [row for row in kept if (row["delivery_id"], row["state"]) not in deliveries]
    ledger.append(home.ledger, [_delivery(connection, row, load_seq) for row in missing], "ledger")
    ledger.append(home.ledger, _replays(connection, replays), "ledger")
    note_compacted(connection, home, compacted)


def states_of(home: Home, load_seq: int) -> dict[str, int]:
    """Deliveries that a load judged, in however many runs, by the state that each has now."""
    entries = (entry for entry in ledger.read(home.ledger) if entry["what"] == "delivery" and entry["load"] == load_seq)
    return dict(Counter({(entry["feed"], entry["file_name"]): entry["state"] for entry in entries}.values()))


def note_compacted(connection: duckdb.DuckDBPyConnection, home: Home, said: set[str] | None = None) -> None:
    """Writes to the ledger which files now hold the rows of several loads.

    Args:
        connection: The build database.
        home: Where the ledger lies.
        said: Paths that the ledger already names; it is read where they are not given.
    """
    if said is None:
        said = {entry["bronze"][0] for entry in ledger.read(home.ledger) if entry["what"] == "compact"}
    rows = connection.execute(COMPACTED).fetchall()
    entries = [
        {"what": "compact", "load": last, "feed": feed, "loads": [first, last], "bronze": [path, size, digest]}
        for feed, path, size, digest, first, last in rows
        if path not in said
    ]
    ledger.append(home.ledger, entries, "ledger")


def kept_files(connection: duckdb.DuckDBPyConnection) -> list[KeptFile]:
    """Files of bronze and quarantine that the database knows."""
    rows = connection.execute("SELECT DISTINCT path, size, sha256 FROM intake.kept_file ORDER BY path").fetchall()
    return [KeptFile(*row) for row in rows]


def _delivery(connection: duckdb.DuckDBPyConnection, row: Entry, load_seq: int) -> Entry:
    drift = connection.execute(
        "SELECT kind, column_name, value, row_count FROM quality.drift WHERE delivery_id = $1 ORDER BY ALL",
        [row["delivery_id"]],
    ).fetchall()
    said = {name: value for name, value in row.items() if name not in UNWRITTEN and value is not None}
    load = row["load_seq"] or load_seq
    files = _files(connection, row["delivery_id"], load) if row["state"] == "accepted" else {}
    return {"what": "delivery", "load": load, **said, "drift": drift} | files


def _files(connection: duckdb.DuckDBPyConnection, delivery: str, load_seq: int) -> Entry:
    found = connection.execute(
        "SELECT kind, path, size, sha256 FROM intake.kept_file WHERE delivery_id = $1 AND load_seq = $2",
        [delivery, load_seq],
    ).fetchall()
    return {kind: file for kind, *file in found}


def _replays(connection: duckdb.DuckDBPyConnection, said: set[tuple[str, int]]) -> list[Entry]:
    rows = connection.execute(
        """SELECT feed, delivery_id, replayed_in, list(row_ordinal ORDER BY row_ordinal) FROM intake.quarantine
        WHERE replayed_in IS NOT NULL GROUP BY ALL ORDER BY ALL"""
    ).fetchall()
    return [
        {"what": "replay", "load": load, "feed": feed, "delivery_id": name, "rows": ordinals}
        | _files(connection, name, load)
        for feed, name, load, ordinals in rows
        if (name, load) not in said
    ]
