"""What few rows have: characters that nobody sees, symbols and lost letters in names, text encoded twice or too long.

The counter suspects such rows by their bytes (`container.SUSPECT`); all others are not searched. What a value means,
and every check that any row may fail, stands in `casting`.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from pipelines.contracts import Column, ColumnType, Contract
from pipelines.intake import container
from pipelines.intake.macros import INVISIBLE, TWICE
from pipelines.storage.database import quoted

CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
SYMBOL = r"[\x{2190}-\x{2bff}\x{e000}-\x{f8ff}\x{1f000}-\x{1fbff}\x{f0000}-\x{10ffff}]"
LOST_LETTER = r"\p{L}\?|\?\p{L}|\x{fffd}"
LOST = (b"?", "\ufffd".encode())
VIRUS = container.VIRUS.decode()
ODD = rf"{CONTROL}|{SYMBOL}|{INVISIBLE}|[\x{{0300}}-\x{{036f}}]|\n[ \t]|[ \t]\n|{TWICE}|{VIRUS}"
PERSONS_NAMES = (
    "surname",
    "given_names",
    "patronymic",
    "full_name",
    "former_names",
    "surname_latin",
    "given_names_latin",
)


def is_any(connection: duckdb.DuckDBPyConnection, delivered: pa.Table, width: int) -> bool:
    """Whether a row of few, which `delivered` is registered for, is odd, or may have lost letters."""
    buffers = (
        buffer for column in delivered.columns[:width] for part in column.chunks for buffer in part.buffers()[2:]
    )
    texts = [buffer.to_pybytes() for buffer in buffers if buffer is not None]
    if any(mark in text for text in texts for mark in LOST):
        return True
    is_suspect = any(part.true_count for part in delivered["_suspect"].chunks)
    return is_suspect and bool(connection.execute(f"FROM delivered WHERE {odd(width)} LIMIT 1").fetchall())


def odd(width: int) -> str:
    """SQL for whether anything odd stands in the columns `c0`, `c1`, … of a row."""
    if not width:
        return "false"
    values = ", ".join(f"c{n}" for n in range(width))
    return f"CASE WHEN _suspect THEN regexp_matches(concat_ws(chr(10), '', {values}, ''), {quoted(ODD)}) ELSE false END"


def cleaned(width: int) -> str:
    """SQL for the list of an odd row's values as they are read; NULL for all other rows."""
    values = ", ".join(f"c{n}" for n in range(width))
    return f"CASE WHEN _odd THEN list_transform([{values}], lambda x: cleaned(x)) END" if width else "NULL"


def reasons(contract: Contract, there: list[Column], is_odd: bool) -> str:
    """SQL for the reasons that only an odd row, or one with a long text, can have: one look at all columns."""
    limits = {f"t_{c.name}": c.max_length for c in there if c.type in (ColumnType.text, ColumnType.code)}
    names = [column.name for column in there]
    parts = [
        _found("control_character", {name: f"d_{name}" for name in names}, f"regexp_matches(x, {quoted(CONTROL)})"),
        _found("encoding_lost", {name: f"t_{name}" for name in names}, f"regexp_matches(x, {quoted(TWICE)})"),
    ]
    if contract.identity_block:
        named = {name: f"t_{name}" for name in PERSONS_NAMES}
        parts.append(_found("symbol_in_name", named, f"regexp_matches(x, {quoted(SYMBOL)})"))
    parts = parts if is_odd and names else []
    if limits:
        long = {text.removeprefix("t_"): text for text in limits}
        parts.append(_found("too_long", long, f"length(x) > {list(limits.values())}[i]"))
    guards = [*(["_odd"] if is_odd else []), *(f"strlen({text}) > {limit}" for text, limit in limits.items())]
    return (
        f"CASE WHEN {' OR '.join(guards)} THEN flatten([{', '.join(parts)}]) END"
        if parts
        else "CAST(NULL AS VARCHAR[])"
    )


def _found(code: str, values: dict[str, str], test: str) -> str:
    """SQL for the list of `code:column` of the values `x`, at place `i`, that a test finds.

    A list and not a term per column: the engine lays out every term, and compiles every pattern, once a statement.
    """
    texts, codes = ", ".join(values.values()), [f"{code}:{name}" for name in values]
    return (
        f"list_filter(list_transform([{texts}], lambda x, i: CASE WHEN {test} THEN {codes}[i] END), "
        "lambda r: r IS NOT NULL)"
    )


def virus(there: list[Column]) -> str:
    """SQL for whether a row bears the string by which virus scanners are tried."""
    return f"CASE WHEN _odd THEN contains({_all(there)}, {quoted(VIRUS)}) END"


def marks(contract: Contract, there: list[Column], is_odd: bool) -> dict[str, str]:
    """SQL conditions for what was taken out of a row, read back into letters or lost on the way, by mark."""
    found = {"invisible_character": INVISIBLE, "encoded_twice": TWICE} if is_odd else {}
    tests = {code: f"regexp_matches({_all(there)}, {quoted(what)})" for code, what in found.items()}
    conditions = {code: f"CASE WHEN _odd THEN {test} END" for code, test in tests.items()}
    return conditions | ({"lossy_name": _lossy()} if contract.identity_block and is_odd else {})


def _lossy() -> str:
    """Letters of a name were lost on the way; what is left differs from the name and is no evidence of another one."""
    names = f"concat_ws(' ', {', '.join(PERSONS_NAMES)})"
    marked = f"contains({names}, '?') OR contains({names}, chr(65533))"
    return f"CASE WHEN {marked} THEN regexp_matches({names}, {quoted(LOST_LETTER)}) END"


def _all(there: list[Column]) -> str:
    values = ", ".join(["''", *(f"d_{column.name}" for column in there)])
    return f"concat_ws(chr(10), {values})"
