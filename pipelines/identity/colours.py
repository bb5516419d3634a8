"""How persons stand to each other where they are not one: the coloured links, kept on known time.

A link of two persons has the colour of the best that is known of any two of their observations: a steward's
`different` is green, a pair that weighs enough and contradicts itself is red, one that weighs enough to be looked at is
yellow. An id that went into another's is linked white with it as long as it stands so.

Beside them stand the ties: between which persons an accepted pair lies. A colour may hide one; most links have none.
"""

from __future__ import annotations

import duckdb

from pipelines.identity.reach import ACCEPTED

# Accepted pairs of one person, which are almost all, are not looked at again.
TOLD = f"""CREATE OR REPLACE TEMP TABLE told AS
SELECT left_id, right_id, 'green' AS colour, NULL::DOUBLE AS weight, 'steward' AS decided_by,
  'different' AS reason, 0 AS place, false AS is_accepted FROM steward_pair WHERE verdict = 'different'
UNION ALL
SELECT left_id, right_id, 'yellow', weight, 'model', 'likeness', 2, true FROM edge_between
UNION ALL
SELECT left_observation_id, right_observation_id, CASE WHEN conflict IS NULL THEN 'yellow' ELSE 'red' END, weight,
  'model', coalesce(conflict, 'likeness'), CASE WHEN conflict IS NULL THEN 2 ELSE 1 END, false FROM linkage.pair
WHERE NOT ({ACCEPTED}) AND (left_observation_id IN (SELECT observation_id FROM reached)
  OR right_observation_id IN (SELECT observation_id FROM reached))"""
NEAR = (
    """CREATE OR REPLACE TEMP TABLE owner AS
    SELECT observation_id, person_id FROM linkage.person_observation
    SEMI JOIN (SELECT unnest([left_id, right_id]) AS observation_id FROM told) USING (observation_id)
    WHERE known_to_seq IS NULL AND person_id IS NOT NULL""",
    """CREATE OR REPLACE TEMP TABLE owned AS
    SELECT told.*, a.person_id AS one, b.person_id AS other FROM told
    JOIN owner AS a ON a.observation_id = left_id JOIN owner AS b ON b.observation_id = right_id""",
    """CREATE OR REPLACE TEMP TABLE link_now AS
    SELECT least(one, other) AS left_person_id, greatest(one, other) AS right_person_id, colour, weight, decided_by,
      reason FROM owned WHERE one <> other
    QUALIFY row_number() OVER (PARTITION BY least(one, other), greatest(one, other)
      ORDER BY place, weight DESC, reason) = 1""",
    """INSERT INTO link_now
    WITH merged AS (
      SELECT person_id, other_person_id, decided_by, reason, load_seq FROM linkage.link_event
      SEMI JOIN concerned USING (person_id) WHERE event = 'merged'
    )
    SELECT least(person_id, other_person_id), greatest(person_id, other_person_id), 'white', NULL,
      arg_max(decided_by, load_seq), arg_max(reason, load_seq)
    FROM merged WHERE other_person_id NOT IN (
      SELECT person_id FROM linkage.person_observation
      SEMI JOIN (SELECT other_person_id AS person_id FROM merged) USING (person_id) WHERE known_to_seq IS NULL)
    GROUP BY person_id, other_person_id""",
)
CONCERNED = """CREATE OR REPLACE TEMP TABLE concerned AS
SELECT person_id FROM named UNION SELECT person_before FROM turned WHERE person_before IS NOT NULL"""
TIES = (
    """CREATE OR REPLACE TEMP TABLE tie_now AS
    SELECT DISTINCT least(one, other) AS left_person_id, greatest(one, other) AS right_person_id
    FROM owned WHERE is_accepted AND one <> other""",
    """UPDATE linkage.tie AS t SET known_to_seq = $load
    WHERE t.known_to_seq IS NULL AND (t.left_person_id IN (SELECT person_id FROM concerned)
        OR t.right_person_id IN (SELECT person_id FROM concerned))
      AND (t.left_person_id, t.right_person_id) NOT IN (FROM tie_now)""",
    """INSERT INTO linkage.tie SELECT *, $load, NULL FROM tie_now ANTI JOIN (
      SELECT left_person_id, right_person_id FROM linkage.tie WHERE known_to_seq IS NULL
    ) USING (left_person_id, right_person_id)""",
)
CLOSED = """UPDATE linkage.identity_link AS l SET known_to_seq = $load
WHERE l.known_to_seq IS NULL AND (l.left_person_id IN (SELECT person_id FROM concerned)
    OR l.right_person_id IN (SELECT person_id FROM concerned))
  AND NOT EXISTS (FROM link_now AS n WHERE n.left_person_id = l.left_person_id
    AND n.right_person_id = l.right_person_id AND n.colour = l.colour AND n.reason = l.reason
    AND n.weight IS NOT DISTINCT FROM l.weight)"""
OPENED = """INSERT INTO linkage.identity_link
SELECT left_person_id, right_person_id, colour, weight, decided_by, reason, $load, NULL
FROM link_now AS n WHERE NOT EXISTS (FROM linkage.identity_link AS l WHERE l.known_to_seq IS NULL
  AND n.left_person_id = l.left_person_id AND n.right_person_id = l.right_person_id AND n.colour = l.colour)"""


def colour(connection: duckdb.DuckDBPyConnection, load_seq: int, accept: float) -> None:
    """Keeps the links and the ties of all persons that the load reached; what has not changed stays.

    Args:
        connection: With `edge_between(left_id, right_id, weight)`, the accepted pairs of two persons that the load
            reached, after `naming.turn`.
        load_seq: The load.
        accept: Weight from which two are one person.
    """
    connection.execute(CONCERNED)
    connection.execute(TOLD.format(accept=accept))
    for statement in NEAR:
        connection.execute(statement)
    connection.execute(CLOSED, {"load": load_seq})
    connection.execute(OPENED, {"load": load_seq})
    for statement in TIES:
        connection.execute(statement, {"load": load_seq} if "$load" in statement else {})
