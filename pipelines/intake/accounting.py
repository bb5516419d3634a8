"""One delivery from its file to its ledger row: read, cast, judge, count, write, commit.

The invariant of every delivery that is accepted: rows in the file = accepted + quarantined + repeated, where the
left side comes from a counter that shares no code with the reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import duckdb
import numpy as np
import pyarrow as pa

from pipelines.contracts import Contract
from pipelines.intake import oddities, tables
from pipelines.intake.casting import bronze_columns, cast_sql, header_places
from pipelines.intake.container import NeedsExactPathError
from pipelines.intake.delivery import Landed, Manifest, RejectedError, delivery_id
from pipelines.intake.judged import BATCH_ROWS, IN_MEMORY, JudgedRows
from pipelines.intake.reading import read
from pipelines.intake.text import SMALL_TEXT, Text, schema
from pipelines.storage.database import on_threads, without_optimizers
from pipelines.storage.home import Home
from pipelines.storage.kept import KeptFile, keep

FEW_ROWS = 20_000
# The engine takes a stream for one row and would build its hash table of it rather than of the deliveries. To look for
# what stands twice among a thousand terms costs more than to work it out twice for few rows.
LEFT_OUT = ("build_side_probe_side", "common_subexpressions")
# A record that was erased is a repeat of what shall not come back, whole or not: nothing of the row is kept.
ERASED = """INSERT INTO fate SELECT _delivery, _row, 'erased' FROM judged ANTI JOIN fate USING (_delivery, _row)
WHERE sha256(
  (SELECT any_value(salt) FROM intake.tombstone) || '/' || $feed || '/' || record_id
) IN (SELECT hash FROM intake.tombstone)"""

WHY = """SELECT _delivery, string_agg(reason || ' ' || n, ', ' ORDER BY n DESC, reason)
FROM (
  SELECT _delivery, reason, count(*) AS n
  FROM (SELECT _delivery, unnest(reasons) AS reason FROM judged WHERE reasons IS NOT NULL) GROUP BY ALL
) GROUP BY _delivery"""


@dataclass(frozen=True)
class Counts:
    """What became of the rows of one delivery; `why` names the reasons of those held back, the most frequent first."""

    in_file: int
    accepted: int
    quarantined: int
    repeated: int
    why: str = ""

    def check(self) -> None:
        """Refuses a delivery whose rows do not add up; it would mean a defect of ours, not of the sender."""
        if self.in_file != self.accepted + self.quarantined + self.repeated:
            raise AssertionError(f"rows do not add up: {self}")


class UnjudgedError(Exception):
    """Reading a delivery of a group failed.

    Attributes:
        number: Which of the group.
        cause: The reader's own error.
    """

    def __init__(self, number: int, cause: Exception) -> None:
        super().__init__(str(cause))
        self.number = number
        self.cause = cause


@dataclass
class Opened:
    """A delivery whose header has been read and whose rows have not.

    Attributes:
        landed: The data file.
        manifest: Its manifest.
        identity: Its delivery id.
        text: Its columns.
    """

    landed: Landed
    manifest: Manifest
    identity: str
    text: Text


def open_delivery(
    connection: duckdb.DuckDBPyConnection, landed: Landed, manifest: Manifest, exact: bool = False
) -> Opened:
    """Opens a delivery for judging.

    Raises:
        RejectedError: It is rejected whole.
    """
    text = read(landed, manifest, connection, exact)
    contract = landed.contract
    places = header_places(contract, text.columns)
    missing = [column.name for column in contract.columns if column.required and column.name not in places]
    if missing and (text.columns or manifest.rows):
        raise RejectedError("missing_column", f"the header lacks {', '.join(missing)}")
    return Opened(landed, manifest, delivery_id(contract.feed, landed.name, manifest.sha256.lower()), text)


def judge(
    connection: duckdb.DuckDBPyConnection, home: Home, group: list[Opened], in_memory: int = IN_MEMORY
) -> tuple[JudgedRows, list[Counts | RejectedError]]:
    """Casts deliveries of one feed with one header into the temporary tables `judged` and `fate`.

    One statement for many small files: its planning costs more than a small file's rows.

    Returns:
        The rows, and for each delivery what became of its rows or why it is rejected.

    Raises:
        UnjudgedError: A delivery of the group cannot be judged with the others.
    """
    contract, columns = group[0].landed.contract, group[0].text.columns
    guard = _Guard(group)
    at_hand = {
        "_delivery": list(range(len(group))),
        "delivery_id": [opened.identity for opened in group],
        "business_date": [opened.manifest.business_date for opened in group],
    }
    types = tables.column_types(contract)
    typed = ", ".join(f"CAST({column} AS {kind}) AS {column}" for column, kind in types.items())
    try:
        delivered = guard.delivered(schema(len(columns)).append(pa.field("_delivery", pa.int64())))
        few = isinstance(delivered, pa.Table)
        # The stream that the rows come in and the one that they leave by have one thread each; a second costs a tenth.
        with on_threads(connection, 1), without_optimizers(connection, *(LEFT_OUT if few else LEFT_OUT[:1])):
            connection.register("at_hand", pa.table(at_hand))
            connection.register("delivered", delivered)
            # What only odd rows have is a third of the statement; to lay it out is the most of what few rows cost.
            is_odd = not few or oddities.is_any(connection, delivered, len(columns))
            cast = cast_sql(contract, columns, types, is_odd)
            stream = connection.execute(f"SELECT {typed}, _delivery, _row, _line, reasons, _delivered FROM ({cast})")
            rows = JudgedRows(connection, home.temporary / "judged", stream.to_arrow_reader(BATCH_ROWS), in_memory)
    except (duckdb.Error, pa.ArrowException, OSError, RejectedError, NeedsExactPathError) as error:
        if guard.failure is None:
            raise
        raise UnjudgedError(guard.number, guard.failure) from error
    finally:
        connection.unregister("delivered")
        connection.unregister("at_hand")
    _decide_repeats(connection, rows, contract)
    if connection.execute("FROM intake.tombstone LIMIT 1").fetchall():
        connection.execute(ERASED, {"feed": contract.feed})
    counted = zip(group, _counted(connection, group), strict=True)
    return rows, [_verdict(opened, found) for opened, found in counted]


class _Guard:
    """The rows of a group, one delivery after the other; keeps the reader's own error and whose it is.

    The engine would wrap the error into a text.
    """

    def __init__(self, group: list[Opened]) -> None:
        self.failure: Exception | None = None
        self.number = 0
        self._group = group

    def delivered(self, shape: pa.Schema) -> pa.Table | pa.RecordBatchReader:
        """The rows: read where they are few, as the manifests say and no more than `SMALL_TEXT`, else as they come."""
        batches = iter(self)
        held: list[pa.RecordBatch] = []
        is_small = sum(opened.manifest.rows for opened in self._group) <= FEW_ROWS
        while is_small and (batch := next(batches, None)) is not None:
            held.append(batch)
            is_small = sum(one.nbytes for one in held) <= SMALL_TEXT
        if is_small:
            return pa.Table.from_batches(held, shape)
        return pa.RecordBatchReader.from_batches(shape, chain(held, batches))

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            for number, opened in enumerate(self._group):
                self.number = number
                for batch in opened.text.batches:
                    yield batch.append_column("_delivery", pa.array(np.full(batch.num_rows, number)))
        except pa.ArrowInvalid as error:
            self.failure = NeedsExactPathError(str(error))
            raise
        except Exception as error:
            self.failure = error
            raise


def _counted(connection: duckdb.DuckDBPyConnection, group: list[Opened]) -> list[Counts]:
    rows = connection.execute(
        """SELECT _delivery, count(*) FILTER (reasons IS NULL AND fate IS NULL),
          count(*) FILTER (fate = 'conflict' OR (reasons IS NOT NULL AND fate IS NULL)),
          count(*) FILTER (fate IN ('repeat', 'erased'))
        FROM judged LEFT JOIN fate USING (_delivery, _row) GROUP BY _delivery"""
    ).fetchall()
    found = {number: counts for number, *counts in rows}
    reasons = dict(connection.execute(WHY).fetchall()) if any(counts[1] for counts in found.values()) else {}
    counts = []
    for number, opened in enumerate(group):
        accepted, quarantined, repeated = found.get(number, (0, 0, 0))
        quarantined += len(opened.text.bad)
        counts.append(Counts(opened.text.records, accepted, quarantined, repeated, reasons.get(number, "")))
    return counts


def _verdict(opened: Opened, counts: Counts) -> Counts | RejectedError:
    text, manifest = opened.text, opened.manifest
    if text.sha256 != manifest.sha256.lower():
        return RejectedError("hash_mismatch", "the file is not the one that the manifest describes; send both again")
    if text.records != manifest.rows:
        found = f"the manifest says {manifest.rows} rows, the file has {text.records}; send both again"
        return RejectedError("row_count_mismatch", found)
    counts.check()
    return counts


def _decide_repeats(connection: duckdb.DuckDBPyConnection, rows: JudgedRows, contract: Contract) -> None:
    """Makes the temporary table `fate`: rows that repeat or contradict another one of their delivery."""
    doubled = rows.namesakes()
    if not len(doubled):
        connection.execute("CREATE OR REPLACE TEMP TABLE fate (_delivery BIGINT, _row BIGINT, fate VARCHAR)")
        return
    values = [name for name in bronze_columns(contract) if name not in ("flags", "normalised", "line_number")]
    rows.pick("doubled", doubled)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE fate AS
        WITH version AS (
          SELECT _delivery, _row, record_id, hash({", ".join(values)}) AS content FROM doubled
        ), compared AS (
          SELECT _delivery, _row, CASE WHEN min(content) OVER same <> max(content) OVER same THEN 'conflict'
            WHEN _row > min(_row) OVER same THEN 'repeat' END AS fate
          FROM version WINDOW same AS (PARTITION BY _delivery, record_id)
        )
        SELECT * FROM compared WHERE fate IS NOT NULL"""
    )


def write_bronze(
    rows: JudgedRows, home: Home, contract: Contract, load_seq: int, names: dict[int, str]
) -> dict[int, KeptFile]:
    """Writes the accepted rows of deliveries of the group at hand, each to its immutable file.

    Args:
        rows: The rows of the group.
        home: Where bronze lies.
        contract: The feed.
        load_seq: The load.
        names: Name of the file by the delivery's number in the group.

    Returns:
        The files by the delivery's number.
    """
    kept: dict[int, KeptFile] = {}
    for number, name in names.items():
        written = rows.write_good(number, bronze_columns(contract))
        kept[number] = keep(home, written, tables.bronze_path(home, contract.feed, load_seq, name), "bronze")
    return kept
