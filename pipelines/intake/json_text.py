"""JSON lines as text columns: one object per line, natural types or strings."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import duckdb
import pyarrow as pa

from pipelines.intake.container import unpacked_chunks
from pipelines.intake.delivery import Landed, RejectedError, check_hash
from pipelines.intake.exact import LONGEST_RECORD, too_long
from pipelines.intake.text import BATCH, BadRecord, Text, clean_header
from pipelines.storage.database import quoted

DEEP = re.compile(rb"(?:[\[{][^\[\]{}]*+){32}")
STRINGS = r'"(\\.|[^"\\])*"'
ODD_NUMBER = r"\d{19}|\d[eE]\+?\d{2}|[nN]a[nN]|[iI]nf"

OBJECTS = f"""CREATE OR REPLACE TEMP TABLE json_object AS
SELECT ordinal, line, text, CASE WHEN NOT json_valid(text) THEN 'not_json'
  WHEN json_type(text) <> 'OBJECT' THEN 'not_an_object'
  WHEN len(json_keys(text)) <> len(list_distinct(json_keys(text))) THEN 'duplicate_key'
  WHEN regexp_matches(text, {quoted(ODD_NUMBER)})
    AND regexp_matches(regexp_replace(text, {quoted(STRINGS)}, '', 'g'), {quoted(ODD_NUMBER)}) THEN 'number_not_exact'
  END AS reason
FROM json_line"""


def read_jsonl(landed: Landed, sha256: str, connection: duckdb.DuckDBPyConnection) -> Text:
    """Reads JSON lines, packed or not; `sha256` is the hash that the manifest promises.

    Raises:
        RejectedError: It is not the promised file, or a line is too long or nests beyond measure.
    """
    digest = hashlib.sha256()
    data = b"".join(_of_short_lines(unpacked_chunks(landed.path, digest)))
    check_hash(digest.hexdigest(), sha256)
    if DEEP.search(data):
        raise RejectedError("too_deep", "the JSON nests 32 levels deep; no feed has more than two")
    lines = json_lines(data)
    text = Text([], "fast", iter(()), encoding="utf-8", sha256=digest.hexdigest(), records=len(lines))
    readable: list[tuple[int, int, str]] = []
    for ordinal, (number, line) in enumerate(lines, 1):
        try:
            readable.append((ordinal, number, line.decode("utf-8")))
        except UnicodeDecodeError:
            text.bad.append(BadRecord(ordinal, number, line, "bad_encoding"))
    shape = pa.schema([("ordinal", pa.int64()), ("line", pa.int64()), ("text", pa.string())])
    columns = list(zip(*readable, strict=True)) or [(), (), ()]
    arrays = [pa.array(list(column), kind) for column, kind in zip(columns, shape.types, strict=True)]
    _split(text, pa.table(arrays, schema=shape), connection)
    return text


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


def json_lines(data: bytes) -> list[tuple[int, bytes]]:
    """Number and bytes of each line that is not blank."""
    lines = enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1)
    return [(number, line.rstrip(b"\r")) for number, line in lines if line.strip()]


def _split(text: Text, table: pa.Table, connection: duckdb.DuckDBPyConnection) -> None:
    cursor = connection.cursor()
    cursor.register("json_line", table)
    cursor.execute(OBJECTS)
    bad = cursor.execute("SELECT ordinal, line, text, reason FROM json_object WHERE reason IS NOT NULL").fetchall()
    text.bad += [BadRecord(ordinal, line, raw.encode(), reason) for ordinal, line, raw, reason in bad]
    keys = cursor.execute(
        "SELECT DISTINCT unnest(json_keys(text)) AS key FROM json_object WHERE reason IS NULL ORDER BY key"
    ).fetchall()
    text.columns = clean_header(key for (key,) in keys)
    values = [f"nullif(json_extract_string(text, {_pointer(key)}), '') AS c{n}" for n, (key,) in enumerate(keys)]
    selected = ", ".join([*values, "ordinal AS _row", "line AS _line", "true AS _suspect"])
    rows = cursor.execute(f"SELECT {selected} FROM json_object WHERE reason IS NULL ORDER BY ordinal")
    text.batches = iter(rows.to_arrow_reader(BATCH))


def _pointer(key: str) -> str:
    """A JSON pointer; unlike a path it has no wildcards."""
    return quoted("/" + key.replace("~", "~0").replace("/", "~1"))
