"""Linking one load: observations that changed, the persons that they make, and what became of older persons."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from pipelines.identity import person_ids
from pipelines.identity.evidence import EVIDENCE_NAMES, TABLES, add_keys, reach, read_verdicts
from pipelines.identity.resolve import Evidence, cluster
from pipelines.storage.faults import passage
from pipelines.storage.home import Home

MODEL = "hard-1"

HEAL = (
    "DELETE FROM linkage.evidence_key WHERE first_load_seq >= $1",
    "DELETE FROM linkage.person_observation WHERE known_from_seq >= $1",
    "UPDATE linkage.person_observation SET known_to_seq = NULL WHERE known_to_seq >= $1",
    "DELETE FROM linkage.link_evidence WHERE known_from_seq >= $1",
    "UPDATE linkage.link_evidence SET known_to_seq = NULL WHERE known_to_seq >= $1",
    "DELETE FROM linkage.link_event WHERE load_seq >= $1",
    "DELETE FROM linkage.person WHERE created_seq >= $1",
)

CLAIMS = """CREATE OR REPLACE TEMP TABLE claim AS
WITH member AS (
  SELECT m.observation_id, m.cluster, p.person_id, d.created_seq
  FROM membership m JOIN linkage.person_observation p ON p.observation_id = m.observation_id AND p.known_to_seq IS NULL
  JOIN linkage.person d USING (person_id)
), heir AS (
  SELECT person_id, created_seq, arg_min(cluster, observation_id) AS cluster FROM member GROUP BY ALL
)
SELECT cluster, arg_min(person_id, (created_seq, person_id)) AS person_id FROM heir GROUP BY cluster"""

NAMED = """CREATE OR REPLACE TEMP TABLE named AS
WITH recalled_cluster AS (
  SELECT m.cluster, min(r.person_id) AS person_id FROM membership m JOIN recalled r USING (observation_id)
  WHERE r.person_id NOT IN (SELECT person_id FROM linkage.person) GROUP BY ALL
), cluster AS (SELECT DISTINCT cluster FROM membership WHERE is_person)
SELECT c.cluster, coalesce(o.person_id, r.person_id) AS person_id, o.person_id IS NULL AS is_new
FROM cluster c LEFT JOIN claim o USING (cluster) LEFT JOIN recalled_cluster r USING (cluster)"""

ASSIGNED = """CREATE OR REPLACE TEMP TABLE assigned AS
SELECT m.observation_id, n.person_id FROM membership m LEFT JOIN named n USING (cluster)"""

TURN = """
CREATE OR REPLACE TEMP TABLE turned AS
  SELECT coalesce(b.observation_id, a.observation_id) AS observation_id, b.person_id AS person_before, a.person_id
    AS person_now,
    a.observation_id IS NOT NULL AS lives
  FROM (SELECT p.* FROM linkage.person_observation p SEMI JOIN reached USING (observation_id)
    WHERE p.known_to_seq IS NULL) b
  FULL JOIN assigned a ON a.observation_id = b.observation_id
  WHERE b.observation_id IS NULL OR a.observation_id IS NULL OR b.person_id IS DISTINCT FROM a.person_id;
UPDATE linkage.person_observation p SET known_to_seq = $load FROM turned t
  WHERE p.observation_id = t.observation_id AND p.known_to_seq IS NULL;
INSERT INTO linkage.person_observation
  SELECT observation_id, person_now, $load, NULL FROM turned WHERE lives ORDER BY ALL;
INSERT INTO linkage.person SELECT person_id, $load FROM named WHERE is_new;
INSERT INTO linkage.link_event
  SELECT 'created', person_id, NULL, $load, 'new observations', $model, 'model' FROM named WHERE is_new
  UNION ALL SELECT DISTINCT 'merged', person_now, person_before, $load, 'shared evidence', $model, 'model'
  FROM turned t WHERE lives AND person_before IS NOT NULL AND person_now IS NOT NULL
    AND person_now NOT IN (SELECT person_id FROM named WHERE is_new)
  UNION ALL SELECT DISTINCT 'split', person_now, person_before, $load, 'evidence withdrawn or contradicted', $model,
    'model'
  FROM turned t WHERE lives AND person_before IS NOT NULL AND person_now IN (SELECT person_id FROM named WHERE is_new);
DELETE FROM linkage.touched_person;
INSERT INTO linkage.touched_person
  SELECT DISTINCT unnest([person_before, person_now]) AS person_id FROM turned
  UNION SELECT DISTINCT p.person_id FROM linkage.person_observation p
  JOIN intermediate.source_record_history h USING (observation_id)
  WHERE p.known_to_seq IS NULL AND (h.known_from_seq = $load OR h.known_to_seq = $load);
DELETE FROM linkage.touched_person WHERE person_id IS NULL;
CREATE OR REPLACE TEMP TABLE evidence_now AS
  SELECT e.left_id, e.right_id, list_extract($evidence, e.strength + 1) AS evidence FROM edge e
  JOIN assigned a ON a.observation_id = e.left_id JOIN assigned b ON b.observation_id = e.right_id
  WHERE a.person_id = b.person_id;
UPDATE linkage.link_evidence l SET known_to_seq = $load
  WHERE l.known_to_seq IS NULL AND l.left_observation_id IN (SELECT observation_id FROM reached) AND NOT EXISTS (
    FROM evidence_now e WHERE e.left_id = l.left_observation_id AND e.right_id = l.right_observation_id
      AND e.evidence = l.evidence);
INSERT INTO linkage.link_evidence
  SELECT left_id, right_id, evidence, $load, NULL FROM evidence_now e WHERE NOT EXISTS (
    FROM linkage.link_evidence l WHERE l.known_to_seq IS NULL AND e.left_id = l.left_observation_id
      AND e.right_id = l.right_observation_id AND e.evidence = l.evidence)
"""


@dataclass(frozen=True)
class LinkCounts:
    """What linking one load did, in numbers alone.

    Attributes:
        observations: Observations looked at.
        edges: Pairs with evidence among them.
        created: New persons.
        merged: Persons that went into an older one.
        split: Persons that came out of another one.
        touched: Persons whose facts the models compute anew.
    """

    observations: int
    edges: int
    created: int
    merged: int
    split: int
    touched: int


def link(connection: duckdb.DuckDBPyConnection, home: Home, load_seq: int, key: str) -> LinkCounts:
    """Links what a load brought.

    Reads `intermediate.observation`, `intermediate.source_record(_history)` and `staging.stg_steward_decisions`;
    writes `linkage.*` for `load_seq` in one transaction. Running it again for the same load gives the same rows.

    Args:
        connection: The build database.
        home: For the identity ledger.
        load_seq: The load.
        key: Secret of the person ids.
    """
    connection.execute(TABLES)
    connection.begin()
    for statement in HEAL:
        connection.execute(statement, [load_seq])
    add_keys(connection, load_seq)
    read_verdicts(connection, load_seq)
    observations = reach(connection, load_seq)
    _cluster(connection)
    person_ids.recall(connection, home, load_seq)
    connection.execute(CLAIMS)
    connection.execute(NAMED)
    _name_new(connection, load_seq, key)
    connection.execute(ASSIGNED)
    _turn(connection, load_seq)
    passage("link.commit")
    connection.commit()
    person_ids.write_ledger(connection, home, load_seq)
    return _counts(connection, load_seq, observations)


def _cluster(connection: duckdb.DuckDBPyConnection) -> None:
    live = connection.execute(
        "SELECT observation_id, CASE WHEN iin_verified THEN hash(iin) ELSE 0 END AS iin, is_sufficient "
        "FROM live ORDER BY observation_id"
    ).to_arrow_table()
    ids = live["observation_id"].to_numpy()
    edges = connection.execute(
        "SELECT left_id, right_id, strength FROM edge ORDER BY strength, left_id, right_id"
    ).to_arrow_table()
    apart = connection.execute(
        """SELECT left_observation_id, right_observation_id FROM steward_pair WHERE verdict = 'different'
        AND left_observation_id IN (SELECT observation_id FROM live)
          AND right_observation_id IN (SELECT observation_id FROM live)"""
    ).fetchall()
    place = {end: np.searchsorted(ids, edges[end].to_numpy()) for end in ("left_id", "right_id")}
    evidence = Evidence(
        len(ids),
        place["left_id"],
        place["right_id"],
        edges["strength"].to_numpy(),
        live["iin"].to_numpy().astype(np.uint64),
        [(int(np.searchsorted(ids, np.uint64(a))), int(np.searchsorted(ids, np.uint64(b)))) for a, b in apart],
    )
    labels = cluster(evidence)
    by_steward = np.zeros(len(ids), dtype=bool)
    said = evidence.strength == 0
    by_steward[evidence.left[said]] = by_steward[evidence.right[said]] = True
    names_someone = live["is_sufficient"].to_numpy(zero_copy_only=False) | by_steward
    is_person = np.zeros(len(ids), dtype=bool)
    is_person[labels[names_someone]] = True
    membership = {"observation_id": ids, "cluster": ids[labels], "is_person": is_person[labels]}
    connection.register("clustered", pa.table(membership))
    connection.execute("CREATE OR REPLACE TEMP TABLE membership AS FROM clustered")
    connection.unregister("clustered")


def _name_new(connection: duckdb.DuckDBPyConnection, load_seq: int, key: str) -> None:
    founders = [
        row[0]
        for row in connection.execute("SELECT cluster FROM named WHERE person_id IS NULL ORDER BY ALL").fetchall()
    ]
    given = {
        "cluster": pa.array(founders, pa.uint64()),
        "person_id": pa.array(person_ids.new_ids(key, load_seq, founders), pa.string()),
    }
    connection.register("given_ids", pa.table(given))
    # As a table of its own: a join would push a filter into Arrow, which refuses ids above the signed range.
    connection.execute("CREATE OR REPLACE TEMP TABLE given AS FROM given_ids")
    connection.unregister("given_ids")
    connection.execute("UPDATE named SET person_id = g.person_id FROM given g WHERE named.cluster = g.cluster")


def _turn(connection: duckdb.DuckDBPyConnection, load_seq: int) -> None:
    values = {"load": load_seq, "model": MODEL, "evidence": list(EVIDENCE_NAMES)}
    for statement in TURN.strip().split(";\n"):
        used = {name: value for name, value in values.items() if f"${name}" in statement}
        connection.execute(statement, used)


def _counts(connection: duckdb.DuckDBPyConnection, load_seq: int, observations: int) -> LinkCounts:
    created, merged, split = connection.execute(
        """SELECT count(*) FILTER (event = 'created'),
          count(*) FILTER (event = 'merged'), count(*) FILTER (event = 'split')
        FROM linkage.link_event WHERE load_seq = $1""",
        [load_seq],
    ).fetchall()[0]
    edges, touched = connection.execute(
        "SELECT (SELECT count(*) FROM edge), (SELECT count(*) FROM linkage.touched_person)"
    ).fetchall()[0]
    return LinkCounts(observations, edges, created, merged, split, touched)
