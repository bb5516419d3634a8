"""Person ids: opaque, never reused, kept in a ledger beside the database.

A new id is a keyed hash of the observation that founds the person and of the load, so that it reveals nothing and a
run that was killed and repeated gives the same one. The ledger outranks the hash: a rebuild reuses what it says.
"""

from __future__ import annotations

import base64
import hashlib

import duckdb

from pipelines.identity.sealing import keep, ledger_path
from pipelines.storage.home import Home

ID_BYTES = 10


def new_ids(key: str, load_seq: int, founders: list[int]) -> list[str]:
    """Ids for persons founded in a load by the given observations."""
    secret = hashlib.blake2b(key.encode(), digest_size=32).digest()
    return [_id(secret, f"{load_seq}.{founder}".encode()) for founder in founders]


def _id(secret: bytes, seed: bytes) -> str:
    digest = hashlib.blake2b(seed, key=secret, digest_size=ID_BYTES).digest()
    return base64.b32encode(digest).decode().lower()


def write_ledger(connection: duckdb.DuckDBPyConnection, home: Home, load_seq: int) -> None:
    """Writes the assignments that this load made, before the load is committed."""
    beside = home.temporary / f"identity-{load_seq}.parquet"
    connection.execute(
        f"""COPY (SELECT observation_id, person_id FROM linkage.person_observation WHERE known_from_seq = {load_seq}
        ORDER BY ALL) TO '{beside}' (FORMAT parquet)"""
    )
    keep(home, beside, ledger_path(home, load_seq), "identity")


def recall(connection: duckdb.DuckDBPyConnection, home: Home, load_seq: int) -> None:
    """Makes `recalled(observation_id, person_id)`: what the ledger already says of this load."""
    path = ledger_path(home, load_seq)
    known = (
        f"SELECT * FROM read_parquet('{path}')" if path.exists() else "SELECT NULL::UBIGINT, NULL::VARCHAR WHERE false"
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE recalled(observation_id, person_id) AS {known}")
