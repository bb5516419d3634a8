"""Keys that stand for persons and stays in one generation.

A pseudonym is a keyed hash of the id. The key is of the generation: it is derived from the registry key and the load,
is written nowhere, and differs from every other generation's, so that two generations cannot be joined. Publishing a
load again gives the same pseudonyms.
"""

from __future__ import annotations

import duckdb

from pipelines.settings import Settings
from pipelines.storage.keys import derived_key

FILL = """
CREATE OR REPLACE TABLE meta.person_key AS
  SELECT person_id, {person} AS person_key FROM (SELECT DISTINCT person_id FROM registry.person_history)
  ORDER BY person_id;
CREATE OR REPLACE TABLE meta.stay_key AS
  SELECT stay_id, {stay} AS stay_key FROM (SELECT DISTINCT stay_id FROM registry.stay_history)
  ORDER BY stay_id
"""


def fill(connection: duckdb.DuckDBPyConnection, settings: Settings, load_seq: int) -> None:
    """Writes `meta.person_key` and `meta.stay_key` for the generation of a load."""
    connection.execute("SET VARIABLE generation_key = $1", [derived_key(settings, f"generation {load_seq}")])
    try:
        connection.execute(FILL.format(person=_keyed("'person' || person_id"), stay=_keyed("'stay' || stay_id")))
    finally:
        connection.execute("RESET VARIABLE generation_key")


def _keyed(text: str) -> str:
    """Half of a nested keyed hash in hexadecimal: 128 bits."""
    key = "getvariable('generation_key')"
    return f"left(sha256({key} || sha256({key} || {text})), 32)"
