"""One delivery from its file to its ledger row: read, cast, judge, count, write, commit.

The invariant of every delivery that is accepted: rows in the file = accepted + quarantined + repeated, where the
left side comes from a counter that shares no code with the reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.contracts import Contract
from pipelines.intake import tables
from pipelines.intake.casting import as_json, bronze_columns, cast_sql, forbidden, header_places
from pipelines.intake.container import NeedsExactPathError
from pipelines.intake.delivery import Landed, Manifest, RejectedError, delivery_id
from pipelines.intake.reading import Text, raw_rows, read
from pipelines.storage.database import quoted
from pipelines.storage.files import settle
from pipelines.storage.home import Home


@dataclass(frozen=True)
class Counts:
    """What became of the rows of one delivery."""

    in_file: int
    accepted: int
    quarantined: int
    repeated: int

    def check(self) -> None:
        """Refuses a delivery whose rows do not add up; it would mean a defect of ours, not of the sender."""
        if self.in_file != self.accepted + self.quarantined + self.repeated:
            raise AssertionError(f"rows do not add up: {self}")


def judge_rows(
    connection: duckdb.DuckDBPyConnection, landed: Landed, manifest: Manifest, identity: str
) -> tuple[Text, Counts]:
    """Reads and casts a delivery into the temporary tables `judged` and `fate`.

    Returns:
        How it was read, and its counts.

    Raises:
        RejectedError: It is rejected whole.
    """
    for exact in (False, True):
        try:
            text = _cast(connection, landed, manifest, identity, exact)
            break
        except NeedsExactPathError:
            if exact:
                raise
        except pa.ArrowInvalid:
            continue
    if text.sha256 != manifest.sha256.lower():
        raise RejectedError("hash_mismatch", "the file is not the one that the manifest describes; send both again")
    if text.records != manifest.rows:
        raise RejectedError(
            "row_count_mismatch", f"the manifest says {manifest.rows} rows, the file has {text.records}; send both again"
        )
    _decide_repeats(connection, landed.contract)
    accepted, quarantined, repeated = connection.execute(
        """SELECT count(*) FILTER (reasons IS NULL AND fate IS NULL), count(*) FILTER (reasons IS NOT NULL OR fate = 'conflict'),
        count(*) FILTER (reasons IS NULL AND fate = 'repeat') FROM judged LEFT JOIN fate USING (_row)"""
    ).fetchall()[0]
    counts = Counts(text.records, accepted, quarantined + len(text.bad), repeated)
    counts.check()
    return text, counts


def _cast(
    connection: duckdb.DuckDBPyConnection, landed: Landed, manifest: Manifest, identity: str, exact: bool
) -> Text:
    text = read(landed, manifest, connection, exact)
    contract = landed.contract
    missing = [c.name for c in contract.columns if c.required and c.name not in header_places(contract, text.columns)]
    if missing and (text.columns or manifest.rows):
        raise RejectedError("missing_column", f"the header lacks {', '.join(missing)}")
    names = [f"c{n}" for n in range(len(text.columns))]
    shape = pa.schema([*[(name, pa.string()) for name in names], ("_row", pa.int64()), ("_line", pa.int64())])
    guard = _Guard(text.batches)
    connection.register("delivered", pa.RecordBatchReader.from_batches(shape, guard))
    try:
        connection.execute(cast_sql(contract, text.columns, identity, manifest.business_date))
    except duckdb.Error as error:
        raise guard.failure or error from None
    finally:
        connection.unregister("delivered")
    return text


class _Guard:
    """Keeps the reader's own error, which the engine would wrap into a text."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self.failure: Exception | None = None
        self._batches = batches

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._batches
        except Exception as error:
            self.failure = error
            raise


def _decide_repeats(connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    values = [name for name in bronze_columns(contract) if name not in ("flags", "normalised")]
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE fate AS
        WITH doubled AS (SELECT record_id FROM judged WHERE reasons IS NULL GROUP BY record_id HAVING count(*) > 1),
        version AS (
          SELECT _row, record_id, hash({", ".join(values)}) AS content
          FROM judged SEMI JOIN doubled USING (record_id) WHERE reasons IS NULL
        ), compared AS (
          SELECT _row, CASE WHEN min(content) OVER same <> max(content) OVER same THEN 'conflict'
            WHEN _row > min(_row) OVER same THEN 'repeat' END AS fate
          FROM version WINDOW same AS (PARTITION BY record_id)
        )
        SELECT * FROM compared WHERE fate IS NOT NULL"""
    )


def write_bronze(connection: duckdb.DuckDBPyConnection, home: Home, contract: Contract, load_seq: int, name: str) -> Path:
    """Writes the accepted rows of `judged` to their immutable file and returns its path."""
    final = tables.bronze_path(home, contract.feed, load_seq, name)
    beside = home.temporary / f"{name}.parquet"
    types = tables.column_types(contract)
    columns = ", ".join(f"CAST({column} AS {kind}) AS {column}" for column, kind in types.items())
    connection.execute(
        f"""COPY (SELECT {columns} FROM judged WHERE reasons IS NULL AND _row NOT IN (SELECT _row FROM fate) ORDER BY _row)
        TO {quoted(beside)} (FORMAT parquet)"""
    )
    beside.chmod(0o600)
    settle(beside, final, "bronze")
    return final


def quarantined_rows(connection: duckdb.DuckDBPyConnection, landed: Landed, text: Text) -> pa.Table:
    """One row per row held back: ordinal, line, record id, reasons and raw text.

    The raw text is the line as delivered; for formats without lines, and for files with a column that may not be
    kept, it is the row's known columns as JSON.
    """
    typed = as_json({column.name: column.name for column in landed.contract.columns})
    held = connection.execute(
        f"""SELECT _row, _line, record_id, CASE WHEN fate = 'conflict' THEN ['record_id_conflict'] ELSE reasons END,
          coalesce(_delivered, {typed})
        FROM judged LEFT JOIN fate USING (_row) WHERE reasons IS NOT NULL OR fate = 'conflict' ORDER BY _row"""
    ).fetchall()
    pruned = any(forbidden(landed.contract, name) for name in text.columns)
    raw = {} if pruned else raw_rows(landed, text, [row for row, *_ in held])
    rows = [
        (row, *raw.get(row, (line or row + 1, delivered.encode())), record_id, reasons)
        for row, line, record_id, reasons, delivered in held
    ]
    rows += [(r.ordinal, r.line, b"" if pruned else r.raw, None, [r.reason]) for r in text.bad]
    columns = list(zip(*sorted(rows, key=lambda item: item[0]), strict=True)) or [()] * 5
    kinds = [pa.int64(), pa.int64(), pa.binary(), pa.string(), pa.list_(pa.string())]
    names = ["row_ordinal", "line_number", "raw", "record_id", "reasons"]
    return pa.table({name: pa.array(column, kind) for name, column, kind in zip(names, columns, kinds, strict=True)})


def identity_of(landed: Landed, manifest: Manifest) -> str:
    """The delivery's id."""
    return delivery_id(landed.contract.feed, landed.name, manifest.sha256.lower())
