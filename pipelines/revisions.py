"""What two releases tell differently of the same days, and why.

All of it is read from the published statistics: the signed changes carry the load that knew them and the cause that it
had, and the macro `revised_between` adds them up. Nothing here reads a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

Row = dict[str, Any]
RELEASE = """SELECT release_id, load_seq, as_of, published_at FROM meta.release_history
WHERE release_id = $1 OR CAST(load_seq AS VARCHAR) = $1"""
KNOWN = "SELECT min(load_seq), max(load_seq) FROM meta.release_history"
SHOWN = """list_filter(string_split(dimensions, ';'), lambda part: list_contains($by, split_part(part, '=', 1)))"""
CHANGED = f"""WITH revised AS (
  SELECT table_name, period, array_to_string({SHOWN}, ';') AS dimensions, indicator, cause, sum(change) AS change,
    count(*) AS cells
  FROM revised_between($earlier, $later) GROUP BY ALL
), told AS (
  SELECT table_name, period, array_to_string({SHOWN}, ';') AS dimensions, indicator, sum(value) AS value
  FROM as_released($earlier) GROUP BY ALL
)
SELECT table_name, period, dimensions, indicator, round(coalesce(any_value(value), 0), 3) AS before,
  round(coalesce(any_value(value), 0) + sum(change), 3) AS after,
  map_from_entries(list((cause, round(change, 3)) ORDER BY cause)) AS causes
FROM revised LEFT JOIN told USING (table_name, period, dimensions, indicator)
WHERE abs(change) >= 0.0005 GROUP BY ALL ORDER BY ALL"""
CAUSES = """SELECT table_name, indicator, cause, count(DISTINCT period) AS periods, count(*) AS cells,
  round(sum(change) FILTER (change > 0), 3) AS more, round(sum(change) FILTER (change < 0), 3) AS less
FROM revised_between($earlier, $later) GROUP BY ALL ORDER BY ALL"""


class NoSuchReleaseError(Exception):
    """There is no such release, or the two are in the wrong order; the message says what there is."""


@dataclass(frozen=True)
class Difference:
    """What changed between two releases on the days that the earlier one covered.

    Attributes:
        earlier: Name, load, last day and moment of the earlier one.
        later: The same of the later one.
        causes: One row per table, indicator and cause: periods and cells that it changed, and by how much.
        changes: One row per table, period, cell and indicator that changed, with what each cause adds.
    """

    earlier: Row
    later: Row
    causes: list[Row]
    changes: list[Row]


def compare(connection: duckdb.DuckDBPyConnection, earlier: str, later: str, by: Sequence[str] = ()) -> Difference:
    """Compares two releases.

    Args:
        connection: The file of statistics, in use.
        earlier: A release by its name or the number of its load.
        later: One that came after it.
        by: Dimensions that are told apart; the direction of flows always is.

    Raises:
        NoSuchReleaseError: One is not there, or the first is the later one.
    """
    first, last = _release(connection, earlier), _release(connection, later)
    if first["load_seq"] > last["load_seq"]:
        raise NoSuchReleaseError(f"{earlier} came after {later}: name the earlier release first.")
    names = {"earlier": first["release_id"], "later": last["release_id"]}
    changes = _rows(connection, CHANGED, names | {"by": ["direction", *by]})
    return Difference(first, last, _rows(connection, CAUSES, names), changes)


def _release(connection: duckdb.DuckDBPyConnection, name: str) -> Row:
    found = _rows(connection, RELEASE, [name])
    if not found:
        first, last = connection.execute(KNOWN).fetchall()[0]
        raise NoSuchReleaseError(
            f"there is no release {name}: loads {first} to {last} were published. A release is named by the number of "
            'its load or by its name: mic sql "SELECT release_id FROM meta.release_history".'
        )
    return found[0]


def _rows(connection: duckdb.DuckDBPyConnection, query: str, values: Any) -> list[Row]:
    found = connection.execute(query, values)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
