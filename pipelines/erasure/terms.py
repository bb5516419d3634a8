"""Who is due: persons of whom every feed that knows them has reached its term.

Terms are rows of `reference.retention_term`, none of which a lawyer has compared with an act; nothing is erased because
a day has passed, only because somebody has asked for those who are due.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from pipelines.erasure.holds import holds_of
from pipelines.storage.home import Home

DUE = """WITH told AS (
  SELECT link.person_id, record.feed, max(record.happened_on) AS last_on
  FROM intermediate.source_record_history AS record
  JOIN linkage.person_observation AS link USING (observation_id)
  WHERE link.known_to_seq IS NULL AND link.person_id IS NOT NULL AND record.known_to_seq IS NULL
  GROUP BY ALL
)
SELECT told.person_id, CAST(max(told.last_on + to_years(CAST(term.years AS INTEGER))) AS DATE) AS due_since
FROM told LEFT JOIN reference.retention_term AS term
  ON term.feed = told.feed AND term.valid_from <= $today AND coalesce(term.valid_to > $today, true)
GROUP BY told.person_id
HAVING bool_and(term.years IS NOT NULL) AND max(told.last_on + to_years(CAST(term.years AS INTEGER))) < $today
ORDER BY due_since, told.person_id LIMIT $most"""


@dataclass(frozen=True)
class Due:
    """A person who is due.

    Attributes:
        person: The person's id.
        since: Since when.
        held_by: What keeps the person all the same, in words; empty where nothing does.
    """

    person: str
    since: date
    held_by: str


def due(connection: duckdb.DuckDBPyConnection, home: Home, today: date, most: int) -> list[Due]:
    """Persons who are due, the longest first.

    Args:
        connection: The build database.
        home: Where holds are kept.
        today: The day that is asked for.
        most: How many at most.
    """
    found = connection.execute(DUE, {"today": today, "most": most}).fetchall()
    return [Due(person, since, "; ".join(holds_of(connection, home, person, today))) for person, since in found]
