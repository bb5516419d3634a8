"""The published rows of `statistics.hidden_population`, made of the counts in `intermediate.hidden_pattern`.

Read at publication: a few hundred counts leave the engine, nobody's data. Links that are missed make lists overlap less
than they do, so that the estimate errs to the high side; it is said with the figure, not mended.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa

from pipelines.hidden.loglinear import Hidden, estimate_hidden

LISTS = ("border", "host", "inland", "work")
FEWEST = 10
PATTERNS = """SELECT period, group_kind, group_value, lists, sum(persons) FROM intermediate.hidden_pattern
GROUP BY ALL ORDER BY ALL"""
ROWS = pa.schema(
    [
        ("period", pa.date32()),
        ("group_kind", pa.string()),
        ("group_value", pa.string()),
        ("indicator", pa.string()),
        ("value", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("obs_status", pa.string()),
        ("known_seq", pa.int32()),
    ]
)
Row = tuple[str, float | None, float | None, float | None, str]


def estimate(connection: duckdb.DuckDBPyConnection, load_seq: int) -> None:
    """Lays out the temporary table `hidden_population_rows`.

    Args:
        connection: The build database.
        load_seq: The load being published.
    """
    groups: dict[tuple[object, ...], dict[frozenset[str], int]] = {}
    for period, kind, value, lists, persons in connection.execute(PATTERNS).fetchall():
        groups.setdefault((period, kind, value), {})[frozenset(lists)] = int(persons)
    rows = [
        (*group, *row, load_seq)
        for group, counts in groups.items()
        if sum(counts.values()) >= FEWEST
        for row in _rows(estimate_hidden(counts, LISTS), counts)
    ]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(ROWS)
    connection.register("laid_out", pa.table(list(map(pa.array, columns)), schema=ROWS) if rows else ROWS.empty_table())
    connection.execute("CREATE OR REPLACE TEMP TABLE hidden_population_rows AS FROM laid_out")
    connection.unregister("laid_out")


def _rows(found: Hidden, counts: dict[frozenset[str], int]) -> Iterator[Row]:
    shared = sum(persons for on, persons in counts.items() if len(on) > 1)
    yield "hidden_population", _whole(found.value), _whole(found.lower), _whole(found.upper), "E"
    yield "hidden_at_least", _whole(found.chao) if found.models else None, _whole(found.least), None, "E"
    yield "listed_persons", float(found.seen), None, None, "A"
    yield "listed_twice", float(shared) if shared >= FEWEST else None, None, None, "A" if shared >= FEWEST else "Q"


def _whole(value: float | None) -> float | None:
    return None if value is None else float(round(value))
