"""Hard evidence that two observations are one person.

Grain of `linkage.evidence_key`: one row per observation and key. A key is a pure function of one observation: its
verified IIN, or its document's number and state. Which of the pairs that share a document are compatible depends on
the birth dates and sexes in that block, and is decided anew whenever the block is touched.
"""

from __future__ import annotations

import duckdb

TABLES = """
CREATE SCHEMA IF NOT EXISTS linkage;
CREATE TABLE IF NOT EXISTS linkage.evidence_key (observation_id UBIGINT, kind VARCHAR, key UBIGINT,
  first_load_seq INTEGER);
CREATE TABLE IF NOT EXISTS linkage.person_observation (
  observation_id UBIGINT, person_id VARCHAR, known_from_seq INTEGER, known_to_seq INTEGER);
CREATE TABLE IF NOT EXISTS linkage.link_evidence (
  left_observation_id UBIGINT, right_observation_id UBIGINT, evidence VARCHAR, known_from_seq INTEGER,
    known_to_seq INTEGER);
CREATE TABLE IF NOT EXISTS linkage.link_event (
  event VARCHAR, person_id VARCHAR, other_person_id VARCHAR, load_seq INTEGER, reason VARCHAR, model_version VARCHAR,
  decided_by VARCHAR);
CREATE TABLE IF NOT EXISTS linkage.touched_person (person_id VARCHAR);
CREATE TABLE IF NOT EXISTS linkage.person (person_id VARCHAR, created_seq INTEGER);
"""

NEW_KEYS = """INSERT INTO linkage.evidence_key
WITH fresh AS (FROM intermediate.observation WHERE first_load_seq = $load)
SELECT observation_id, 'iin', hash('iin', iin), first_load_seq FROM fresh WHERE iin_verified AND iin IS NOT NULL
UNION ALL
SELECT observation_id, 'document',
  hash('document', upper(regexp_replace(document_number, '[^\\p{L}\\p{N}]', '', 'g')), document_state), first_load_seq
FROM fresh WHERE document_number IS NOT NULL AND document_state IS NOT NULL AND birth_date IS NOT NULL"""

SEEDS = """CREATE OR REPLACE TEMP TABLE reached AS
SELECT observation_id FROM intermediate.source_record_history
WHERE (known_from_seq = $load OR known_to_seq = $load) AND observation_id IS NOT NULL
UNION SELECT observation_id FROM intermediate.observation WHERE first_load_seq = $load
UNION SELECT observation_id FROM judged_pair JOIN intermediate.source_record USING (feed, record_id)
WHERE is_new"""

SPREAD = """INSERT INTO reached
SELECT DISTINCT n.observation_id FROM (
  SELECT other.observation_id FROM linkage.evidence_key AS own JOIN reached USING (observation_id)
  JOIN linkage.evidence_key AS other ON other.key = own.key AND other.kind = own.kind
  UNION ALL
  SELECT mate.observation_id FROM linkage.person_observation AS own JOIN reached USING (observation_id)
  JOIN linkage.person_observation AS mate ON mate.person_id = own.person_id AND mate.known_to_seq IS NULL
  WHERE own.known_to_seq IS NULL
  UNION ALL
  SELECT unnest([pair.left_observation_id, pair.right_observation_id]) FROM steward_pair AS pair
  JOIN reached ON reached.observation_id IN (pair.left_observation_id, pair.right_observation_id)
) AS n WHERE n.observation_id NOT IN (SELECT observation_id FROM reached)"""

LIVE = """CREATE OR REPLACE TEMP TABLE live AS
SELECT observation.* FROM intermediate.observation SEMI JOIN reached USING (observation_id)
WHERE observation_id IN (SELECT observation_id FROM intermediate.source_record)
ORDER BY observation_id"""

EDGES = """CREATE OR REPLACE TEMP TABLE edge AS
WITH block AS (
  SELECT key.kind, key.key, live.observation_id, live.birth_date, live.sex
  FROM linkage.evidence_key AS key JOIN live USING (observation_id)
), dated AS (
  SELECT *, list_filter(
      list_distinct(list(birth_date) FILTER (length(birth_date) = 10) OVER (PARTITION BY kind, key)),
      lambda full_date: starts_with(full_date, birth_date)) AS candidates
  FROM block WHERE kind = 'document'
), born AS (
  SELECT *, CASE WHEN len(candidates) = 1 THEN candidates[1] ELSE birth_date END AS birth FROM dated
), sexed AS (
  SELECT *, coalesce(sex, CASE WHEN min(sex) OVER same = max(sex) OVER same THEN min(sex) OVER same END, '')
    AS known_sex
  FROM born WINDOW same AS (PARTITION BY key, birth)
), star AS (
  SELECT observation_id AS right_id, lag(observation_id) OVER (PARTITION BY key, birth, known_sex
    ORDER BY observation_id) AS left_id,
    'document' AS evidence FROM sexed
  UNION ALL
  SELECT observation_id, lag(observation_id) OVER (PARTITION BY key ORDER BY observation_id), 'iin' FROM block
    WHERE kind = 'iin'
  UNION ALL
  SELECT right_observation_id, left_observation_id, 'steward' FROM steward_pair
  WHERE verdict = 'same' AND left_observation_id IN (SELECT observation_id FROM live)
    AND right_observation_id IN (SELECT observation_id FROM live)
)
SELECT least(left_id, right_id) AS left_id, greatest(left_id, right_id) AS right_id,
  min(CASE evidence WHEN 'steward' THEN 0 WHEN 'iin' THEN 1 ELSE 2 END) AS strength
FROM star WHERE left_id IS NOT NULL AND left_id <> right_id GROUP BY ALL ORDER BY strength, left_id, right_id"""

EVIDENCE_NAMES = ("steward", "iin", "document")


def add_keys(connection: duckdb.DuckDBPyConnection, load_seq: int) -> None:
    """Adds the keys of the observations that this load saw first."""
    connection.execute(NEW_KEYS, {"load": load_seq})


def read_verdicts(connection: duckdb.DuckDBPyConnection, load_seq: int) -> None:
    """Makes `steward_pair`: the last verdict of a steward on each pair of observations, and `judged_pair`."""
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE steward_pair AS
        WITH ended AS (
          SELECT a.observation_id AS a, b.observation_id AS b, d.verdict, d.decided_at, d.decision_id, d.load_seq
          FROM staging.stg_steward_decisions d
          JOIN intermediate.source_record a ON a.feed = d.left_feed AND a.record_id = d.left_record_id
          JOIN intermediate.source_record b ON b.feed = d.right_feed AND b.record_id = d.right_record_id
        )
        SELECT least(a, b) AS left_observation_id, greatest(a, b) AS right_observation_id,
          arg_max(verdict, (decided_at, decision_id)) AS verdict
        FROM ended WHERE a <> b GROUP BY ALL"""
    )
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE judged_pair AS
        SELECT unnest([left_feed, right_feed]) AS feed, unnest([left_record_id, right_record_id]) AS record_id,
          true AS is_new
        FROM raw.steward_decisions WHERE load_seq = $load OR known_from_seq = $load OR known_to_seq = $load""",
        {"load": load_seq},
    )


def reach(connection: duckdb.DuckDBPyConnection, load_seq: int) -> int:
    """Makes `live` and `edge`: every observation whose person may change in this load, and the evidence among them.

    Starts from what the load changed and spreads along shared keys, present persons and verdicts until nothing is
    added, so that each component is seen whole.

    Returns:
        Number of living observations reached.
    """
    connection.execute(SEEDS, {"load": load_seq})
    first = connection.execute("SELECT count(*) = 0 FROM linkage.person_observation").fetchall()[0][0]
    while not first:
        before = _size(connection, "reached")
        connection.execute(SPREAD)
        if _size(connection, "reached") == before:
            break
    connection.execute(LIVE)
    connection.execute(EDGES)
    return _size(connection, "live")


def _size(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
