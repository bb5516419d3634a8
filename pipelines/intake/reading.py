"""From a data file to text columns, whatever its format, and back to the raw text of single rows.

Every value leaves here as text, every row with its ordinal; types are the business of `casting`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import islice

import duckdb
import numpy as np
import numpy.typing as npt

from pipelines.intake.container import unpacked_chunks
from pipelines.intake.csv_text import read_csv
from pipelines.intake.delivery import Landed, Manifest, RejectedError
from pipelines.intake.exact import Splitter
from pipelines.intake.json_text import json_lines, read_jsonl
from pipelines.intake.text import Text
from pipelines.intake.typed_text import read_parquet, read_xlsx

LINE_END, RETURN, QUOTE = b'\n\r"'


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
    if landed.format == "edi":
        from pipelines.intake.edifact_text import read_edi

        return read_edi(landed, manifest)
    if landed.format == "parquet":
        return read_parquet(landed.path, sha256, connection)
    return read_xlsx(landed.path, sha256)


def raw_rows(landed: Landed, text: Text, ordinals: list[int]) -> dict[int, tuple[int, bytes]]:
    """Line number and raw bytes of the rows with the given ordinals, for CSV, JSON lines and interchanges.

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
    if text.raw_rows is not None:
        return text.raw_rows(wanted)
    chunks = iter(text.unpacked) if text.unpacked else unpacked_chunks(landed.path, hashlib.sha256())
    if landed.format.startswith("jsonl"):
        return {row: line for row, line in enumerate(json_lines(chunks), 1) if row in wanted}
    if text.path == "fast":
        return dict(_picked(chunks, np.array(sorted(wanted)), text.is_even))
    records = islice(Splitter(text.delimiter, text.encoding).records(chunks), 1, None)
    return {row: (record.line, record.raw) for row, record in enumerate(records, 1) if row in wanted}


def _picked(
    chunks: Iterator[bytes], wanted: npt.NDArray[np.int64], is_even: bool
) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """Ordinal, line and bytes of the wanted records of a text whose quotes the counter found well set.

    A block begins with a record, so quotes before a line end say whether it ends one, where not all do; only what is
    wanted is cut out.
    """
    ordinal, line, carry = 0, 1, b""
    for chunk in _with_last_line_end(chunks):
        block = carry + chunk
        data = np.frombuffer(block, dtype=np.uint8)
        breaks = np.flatnonzero(data == LINE_END)
        ends = breaks if is_even else breaks[np.searchsorted(np.flatnonzero(data == QUOTE), breaks) % 2 == 0]
        starts = np.concatenate([[0], ends + 1])
        filled = np.flatnonzero((ends > starts[:-1]) & ~((ends == starts[:-1] + 1) & (data[starts[:-1]] == RETURN)))
        first, end = np.searchsorted(wanted, [ordinal, ordinal + len(filled)])
        for place in (wanted[first:end] - ordinal).tolist():
            record = filled[place]
            at = line + int(np.searchsorted(breaks, starts[record]))
            yield ordinal + place, (at, block[starts[record] : ends[record]].rstrip(b"\r"))
        ordinal += len(filled)
        line, carry = line + int(np.searchsorted(breaks, starts[-1])), block[starts[-1] :]


def _with_last_line_end(chunks: Iterator[bytes]) -> Iterator[bytes]:
    last = b"\n"
    for chunk in chunks:
        last = chunk
        yield chunk
    if not last.endswith(b"\n"):
        yield b"\n"
