"""How persons stand to each other where they are not one: the coloured links, kept on known time.

A link of two persons has the colour of the best that is known of any two of their observations: a steward's
`different` is green, a pair that weighs enough and contradicts itself is red, one that weighs enough to be looked at is
yellow. An id that went into another's is linked white with it as long as it stands so.
"""

from __future__ import annotations

import duckdb

NOW = """CREATE OR REPLACE TEMP TABLE link_now AS
WITH owner AS (
  SELECT observation_id, person_id FROM linkage.person_observation
  WHERE known_to_seq IS NULL AND person_id IS NOT NULL
), told AS (
  SELECT left_id, right_id, 'green' AS colour, NULL AS weight, 'steward' AS decided_by, 'different' AS reason, 0 AS place
  FROM steward_pair WHERE verdict = 'different'
  UNION ALL
  SELECT left_observation_id, right_observation_id, CASE WHEN conflict IS NULL THEN 'yellow' ELSE 'red' END, weight,
    'model', coalesce(conflict, 'likeness'), CASE WHEN conflict IS NULL THEN 2 ELSE 1 END
  FROM linkage.pair WHERE left_observation_id IN (SELECT observation_id FROM reached)
    OR right_observation_id IN (SELECT observation_id FROM reached)
)
SELECT least(a.person_id, b.person_id) AS left_person_id, greatest(a.person_id, b.person_id) AS right_person_id,
  arg_min(struct_pack(colour, weight, decided_by, reason), (place, -coalesce(weight, 0), reason)) AS told
FROM told JOIN owner AS a ON a.observation_id = left_id JOIN owner AS b ON b.observation_id = right_id
WHERE a.person_id <> b.person_id GROUP BY ALL
UNION ALL
SELECT least(person_id, other_person_id), greatest(person_id, other_person_id), struct_pack(
  colour := 'white', weight := NULL, decided_by := arg_max(decided_by, load_seq), reason := arg_max(reason, load_seq))
FROM linkage.link_event WHERE event = 'merged' AND person_id IN (SELECT person_id FROM concerned)
  AND other_person_id NOT IN (SELECT person_id FROM owner) GROUP BY person_id, other_person_id"""
CONCERNED = """CREATE OR REPLACE TEMP TABLE concerned AS
SELECT DISTINCT person_id FROM linkage.person_observation SEMI JOIN reached USING (observation_id)
WHERE person_id IS NOT NULL AND (known_to_seq IS NULL OR known_to_seq = $load)"""
CLOSED = """UPDATE linkage.identity_link AS l SET known_to_seq = $load
WHERE l.known_to_seq IS NULL AND (l.left_person_id IN (SELECT person_id FROM concerned)
    OR l.right_person_id IN (SELECT person_id FROM concerned))
  AND NOT EXISTS (FROM link_now AS n WHERE n.left_person_id = l.left_person_id
    AND n.right_person_id = l.right_person_id AND n.told.colour = l.colour AND n.told.reason = l.reason
    AND n.told.weight IS NOT DISTINCT FROM l.weight)"""
OPENED = """INSERT INTO linkage.identity_link
SELECT left_person_id, right_person_id, told.colour, told.weight, told.decided_by, told.reason, $load, NULL
FROM link_now AS n WHERE NOT EXISTS (FROM linkage.identity_link AS l WHERE l.known_to_seq IS NULL
  AND n.left_person_id = l.left_person_id AND n.right_person_id = l.right_person_id AND n.told.colour = l.colour)"""


def colour(connection: duckdb.DuckDBPyConnection, load_seq: int) -> None:
    """Keeps the links of all persons that the load reached; what has not changed stays."""
    connection.execute(CONCERNED, {"load": load_seq})
    connection.execute(NOW)
    connection.execute(CLOSED, {"load": load_seq})
    connection.execute(OPENED, {"load": load_seq})
