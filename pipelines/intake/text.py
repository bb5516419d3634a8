"""The one shape that every reader gives: text columns with the ordinal and line of each row.

No reader stands here; `csv_text`, `json_text`, `typed_text` and `edifact_text` fill this shape, each from its formats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.intake.delivery import RejectedError

BATCH = 50_000
SMALL_TEXT = 64 << 20


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
        batches: Rows as text columns `c0`, `c1`, … in the header's order, with `_row` (ordinal from 1), `_line`
            (physical line, 0 where the format has none; in an interchange the number of the segment)
            and `_suspect` (whether stray blanks or characters that nobody sees are to be looked for; false only where
            there are none). Consumed once.
        bad: Records that could not be split; complete once the batches are consumed.
        sha256: Hash of the bytes as delivered; known once the batches are consumed.
        records: Independent count of data records; known once the batches are consumed.
        unpacked: The text of a small file of lines as it was read, so that it need not be unpacked again; else empty.
        is_even: Whether each record, the header included, is known to be one physical line, with no others between.
        raw_rows: Gives line and raw bytes of the rows of the given ordinals, where the reader has them at hand.
    """

    columns: list[str]
    path: str
    batches: Iterator[pa.RecordBatch]
    encoding: str = ""
    delimiter: str = ""
    bad: list[BadRecord] = field(default_factory=list)
    sha256: str = ""
    records: int = 0
    unpacked: list[bytes] = field(default_factory=list)
    is_even: bool = False
    raw_rows: Callable[[set[int]], dict[int, tuple[int, bytes]]] | None = None


def schema(width: int) -> pa.Schema:
    """Shape of the batches of a file with `width` columns."""
    texts = [pa.field(f"c{index}", pa.string()) for index in range(width)]
    kinds = {"_row": pa.int64(), "_line": pa.int64(), "_suspect": pa.bool_()}
    return pa.schema([*texts, *(pa.field(name, kind) for name, kind in kinds.items())])


def numbered(
    columns: list[pa.Array], before: int, lines: npt.NDArray[np.int64], suspect: npt.NDArray[np.bool_]
) -> pa.RecordBatch:
    """A batch of text columns with ordinals that go on from `before`."""
    rows = pa.array(np.arange(before + 1, before + len(lines) + 1))
    return pa.RecordBatch.from_arrays([*columns, rows, pa.array(lines), pa.array(suspect)], schema=schema(len(columns)))


def clean_header(names: Iterable[str]) -> list[str]:
    """Column names without blanks around them and in small letters; a column without a name gets its place.

    Raises:
        RejectedError: A name stands twice, so that nobody can say which column is meant.
    """
    cleaned = [name.replace("\u00a0", " ").strip().lower() for name in names]
    columns = [name or f"column_{place}" for place, name in enumerate(cleaned, 1)]
    doubled = sorted({name for name in columns if columns.count(name) > 1})
    if doubled:
        raise RejectedError("duplicate_column", f"the header names {', '.join(doubled)} twice")
    return columns


def kept_while_small(chunks: Iterator[bytes], kept: list[bytes]) -> Iterator[bytes]:
    """The chunks of a text; `kept` has them all afterwards, or none where the text is large."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size <= SMALL_TEXT:
            kept.append(chunk)
        else:
            kept.clear()
        yield chunk
