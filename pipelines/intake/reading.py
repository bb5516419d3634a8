"""From a data file to text columns: one reader per format, all with the same result.

Every value leaves here as text, every row with its ordinal; types are the business of `casting`.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from pipelines.intake.container import CountedText, NeedsExactPathError, detect_encoding, unpacked_chunks
from pipelines.intake.delivery import Landed, Manifest, RejectedError
from pipelines.intake.exact import Record, Splitter

BATCH = 50_000
SAMPLE = 1 << 18


@dataclass(frozen=True)
class BadRecord:
    """A record that has no columns: its ordinal, line, raw text and why."""

    ordinal: int
    line: int
    raw: bytes
    reason: str


@dataclass
class Text:
    """A delivery as text columns.

    Attributes:
        columns: Header as delivered, cleaned of blanks, in file order.
        path: `fast` or `exact`, by which way it was read.
        encoding: Encoding found, where the format has one.
        delimiter: Delimiter found, where the format has one.
        batches: Rows as text columns `c0`, `c1`, … in the header's order, with `_row` (ordinal from 1) and
            `_line` (physical line, 0 where it follows from the ordinal alone). Consumed once.
        bad: Records that could not be split; complete once the batches are consumed.
        sha256: Hash of the bytes as delivered; known once the batches are consumed.
        records: Independent count of data records; known once the batches are consumed.
        lines_follow: Whether the ordinal gives the physical line (ordinal + 1), so that raw text can be picked.
    """

    columns: list[str]
    path: str
    batches: Iterator[pa.RecordBatch]
    encoding: str = ""
    delimiter: str = ""
    bad: list[BadRecord] = field(default_factory=list)
    sha256: str = ""
    records: int = 0
    lines_follow: bool = False


def schema(width: int) -> pa.Schema:
    """Shape of the batches of a file with `width` columns."""
    texts = [pa.field(f"c{index}", pa.string()) for index in range(width)]
    return pa.schema([*texts, pa.field("_row", pa.int64()), pa.field("_line", pa.int64())])


def read(landed: Landed, manifest: Manifest, connection: duckdb.DuckDBPyConnection, exact: bool = False) -> Text:
    """Opens a delivery for reading.

    Args:
        landed: The data file.
        manifest: Its manifest.
        connection: For the formats that the engine reads.
        exact: Take the record-by-record path.

    Raises:
        RejectedError: The container cannot be read.
        NeedsExactPathError: The fast path met something that only the exact path can judge; this may also come
            while the batches are consumed.
    """
    if landed.format.startswith("csv"):
        return read_csv(landed, manifest, exact)
    if landed.format.startswith("jsonl"):
        return read_jsonl(landed, connection)
    return read_parquet(landed.path, connection) if landed.format == "parquet" else read_xlsx(landed.path)


def read_csv(landed: Landed, manifest: Manifest, exact: bool) -> Text:
    """Reads CSV, packed or not, by the fast or the exact path."""
    digest = hashlib.sha256()
    chunks = unpacked_chunks(landed.path, digest)
    sample = _sample(chunks)
    if not sample:
        raise RejectedError("empty_file", "the file has no bytes; a day without rows is a header alone")
    encoding = detect_encoding(sample, manifest.encoding, landed.contract.encodings)
    header_line = sample.removeprefix(b"\xef\xbb\xbf").splitlines()[0].decode(encoding, errors="replace")
    delimiter = manifest.delimiter or (";" if header_line.count(";") > header_line.count(",") else ",")
    if delimiter not in (",", ";"):
        raise RejectedError("delimiter_not_allowed", f"the delimiter {delimiter!r} is neither comma nor semicolon")
    columns = _clean_header(next(csv.reader([header_line], delimiter=delimiter)))
    whole = _chain(sample, chunks)
    text = Text(columns, "exact" if exact else "fast", iter(()), encoding, delimiter)
    if exact:
        text.batches = _exact_batches(text, Splitter(delimiter, encoding).records(whole), digest)
    else:
        text.batches = _fast_batches(text, CountedText(whole, encoding, delimiter, digest))
    return text


def _sample(chunks: Iterator[bytes]) -> bytes:
    sample = b""
    for chunk in chunks:
        sample += chunk
        if len(sample) >= SAMPLE:
            break
    return sample


def _chain(sample: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield sample
    yield from chunks


def _clean_header(names: Iterable[str]) -> list[str]:
    columns = [name.replace("\u00a0", " ").strip().lower() for name in names]
    doubled = sorted({name for name in columns if name and columns.count(name) > 1})
    if doubled:
        raise RejectedError("duplicate_column", f"the header names {', '.join(doubled)} twice")
    return columns


def _fast_batches(text: Text, stream: CountedText) -> Iterator[pa.RecordBatch]:
    width = len(text.columns)
    names = [f"c{index}" for index in range(width)]
    reader = arrow_csv.open_csv(
        pa.PythonFile(stream, mode="r"),
        read_options=arrow_csv.ReadOptions(column_names=names, skip_rows=1, block_size=4 << 20),
        parse_options=arrow_csv.ParseOptions(delimiter=text.delimiter, newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )
    row = 0
    for batch in reader:
        yield numbered(list(batch.columns), row, np.zeros(batch.num_rows, dtype=np.int64))
        row += batch.num_rows
    _drain(stream)
    text.records = stream.records - 1
    text.sha256 = stream.digest.hexdigest()
    text.lines_follow = not (stream.has_quotes or stream.has_blank_lines)
    if row != text.records:
        raise NeedsExactPathError(f"the reader found {row} rows, the counter {text.records}")


def _drain(stream: CountedText) -> None:
    while stream.read(1 << 20):
        pass


def numbered(columns: list[pa.Array], before: int, lines: np.ndarray) -> pa.RecordBatch:
    """A batch of text columns with ordinals that go on from `before`."""
    size = len(lines)
    rows = pa.array(np.arange(before + 1, before + size + 1))
    return pa.RecordBatch.from_arrays([*columns, rows, pa.array(lines)], schema=schema(len(columns)))


def _exact_batches(text: Text, records: Iterator[Record], digest: hashlib._Hash) -> Iterator[pa.RecordBatch]:
    width = len(text.columns)
    found = islice(records, 1, None)
    ordinal = 0
    while block := list(islice(found, BATCH)):
        good: list[tuple[str, ...]] = []
        rows: list[tuple[int, int]] = []
        for record in block:
            ordinal += 1
            reason = record.reason or ("wrong_field_count" if len(record.fields) != width else "")
            if reason:
                text.bad.append(BadRecord(ordinal, record.line, record.raw, reason))
            else:
                good.append(record.fields)
                rows.append((ordinal, record.line))
        arrays = [pa.array([value or None for value in column], pa.string()) for column in zip(*good, strict=True)]
        if good:
            places = np.array(rows, dtype=np.int64)
            yield pa.RecordBatch.from_arrays([*arrays, places[:, 0], places[:, 1]], schema=schema(width))
    text.records = ordinal
    text.sha256 = digest.hexdigest()


def read_jsonl(landed: Landed, connection: duckdb.DuckDBPyConnection) -> Text:
    """Reads JSON lines: one object per line, natural types or strings."""
    digest = hashlib.sha256()
    data = b"".join(unpacked_chunks(landed.path, digest))
    if not data:
        raise RejectedError("empty_file", "the file has no bytes")
    lines = [line for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
    numbered_lines = [(number, line.rstrip(b"\r")) for number, line in enumerate(lines, 1) if line.strip()]
    text = Text([], "fast", iter(()), encoding="utf-8", sha256=digest.hexdigest(), records=len(numbered_lines))
    readable: list[tuple[int, int, str]] = []
    for ordinal, (number, line) in enumerate(numbered_lines, 1):
        try:
            readable.append((ordinal, number, line.decode("utf-8")))
        except UnicodeDecodeError:
            text.bad.append(BadRecord(ordinal, number, line, "bad_encoding"))
    table = pa.table(
        {
            "ordinal": pa.array([item[0] for item in readable], pa.int64()),
            "line": pa.array([item[1] for item in readable], pa.int64()),
            "text": pa.array([item[2] for item in readable], pa.string()),
        }
    )
    _split_json(text, table, connection)
    return text


def _split_json(text: Text, table: pa.Table, connection: duckdb.DuckDBPyConnection) -> None:
    cursor = connection.cursor()
    cursor.register("json_lines", table)
    cursor.execute(
        """CREATE OR REPLACE TEMP TABLE json_object AS
        SELECT ordinal, line, text, CASE WHEN NOT valid THEN 'not_json'
          WHEN json_type(text) <> 'OBJECT' THEN 'not_an_object'
          WHEN len(json_keys(text)) <> len(list_distinct(json_keys(text))) THEN 'duplicate_key' END AS reason
        FROM (SELECT *, json_valid(text) AS valid FROM json_lines)"""
    )
    bad = cursor.execute("SELECT ordinal, line, text, reason FROM json_object WHERE reason IS NOT NULL").fetchall()
    text.bad += [BadRecord(ordinal, line, raw.encode(), reason) for ordinal, line, raw, reason in bad]
    keys = cursor.execute(
        "SELECT DISTINCT unnest(json_keys(text)) AS key FROM json_object WHERE reason IS NULL ORDER BY key"
    ).fetchall()
    text.columns = _clean_header(key for (key,) in keys)
    paths = ", ".join(f"json_extract_string(text, {_json_path(key)}) AS c{n}" for n, (key,) in enumerate(keys))
    reader = cursor.execute(
        f"SELECT {paths + ', ' if paths else ''}ordinal AS _row, line AS _line FROM json_object WHERE reason IS NULL ORDER BY ordinal"
    ).to_arrow_reader(BATCH)
    text.batches = iter(reader)


def _json_path(key: str) -> str:
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return "'" + f'$."{escaped}"'.replace("'", "''") + "'"


def read_parquet(path: Path, connection: duckdb.DuckDBPyConnection) -> Text:
    """Reads Parquet; natural types become the text that CSV would have had."""
    with path.open("rb") as handle:
        sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
    cursor = connection.cursor()
    try:
        rows = cursor.execute("SELECT sum(num_rows) FROM parquet_file_metadata(?)", [str(path)]).fetchone()
        kinds = cursor.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
        texts = ", ".join(f"{_as_text(name, kind)} AS c{n}" for n, (name, kind, *_) in enumerate(kinds))
        reader = cursor.execute(
            f"SELECT {texts}, file_row_number + 1 AS _row, CAST(0 AS BIGINT) AS _line "
            "FROM read_parquet(?, file_row_number = true)",
            [str(path)],
        ).to_arrow_reader(BATCH)
    except duckdb.Error as error:
        raise RejectedError("damaged_container", "the Parquet file cannot be read; send it again") from error
    columns = _clean_header(name for name, *_ in kinds)
    return Text(columns, "fast", iter(reader), sha256=sha256, records=int(rows[0] or 0) if rows else 0)


def _as_text(name: str, kind: str) -> str:
    column = '"' + name.replace('"', '""') + '"'
    text = f"CAST(to_json({column}) AS VARCHAR)" if kind.endswith("[]") else f"CAST({column} AS VARCHAR)"
    return f"nullif({text}, '')"


def read_xlsx(path: Path) -> Text:
    """Reads the first sheet of a workbook; for small registers only."""
    import openpyxl

    content = path.read_bytes()
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        values = list(book.worksheets[0].iter_rows(values_only=True))
    except Exception as error:  # openpyxl raises whatever the damaged part of the archive makes it raise
        raise RejectedError("damaged_container", f"the workbook cannot be read ({type(error).__name__})") from error
    if not values:
        raise RejectedError("empty_file", "the first sheet is empty")
    columns = _clean_header(_cell(value) or "" for value in values[0])
    width = len(columns)
    rows = [[_cell(value) for value in row] for row in values[1:] if any(value is not None for value in row)]
    # A read-only sheet leaves out the empty cells at a row's end.
    rows = [row[:width] + [None] * (width - len(row)) for row in rows]
    arrays = [pa.array([row[n] for row in rows], pa.string()) for n in range(width)]
    batch = numbered(arrays, 0, np.arange(2, len(rows) + 2))
    sha256 = hashlib.sha256(content).hexdigest()
    return Text(columns, "fast", iter([batch]), sha256=sha256, records=len(rows))


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


def raw_rows(landed: Landed, text: Text, ordinals: list[int]) -> dict[int, tuple[int, bytes]]:
    """Line number and raw bytes of the rows with the given ordinals, for CSV and JSON lines.

    Args:
        landed: The data file, read again.
        text: How it was read.
        ordinals: Rows wanted.

    Returns:
        Ordinal to line and bytes; empty for formats without lines.
    """
    wanted = set(ordinals)
    if not wanted or landed.format in ("parquet", "xlsx"):
        return {}
    chunks = unpacked_chunks(landed.path, hashlib.sha256())
    if landed.format.startswith("jsonl"):
        lines = [(n, line) for n, line in enumerate(b"".join(chunks).split(b"\n"), 1) if line.strip()]
        return {row: lines[row - 1] for row in wanted}
    if text.lines_follow:
        return {row: (row + 1, line) for row, line in _picked(chunks, wanted)}
    records = islice(Splitter(text.delimiter, text.encoding).records(chunks), 1, None)
    return {row: (record.line, record.raw) for row, record in enumerate(records, 1) if row in wanted}


def _picked(chunks: Iterator[bytes], wanted: set[int]) -> Iterator[tuple[int, bytes]]:
    before = 0
    carry = b""
    for chunk in _chain_end(chunks):
        lines = (carry + chunk).split(b"\n")
        carry = lines.pop()
        for row in [row for row in wanted if before <= row < before + len(lines)]:
            yield row, lines[row - before].rstrip(b"\r")
        before += len(lines)


def _chain_end(chunks: Iterator[bytes]) -> Iterator[bytes]:
    last = b"\n"
    for chunk in chunks:
        last = chunk
        yield chunk
    if not last.endswith(b"\n"):
        yield b"\n"
