"""From a data file to text columns, whatever its format, and back to the raw text of single rows.

Every value leaves here as text, every row with its ordinal; types are the business of `casting`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import islice

import duckdb

from pipelines.intake.container import unpacked_chunks
from pipelines.intake.csv_text import read_csv
from pipelines.intake.delivery import Landed, Manifest, RejectedError
from pipelines.intake.exact import Splitter
from pipelines.intake.json_text import json_lines, read_jsonl
from pipelines.intake.text import Text
from pipelines.intake.typed_text import read_parquet, read_xlsx


def read(landed: Landed, manifest: Manifest, connection: duckdb.DuckDBPyConnection, exact: bool = False) -> Text:
    """Opens a delivery for reading.

    Args:
        landed: The data file.
        manifest: Its manifest.
        connection: For the formats that the engine reads.
        exact: Take the record-by-record path; CSV alone has one.

    Raises:
        RejectedError: The file cannot be read; this may also come while the batches are consumed.
        NeedsExactPathError: The fast path met something that only the exact path can judge; this comes while the
            batches of a CSV file are consumed.
    """
    if not landed.path.stat().st_size:
        raise RejectedError("empty_file", "the file has no bytes; a day without rows is a header alone")
    sha256 = manifest.sha256.lower()
    if landed.format.startswith("csv"):
        return read_csv(landed, manifest, exact)
    if landed.format.startswith("jsonl"):
        return read_jsonl(landed, sha256, connection)
    if landed.format == "parquet":
        return read_parquet(landed.path, sha256, connection)
    return read_xlsx(landed.path, sha256)


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
        lines = json_lines(b"".join(chunks))
        return {row: lines[row - 1] for row in wanted}
    if text.lines_follow:
        return {row: (row + 1, line) for row, line in _picked(chunks, wanted)}
    records = islice(Splitter(text.delimiter, text.encoding).records(chunks), 1, None)
    return {row: (record.line, record.raw) for row, record in enumerate(records, 1) if row in wanted}


def _picked(chunks: Iterator[bytes], wanted: set[int]) -> Iterator[tuple[int, bytes]]:
    before = 0
    carry = b""
    for chunk in _with_last_line_end(chunks):
        lines = (carry + chunk).split(b"\n")
        carry = lines.pop()
        for row in [row for row in wanted if before <= row < before + len(lines)]:
            yield row, lines[row - before].rstrip(b"\r")
        before += len(lines)


def _with_last_line_end(chunks: Iterator[bytes]) -> Iterator[bytes]:
    last = b"\n"
    for chunk in chunks:
        last = chunk
        yield chunk
    if not last.endswith(b"\n"):
        yield b"\n"
