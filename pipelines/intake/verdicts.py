"""Writing a verdict on a delivery: database and ledger say the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import duckdb

from pipelines.contracts import Contract
from pipelines.intake.casting import forbidden, header_places
from pipelines.intake.judged import JudgedRows
from pipelines.intake.text import Text
from pipelines.storage import ledger
from pipelines.storage.faults import passage
from pipelines.storage.home import Home
from pipelines.storage.kept import KeptFile

Row = dict[str, Any]
Drift = tuple[str, str, str | None, int]

UNKNOWN = "len(list_filter(flags, lambda flag: starts_with(flag, 'unknown_code:'))) > 0"
FORGET = """DELETE FROM intake.delivery d
USING (SELECT unnest($1) AS feed, unnest($2) AS file_name, unnest($3) AS delivery_id) AS v
WHERE d.feed = v.feed AND d.file_name = v.file_name AND (d.state = 'waiting'
  OR (d.delivery_id = v.delivery_id AND d.state IN ('held', 'released', 'rejected')))"""
KEEP_BACK = """INSERT INTO intake.quarantine
SELECT $1, $2, $3, row_ordinal, line_number, record_id, reasons, $4, NULL, NULL FROM read_parquet($5)"""


def find_drift(
    connection: duckdb.DuckDBPyConnection, rows: JudgedRows, contract: Contract, texts: dict[int, Text]
) -> dict[int, list[Drift]]:
    """What the contract does not know in deliveries of the group at hand: kind, column, code, rows.

    Columns that may not be kept are reported by name alone.

    Args:
        connection: Has the group's table `judged`.
        rows: The rows of the group.
        contract: The feed.
        texts: The deliveries by their number in the group.
    """
    found = {number: _unknown_columns(contract, text) for number, text in texts.items()}
    flagged = connection.execute(
        "SELECT DISTINCT flag FROM (SELECT unnest(flags) AS flag FROM judged) "
        "WHERE flag LIKE 'unknown_code:%' ORDER BY flag"
    ).fetchall()
    if flagged:
        rows.pick("flagged", rows.places(f"WHERE {UNKNOWN}"))
    for (flag,) in flagged:
        name = flag.partition(":")[2]
        counted = connection.execute(
            f"""SELECT _delivery, CAST({name} AS VARCHAR) AS code, count(*) AS row_count
            FROM flagged WHERE list_contains(flags, $1) GROUP BY _delivery, code
            QUALIFY row_number() OVER (PARTITION BY _delivery ORDER BY row_count DESC, code) <= 20
            ORDER BY _delivery, row_count DESC, code""",
            [flag],
        )
        for number, code, count in counted.fetchall():
            if number in found:
                found[number].append(("unknown_code", name, code, count))
    return found


def _unknown_columns(contract: Contract, text: Text) -> list[Drift]:
    places = set(header_places(contract, text.columns).values())
    found: list[Drift] = []
    for place, name in enumerate(text.columns):
        if forbidden(contract, name):
            found.append(("forbidden_column", name, None, text.records))
        elif place not in places:
            found.append(("extra_column", name, None, text.records))
    return found


@dataclass
class Verdict:
    """What a delivery is, and what belongs to it.

    Attributes:
        row: Columns of `intake.delivery`.
        bronze: File with the rows accepted, where there are any.
        quarantine: File with the rows held back, where there are any.
        drift: What the contract does not know.
    """

    row: Row
    bronze: KeptFile | None = None
    quarantine: KeptFile | None = None
    drift: list[Drift] = field(default_factory=list)

    @property
    def is_accepted(self) -> bool:
        """Whether its rows join the load."""
        return bool(self.row["state"] == "accepted")

    @property
    def files(self) -> dict[str, KeptFile]:
        """The files that hold its rows, by their kind."""
        files = {"bronze": self.bronze, "quarantine": self.quarantine}
        return {kind: file for kind, file in files.items() if file is not None}


def together(groups: Iterable[list[Verdict]], most: int, most_rows: int) -> Iterator[list[Verdict]]:
    """The verdicts of several groups, as many as one transaction is worth: it costs as much as a small delivery."""
    held: list[Verdict] = []
    for verdicts in groups:
        held += verdicts
        if len(held) >= most or sum(verdict.row.get("rows_in_file", 0) for verdict in held) >= most_rows:
            yield held
            held = []
    if held:
        yield held


def write_verdicts(connection: duckdb.DuckDBPyConnection, home: Home, load_seq: int, verdicts: list[Verdict]) -> None:
    """Writes verdicts: the database first, all in one transaction, then the ledger."""
    rows = [verdict.row for verdict in verdicts]
    connection.begin()
    connection.execute(FORGET, [[row[name] for row in rows] for name in ("feed", "file_name", "delivery_id")])
    _insert(connection, "intake.delivery", rows)
    _insert(connection, "quality.drift", [part for verdict in verdicts for part in _drift_rows(verdict, load_seq)])
    for verdict in verdicts:
        if verdict.quarantine is not None:
            named = [verdict.row["delivery_id"], verdict.row["feed"], verdict.row["file_name"]]
            connection.execute(KEEP_BACK, [*named, load_seq, str(home.build / verdict.quarantine.path)])
    for kind in ("bronze", "quarantine"):
        note_files(connection, kind, load_seq, [(v.row, v.files[kind]) for v in verdicts if kind in v.files])
    passage("delivery.commit")
    connection.commit()
    entries = [
        {"what": "delivery", "load": load_seq, **v.row, "drift": v.drift}
        | {kind: [file.path, file.size, file.sha256] for kind, file in v.files.items()}
        for v in verdicts
    ]
    ledger.append(home.ledger, entries, "ledger")


def note_files(
    connection: duckdb.DuckDBPyConnection, kind: str, load_seq: int, files: list[tuple[Row, KeptFile]]
) -> None:
    """Says in `intake.kept_file` which files hold rows of deliveries."""
    own = {"kind": kind, "load_seq": load_seq}
    rows = [own | vars(file) | {name: row[name] for name in ("feed", "delivery_id")} for row, file in files]
    if rows:
        _insert(connection, "intake.kept_file", rows)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[Row]) -> None:
    """Inserts rows, all in one statement; a row may lack columns."""
    names = sorted(set().union(*rows))
    if names:
        lists = ", ".join(f"unnest(${n})" for n in range(1, len(names) + 1))
        values = [[row.get(name) for row in rows] for name in names]
        connection.execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {lists}", values)


def _drift_rows(verdict: Verdict, load_seq: int) -> list[Row]:
    row = verdict.row
    named = {name: row.get(name) for name in ("feed", "file_name", "business_date", "delivery_id")}
    parts = (dict(zip(("kind", "column_name", "value", "row_count"), part, strict=True)) for part in verdict.drift)
    return [named | part | {"load_seq": load_seq} for part in parts]
