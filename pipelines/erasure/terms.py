"""Who is due: persons of whom every feed that knows them has reached its term.

Terms are rows of `reference.retention_term`, none of which a lawyer has compared with an act; nothing is erased because
a day has passed, only because somebody has asked for those who are due.
"""

from __future__ import annotations

from datetime import date

import duckdb

DUE = """WITH told AS (
  SELECT link.person_id, record.feed, max(record.happened_on) AS last_on
  FROM intermediate.source_record_history AS record
  JOIN linkage.person_observation AS link USING (observation_id)
  WHERE link.known_to_seq IS NULL AND link.person_id IS NOT NULL AND record.known_to_seq IS NULL
  GROUP BY ALL
)
SELECT told.person_id, max(told.last_on + to_years(CAST(term.years AS INTEGER))) AS due_since
FROM told LEFT JOIN reference.retention_term AS term
  ON term.feed = told.feed AND term.valid_from <= $today AND coalesce(term.valid_to > $today, true)
GROUP BY told.person_id
HAVING bool_and(term.years IS NOT NULL) AND max(told.last_on + to_years(CAST(term.years AS INTEGER))) < $today
ORDER BY due_since, told.person_id LIMIT $most"""


def due(connection: duckdb.DuckDBPyConnection, today: date, most: int) -> list[tuple[str, date]]:
    """Persons who are due and since when, the longest first; holds are not asked here.

    Args:
        connection: The build database.
        today: The day that is asked for.
        most: How many at most.
    """
    found = connection.execute(DUE, {"today": today, "most": most}).fetchall()
    return [(person, since.date() if hasattr(since, "date") else since) for person, since in found]
