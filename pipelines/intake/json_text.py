"""JSON lines as text columns: one object per line, natural types or strings.

A file is read for its hash, for the keys that its objects have, and for their values; of a large one a block of lines
is in memory at a time, and it is unpacked each time again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator

import duckdb
import pyarrow as pa

from pipelines.intake.container import unpacked_chunks
from pipelines.intake.delivery import Landed, RejectedError, check_hash
from pipelines.intake.exact import LONGEST_RECORD, too_long
from pipelines.intake.text import BATCH, BadRecord, Text, clean_header, kept_while_small
from pipelines.storage.database import quoted

BLOCK = 32 << 20
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SHAPE = pa.schema([("ordinal", pa.int64()), ("line", pa.int64()), ("text", pa.string())])
DEEPEST = 32
DEEP = re.compile(rb"(?:[\[{][^\[\]{}]*+){%d}" % DEEPEST)
STRINGS = r'"(\\.|[^"\\])*"'
ODD_NUMBER = r"\d{19}|\d[eE]\+?\d{2}|[nN]a[nN]|[iI]nf"

# Every function that is asked of a text parses it: keys are asked for once, and values all together.
OBJECTS = f"""CREATE OR REPLACE TEMP TABLE json_object AS
SELECT ordinal, line, text, keys, CASE WHEN keys IS NULL THEN 'not_json'
  WHEN json_type(text) <> 'OBJECT' THEN 'not_an_object'
  WHEN len(keys) <> len(list_distinct(keys)) THEN 'duplicate_key'
  WHEN regexp_matches(text, {quoted(ODD_NUMBER)})
    AND regexp_matches(regexp_replace(text, {quoted(STRINGS)}, '', 'g'), {quoted(ODD_NUMBER)}) THEN 'number_not_exact'
  END AS reason
FROM (SELECT *, CASE WHEN json_valid(text) THEN json_keys(text) END AS keys FROM json_line)"""
KEYS = "SELECT DISTINCT unnest(keys) FROM (SELECT DISTINCT keys FROM json_object WHERE reason IS NULL)"

Block = list[tuple[int, int, bytes]]


def read_jsonl(landed: Landed, sha256: str, connection: duckdb.DuckDBPyConnection) -> Text:
    """Reads JSON lines, packed or not; `sha256` is the hash that the manifest promises.

    Raises:
        RejectedError: It is not the promised file, or a line is too long or nests beyond measure.
    """
    digest = hashlib.sha256()
    text = Text([], "fast", iter(()), encoding="utf-8")
    is_deep = False
    only: list[Block] = []  # the block of a file that has one, kept so that its lines are not cut again
    for number, block in enumerate(
        _blocks(_of_short_lines(kept_while_small(unpacked_chunks(landed.path, digest), text.unpacked)))
    ):
        is_deep = is_deep or any(map(_is_deep, block))
        only = [] if number else [block]
    text.sha256 = digest.hexdigest()
    check_hash(text.sha256, sha256)
    if is_deep:
        raise RejectedError("too_deep", "the JSON nests 32 levels deep; no feed has more than two")

    def blocks() -> Iterator[Block]:
        if only:
            return iter(only)
        return _blocks(iter(text.unpacked) if text.unpacked else unpacked_chunks(landed.path, hashlib.sha256()))

    _split(text, blocks, connection.cursor())
    return text


def _is_deep(row: tuple[int, int, bytes]) -> bool:
    """Whether a line nests beyond measure; one that has few brackets need not be searched."""
    line = row[2]
    return line.count(b"{") + line.count(b"[") >= DEEPEST and DEEP.search(line) is not None


def _of_short_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks, as far as no line is longer than a record may be."""
    lines = 1
    begun = 0
    for chunk in chunks:
        breaks = chunk.count(b"\n")
        if begun + (chunk.find(b"\n") if breaks else len(chunk)) > LONGEST_RECORD:
            raise too_long(lines)
        begun = len(chunk) - chunk.rfind(b"\n") - 1 if breaks else begun + len(chunk)
        lines += breaks
        yield chunk


def json_lines(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each line that is not blank."""
    number, carry = 1, b""
    for place, chunk in enumerate(chunks):
        lines = (carry + (chunk if place else chunk.removeprefix(BYTE_ORDER_MARK))).split(b"\n")
        carry = lines.pop()
        yield from ((number + n, line.rstrip(b"\r")) for n, line in enumerate(lines) if line.strip())
        number += len(lines)
    if carry.strip():
        yield number, carry.rstrip(b"\r")


def _blocks(chunks: Iterable[bytes]) -> Iterator[Block]:
    """Ordinal, number and bytes of the lines that are not blank, so many at a time as are well in memory."""
    block: Block = []
    size = 0
    for ordinal, (number, line) in enumerate(json_lines(chunks), 1):
        block.append((ordinal, number, line))
        size += len(line)
        if size > BLOCK:
            yield block
            block, size = [], 0
    if block:
        yield block


def _table(block: Block, bad: list[BadRecord]) -> pa.Table:
    """The lines as texts; those that are none are added to `bad`."""
    readable: list[tuple[int, int, str]] = []
    for ordinal, number, line in block:
        try:
            readable.append((ordinal, number, line.decode("utf-8")))
        except UnicodeDecodeError:
            bad.append(BadRecord(ordinal, number, line, "bad_encoding"))
    columns = list(zip(*readable, strict=True)) or [(), (), ()]
    arrays = [pa.array(list(column), kind) for column, kind in zip(columns, SHAPE.types, strict=True)]
    return pa.table(arrays, schema=SHAPE)


def _split(text: Text, blocks: Callable[[], Iterator[Block]], cursor: duckdb.DuckDBPyConnection) -> None:
    """Fills in what the objects have in common, and how their values are read, block by block."""
    keys: set[str] = set()
    laid_out = 0
    for block in blocks():
        _lay_out(cursor, _table(block, text.bad))
        bad = cursor.execute("SELECT ordinal, line, text, reason FROM json_object WHERE reason IS NOT NULL").fetchall()
        text.bad += [BadRecord(ordinal, line, raw.encode(), reason) for ordinal, line, raw, reason in bad]
        keys |= {key for (key,) in cursor.execute(KEYS).fetchall()}
        text.records = block[-1][0]
        laid_out += 1
    ordered = sorted(keys)
    text.columns = clean_header(ordered)
    # Of a file of one block the table stands as it was laid out.
    text.batches = _values(ordered, [None] if laid_out == 1 else blocks(), cursor)


def _values(
    keys: list[str], blocks: Iterable[Block | None], cursor: duckdb.DuckDBPyConnection
) -> Iterator[pa.RecordBatch]:
    values = [f"nullif(found[{n + 1}], '') AS c{n}" for n in range(len(keys))]
    selected = ", ".join([*values, "ordinal AS _row", "line AS _line", "true AS _suspect"])
    found = f"json_extract_string(text, [{', '.join(map(_pointer, keys))}])" if keys else "NULL"
    statement = f"""SELECT {selected} FROM (
      SELECT ordinal, line, {found} AS found FROM json_object WHERE reason IS NULL) ORDER BY _row"""
    for block in blocks:
        if block is not None:
            _lay_out(cursor, _table(block, []))
        yield from cursor.execute(statement).to_arrow_reader(BATCH)


def _lay_out(cursor: duckdb.DuckDBPyConnection, table: pa.Table) -> None:
    cursor.register("json_line", table)
    cursor.execute(OBJECTS)
    cursor.unregister("json_line")


def _pointer(key: str) -> str:
    """A JSON pointer; unlike a path it has no wildcards."""
    return quoted("/" + key.replace("~", "~0").replace("/", "~1"))
