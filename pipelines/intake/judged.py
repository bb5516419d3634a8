"""The rows of a group of deliveries as the cast leaves them, on the way from the stream to their files.

Only what decides about a row becomes a table. The values of a small group stay in memory as Arrow, from which its
bronze is written without a table in between; what grows larger than `IN_MEMORY` goes to an encrypted file beside. What
becomes of a row is decided in `accounting`.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.storage.database import quoted
from pipelines.storage.faults import passage

BATCH_ROWS = 20_480
GROUP_ROWS = 122_880
IN_MEMORY = 256 << 20
KEY = "judged"
# Sorting hashes is many times cheaper than telling texts apart.
NAMES = "SELECT hash(_delivery, record_id) AS name, place FROM judged WHERE reasons IS NULL"
DISTINCT = ("record_id", "line_number")  # a value of its own in every row: a dictionary of them would be given up
DECISIVE = ["_delivery", "_row", "_line", "record_id", "flags", "reasons", "_delivered"]


class JudgedRows:
    """One row per row that could be split.

    The temporary table `judged` has the columns in `DECISIVE` of each, and its `place` among the rows.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        folder: Path,
        stream: pa.RecordBatchReader,
        in_memory: int = IN_MEMORY,
    ) -> None:
        """Takes the rows out of the stream; until it ends, another statement on the connection would end it.

        Args:
            connection: Where the tables are made.
            folder: Made here for files of the group; gone again where this fails.
            stream: The rows.
            in_memory: Bytes that stay in memory; where there are more, all rows go to the file beside.
        """
        self._connection = connection
        self._folder = folder
        self._table: pa.Table | None = None
        folder.mkdir(mode=0o700, exist_ok=True)
        try:
            self._take(stream, in_memory)
        except BaseException:
            self.forget()
            raise

    def namesakes(self) -> npt.NDArray[np.int64]:
        """Places of the good rows that name the record of another one of their delivery, or whose hashes say so."""
        found = self._connection.execute(NAMES).fetchnumpy()
        ordered = np.sort(found["name"])
        again = ordered[1:][ordered[1:] == ordered[:-1]]
        places: npt.NDArray[np.int64] = found["place"][np.isin(found["name"], again)] if len(again) else again
        return places

    def pick(self, name: str, places: npt.NDArray[np.int64]) -> None:
        """Makes a temporary table with all columns of the rows at some places."""
        if self._table is None:
            self._connection.register("picked", pa.table({"place": places}))
            self._create(name, None, ["*"], "WHERE file_row_number IN (SELECT place FROM picked)")
            self._connection.unregister("picked")
        else:
            self._create(name, self._table.take(pa.array(places)), self._table.column_names)

    def places(self, which: str) -> npt.NDArray[np.int64]:
        """Places of the rows of `judged` that a clause picks."""
        found = self._connection.execute(f"SELECT place FROM judged {which}").fetchnumpy()
        places: npt.NDArray[np.int64] = found["place"]
        return places

    def write_good(self, number: int, columns: list[str]) -> Path:
        """Writes the good rows of a delivery of the group that `fate` does not name, and returns the file."""
        path = self._folder / f"{number}.parquet"
        which = f"ANTI JOIN fate USING (_delivery, _row) WHERE reasons IS NULL AND _delivery = {number}"
        if self._table is None:
            is_good = f"file_row_number IN (SELECT place FROM judged {which})"
            statement = f"SELECT {', '.join(columns)} FROM {self._beside} WHERE {is_good}"
            self._connection.execute(f"COPY ({statement}) TO {quoted(path)} (FORMAT parquet)")
            return path
        places = self.places(which)
        first, end = (int(places.min()), int(places.max()) + 1) if len(places) else (0, 0)
        marks = np.zeros(end - first, dtype=bool)
        marks[places - first] = True
        good = self._table.select(columns).slice(first, end - first).filter(pa.array(marks))
        dictionary = [name for name in columns if name not in DISTINCT]
        # Who looks for a text in bronze looks for a record; bounds of other texts cost a quarter of the writing.
        told = [field.name for field in good.schema if field.name == "record_id" or not pa.types.is_string(field.type)]
        pq.write_table(good, path, row_group_size=GROUP_ROWS, use_dictionary=dictionary, write_statistics=told)
        return path

    def forget(self) -> None:
        """Lets go of the values and removes what was not kept."""
        self._table = None
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _beside(self) -> str:
        path = quoted(self._folder / "judged.parquet")
        return f"read_parquet({path}, file_row_number = true, encryption_config = {{footer_key: '{KEY}'}})"

    def _take(self, stream: pa.RecordBatchReader, in_memory: int) -> None:
        held: list[pa.RecordBatch] = []
        size = 0
        for batch in stream:
            held.append(batch)
            size += batch.nbytes
            if size > in_memory:
                self._write_beside(held, stream)
                break
        else:
            self._table = pa.Table.from_batches(held, stream.schema)
        self._create("judged", self._table, DECISIVE)

    def _write_beside(self, held: list[pa.RecordBatch], stream: pa.RecordBatchReader) -> None:
        """Writes what is held and the rest of the stream under a key that is kept nowhere."""

        def batches() -> Iterator[pa.RecordBatch]:
            while held:
                passage("judged.write")
                yield held.pop(0)
            for batch in stream:
                passage("judged.write")
                yield batch

        path = quoted(self._folder / "judged.parquet")
        with self._connection.cursor() as beside:
            beside.execute(f"PRAGMA add_parquet_key('{KEY}', '{secrets.token_hex(16)}')")
            beside.register("all_rows", pa.RecordBatchReader.from_batches(stream.schema, batches()))
            encrypted = f"FORMAT parquet, ENCRYPTION_CONFIG {{footer_key: '{KEY}'}}"
            beside.execute(f"COPY (FROM all_rows) TO {path} ({encrypted})")

    def _create(self, name: str, table: pa.Table | None, columns: list[str], where: str = "") -> None:
        selected = ", ".join(columns)
        if table is None:
            source = f"SELECT {selected}, file_row_number AS place FROM {self._beside} {where}"
            self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {source}")
            return
        rows = table.select(columns).append_column("place", pa.array(np.arange(table.num_rows)))
        self._connection.register("stream_of_rows", rows.to_reader())
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM stream_of_rows")
        self._connection.unregister("stream_of_rows")
