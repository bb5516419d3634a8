"""The rows of a delivery that are held back, as its file of quarantine tells them.

Which rows these are is decided in `accounting`; what becomes of them later stands in `replay`.
"""

from __future__ import annotations

import re

import duckdb
import pyarrow as pa

from pipelines.intake.accounting import Opened
from pipelines.intake.casting import as_json, forbidden
from pipelines.intake.reading import raw_rows
from pipelines.intake.text import Text

TOTAL = re.compile(r"\W*(?:итого|всего|барлығы|жиыны|total)\W+(\d[\d\s]*)\W*", re.IGNORECASE)


def quarantined_rows(connection: duckdb.DuckDBPyConnection, opened: Opened, number: int) -> pa.Table:
    """One row per row held back: ordinal, line, record id, reasons and raw text.

    The raw text is the line as delivered; for formats without lines, and for files with a column that may not be
    kept, it is the row's known columns as JSON.
    """
    landed, text = opened.landed, opened.text
    typed = as_json({column.name: column.name for column in landed.contract.columns})
    conflicts = f"""UNION ALL SELECT _row, _line, record_id, ['record_id_conflict'], {typed}
        FROM doubled JOIN fate USING (_delivery, _row) WHERE _delivery = {number} AND fate = 'conflict'"""
    has_conflicts = connection.execute("FROM fate WHERE fate = 'conflict' LIMIT 1").fetchall()
    held = connection.execute(
        f"""SELECT _row, _line, record_id, reasons, _delivered FROM judged
        ANTI JOIN fate USING (_delivery, _row) WHERE _delivery = {number} AND reasons IS NOT NULL
        {conflicts if has_conflicts else ""} ORDER BY _row"""
    ).fetchall()
    pruned = any(forbidden(landed.contract, name) for name in text.columns)
    raw = {} if pruned else raw_rows(landed, text, [row for row, *_ in held])
    rows = [
        (row, *raw.get(row, (line or row + 1, delivered.encode())), record_id, reasons)
        for row, line, record_id, reasons, delivered in held
    ]
    rows += [(r.ordinal, r.line, b"" if pruned else r.raw, None, [r.reason]) for r in text.bad]
    rows = [(row, line, kept, key, why + _of_total(kept, row, text)) for row, line, kept, key, why in rows]
    columns = list(zip(*sorted(rows, key=lambda item: item[0]), strict=True)) or [()] * 5
    kinds = [pa.int64(), pa.int64(), pa.binary(), pa.string(), pa.list_(pa.string())]
    names = ["row_ordinal", "line_number", "raw", "record_id", "reasons"]
    return pa.table({name: pa.array(column, kind) for name, column, kind in zip(names, columns, kinds, strict=True)})


def _of_total(raw: bytes, ordinal: int, text: Text) -> list[str]:
    """What more is said of a row held back that is the export's own total: whether it counts the rows before it."""
    if ordinal < text.records:
        return []
    values = re.sub(r'"\w+":|null', " ", raw.decode(text.encoding or "utf-8", errors="replace"))
    found = TOTAL.fullmatch(values)
    if found is None:
        return []
    return ["total_row" if int(re.sub(r"\D", "", found[1])) == text.records - 1 else "total_differs"]
