"""How persons stand to each other where they are not one: the coloured links, kept on known time.

A link of two persons has the colour of the best that is known of any two of their observations: a steward's
`different` is green, a pair that weighs enough and contradicts itself is red, one that weighs enough to be looked at is
yellow. An id that went into another's is linked white with it as long as it stands so.
"""

from __future__ import annotations

import duckdb

# Persons are numbers here, since ids are long: almost all pairs are of one person, and need no id.
OWNED = (
    """CREATE OR REPLACE TEMP TABLE owner AS
    SELECT observation_id, person_id, hash(person_id) AS person FROM linkage.person_observation
    WHERE known_to_seq IS NULL AND person_id IS NOT NULL""",
    """CREATE OR REPLACE TEMP TABLE owned_pair AS
    WITH near AS (
      FROM linkage.pair WHERE left_observation_id IN (SELECT observation_id FROM reached)
      UNION ALL FROM linkage.pair SEMI JOIN reached AS r ON r.observation_id = right_observation_id
      ANTI JOIN reached AS l ON l.observation_id = left_observation_id
    )
    SELECT left_observation_id AS left_id, right_observation_id AS right_id, iin, document, weight, conflict, is_unsure,
      a.person = b.person AS is_within
    FROM near JOIN owner AS a ON a.observation_id = left_observation_id
    JOIN owner AS b ON b.observation_id = right_observation_id""",
)
NEAR = (
    """CREATE OR REPLACE TEMP TABLE told AS
    SELECT left_id, right_id, 'green' AS colour, NULL::DOUBLE AS weight, 'steward' AS decided_by,
      'different' AS reason, 0 AS place FROM steward_pair WHERE verdict = 'different'
    UNION ALL
    SELECT left_id, right_id, CASE WHEN conflict IS NULL THEN 'yellow' ELSE 'red' END, weight, 'model',
      coalesce(conflict, 'likeness'), CASE WHEN conflict IS NULL THEN 2 ELSE 1 END FROM owned_pair
    WHERE NOT is_within""",
    """CREATE OR REPLACE TEMP TABLE owned_left AS
    SELECT told.*, person_id AS one FROM told JOIN owner ON observation_id = left_id""",
    """CREATE OR REPLACE TEMP TABLE owned AS
    SELECT owned_left.*, person_id AS other FROM owned_left JOIN owner ON observation_id = right_id""",
    """CREATE OR REPLACE TEMP TABLE link_now AS
    SELECT least(one, other) AS left_person_id, greatest(one, other) AS right_person_id, colour, weight, decided_by,
      reason FROM owned WHERE one <> other
    QUALIFY row_number() OVER (PARTITION BY least(one, other), greatest(one, other)
      ORDER BY place, weight DESC, reason) = 1""",
    """INSERT INTO link_now
    SELECT least(person_id, other_person_id), greatest(person_id, other_person_id), 'white', NULL,
      arg_max(decided_by, load_seq), arg_max(reason, load_seq)
    FROM linkage.link_event WHERE event = 'merged' AND person_id IN (SELECT person_id FROM concerned)
      AND other_person_id NOT IN (SELECT person_id FROM owner) GROUP BY person_id, other_person_id""",
)
CONCERNED = """CREATE OR REPLACE TEMP TABLE concerned AS
SELECT DISTINCT person_id FROM linkage.person_observation SEMI JOIN reached USING (observation_id)
WHERE person_id IS NOT NULL AND (known_to_seq IS NULL OR known_to_seq = $load)"""
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


def own(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes `owned_pair`: one row per kept pair that has an end reached, and whether both ends are of one person.

    Beside it `owner`: one row per observation of a person.
    """
    for statement in OWNED:
        connection.execute(statement)


def colour(connection: duckdb.DuckDBPyConnection, load_seq: int) -> None:
    """Keeps the links of all persons that the load reached, after `own`; what has not changed stays."""
    connection.execute(CONCERNED, {"load": load_seq})
    for statement in NEAR:
        connection.execute(statement)
    connection.execute(CLOSED, {"load": load_seq})
    connection.execute(OPENED, {"load": load_seq})
