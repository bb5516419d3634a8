"""A centre in a temporary folder that takes deliveries in, without dbt, and tells what became of them."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from pipelines.contracts import Contract, load_contracts
from pipelines.intake import Intake, Selection, create_tables, heal
from pipelines.intake.judged import IN_MEMORY
from pipelines.intake.tables import refresh_raw
from pipelines.settings import Settings
from pipelines.storage import Home, open_build
from pipelines.storage.loads import commit_load, open_load

Row = dict[str, Any]
TODAY = date(2026, 3, 31)
DAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
KEYS = {"registry": "key-of-a-test", "asylum": "key-of-a-test", "analysis": "key-of-a-test"}
CONTRACTS = load_contracts(Settings(home=Path()).sources)


def crossings(prefix: str, count: int = 100) -> list[Row]:
    """Good rows of `border_crossings`, of as many synthetic people."""
    return [
        {
            "event_id": f"{prefix}-{number:03}",
            "event_at": f"2026-03-01T{number % 24:02}:{number % 60:02}:00+05:00",
            "post_code": "ALA",
            "direction": "entry" if number % 2 else "exit",
            "purpose": "tourism",
            "transport": "air",
            "surname": f"Сынақов{number}",
            "given_names": "Тест",
            "birth_date": f"{1950 + number % 50}-05-17",
            "sex": "M" if number % 3 else "F",
            "citizenship": "UZB",
            "document_type": "P",
            "document_number": f"FA{prefix}{number:05}"[:24],
            "document_state": "UZB",
            "document_expires": "2030-02-11",
        }
        for number in range(1, count + 1)
    ]


def as_csv(rows: list[Row], delimiter: str = ",", end: str = "\n") -> str:
    """Rows as CSV with a header."""
    handle = io.StringIO()
    writer = csv.DictWriter(handle, list(rows[0]), delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return handle.getvalue()


def as_jsonl(rows: list[Row]) -> str:
    """Rows as JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def as_parquet(rows: list[Row], shape: pa.Schema | None = None) -> bytes:
    """Rows as Parquet."""
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=shape), sink)
    return sink.getvalue()


def as_xlsx(rows: list[Row]) -> bytes:
    """Rows as the first sheet of a workbook."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for cells in [list(rows[0]), *[list(row.values()) for row in rows]]:
        sheet.append(cells)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def as_format(rows: list[Row], kind: str) -> bytes:
    """Rows in a delivery format."""
    if kind.startswith("csv"):
        return packed(as_csv(rows).encode(), kind)
    if kind.startswith("jsonl"):
        return packed(as_jsonl(rows).encode(), kind)
    return as_parquet(rows) if kind == "parquet" else as_xlsx(rows)


def packed(content: bytes, kind: str) -> bytes:
    """Content compressed as the format's ending says."""
    if kind.endswith(".gz"):
        return gzip.compress(content, 1, mtime=0)
    return zstandard.compress(content, 1) if kind.endswith(".zst") else content


@dataclass
class Sent:
    """One delivery as its sender lays it down.

    Attributes:
        content: Bytes of the data file.
        rows: What the manifest says.
        format: Ending of the file name.
        day: Business date.
        sequence: Number within the day.
        feed: Feed and folder.
        manifest: Members that differ from those of an honest manifest; `None` as a whole for no manifest.
        name: File name, where it is not the regular one.
    """

    content: bytes
    rows: int
    format: str = "csv"
    day: date = DAY
    sequence: int = 1
    feed: str = "border_crossings"
    manifest: Row | None = field(default_factory=dict)
    name: str = ""

    @property
    def file_name(self) -> str:
        """Name of the data file."""
        return self.name or f"{self.feed}_{self.day:%Y%m%d}_{self.sequence:03}.{self.format}"


def sent(rows: list[Row], kind: str = "csv", **members: Any) -> Sent:
    """An honest delivery of rows; further members are those of `Sent`."""
    return Sent(as_format(rows, kind), len(rows), kind, **members)


class Centre:
    """Landing, build database and loads.

    Attributes:
        left: Deliveries that the last load left to the next.
    """

    def __init__(self, root: Path, contracts: dict[str, Contract] | None = None) -> None:
        self.settings = Settings(home=root, keys=KEYS, threads=1)
        self.in_memory = IN_MEMORY
        self.left = 0
        self.home = Home(root)
        self.home.prepare()
        self.contracts = contracts or {name: CONTRACTS[name] for name in ("border_crossings", "control_posts")}
        self._opened = open_build(self.settings)
        self.connection: duckdb.DuckDBPyConnection = self._opened.__enter__()
        create_tables(self.connection)
        refresh_raw(self.connection, self.home, self.contracts.values())

    def close(self) -> None:
        """Closes the database."""
        self._opened.__exit__(None, None, None)

    def land(self, delivery: Sent) -> str:
        """Lays a delivery down, the manifest last, and returns its file name."""
        folder = self.home.landing / delivery.feed
        folder.mkdir(exist_ok=True)
        (folder / delivery.file_name).write_bytes(delivery.content)
        if delivery.manifest is not None:
            manifest = {
                "feed": delivery.feed,
                "business_date": delivery.day.isoformat(),
                "rows": delivery.rows,
                "sha256": hashlib.sha256(delivery.content).hexdigest(),
            } | delivery.manifest
            (folder / f"{delivery.file_name}.manifest.json").write_text(json.dumps(manifest))
        return delivery.file_name

    def load(self, *deliveries: Sent, most_rows: int | None = None) -> int:
        """Lays deliveries down and takes in what lies there; returns the number of the load."""
        for delivery in deliveries:
            self.land(delivery)
        load = open_load(self.connection, self.home, NOW, "test")
        heal(self.connection, load.load_seq)
        intake = Intake(self.connection, self.home, self.contracts, load.load_seq, TODAY, in_memory=self.in_memory)
        intake.run(Selection(most_rows=most_rows))
        self.left = intake.left
        commit_load(self.connection, self.home, load)
        return load.load_seq

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Answers a question to the build database."""
        return self.connection.execute(sql, list(values)).fetchall()

    def verdicts(self, file_name: str) -> list[Row]:
        """Ledger rows of a file, in the order in which they came."""
        found = self.connection.execute(
            "SELECT * FROM quality.delivery WHERE file_name = $1 ORDER BY load_seq NULLS LAST, sha256", [file_name]
        )
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def verdict(self, file_name: str) -> Row:
        """The only ledger row of a file."""
        (row,) = self.verdicts(file_name)
        return row

    def counts(self, file_name: str) -> tuple[str, int, int, int]:
        """State, accepted, quarantined and repeated rows of a file with one verdict."""
        row = self.verdict(file_name)
        return row["state"], row["rows_accepted"], row["rows_quarantined"], row["rows_repeated"]

    def current(self, feed: str = "border_crossings", as_of: int | None = None) -> dict[str, tuple[Any, ...]]:
        """Current version of every record by its id, now or as load `as_of` knew it."""
        holds = "known_to_seq IS NULL"
        if as_of is not None:
            holds = f"known_from_seq <= {as_of} AND coalesce(known_to_seq > {as_of}, true)"
        columns = ", ".join(column.name for column in self.contracts[feed].columns)
        found = self.rows(
            f"SELECT record_id, business_date, extra, {columns} FROM raw.{feed} WHERE outcome = 'current' AND {holds}"
        )
        assert len(found) == len({row[0] for row in found}), "a record has two current versions"
        return {row[0]: row[1:] for row in found}

    def reasons(self, file_name: str) -> list[str]:
        """Reason codes of a file's quarantined rows, each once."""
        found = self.rows(
            "SELECT DISTINCT unnest(reasons) AS reason FROM quality.quarantine WHERE file_name = $1 ORDER BY reason",
            file_name,
        )
        return [reason for (reason,) in found]


LABEL = {"kk": "x", "ru": "x", "en": "x"}


def small_contract(feed: str, **members: Any) -> Contract:
    """A feed of five columns; planning its cast takes a fraction of a real feed's."""
    columns = [
        {"name": "id", "type": "text", "required": True, "max_length": 20, "meaning": "Number."},
        {"name": "seen_at", "type": "timestamp", "meaning": "Moment."},
        {"name": "note", "type": "text", "max_length": 40, "meaning": "Free text."},
        {"name": "state", "type": "country", "meaning": "State."},
        {"name": "days", "type": "integer", "minimum": 0, "maximum": 90, "meaning": "Days."},
    ]
    shape = {
        "feed": feed,
        "title": LABEL,
        "agency": "test",
        "description": "One row per visit.",
        "cadence": "daily",
        "record_id": ["id"],
        "hold_share": 0.5,
        "columns": columns,
    }
    return Contract.model_validate(shape | members)


def visits(**notes: str | None) -> list[Row]:
    """Rows of a small feed: the keys are record ids, the values notes; without one the row is bad."""
    return [
        {
            "id": key,
            "seen_at": "2026-03-01T10:00:00+05:00" if note else "soon",
            "note": note or "",
            "state": "UZB",
            "days": "7",
        }
        for key, note in notes.items()
    ]
