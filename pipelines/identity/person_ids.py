"""Person ids: opaque, never reused, kept in a ledger beside the database.

A new id is a keyed hash of the observation that founds the person and of the load, so that it reveals nothing and a
run that was killed and repeated gives the same one. The ledger outranks the hash: a rebuild reuses what it says.
"""

from __future__ import annotations

import hashlib

import duckdb
import numpy as np
import pyarrow as pa

from pipelines.identity.sealing import keep, ledger_path
from pipelines.storage.home import Home

ID_BYTES, BITS_OF_A_LETTER = 10, 5
SHIFTS = np.arange(35, -1, -BITS_OF_A_LETTER, dtype=np.uint64)
LETTERS = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", dtype=np.uint8)


def new_ids(key: str, load_seq: int, founders: list[int]) -> pa.Array:
    """Ids for persons founded in a load by the given observations, in letters as base 32 writes them."""
    keyed = hashlib.blake2b(key=hashlib.blake2b(key.encode(), digest_size=32).digest(), digest_size=ID_BYTES)
    digests = []
    for founder in founders:
        one = keyed.copy()
        one.update(b"%d.%d" % (load_seq, founder))
        digests.append(one.digest())
    packed = np.zeros(len(founders) * ID_BYTES // BITS_OF_A_LETTER, dtype=np.uint64)
    for each in np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, BITS_OF_A_LETTER).T:
        packed = packed << np.uint64(8) | each  # of five bytes, which are eight letters
    letters = LETTERS[packed[:, np.newaxis] >> SHIFTS & np.uint64(31)]
    size = ID_BYTES * 8 // BITS_OF_A_LETTER
    ends = np.arange(0, (len(founders) + 1) * size, size, dtype=np.int32)
    return pa.StringArray.from_buffers(len(founders), pa.py_buffer(ends), pa.py_buffer(letters))


def write_ledger(connection: duckdb.DuckDBPyConnection, home: Home, load_seq: int) -> None:
    """Writes the assignments that this load made, before the load is committed."""
    beside = home.temporary / f"identity-{load_seq}.parquet"
    connection.execute(
        f"""COPY (SELECT observation_id, person_id FROM linkage.person_observation WHERE known_from_seq = {load_seq}
        ORDER BY observation_id) TO '{beside}' (FORMAT parquet)"""
    )
    keep(home, beside, ledger_path(home, load_seq), "identity")


def recall(connection: duckdb.DuckDBPyConnection, home: Home, load_seq: int) -> None:
    """Makes `recalled(observation_id, person_id)`: what the ledger already says of this load."""
    path = ledger_path(home, load_seq)
    known = (
        f"SELECT * FROM read_parquet('{path}')" if path.exists() else "SELECT NULL::UBIGINT, NULL::VARCHAR WHERE false"
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE recalled(observation_id, person_id) AS {known}")
