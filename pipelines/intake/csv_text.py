"""CSV as text columns, by the fast path or record by record.

The fast path believes Arrow's reader only where the independent counter finds the same number of records.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from itertools import chain, islice

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from pipelines.intake.container import CountedText, NeedsExactPathError, unpacked_chunks
from pipelines.intake.delivery import Landed, Manifest, RejectedError
from pipelines.intake.encoding import detect_encoding
from pipelines.intake.exact import Record, Splitter
from pipelines.intake.text import BATCH, BadRecord, Text, clean_header, kept_while_small, numbered, schema

SAMPLE = 1 << 18
LONGEST_HEADER = 1 << 16
ALLOWED_DELIMITERS = (",", ";")


def read_csv(landed: Landed, manifest: Manifest, exact: bool) -> Text:
    """Opens CSV, packed or not, by the fast or the exact path.

    Raises:
        RejectedError: There is no header that can be read.
    """
    digest = hashlib.sha256()
    chunks = unpacked_chunks(landed.path, digest)
    sample = _sample(chunks)
    encoding = detect_encoding(sample, manifest.encoding, landed.contract.encodings)
    header_line = _header_line(sample, encoding)
    delimiter = manifest.delimiter or (";" if header_line.count(";") > header_line.count(",") else ",")
    if delimiter not in ALLOWED_DELIMITERS:
        raise RejectedError("delimiter_not_allowed", f"the delimiter {delimiter!r} is neither comma nor semicolon")
    columns = clean_header(next(csv.reader([header_line], delimiter=delimiter)))
    text = Text(columns, "exact" if exact else "fast", iter(()), encoding, delimiter)
    whole = kept_while_small(chain([sample], chunks), text.unpacked)
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


def _header_line(sample: bytes, encoding: str) -> str:
    lines = sample.removeprefix(b"\xef\xbb\xbf").splitlines()[:2]
    if not lines or not lines[0].strip():
        raise RejectedError("empty_file", "the file has no text; a day without rows is a header alone")
    if len(lines[0]) > LONGEST_HEADER:
        raise RejectedError(
            "line_too_long", "the first line is longer than 64 KiB; no header of any feed comes near it"
        )
    if lines[0].count(b'"') % 2:
        raise RejectedError("header_unreadable", "the first line ends inside a quoted name")
    if lines[0] == lines[-1] and len(lines) == 2:
        raise RejectedError("header_twice", "the header stands twice; the export was joined from two")
    return lines[0].decode(encoding, errors="replace")


def _fast_batches(text: Text, stream: CountedText) -> Iterator[pa.RecordBatch]:
    names = [f"c{index}" for index in range(len(text.columns))]
    reader = arrow_csv.open_csv(
        pa.PythonFile(stream, mode="r"),
        read_options=arrow_csv.ReadOptions(column_names=names, skip_rows=1, block_size=4 << 20),
        parse_options=arrow_csv.ParseOptions(delimiter=text.delimiter, newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            check_utf8=False,  # the counter has, before it lets a byte pass
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )
    row = 0
    for batch in reader:
        suspect = stream.suspects(row + 1, batch.num_rows)
        yield numbered(list(batch.columns), row, stream.lines(row + 1, batch.num_rows), suspect)
        row += batch.num_rows
    while stream.read(1 << 20):
        pass
    text.records = stream.records - 1
    text.sha256 = stream.digest.hexdigest()
    text.is_even = stream.is_even
    if row != text.records:
        raise NeedsExactPathError(f"the reader found {row} rows, the counter {text.records}")


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
        if good:
            arrays = [pa.array([value or None for value in column], pa.string()) for column in zip(*good, strict=True)]
            places = np.array(rows, dtype=np.int64)
            known = [places[:, 0], places[:, 1], np.ones(len(rows), dtype=bool)]
            yield pa.RecordBatch.from_arrays([*arrays, *known], schema=schema(width))
    text.records = ordinal
    text.sha256 = digest.hexdigest()
