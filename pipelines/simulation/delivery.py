"""Writing deliveries: a data file in the sender's format, then its manifest.

The delivery protocol stands here and nowhere else in the simulation. What a file says does not belong here.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from pipelines.contracts import ColumnType, Contract
from pipelines.simulation.calibration import Sender
from pipelines.simulation.edifact import SHARED, write_interchange
from pipelines.simulation.workbook import write_workbook
from pipelines.storage import open_memory

ARROW_TYPES = {
    ColumnType.date: pa.date32(),
    ColumnType.integer: pa.int64(),
    ColumnType.decimal: pa.float64(),
}
TYPED_FORMATS = ("parquet", "jsonl", "jsonl.gz")
# Formats in which rows share a message, with the columns that it says once: no row is sent twice or corrected by
# itself, nor wrong in these columns.
SHARING_FORMATS = {"edi": SHARED}


@dataclass(frozen=True)
class Delivery:
    """What a manifest says beside the hash and the number of rows."""

    feed: str
    business_date: date
    sequence: int = 1
    kind: str = "increment"
    supersedes: str | None = None
    days_late: int = 0

    def name(self, extension: str) -> str:
        """Name of the data file."""
        return f"{self.feed}_{self.business_date:%Y%m%d}_{self.sequence:03d}.{extension}"


def write_delivery(table: pa.Table, delivery: Delivery, contract: Contract, sender: Sender, landing: Path) -> Path:
    """Writes the data file and, last, its manifest; returns the data file's path."""
    folder = landing / delivery.feed
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / delivery.name(sender.format)
    _write(_typed(table, contract, sender.format), path, sender, delivery)
    write_manifest(path, delivery, table.num_rows, contract, sender)
    return path


def write_manifest(path: Path, delivery: Delivery, rows: int, contract: Contract, sender: Sender) -> None:
    """Writes the manifest of a finished data file."""
    created = datetime.combine(delivery.business_date, datetime.min.time()) + timedelta(
        days=1 + delivery.days_late, hours=2, minutes=5 * delivery.sequence
    )
    is_csv = sender.format.startswith("csv")
    manifest = {
        "feed": delivery.feed,
        "business_date": delivery.business_date.isoformat(),
        "sequence": delivery.sequence,
        "rows": rows,
        "sha256": _sha256(path),
        "sender": contract.senders[0] if contract.senders else contract.agency.en,
        "created_at": created.isoformat() + "+05:00",
        "kind": delivery.kind,
        "supersedes": delivery.supersedes,
        "encoding": sender.encoding if is_csv else None,
        "delimiter": sender.delimiter if is_csv else None,
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    path.with_name(path.name + ".manifest.json").write_text(text + "\n", encoding="utf-8")


def _write(table: pa.Table, path: Path, sender: Sender, delivery: Delivery) -> None:
    kind, _, codec = sender.format.partition(".")
    if kind == "csv":
        _write_csv(table, path, sender, codec)
    elif kind == "parquet":
        pyarrow.parquet.write_table(table, path, compression="zstd")
    elif kind == "jsonl":
        _write_jsonl(table, path, "gzip" if codec else "none")
    elif kind == "xlsx":
        write_workbook(table, path)
    elif kind == "edi":
        write_interchange(table, path, delivery.business_date.isoformat())
    else:
        raise ValueError(
            f"{path.name}: the simulator writes no {sender.format!r}; choose csv, jsonl, parquet, xlsx, edi"
        )


def _write_csv(table: pa.Table, path: Path, sender: Sender, codec: str) -> None:
    options = pyarrow.csv.WriteOptions(delimiter=sender.delimiter, quoting_style="needed", batch_size=65_536)
    if sender.encoding != "utf-8" or sender.bom:
        buffer = io.BytesIO()
        pyarrow.csv.write_csv(table, buffer, options)
        text = buffer.getvalue().decode("utf-8")
        path.write_bytes(text.encode("utf-8-sig" if sender.bom else sender.encoding))
        return
    with path.open("wb") as file, _packed(file, codec) as stream:
        pyarrow.csv.write_csv(table, stream, options)


@contextmanager
def _packed(file: BinaryIO, codec: str) -> Iterator[object]:
    """The file behind its compression; gzip at its fastest, and without the time of writing."""
    if codec == "gz":
        with gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=1, mtime=0) as stream:
            yield stream
    elif codec == "zst":
        with pa.CompressedOutputStream(file, "zstd") as stream:
            yield stream
    else:
        yield file


def _write_jsonl(table: pa.Table, path: Path, compression: str) -> None:
    with open_memory() as connection:
        connection.register("delivery", table)
        target = str(path).replace("'", "''")
        connection.execute(f"COPY delivery TO '{target}' (FORMAT json, COMPRESSION {compression})")


def _typed(table: pa.Table, contract: Contract, kind: str) -> pa.Table:
    """The table under the names of the header, with the types that the format can hold.

    Timestamps stay text, as their offsets differ.
    """
    promised = [contract.column(name) for name in table.column_names]
    arrays = [
        _typed_column(table[column.name], column.type) if kind in TYPED_FORMATS else table[column.name]
        for column in promised
    ]
    return pa.table(arrays, names=[column.delivered_as for column in promised])


def _typed_column(texts: pa.ChunkedArray, kind: ColumnType) -> pa.ChunkedArray:
    if kind is ColumnType.list:
        return pc.split_pattern(texts, ";")
    if kind is ColumnType.boolean:
        return pc.equal(texts, "true")
    return pc.cast(texts, ARROW_TYPES.get(kind, pa.string()))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
