"""From bytes on disk to clean UTF-8 text, counted on the way.

`CountedText` is read once by the CSV reader; while bytes pass it hashes them as delivered, unpacks them, converts
them to UTF-8 and counts records by quote parity. The count shares no code with any reader, so that the two can
contradict each other.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import zstandard

from pipelines.intake.delivery import RejectedError

CHUNK = 1 << 20
ZSTD_PART = 1 << 12  # one byte of zstd may stand for 32 KiB of text
LARGEST_RATIO = 100
RATIO_FROM = 64 << 20
LARGEST_TEXT = 20 << 30
TAB, LINE_END, BLANK, QUOTE = b'\t\n "'
FOLLOWING, FIRST_OF_TWO, FIRST_OF_THREE, FIRST_OF_FOUR = b"\x80\xc0\xe0\xf0"
# Control characters, and the first bytes in UTF-8 of no-break and zero-width blanks, soft hyphens, combining marks,
# symbols and characters of private use.
SUSPECT = bytes([*range(9), 11, 12, *range(14, 32), 127]) + b"\xc2\xcc\xcd\xe2\xee\xef\xf0\xf3\xf4"
VIRUS = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


class NeedsExactPathError(Exception):
    """The text has something that only the record-by-record path can judge."""


def packed_chunks(path: Path, digest: hashlib._Hash) -> Iterator[bytes]:
    """Bytes as delivered, hashed as they pass."""
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            digest.update(chunk)
            yield chunk


def unpacked_chunks(path: Path, digest: hashlib._Hash) -> Iterator[bytes]:
    """Bytes after decompression; the packed file is read to its end whatever happens.

    Raises:
        RejectedError: The container is cut, damaged, has a foreign tail or unpacks without measure.
    """
    packed = packed_chunks(path, digest)
    kind = path.name.rsplit(".", 1)[-1]
    unpack = {"gz": _gunzip, "zst": _unzstd}.get(kind)
    produced = 0
    size = max(path.stat().st_size, 1)
    for chunk in unpack(packed) if unpack else packed:
        produced += len(chunk)
        if produced > LARGEST_TEXT or (produced > RATIO_FROM and produced > LARGEST_RATIO * size):
            raise RejectedError("ratio", "the file unpacks to more than 100 times its size or 20 GB")
        yield chunk


def _gunzip(packed: Iterator[bytes]) -> Iterator[bytes]:
    member = zlib.decompressobj(wbits=31)
    for chunk in packed:
        is_full = False
        while chunk or is_full:
            if member.eof:
                if not chunk.startswith(b"\x1f"):
                    raise RejectedError("trailing_garbage", "bytes follow the end of the gzip file")
                member = zlib.decompressobj(wbits=31)
            try:
                text = member.decompress(chunk, CHUNK)
            except zlib.error as error:
                raise RejectedError("damaged_container", "the gzip file is damaged; send it again") from error
            if text:
                yield text
            is_full = len(text) == CHUNK and not member.eof
            chunk = member.unused_data if member.eof else member.unconsumed_tail
    if not member.eof:
        raise RejectedError("gzip_truncated", "the gzip file ends before its checksum; send it again")


def _unzstd(packed: Iterator[bytes]) -> Iterator[bytes]:
    member = zstandard.ZstdDecompressor().decompressobj()
    for chunk in (large[n : n + ZSTD_PART] for large in packed for n in range(0, len(large), ZSTD_PART)):
        while chunk:
            if member.eof:
                if not chunk.startswith(b"\x28\xb5\x2f\xfd"):
                    raise RejectedError("trailing_garbage", "bytes follow the end of the zstd file")
                member = zstandard.ZstdDecompressor().decompressobj()
            try:
                text = member.decompress(chunk)
            except zstandard.ZstdError as error:
                raise RejectedError("damaged_container", "the zstd file is damaged; send it again") from error
            if text:
                yield text
            chunk = member.unused_data
    if not member.eof:
        raise RejectedError("zstd_truncated", "the zstd file ends too early; send it again")


class CountedText(io.RawIOBase):
    """UTF-8 text of a delivery as a readable stream.

    Attributes:
        digest: SHA-256 of the bytes as delivered, complete once the stream is exhausted.
    """

    def __init__(self, chunks: Iterator[bytes], encoding: str, delimiter: str, digest: hashlib._Hash) -> None:
        super().__init__()
        self.digest = digest
        self._chunks = chunks
        self._delimiter = delimiter.encode()
        self._decoder = codecs.getincrementaldecoder(encoding)() if encoding != "utf-8" else None
        self._half = b""
        self._data = np.empty(0, dtype=np.uint8)
        self._rest = b""
        self._held = b""
        self._first = True
        self._ended = False
        self._inside = False
        self._last = b"\n"
        self._lines = 0
        self._tail = b""
        self._suspects: set[int] = set()
        self._shifts: list[int] = []

    def readable(self) -> bool:
        """Always true."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """So many bytes as far as the text reaches, else all: what is read in small pieces becomes small batches."""
        parts: list[bytes] = []
        missing = size if size >= 0 else LARGEST_TEXT
        while missing and self._fetch():
            parts.append(self._rest[:missing])
            self._rest = self._rest[missing:]
            missing -= len(parts[-1])
        return b"".join(parts)

    def _fetch(self) -> bool:
        """Whether text is at hand, or another chunk could be read; the end of the text is told once."""
        while not self._rest and not self._ended:
            chunk = next(self._chunks, None)
            if chunk is None:
                self._finish()
                self._ended = True
                return False
            chunk = self._held + chunk
            self._held = b"\r" if chunk.endswith(b"\r") else b""
            self._rest = self._convert(chunk.removesuffix(self._held))
        return bool(self._rest)

    @property
    def records(self) -> int:
        """Records that have passed, the header included, blank lines not."""
        return self._lines + (0 if self._last in b"\n" else 1)

    @property
    def is_even(self) -> bool:
        """Whether every record that has passed is one line, with no other lines between."""
        return not self._shifts

    def suspects(self, first: int, count: int) -> npt.NDArray[np.bool_]:
        """For `count` records from the ordinal `first` on, whether a record may hold what `casting.ODD` looks for."""
        marks = np.zeros(count, dtype=bool)
        marks[[ordinal - first for ordinal in self._suspects if first <= ordinal < first + count]] = True
        return marks

    def lines(self, first: int, count: int) -> npt.NDArray[np.int64]:
        """Physical lines of `count` records from the ordinal `first` on, blank and broken lines counted."""
        ordinals = np.arange(first, first + count)
        return ordinals + 1 + np.searchsorted(np.array(self._shifts, dtype=np.int64), ordinals, side="right")

    def _convert(self, chunk: bytes) -> bytes:
        if self._decoder is not None:
            chunk = self._decoder.decode(chunk).encode()
        if self._first:
            chunk = chunk.removeprefix(codecs.BOM_UTF8)
            self._first = False
        if b"\x00" in chunk:
            raise NeedsExactPathError("the text has NUL bytes")
        self._check(chunk)
        self._count(chunk)
        return chunk

    def _check(self, chunk: bytes) -> None:
        """Demands UTF-8; a character that a chunk has cut is looked at with the next one."""
        if not self._half and chunk.isascii():
            return
        text = self._half + chunk
        end = len(text) - _begun(text)
        self._half = text[end:]
        borders = pa.py_buffer(np.array([0, end], dtype=np.int64))
        try:
            pa.Array.from_buffers(pa.large_string(), 1, [None, borders, pa.py_buffer(text)]).validate(full=True)
        except pa.ArrowInvalid as error:
            raise NeedsExactPathError("some bytes are not in the file's encoding") from error

    def _count(self, chunk: bytes) -> None:
        if b"\r" in chunk:
            plain = chunk.replace(b"\r\n", b"\n")
            if b"\r" in plain:
                raise NeedsExactPathError("lines end in more than one way")
            chunk = plain
        if not chunk:
            return
        if self._last == b'"' and not self._inside and chunk[:1] not in (b"\n", b'"', self._delimiter):
            raise NeedsExactPathError("a quotation mark stands where none may stand")
        data = self._framed(chunk)
        feeds = breaks = np.flatnonzero(data[1:-1] == LINE_END) + 1
        if b'"' in chunk or self._inside:
            breaks = self._outside_quotes(data, breaks)
        ends = breaks[data[breaks - 1] != LINE_END]
        if len(ends) < len(feeds):
            inside = np.isin(feeds, breaks, invert=True)
            within = self._lines + np.searchsorted(ends, feeds) + inside
            self._shifts += within[np.isin(feeds, ends, invert=True)].tolist()
        self._note_suspects(chunk, data, ends)
        self._lines += len(ends)
        self._last = chunk[-1:]

    def _framed(self, chunk: bytes) -> npt.NDArray[np.uint8]:
        """The bytes of a chunk between the last one before it and a line end, in memory that is used again."""
        if len(self._data) < len(chunk) + 2:
            self._data = np.empty(len(chunk) + 2, dtype=np.uint8)
        data = self._data[: len(chunk) + 2]
        data[0], data[-1] = self._last[0], LINE_END
        data[1:-1] = np.frombuffer(chunk, dtype=np.uint8)
        return data

    def _outside_quotes(self, data: npt.NDArray[np.uint8], breaks: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        quotes = np.flatnonzero(data[1:-1] == QUOTE) + 1
        opening = quotes[self._inside :: 2]
        closing = quotes[1 - self._inside :: 2]
        ends = np.frombuffer(b'\n"' + self._delimiter, dtype=np.uint8)
        if not (np.isin(data[opening - 1], ends).all() and np.isin(data[closing + 1], ends).all()):
            raise NeedsExactPathError("a quotation mark stands where none may stand")
        outside: npt.NDArray[np.int64] = breaks[(np.searchsorted(quotes, breaks) + self._inside) % 2 == 0]
        self._inside = (len(quotes) + self._inside) % 2 == 1
        return outside

    def _note_suspects(self, chunk: bytes, data: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64]) -> None:
        """Notes the records that may hold characters to be looked at; all others need no second look."""
        blanks = np.flatnonzero((data[1:-1] == BLANK) | (data[1:-1] == TAB)) + 1
        edges = np.frombuffer(b'\n"' + self._delimiter, dtype=np.uint8)
        found = [blanks[np.isin(data[blanks - 1], edges) | np.isin(data[blanks + 1], edges)]]
        if self._last in b" \t" and data[1] in edges:
            found.append(np.zeros(1, dtype=np.int64))
        if len(chunk.translate(None, SUSPECT)) < len(chunk):
            found.append(np.flatnonzero(np.isin(data[1:-1], np.frombuffer(SUSPECT, dtype=np.uint8))) + 1)
        tail = self._tail + chunk
        start = tail.find(VIRUS)
        while start >= 0:
            found.append(np.array([max(start - len(self._tail) + 1, 0)]))
            start = tail.find(VIRUS, start + 1)
        self._tail = tail[-len(VIRUS) :]
        places = np.concatenate(found)
        if len(places):
            self._suspects.update((self._lines + np.searchsorted(ends, places)).tolist())

    def _finish(self) -> None:
        if self._inside:
            raise NeedsExactPathError("a quoted field never ends")
        if self._held:
            raise NeedsExactPathError("the last line ends in half a line end")
        if self._half:
            raise NeedsExactPathError("the last character is cut")


def _begun(text: bytes) -> int:
    """How many bytes at the end of a text belong to a character in UTF-8 that has not ended."""
    for back, byte in enumerate(reversed(text[-3:]), 1):
        if byte >= FIRST_OF_TWO:
            return back if back < 2 + (byte >= FIRST_OF_THREE) + (byte >= FIRST_OF_FOUR) else 0
        if byte < FOLLOWING:
            return 0
    return 0
