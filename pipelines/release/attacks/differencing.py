"""Differencing: one or two persons left over when one published figure is taken from another.

Areas and groups: a figure less a part of it. Months and releases: a figure less the same one of another month or
release. A reveal is a true difference of one or two persons that the published difference shows exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

FEW = 2


@dataclass(frozen=True)
class Differences:
    """What differencing found.

    Attributes:
        tried: True differences of one or two.
        revealed: Those that the published figures show exactly.
    """

    tried: int
    revealed: int

    @property
    def share(self) -> float:
        """Share revealed."""
        return self.revealed / self.tried if self.tried else 0.0

    def with_others(self, others: Differences) -> Differences:
        """Both together."""
        return Differences(self.tried + others.tried, self.revealed + others.revealed)


def of_pairs(connection: duckdb.DuckDBPyConnection, pairs: str) -> Differences:
    """Counts the reveals among pairs of figures.

    Args:
        connection: Where the query runs.
        pairs: A query with `exact`, the true difference, and `shown`, the published one.
    """
    ((tried, revealed),) = connection.execute(
        f"""SELECT count(*), count(*) FILTER (abs(shown) = round(abs(exact)))
        FROM ({pairs}) WHERE round(abs(exact)) BETWEEN 1 AND {FEW} AND shown IS NOT NULL"""
    ).fetchall()
    return Differences(tried, revealed)


def parts(whole: str, part: str, shared: tuple[str, ...]) -> str:
    """Pairs of a figure and one part of it.

    Args:
        whole: Relation with `exact` and `value` of the wider table, by `shared`.
        part: The same of the finer table, with more dimensions.
        shared: Columns that both have.
    """
    return f"""SELECT whole.exact - part.exact AS exact, whole.value - part.value AS shown
    FROM {whole} AS whole JOIN {part} AS part USING ({", ".join(shared)})"""


def remainders(whole: str, part: str, shared: tuple[str, ...]) -> str:
    """Pairs of a figure and all of its parts that are shown: what is left is what is not shown."""
    by = ", ".join(f"whole.{one}" for one in shared)
    return f"""SELECT any_value(whole.exact) - coalesce(sum(part.exact) FILTER (part.value IS NOT NULL), 0) AS exact,
      any_value(whole.value) - coalesce(sum(part.value), 0) AS shown
    FROM {whole} AS whole JOIN {part} AS part USING ({", ".join(shared)}) GROUP BY {by}"""


def months(table: str, dimensions: tuple[str, ...]) -> str:
    """Pairs of the same figure in two months that follow each other."""
    within = ", ".join((*dimensions, "indicator"))
    return f"""SELECT exact - lag(exact) OVER series AS exact, value - lag(value) OVER series AS shown
    FROM {table} WINDOW series AS (PARTITION BY {within} ORDER BY period)"""


def releases(table: str, before: str, columns: tuple[str, ...]) -> str:
    """Pairs of the same figure in two releases; the published difference stands for the true one, which is not kept.

    So every published difference of one or two counts as a reveal, which is more than there can be.
    """
    return f"""SELECT now.value - before.value AS exact, now.value - before.value AS shown
    FROM {table} AS now JOIN {before} AS before USING ({", ".join(columns)})"""
