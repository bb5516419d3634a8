"""Names for persons: which id a person has, what became of older ids, and what the change moved.

An id stands for the observation that founded it: the person that holds this observation may bear the id, and bears the
oldest of those it may. So a person keeps its name through merges, the older one's name survives, and a person that is
parted again from another gets back the name that it had. Where a correction retells all records of a person in other
words, the name goes with them, unless they are of a person by now who has one.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from pipelines.identity.person_ids import new_ids
from pipelines.identity.reach import HANDS
from pipelines.storage.database import on_threads

# Records of which this load tells in other words than before, and whose these words were.
RETOLD = """CREATE OR REPLACE TEMP TABLE retold AS
SELECT old.observation_id AS old_id, new.observation_id AS new_id, feed, record_id, new.happened_on
FROM intermediate.source_record_history AS old JOIN intermediate.source_record_history AS new USING (feed, record_id)
WHERE old.known_to_seq = $load AND new.known_from_seq = $load AND old.observation_id <> new.observation_id"""

# A founder that no longer lives leaves its id to the person of the first observation that bears it; where none lives,
# to that of the first record that is told in other words now.
CLAIMABLE = """CREATE OR REPLACE TEMP TABLE claimable AS
SELECT observation_id, cluster, is_person FROM membership SEMI JOIN (
  SELECT observation_id FROM borne
  UNION ALL SELECT founder FROM linkage.person SEMI JOIN borne USING (person_id)
  UNION ALL SELECT new_id FROM retold
) USING (observation_id)"""
CLAIM = """CREATE OR REPLACE TEMP TABLE claim AS
WITH known AS (
  SELECT DISTINCT person_id FROM borne WHERE person_id IS NOT NULL
), heir AS (
  SELECT d.person_id, d.created_seq, coalesce(f.cluster, (
    SELECT arg_min(m.cluster, m.observation_id) FROM borne AS p
    JOIN claimable AS m USING (observation_id) WHERE p.person_id = d.person_id AND p.is_now)) AS cluster
  FROM linkage.person AS d SEMI JOIN known USING (person_id)
  LEFT JOIN claimable AS f ON f.observation_id = d.founder
), bequest AS (
  SELECT heir.person_id, heir.created_seq, arg_min(m.cluster, (r.record_id, m.observation_id)) AS cluster
  FROM heir JOIN borne AS p ON p.person_id = heir.person_id AND p.is_now
  JOIN retold AS r ON r.old_id = p.observation_id JOIN claimable AS m ON m.observation_id = r.new_id
  WHERE heir.cluster IS NULL GROUP BY ALL
)
SELECT cluster, arg_min(person_id, (is_left, created_seq, person_id)) AS person_id, bool_and(is_left) AS is_left
FROM (SELECT *, false AS is_left FROM heir UNION ALL SELECT *, true FROM bequest)
WHERE cluster IN (SELECT cluster FROM claimable WHERE is_person) GROUP BY cluster"""

# What the ledger of identity says of this load outranks what a correction leaves: ids of older code stay as they were.
NAMED = """CREATE OR REPLACE TEMP TABLE named AS
WITH recalled_cluster AS (
  SELECT m.cluster, min(r.person_id) AS person_id FROM membership AS m JOIN recalled AS r USING (observation_id)
  WHERE r.person_id NOT IN (SELECT person_id FROM linkage.person SEMI JOIN recalled USING (person_id)) GROUP BY ALL
), cluster AS (SELECT DISTINCT cluster FROM membership WHERE is_person)
SELECT c.cluster, CASE WHEN o.is_left THEN coalesce(r.person_id, o.person_id)
    ELSE coalesce(o.person_id, r.person_id) END AS person_id,
  o.person_id IS NULL OR (o.is_left AND r.person_id IS NOT NULL) AS is_new
FROM cluster AS c LEFT JOIN claim AS o USING (cluster) LEFT JOIN recalled_cluster AS r USING (cluster)"""

ASSIGNED = """CREATE OR REPLACE TEMP TABLE assigned AS
SELECT m.observation_id, n.person_id FROM membership AS m LEFT JOIN named AS n USING (cluster)"""

TURN = """
CREATE OR REPLACE TEMP TABLE turned AS
  SELECT coalesce(b.observation_id, a.observation_id) AS observation_id, b.person_id AS person_before,
    a.person_id AS person_now, a.observation_id IS NOT NULL AS lives
  FROM (FROM borne WHERE is_now) AS b
  FULL JOIN assigned AS a ON a.observation_id = b.observation_id
  WHERE b.observation_id IS NULL OR a.observation_id IS NULL OR b.person_id IS DISTINCT FROM a.person_id;
UPDATE linkage.person_observation AS p SET known_to_seq = $load FROM turned AS t
  WHERE p.observation_id = t.observation_id AND p.known_to_seq IS NULL;
INSERT INTO linkage.person_observation
  SELECT observation_id, person_now, $load, NULL FROM turned WHERE lives ORDER BY observation_id;
INSERT INTO linkage.person SELECT person_id, $load, cluster FROM named WHERE is_new;
DELETE FROM linkage.touched_person;
INSERT INTO linkage.touched_person
  SELECT person_id FROM named WHERE cluster IN (
    SELECT cluster FROM membership SEMI JOIN (
      SELECT observation_id FROM turned UNION ALL SELECT observation_id FROM changed
    ) USING (observation_id));
INSERT INTO linkage.touched_person
  FROM (
    SELECT person_id FROM known_one ANTI JOIN reached USING (observation_id) WHERE person_id IS NOT NULL
    UNION SELECT person_before FROM turned WHERE person_before IS NOT NULL
  ) ANTI JOIN linkage.touched_person USING (person_id)
"""

# What a merge or a split moves: the records of the observations that change persons, and those that are of another
# person in the words that they have now: corrected ones, and where a steward's word parts or joins two observations
# that say the same. They are laid down first, since they are few, and the engine would guess them to be more than all
# persons.
ANY_MOVED = "SELECT 1 FROM turned WHERE person_before IS NOT NULL UNION ALL SELECT 1 FROM retold LIMIT 1"
MOVED = """CREATE OR REPLACE TEMP TABLE moved AS
WITH said AS (
  SELECT observation_id,
    hash(*COLUMNS(* EXCLUDE (observation_id, iin_verified, is_sufficient, first_load_seq))) AS words
  FROM intermediate.observation WHERE observation_id IN (SELECT unnest([old_id, new_id]) FROM retold)
), judged AS (
  SELECT unnest([left_id, right_id]) AS observation_id FROM steward_pair
), handed AS (
  SELECT retold.*, old.words = new.words AS is_same FROM retold JOIN said AS old ON old.observation_id = old_id
  JOIN said AS new ON new.observation_id = new_id
), given_over AS (
  FROM turned WHERE lives AND person_before IS NOT NULL AND person_now IS NOT NULL
)
SELECT person_before, person_now, observation_id, feed, record_id, happened_on, false AS is_corrected,
  observation_id IN (FROM judged) AS is_by_steward
FROM given_over LEFT JOIN (
  SELECT observation_id, feed, record_id, happened_on FROM intermediate.source_record
  SEMI JOIN given_over USING (observation_id)
) USING (observation_id)
UNION ALL
SELECT b.person_id, a.person_id, new_id, feed, record_id, happened_on, NOT is_same,
  is_same OR new_id IN (FROM judged) FROM handed
JOIN linkage.person_observation AS b ON b.observation_id = old_id AND b.known_from_seq < $load
  AND coalesce(b.known_to_seq >= $load, true)
JOIN linkage.person_observation AS a ON a.observation_id = new_id AND a.known_to_seq IS NULL
WHERE a.person_id <> b.person_id"""
EVENTS = """INSERT INTO linkage.link_event
WITH change AS (
  SELECT person_before, person_now, bool_or(is_by_steward) AS is_by_steward, bool_and(is_corrected) AS is_corrected,
    person_before NOT IN (
      SELECT person_id FROM linkage.person_observation
      SEMI JOIN (SELECT person_before AS person_id FROM moved) USING (person_id) WHERE known_to_seq IS NULL) AS is_gone,
    count(DISTINCT observation_id) AS observations,
    count(DISTINCT (feed, record_id)) FILTER (record_id IS NOT NULL) AS records, min(happened_on) AS first_day,
    max(happened_on) AS last_day
  FROM moved GROUP BY person_before, person_now
)
SELECT 'created', person_id, NULL, $load, 'new observations', $model, 'model', NULL, NULL, NULL, NULL
FROM named WHERE is_new
UNION ALL
SELECT CASE WHEN is_gone THEN 'merged' ELSE 'split' END, person_now, person_before, $load,
  CASE WHEN is_by_steward THEN 'verdict of a steward' WHEN is_corrected THEN 'records corrected'
    WHEN is_gone THEN 'shared evidence' ELSE 'evidence withdrawn or contradicted' END, $model,
  CASE WHEN is_by_steward THEN 'steward' ELSE 'model' END, observations, records, first_day, last_day FROM change"""


def name_persons(connection: duckdb.DuckDBPyConnection, load_seq: int, key: str) -> None:
    """Makes `assigned`: one row per living observation reached, with its person's id.

    Args:
        connection: With `membership(observation_id, cluster, is_person)` and `recalled(observation_id, person_id)`.
        load_seq: The load.
        key: Secret of the person ids.
    """
    connection.execute(RETOLD, {"load": load_seq})
    connection.execute(CLAIMABLE)
    connection.execute(CLAIM)
    connection.execute(NAMED)
    founders = [
        row[0]
        for row in connection.execute("SELECT cluster FROM named WHERE person_id IS NULL ORDER BY ALL").fetchall()
    ]
    given = {
        "cluster": pa.array(founders, pa.uint64()),
        "person_id": new_ids(key, load_seq, founders),
    }
    connection.register("given_ids", pa.table(given))
    # As a table of its own: a join would push a filter into Arrow, which refuses ids above the signed range.
    connection.execute("CREATE OR REPLACE TEMP TABLE given AS FROM given_ids")
    connection.unregister("given_ids")
    connection.execute("UPDATE named SET person_id = g.person_id FROM given AS g WHERE named.cluster = g.cluster")
    connection.execute(ASSIGNED)


def turn(connection: duckdb.DuckDBPyConnection, load_seq: int, model_version: str) -> None:
    """Writes what changed: whose each observation is, the persons touched, and the events of this load."""
    for statement in TURN.strip().split(";\n"):
        connection.execute(statement, {"load": load_seq} if "$load" in statement else {})
    # A change of threads gives memory back that is asked for again at once; in a first load, mostly nobody moves.
    is_any = connection.execute(ANY_MOVED).fetchone() is not None
    with on_threads(connection, HANDS if is_any else 1):
        connection.execute(MOVED, {"load": load_seq})
    connection.execute(EVENTS, {"load": load_seq, "model": model_version})
