"""Keys that stand for persons and stays in one generation.

A pseudonym is a keyed hash of the id (`meta.pseudonym`). The key is of the generation: it is derived from the registry
key and the load, is written nowhere, and differs from every other generation's, so that two generations cannot be
joined. Publishing a load again gives the same pseudonyms. Persons occur in many tables, so their keys are kept in one;
the key of a stay is made where it is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from pipelines.settings import Settings
from pipelines.storage.keys import derived_key

FILL = """CREATE OR REPLACE TABLE meta.person_key AS
SELECT person_id, meta.pseudonym('person' || person_id) AS person_key
FROM (SELECT DISTINCT person_id FROM registry.person_history) ORDER BY person_id"""


@contextmanager
def generation(connection: duckdb.DuckDBPyConnection, settings: Settings, load_seq: int) -> Iterator[None]:
    """Sets the key of the generation of a load for the block, and writes `meta.person_key`."""
    connection.execute("SET VARIABLE generation_key = $1", [derived_key(settings, f"generation {load_seq}")])
    try:
        connection.execute(FILL)
        yield
    finally:
        connection.execute("RESET VARIABLE generation_key")
