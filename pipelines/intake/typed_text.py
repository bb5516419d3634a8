"""Parquet and workbooks as text columns: natural types become the text that CSV would have had."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from pipelines.intake.delivery import RejectedError, check_hash
from pipelines.intake.text import BATCH, BadRecord, Text, clean_header, schema
from pipelines.storage.database import quoted

LARGEST_WORKBOOK = 256 << 20


def read_parquet(path: Path, sha256: str, connection: duckdb.DuckDBPyConnection) -> Text:
    """Reads Parquet; `sha256` is the hash that the manifest promises.

    Raises:
        RejectedError: It is not the promised file, or cannot be read.
    """
    with path.open("rb") as handle:
        found = hashlib.file_digest(handle, "sha256").hexdigest()
    check_hash(found, sha256)
    cursor = connection.cursor()
    source = f"read_parquet({quoted(path)}, file_row_number = true)"
    try:
        count = f"SELECT sum(num_rows) FROM parquet_file_metadata({quoted(path)})"
        rows = cursor.execute(count).fetchall()[0][0]
        kinds = cursor.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {source}").fetchall()
        texts = [f"{_as_text(name, kind)} AS c{n}" for n, (name, kind, *_) in enumerate(kinds)]
        numbers = [f"file_row_number + 1 AS {name}" for name in ("_row", "_line")]
        selected = ", ".join([*texts, *numbers, "true AS _suspect"])
        reader = cursor.execute(f"SELECT {selected} FROM {source}").to_arrow_reader(BATCH)
    except duckdb.Error as error:
        raise RejectedError("damaged_container", "the Parquet file cannot be read; send it again") from error
    columns = clean_header(name for name, *_ in kinds)
    return Text(columns, "fast", _undamaged(reader), sha256=found, records=int(rows or 0))


def _undamaged(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    try:
        yield from reader
    except (pa.ArrowException, OSError, duckdb.Error) as error:
        raise RejectedError("damaged_container", "the Parquet file cannot be read to its end; send it again") from error


def _as_text(name: str, kind: str) -> str:
    column = '"' + name.replace('"', '""') + '"'
    text = f"CAST(to_json({column}) AS VARCHAR)" if kind.endswith("[]") else f"CAST({column} AS VARCHAR)"
    return f"nullif({text}, '')"


def read_xlsx(path: Path, sha256: str) -> Text:
    """Reads the first sheet of a workbook; for small registers only.

    Raises:
        RejectedError: It is not the promised file, or cannot be read.
    """
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    check_hash(found, sha256)
    header, *body = _sheet(content) or [()]
    while header and header[-1] is None:
        header = header[:-1]
    if not header:
        raise RejectedError("empty_file", "the first sheet has no header")
    columns = clean_header(_cell(value) or "" for value in header)
    text = Text(columns, "fast", iter(()), sha256=found)
    rows: list[tuple[int, int, list[str | None]]] = []
    for line, row in enumerate(body, 2):
        cells = [_cell(value) for value in row]
        text.records += any(cells)
        if any(cells[len(columns) :]):
            raw = ",".join(cell or "" for cell in cells).encode()
            text.bad.append(BadRecord(text.records, line, raw, "wrong_field_count"))
        elif any(cells):
            # A read-only sheet leaves out the empty cells at a row's end.
            rows.append((text.records, line, cells[: len(columns)] + [None] * (len(columns) - len(cells))))
    text.batches = iter([_batch(rows, len(columns))])
    return text


def _batch(rows: list[tuple[int, int, list[str | None]]], width: int) -> pa.RecordBatch:
    arrays = [pa.array([cells[n] for _, _, cells in rows], pa.string()) for n in range(width)]
    places = [np.array([place[n] for place in rows], dtype=np.int64) for n in (0, 1)]
    suspect = pa.array(np.ones(len(rows), dtype=bool))
    return pa.RecordBatch.from_arrays([*arrays, *map(pa.array, places), suspect], schema=schema(width))


def _sheet(content: bytes) -> list[Sequence[object]]:
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > LARGEST_WORKBOOK:
            raise RejectedError("ratio", "the workbook unpacks to more than 256 MiB; send a large register as CSV")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        return list(book.worksheets[0].iter_rows(values_only=True))
    except RejectedError:
        raise
    except Exception as error:  # openpyxl raises whatever the damaged part of the archive makes it raise
        raise RejectedError("damaged_container", f"the workbook cannot be read ({type(error).__name__})") from error


def _cell(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    return str(value)
