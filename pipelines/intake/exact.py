"""The exact path: one record after the other, each judged by itself.

Used when the fast path cannot be believed. A record is a legal RFC 4180 record or one physical line that is not;
nothing is skipped, joined or padded.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.intake.delivery import RejectedError

LONGEST_RECORD = 8 << 20


def too_long(line: int) -> RejectedError:
    """What refuses a file of which a line, by its number, is longer than any record may be."""
    return RejectedError("line_too_long", f"line {line} is longer than 8 MiB; no row of any feed comes near it")


@dataclass(frozen=True)
class Record:
    """One record as it stands in the file.

    Attributes:
        line: Number of the physical line on which it begins, from 1.
        raw: Its bytes without the line end.
        fields: Its values, empty text for an empty field; empty tuple where it cannot be split.
        reason: Why it cannot be split; empty where it can.
    """

    line: int
    raw: bytes
    fields: tuple[str, ...]
    reason: str


class Splitter:
    """Splits text into records.

    Args:
        delimiter: One character.
        encoding: Python name of the encoding of the bytes.
    """

    def __init__(self, delimiter: str, encoding: str) -> None:
        mark = re.escape(delimiter.encode())
        field = rb'(?:"(?:[^"]|"")*+"|(?!")[^\r\n' + mark + rb"]*+)"  # a quotation mark inside a bare field is text
        self._record = re.compile(field + rb"(?:" + mark + field + rb")*+(?=\r|\n|\Z)")
        self._field = re.compile(rb"(?:^|" + mark + rb')(?:"((?:[^"]|"")*+)"|([^' + mark + rb"]*+))")
        self._line = re.compile(rb"[^\r\n]*+")
        self._encoding = encoding

    def records(self, chunks: Iterator[bytes]) -> Iterator[Record]:
        """Yields the records of a text in order, blank lines left out.

        Raises:
            RejectedError: A line is longer than any record may be.
        """
        buffer = b""
        line = 1
        ended = False
        is_first = True
        while not ended or buffer:
            while not ended and len(buffer) < 2 * LONGEST_RECORD:
                chunk = next(chunks, None)
                ended = chunk is None
                buffer += chunk or b""
            if is_first:
                buffer = buffer.removeprefix(codecs.BOM_UTF8)
                is_first = False
            position = 0
            while position < len(buffer) and (ended or len(buffer) - position > LONGEST_RECORD):
                record, position, lines = self._next(buffer, position, line)
                line += lines
                if record.raw:
                    yield record
            buffer = buffer[position:]

    def _next(self, buffer: bytes, position: int, line: int) -> tuple[Record, int, int]:
        window = position + LONGEST_RECORD
        match = self._record.match(buffer, position, window)
        end = match.end() if match else position + len(self._line.match(buffer, position, window)[0])  # type: ignore[index]
        if end == window < len(buffer) and buffer[end : end + 1] not in (b"\r", b"\n"):
            match = None
            end = position + len(self._line.match(buffer, position, window)[0])  # type: ignore[index]
            if end == window:
                raise too_long(line)
        raw = buffer[position:end]
        step = 2 if buffer[end : end + 2] == b"\r\n" else 1
        lines = 1 + len(re.findall(rb"\r\n|\r|\n", raw))
        return self._record_of(line, raw, "" if match else "bad_quoting"), end + step, lines

    def _record_of(self, line: int, raw: bytes, reason: str) -> Record:
        if reason:
            return Record(line, raw, (), reason)
        try:
            raw.decode(self._encoding)
        except UnicodeDecodeError:
            return Record(line, raw, (), "bad_encoding")
        values = [
            (quoted.replace(b'""', b'"') if quoted else plain).decode(self._encoding)
            for quoted, plain in self._field.findall(raw)
        ]
        return Record(line, raw, tuple(values), "")
