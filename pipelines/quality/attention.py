"""What wants a person: what failed, is held, refused, waiting or late, and what to do about each.

One list for `mic status`, the page of the night and Dagster. Its queries run on the build database and on what is
published alike; its words stand in `labels.yml`. It holds names of feeds, files and columns, numbers and reason codes,
never a value of a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from itertools import groupby
from typing import Any

import duckdb

from pipelines.labels import LANGUAGES, catalogue, label

REFUSALS_OF_DAYS = 14
READ = {"delivery", "quarantine", "freshness", "expectation_result"}
ORDER = ("failed", "looks", "critical", "held", "rejected", "waiting", "stray", "late", "warning", "rows", "never")
DELIVERIES = """
    SELECT state AS kind, 'delivery.todo.' || state AS todo, feed, file_name AS file, 'reason.' || reason AS reason
    FROM quality.delivery AS one
    WHERE state IN ('held', 'waiting') OR state = 'rejected'
      AND landed_at > (SELECT max(landed_at) FROM quality.delivery) - to_days($days)
      AND NOT EXISTS (
        FROM quality.delivery AS other
        WHERE other.feed = one.feed AND other.file_name = one.file_name AND other.state = 'accepted'
          AND other.landed_at > one.landed_at)"""
FEEDS = """
    SELECT state AS kind, 'freshness.todo.' || state AS todo, feed, 'cadence.' || cadence AS cadence,
      last_business_date AS last, expected_by AS expected, missing_deliveries AS missing
    FROM quality.freshness WHERE state IN ('late', 'never')"""
CHECKS = """
    SELECT severity AS kind, 'check.todo.' || expectation AS todo,
      if(feed IN ('registry', 'release'), 'quality.' || feed, concat_ws('.', feed, column_name)) AS feed,
      'check.' || expectation AS "check", observed_value AS observed, threshold
    FROM quality.expectation_result
    WHERE NOT success AND load_seq = (SELECT max(load_seq) FROM quality.expectation_result)"""
ROWS = """
    SELECT 'rows' AS kind, 'attention.todo.rows' AS todo, feed, count(*) AS rows
    FROM quality.quarantine WHERE cleared_seq IS NULL GROUP BY feed"""


@dataclass(frozen=True)
class Matter:
    """One thing that a person should know of and act on.

    Attributes:
        kind: One of `ORDER`; the catalogue's key of the sentence is `attention.<kind>`.
        facts: What the sentences name. A fact that is a key of the catalogue is said in the reader's language.
        todo: The catalogue's key of what to do.
    """

    kind: str
    facts: Mapping[str, str]
    todo: str

    def said(self, language: str) -> str:
        """What happened, in a sentence."""
        return self._told(f"attention.{self.kind}", language)

    def advice(self, language: str) -> str:
        """What to do, in a sentence or two."""
        return self._told(self.todo, language)

    def as_dict(self, language: str) -> dict[str, Any]:
        """The same for machines, with the sentences in one language."""
        return asdict(self) | {"said": self.said(language), "what_to_do": self.advice(language)}

    def _told(self, key: str, language: str) -> str:
        facts = {name: _word(value, language) for name, value in self.facts.items()}
        return label(key, language).format(**facts)


def read_matters(connection: duckdb.DuckDBPyConnection) -> list[Matter]:
    """What wants a person as the last load that was judged left it, the most pressing first.

    Args:
        connection: The build database, or a published file that shows the schema `quality`. Before the first load was
            judged there is nothing to say.
    """
    if not can_tell(connection):
        return []
    found = [
        _matter(dict(zip(names, row, strict=True)))
        for query, given in ((DELIVERIES, {"days": REFUSALS_OF_DAYS}), (FEEDS, {}), (CHECKS, {}), (ROWS, {}))
        for names, rows in [_ask(connection, query, given)]
        for row in rows
    ]
    return sorted(found, key=urgency)


def urgency(matter: Matter) -> tuple[int | str, ...]:
    """By what matters are ordered: the most pressing kind first, then by what they name."""
    return ORDER.index(matter.kind), *matter.facts.values()


def grouped(matters: Iterable[Matter]) -> list[list[Matter]]:
    """Matters that follow each other and ask for the same, so that what to do is said once."""
    return [list(group) for _, group in groupby(matters, lambda matter: (matter.kind, matter.advice(LANGUAGES[0])))]


def can_tell(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether deliveries were taken in and judged, so that the tables that are read here exist."""
    tables = connection.execute(
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_catalog = current_database() AND table_schema = 'quality'"
    ).fetchall()
    return {name for (name,) in tables} >= READ


def _ask(
    connection: duckdb.DuckDBPyConnection, query: str, given: Mapping[str, int]
) -> tuple[list[str], list[tuple[Any, ...]]]:
    asked = connection.execute(query, dict(given)) if given else connection.execute(query)
    return [column[0] for column in asked.description or []], asked.fetchall()


def _matter(row: dict[str, Any]) -> Matter:
    kind, todo = row.pop("kind"), row.pop("todo")
    known = todo if todo in catalogue() else "check.todo.registry"
    return Matter(kind, {name: _fact(value) for name, value in row.items()}, known)


def _fact(value: str | float | date | None) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _word(fact: str, language: str) -> str:
    """A fact in the reader's words where the catalogue has them; a code without words loses its subject."""
    if fact in catalogue():
        return label(fact, language)
    return fact.removeprefix("reason.").removeprefix("check.").removeprefix("cadence.")
