"""Which observations a load may give to another person: what changed, and all that pairs and persons connect with it.

Who is one person is a function of the observations that live, the verdicts and the model. So a load begins with the
observations that came to life or died by it, and with those that stewards' words are of; one that is only seen again
changes nothing. From these it spreads along accepted pairs and verdicts until nothing is added, so that every component
is seen whole: along this load's pairs to observations, to all of their persons, and along ties to other persons.
"""

from __future__ import annotations

import duckdb

HANDS = 2  # threads that pass over all that was ever linked, and parts of pairs that are compared at the same time
ACCEPTED = "conflict IS NULL AND NOT is_unsure AND weight >= {accept}"

VERDICTS = """
CREATE OR REPLACE TEMP TABLE word AS
  SELECT left_feed, left_record_id, right_feed, right_record_id FROM raw.steward_decisions
  WHERE load_seq = $load OR known_from_seq = $load OR known_to_seq = $load;
CREATE OR REPLACE TEMP TABLE judged_record AS
  SELECT DISTINCT unnest([left_feed, right_feed]) AS feed, unnest([left_record_id, right_record_id]) AS record_id
  FROM (SELECT left_feed, left_record_id, right_feed, right_record_id FROM staging.stg_steward_decisions
    UNION ALL FROM word);
CREATE OR REPLACE TEMP TABLE judged_end AS
  SELECT feed, record_id, observation_id FROM intermediate.source_record SEMI JOIN judged_record USING (record_id);
CREATE OR REPLACE TEMP TABLE steward_pair AS
  WITH ended AS (
    SELECT a.observation_id AS a, b.observation_id AS b, d.verdict, d.decided_at, d.decision_id
    FROM staging.stg_steward_decisions AS d
    JOIN judged_end AS a ON a.feed = d.left_feed AND a.record_id = d.left_record_id
    JOIN judged_end AS b ON b.feed = d.right_feed AND b.record_id = d.right_record_id
  )
  SELECT least(a, b) AS left_id, greatest(a, b) AS right_id, arg_max(verdict, (decided_at, decision_id)) AS verdict
  FROM ended WHERE a <> b AND verdict IN ('same', 'different') GROUP BY ALL
"""

# A verdict speaks of records: one whose record is of another observation now lets go of the one before.
LOOSENED = """CREATE OR REPLACE TEMP TABLE loosened AS
WITH moved AS (
  SELECT feed, record_id, observation_id FROM intermediate.source_record_history SEMI JOIN judged_record
  USING (feed, record_id) WHERE known_from_seq = $load
  UNION ALL SELECT feed, record_id, observation_id FROM intermediate.source_record_history SEMI JOIN judged_record
  USING (feed, record_id) WHERE known_to_seq = $load
), anew AS (
  FROM word UNION ALL SELECT left_feed, left_record_id, right_feed, right_record_id
  FROM staging.stg_steward_decisions
  WHERE (left_feed, left_record_id) IN (SELECT (feed, record_id) FROM moved)
    OR (right_feed, right_record_id) IN (SELECT (feed, record_id) FROM moved)
)
SELECT observation_id FROM moved WHERE observation_id IS NOT NULL
UNION SELECT observation_id FROM judged_end JOIN (
  SELECT unnest([left_feed, right_feed]) AS feed, unnest([left_record_id, right_record_id]) AS record_id FROM anew
) USING (feed, record_id)"""

# Two looks at one load each, and not one at either: the engine leaves out what a single bound excludes.
CHANGED = """
CREATE OR REPLACE TEMP TABLE changed AS
  SELECT observation_id, known_to_seq IS NULL AS is_current FROM intermediate.source_record_history
  WHERE known_from_seq = $load AND observation_id IS NOT NULL
  UNION SELECT observation_id, false FROM intermediate.source_record_history
  WHERE known_to_seq = $load AND observation_id IS NOT NULL;
CREATE OR REPLACE TEMP TABLE known_one AS
  SELECT observation_id, person_id FROM linkage.person_observation SEMI JOIN changed USING (observation_id)
  WHERE known_to_seq IS NULL;
CREATE OR REPLACE TEMP TABLE arisen AS
  SELECT observation_id FROM changed ANTI JOIN known_one USING (observation_id) WHERE is_current;
CREATE OR REPLACE TEMP TABLE returned AS
  FROM arisen ANTI JOIN (SELECT observation_id FROM intermediate.observation WHERE first_load_seq = $load)
  USING (observation_id);
CREATE OR REPLACE TEMP TABLE left_one AS
  SELECT observation_id FROM changed SEMI JOIN known_one USING (observation_id)
  ANTI JOIN (SELECT observation_id FROM changed WHERE is_current) USING (observation_id);
CREATE OR REPLACE TEMP TABLE dead AS
  FROM left_one ANTI JOIN (
    SELECT observation_id FROM intermediate.source_record SEMI JOIN left_one USING (observation_id)
  ) USING (observation_id);
CREATE OR REPLACE TEMP TABLE reached AS
  FROM arisen UNION ALL (
    FROM dead UNION FROM loosened ANTI JOIN arisen USING (observation_id)
    UNION SELECT observation_id FROM intermediate.observation
    ANTI JOIN arisen USING (observation_id) WHERE first_load_seq = $load)
"""
ALL = """INSERT INTO reached SELECT observation_id FROM intermediate.observation
ANTI JOIN reached USING (observation_id)"""

# Accepted pairs of persons that are known stand in two places: within a person, or as a tie of two persons, so that
# pairs themselves are asked for this load's alone, and for those of observations that came back.
SPREAD = f"""
CREATE OR REPLACE TEMP TABLE met AS
  FROM reached
  UNION SELECT unnest([left_observation_id, right_observation_id]) FROM linkage.pair
  WHERE first_load_seq = $load AND {ACCEPTED}
  UNION SELECT right_observation_id FROM linkage.pair
  SEMI JOIN returned ON observation_id = left_observation_id WHERE {ACCEPTED}
  UNION SELECT left_observation_id FROM linkage.pair
  SEMI JOIN returned ON observation_id = right_observation_id WHERE {ACCEPTED};
CREATE OR REPLACE TEMP TABLE own AS
  SELECT observation_id, person_id FROM linkage.person_observation SEMI JOIN (
    FROM met UNION SELECT unnest([left_id, right_id]) FROM steward_pair
  ) USING (observation_id) WHERE known_to_seq IS NULL AND person_id IS NOT NULL;
CREATE OR REPLACE TEMP TABLE tie AS
  WITH linked AS (
    SELECT left_person_id AS one, right_person_id AS other FROM linkage.tie WHERE known_to_seq IS NULL
    UNION ALL SELECT a.person_id, b.person_id FROM steward_pair
    JOIN own AS a ON a.observation_id = left_id JOIN own AS b ON b.observation_id = right_id
  )
  SELECT one, other FROM linked UNION ALL SELECT other, one FROM linked;
CREATE OR REPLACE TEMP TABLE reached_person AS
  WITH RECURSIVE near(person_id) AS (
    SELECT person_id FROM own SEMI JOIN met USING (observation_id)
    UNION SELECT other FROM near JOIN tie ON one = person_id
  ) FROM near;
CREATE OR REPLACE TEMP TABLE reached AS
  FROM met UNION SELECT observation_id FROM linkage.person_observation SEMI JOIN reached_person USING (person_id)
  WHERE known_to_seq IS NULL
"""

UNREACHED = "SELECT 1 FROM intermediate.observation ANTI JOIN reached USING (observation_id) LIMIT 1"
BORNE = """CREATE OR REPLACE TEMP TABLE borne AS
SELECT observation_id, person_id, known_to_seq IS NULL AS is_now FROM linkage.person_observation
SEMI JOIN reached USING (observation_id)"""
LIVE = """CREATE OR REPLACE TEMP TABLE live AS
SELECT observation_id, is_sufficient FROM intermediate.observation SEMI JOIN alive USING (observation_id)"""

OWNED = "(FROM linkage.person_observation WHERE known_to_seq IS NULL)"
OWN_NOW = "(FROM borne WHERE is_now)"
# Who lived before this load and did not die by it, or came to life by it. All records need only be asked for all.
ALIVE = """CREATE OR REPLACE TEMP TABLE alive AS
SELECT observation_id FROM {owned} SEMI JOIN {among} USING (observation_id) ANTI JOIN dead USING (observation_id)
UNION FROM arisen SEMI JOIN {among} USING (observation_id)"""
ALIVE_OF_ALL = """CREATE OR REPLACE TEMP TABLE alive AS
SELECT DISTINCT observation_id FROM intermediate.source_record SEMI JOIN {among} USING (observation_id)"""


def read_verdicts(connection: duckdb.DuckDBPyConnection, load_seq: int) -> None:
    """Makes `steward_pair`, the last verdict of a steward on each pair of observations; `word` has this load's."""
    _run(connection, VERDICTS, load_seq)


def seed(connection: duckdb.DuckDBPyConnection, load_seq: int, everything: bool) -> None:
    """Makes `reached`: what the load changed, or all observations.

    Beside it `arisen` and `dead`, the observations that the load brought to life or let die; `returned`, those of the
    former that were known before; `loosened`, those whose ties to others may be gone; and `known_one`, whose the others
    are of which the load tells.
    """
    _run(connection, LOOSENED, load_seq)
    _run(connection, CHANGED, load_seq)
    if everything:
        connection.execute(ALL)


def find_living(connection: duckdb.DuckDBPyConnection, among: str, everything: bool, owned: str = OWNED) -> None:
    """Makes `alive(observation_id)`: those of a relation that records carry now."""
    connection.execute((ALIVE_OF_ALL if everything else ALIVE).format(among=among, owned=owned))


def spread(connection: duckdb.DuckDBPyConnection, load_seq: int, accept: float, everything: bool) -> int:
    """Spreads `reached` to all that it is connected with and makes `live`: the living ones among it.

    Beside it `borne(observation_id, person_id, is_now)`: whose those reached are, and whose they were.

    Returns:
        Number of living observations reached.
    """
    if connection.execute(UNREACHED).fetchone():
        _run(connection, SPREAD.format(accept=accept), load_seq)
    connection.execute(BORNE)
    find_living(connection, "reached", everything, OWN_NOW)
    connection.execute(LIVE)
    return _size(connection, "live")


def _run(connection: duckdb.DuckDBPyConnection, statements: str, load_seq: int | None = None) -> None:
    for statement in statements.strip().split(";\n"):
        connection.execute(statement, {"load": load_seq} if "$load" in statement else {})


def _size(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
