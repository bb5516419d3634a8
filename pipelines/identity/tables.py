"""The tables of the linkage, and how a killed load is removed from them.

- `linkage.observed`, `linkage.key`, `linkage.name_*`: functions of observations and names (`observed`, `names`).
- `linkage.pair`: one row per pair of observations that is accepted or that a steward should see, as it weighs.
- `linkage.past_pair`: one row per pair and weight that has linked somebody and that another model weighs otherwise, or
  whose block is no longer used.
- `linkage.capped_block`: one row per blocking key that too many living observations share.
- `linkage.person_observation`: one row per observation and known interval: whose it is.
- `linkage.person`: one row per person ever named, with the observation that founded it.
- `linkage.link_evidence`: one row per accepted pair within a person and known interval.
- `linkage.identity_link`: one row per pair of persons and known interval, with the colour of what links them: `white`
  one person under two ids, `yellow` to be looked at, `green` different by a steward's word, `red` contradictory.
- `linkage.tie`: one row per pair of persons and known interval between whose observations an accepted pair lies.
- `linkage.link_event`: one row per creation, merge or split, with what it moved.
- `linkage.touched_person`: one row per person whose facts this load may change.
- `linkage.model_used`: one row per load, the version of the model that linked it.
"""

from __future__ import annotations

import duckdb

from pipelines.identity import candidates, observed
from pipelines.identity.levels import LEVELS
from pipelines.identity.names import create_dictionary, create_macros

PAIR_LEVELS = ", ".join(f"{field} UTINYINT" for field in LEVELS)
PAIR_BITS = ", ".join(f"{field}_bits FLOAT" for field in LEVELS)
TABLES = f"""
CREATE TABLE IF NOT EXISTS linkage.pair (left_observation_id UBIGINT, right_observation_id UBIGINT, {PAIR_LEVELS},
  {PAIR_BITS}, conflict VARCHAR, is_unsure BOOLEAN, weight DOUBLE, model_version VARCHAR, first_load_seq INTEGER);
CREATE TABLE IF NOT EXISTS linkage.past_pair AS SELECT *, 0 AS past_seq FROM linkage.pair LIMIT 0;
CREATE TABLE IF NOT EXISTS linkage.person_observation (
  observation_id UBIGINT, person_id VARCHAR, known_from_seq INTEGER, known_to_seq INTEGER);
CREATE TABLE IF NOT EXISTS linkage.link_evidence (
  left_observation_id UBIGINT, right_observation_id UBIGINT, evidence VARCHAR, weight DOUBLE, known_from_seq INTEGER,
    known_to_seq INTEGER);
CREATE TABLE IF NOT EXISTS linkage.identity_link (left_person_id VARCHAR, right_person_id VARCHAR, colour VARCHAR,
  weight DOUBLE, decided_by VARCHAR, reason VARCHAR, known_from_seq INTEGER, known_to_seq INTEGER);
CREATE TABLE IF NOT EXISTS linkage.tie (left_person_id VARCHAR, right_person_id VARCHAR, known_from_seq INTEGER,
  known_to_seq INTEGER);
CREATE TABLE IF NOT EXISTS linkage.link_event (
  event VARCHAR, person_id VARCHAR, other_person_id VARCHAR, load_seq INTEGER, reason VARCHAR, model_version VARCHAR,
  decided_by VARCHAR, observations INTEGER, records INTEGER, affected_from DATE, affected_to DATE);
CREATE TABLE IF NOT EXISTS linkage.touched_person (person_id VARCHAR);
CREATE TABLE IF NOT EXISTS linkage.person (person_id VARCHAR, created_seq INTEGER, founder UBIGINT);
CREATE TABLE IF NOT EXISTS linkage.model_used (load_seq INTEGER, model_version VARCHAR)
"""

HEAL = (
    "DELETE FROM linkage.observed WHERE first_load_seq >= $1",
    "DELETE FROM linkage.key WHERE first_load_seq >= $1",
    "DELETE FROM linkage.pair WHERE first_load_seq >= $1",
    "DELETE FROM linkage.past_pair WHERE past_seq >= $1",
    "DELETE FROM linkage.capped_block WHERE first_load_seq >= $1",
    "DELETE FROM linkage.person_observation WHERE known_from_seq >= $1",
    "UPDATE linkage.person_observation SET known_to_seq = NULL WHERE known_to_seq >= $1",
    "DELETE FROM linkage.link_evidence WHERE known_from_seq >= $1",
    "UPDATE linkage.link_evidence SET known_to_seq = NULL WHERE known_to_seq >= $1",
    "DELETE FROM linkage.identity_link WHERE known_from_seq >= $1",
    "UPDATE linkage.identity_link SET known_to_seq = NULL WHERE known_to_seq >= $1",
    "DELETE FROM linkage.tie WHERE known_from_seq >= $1",
    "UPDATE linkage.tie SET known_to_seq = NULL WHERE known_to_seq >= $1",
    "DELETE FROM linkage.link_event WHERE load_seq >= $1",
    "DELETE FROM linkage.person WHERE created_seq >= $1",
    "DELETE FROM linkage.model_used WHERE load_seq >= $1",
)

LEVEL_NAMES = ", ".join(
    f"list_extract([{', '.join(repr(name) for name in names)}], CAST(pair.{field} AS INTEGER) + 1) AS {field}, "
    f"pair.{field}_bits"
    for field, names in LEVELS.items()
)
TOLD = f"""SELECT e.left_observation_id, e.right_observation_id, e.evidence, e.weight,
  1 / (1 + pow(2, -e.weight)) AS probability, {LEVEL_NAMES}, pair.model_version, e.known_from_seq, e.known_to_seq
FROM {{evidence}} AS e"""
# What links is told as the model in use weighs the pair, as is a steward's word, which has no weight. What no longer
# links is told as the pair weighed then, which the weight says. Joins are by equalities alone, because beside them the
# engine would compare every row with every other.
EVIDENCE_VIEW = f"""CREATE OR REPLACE VIEW linkage.weighed_evidence AS
WITH ended AS (
  FROM linkage.link_evidence WHERE known_to_seq IS NOT NULL AND weight IS NOT NULL
), weighed AS (
  SELECT * EXCLUDE (past_seq) FROM linkage.past_pair
  UNION ALL FROM linkage.pair SEMI JOIN ended USING (left_observation_id, right_observation_id, weight)
  ANTI JOIN linkage.past_pair USING (left_observation_id, right_observation_id, weight)
)
{TOLD.format(evidence="linkage.link_evidence")} LEFT JOIN linkage.pair AS pair
  ON pair.left_observation_id = e.left_observation_id
  AND pair.right_observation_id = e.right_observation_id
WHERE e.known_to_seq IS NULL OR e.weight IS NULL
UNION ALL {TOLD.format(evidence="ended")} LEFT JOIN weighed AS pair
  ON pair.left_observation_id = e.left_observation_id
  AND pair.right_observation_id = e.right_observation_id AND pair.weight = e.weight"""
LINK_VIEW = """CREATE OR REPLACE VIEW linkage.decided_link AS
SELECT l.*, 1 / (1 + pow(2, -l.weight)) AS probability, load.known_at AS decided_at
FROM linkage.identity_link AS l JOIN meta.load AS load ON load.load_seq = l.known_from_seq"""


def create_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the views that are published of the linkage."""
    connection.execute(EVIDENCE_VIEW)
    connection.execute(LINK_VIEW)


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the tables that are missing, and the macros that the linkage uses."""
    for statement in [*observed.TABLES.strip().split(";\n"), candidates.TABLE, *TABLES.strip().split(";\n")]:
        connection.execute(statement)
    create_dictionary(connection, "linkage")
    create_macros(connection)


def heal(connection: duckdb.DuckDBPyConnection, load_seq: int) -> None:
    """Removes what a killed run of the load left, and all later loads."""
    for statement in HEAL:
        connection.execute(statement, [load_seq])
