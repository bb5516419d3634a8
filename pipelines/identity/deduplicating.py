"""Persons among observations that stand alone: what the centre's linkage makes of them from nothing.

This is the one place where measures and comparisons meet the linkage; what a load does belongs to `link.py`.
"""

from __future__ import annotations

import duckdb

from pipelines.identity.link import link
from pipelines.identity.model import Model, load_model
from pipelines.storage.home import Home

AROUND = """
CREATE SCHEMA IF NOT EXISTS intermediate;
CREATE SCHEMA IF NOT EXISTS staging;
CREATE SCHEMA IF NOT EXISTS raw;
CREATE OR REPLACE VIEW intermediate.observation AS FROM {observations};
CREATE OR REPLACE TABLE intermediate.source_record_history AS
  SELECT 'measured' AS feed, CAST(observation_id AS VARCHAR) AS record_id, observation_id,
    CAST(NULL AS DATE) AS happened_on,
    first_load_seq AS known_from_seq,
    CAST(NULL AS INTEGER) AS known_to_seq FROM {observations};
CREATE OR REPLACE VIEW intermediate.source_record AS
  FROM intermediate.source_record_history WHERE known_to_seq IS NULL;
CREATE OR REPLACE TABLE raw.steward_decisions (decision_id VARCHAR, decided_at TIMESTAMPTZ, left_feed VARCHAR,
  left_record_id VARCHAR, right_feed VARCHAR, right_record_id VARCHAR, verdict VARCHAR, reason VARCHAR,
  load_seq INTEGER, known_from_seq INTEGER, known_to_seq INTEGER);
CREATE OR REPLACE VIEW staging.stg_steward_decisions AS FROM raw.steward_decisions WHERE known_to_seq IS NULL
"""
CLUSTERS = """CREATE OR REPLACE TABLE cluster AS
WITH numbered AS (
  SELECT observation_id, min(observation_id) OVER (PARTITION BY person_id) AS first_id, person_id
  FROM linkage.person_observation WHERE known_to_seq IS NULL
)
SELECT observation_id, coalesce(CASE WHEN person_id IS NOT NULL THEN first_id END, observation_id) AS cluster
FROM numbered"""


def surround(connection: duckdb.DuckDBPyConnection, observations: str) -> None:
    """Makes around observations what the linkage reads beside them: one record of each, and no steward's word.

    Args:
        connection: A database in memory that holds nothing of the linkage.
        observations: Relation with the columns of `intermediate.observation`, with its schema.
    """
    for statement in AROUND.format(observations=observations).strip().split(";\n"):
        connection.execute(statement)


def link_all(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    observations: str = "main.observation",
    model: Model | None = None,
) -> None:
    """Links observations from nothing, as one load.

    Args:
        connection: A database in memory that holds the observations and nothing of the linkage.
        home: Where the linkage keeps its ledger and temporary files.
        observations: Relation with the columns of `intermediate.observation`, with its schema.
        model: The model; the one that ships by default.
    """
    surround(connection, observations)
    link(connection, home, 1, "measured", model or load_model())


def name_clusters(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes `cluster(observation_id, cluster)`: one row per observation, with the first observation of its person.

    An observation that names nobody is a cluster of its own.

    Args:
        connection: After `link_all`.
    """
    connection.execute(CLUSTERS)
