"""Which observations a load may give to another person: what changed, and all that pairs and persons connect with it.

Reaching spreads along accepted pairs, present persons and stewards' verdicts until nothing is added, so that every
component is seen whole; its cost follows what the load changed.
"""

from __future__ import annotations

import duckdb

ACCEPTED = "conflict IS NULL AND NOT is_unsure AND weight >= {accept}"

VERDICTS = (
    """CREATE OR REPLACE TEMP TABLE steward_pair AS
    WITH ended AS (
      SELECT a.observation_id AS a, b.observation_id AS b, d.verdict, d.decided_at, d.decision_id
      FROM staging.stg_steward_decisions AS d
      JOIN intermediate.source_record AS a ON a.feed = d.left_feed AND a.record_id = d.left_record_id
      JOIN intermediate.source_record AS b ON b.feed = d.right_feed AND b.record_id = d.right_record_id
    )
    SELECT least(a, b) AS left_id, greatest(a, b) AS right_id,
      arg_max(verdict, (decided_at, decision_id)) AS verdict
    FROM ended WHERE a <> b GROUP BY ALL""",
    """CREATE OR REPLACE TEMP TABLE judged AS
    SELECT unnest([left_feed, right_feed]) AS feed, unnest([left_record_id, right_record_id]) AS record_id
    FROM raw.steward_decisions WHERE load_seq = $load OR known_from_seq = $load OR known_to_seq = $load""",
)

SEEDS = """CREATE OR REPLACE TEMP TABLE reached AS
SELECT observation_id FROM intermediate.source_record_history
WHERE (known_from_seq = $load OR known_to_seq = $load) AND observation_id IS NOT NULL
UNION SELECT observation_id FROM intermediate.observation WHERE first_load_seq = $load
UNION SELECT observation_id FROM judged JOIN intermediate.source_record USING (feed, record_id)"""

SPREAD = f"""INSERT INTO reached
SELECT DISTINCT n.observation_id FROM (
  SELECT right_observation_id AS observation_id FROM linkage.pair
  SEMI JOIN latest ON latest.observation_id = left_observation_id WHERE {ACCEPTED}
  UNION ALL SELECT left_observation_id FROM linkage.pair
  SEMI JOIN latest ON latest.observation_id = right_observation_id WHERE {ACCEPTED}
  UNION ALL
  SELECT mate.observation_id FROM linkage.person_observation AS own SEMI JOIN latest USING (observation_id)
  JOIN linkage.person_observation AS mate ON mate.person_id = own.person_id AND mate.known_to_seq IS NULL
  WHERE own.known_to_seq IS NULL
  UNION ALL SELECT right_id FROM steward_pair SEMI JOIN latest ON latest.observation_id = left_id
  UNION ALL SELECT left_id FROM steward_pair SEMI JOIN latest ON latest.observation_id = right_id
) AS n ANTI JOIN reached USING (observation_id)"""

UNREACHED = "SELECT 1 FROM intermediate.observation ANTI JOIN reached USING (observation_id) LIMIT 1"
LIVE = """CREATE OR REPLACE TEMP TABLE live AS
SELECT observation_id, is_sufficient FROM intermediate.observation SEMI JOIN reached USING (observation_id)
SEMI JOIN intermediate.source_record USING (observation_id)"""


def read_verdicts(connection: duckdb.DuckDBPyConnection, load_seq: int) -> None:
    """Makes `steward_pair`, the last verdict of a steward on each pair of observations, and `judged`, this load's."""
    connection.execute(VERDICTS[0])
    connection.execute(VERDICTS[1], {"load": load_seq})


def seed(connection: duckdb.DuckDBPyConnection, load_seq: int, everything: bool) -> None:
    """Makes `reached`: what the load changed, or all observations."""
    connection.execute(SEEDS, {"load": load_seq})
    if everything:
        connection.execute(
            """INSERT INTO reached SELECT observation_id FROM intermediate.observation
            ANTI JOIN reached USING (observation_id)"""
        )


def spread(connection: duckdb.DuckDBPyConnection, accept: float) -> int:
    """Spreads `reached` to all that it is connected with and makes `live`: the living ones among it.

    Returns:
        Number of living observations reached.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE latest AS FROM reached")
    while _size(connection, "latest") and connection.execute(UNREACHED).fetchone():
        before = _size(connection, "reached")
        connection.execute("CREATE OR REPLACE TEMP TABLE earlier AS FROM reached")
        connection.execute(SPREAD.format(accept=accept))
        if _size(connection, "reached") == before:
            break
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE latest AS FROM reached ANTI JOIN earlier USING (observation_id)"
        )
    connection.execute(LIVE)
    return _size(connection, "live")


def _size(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
