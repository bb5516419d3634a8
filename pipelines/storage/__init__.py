"""Where things lie and how they are written: paths, keys, the lock, the ledger and the database.

DuckDB connections are opened here and nowhere else; every write that must survive a crash goes through
`storage.files`.
"""

from pipelines.storage.database import attach_file, open_build, open_memory, published_file
from pipelines.storage.home import Home
from pipelines.storage.keys import KeyMissingError, read_key
from pipelines.storage.lock import LockHeldError, run_lock

__all__ = [
    "Home",
    "KeyMissingError",
    "LockHeldError",
    "attach_file",
    "open_build",
    "open_memory",
    "published_file",
    "read_key",
    "run_lock",
]
