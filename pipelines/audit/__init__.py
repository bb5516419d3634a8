"""Who looked at persons: every look is a line of a hash chain, on the disk before anything is answered.

`chain` writes and checks the file, `looks` says what a look must name, `images` shows the chain to publication.
Nothing here reads a person: a look names persons by their ids and questions by a keyed hash.
"""

from pipelines.audit.chain import Head, check, read_head
from pipelines.audit.looks import (
    Disclosure,
    Logged,
    Look,
    LookRefusedError,
    PurposeMissingError,
    account,
    demand_purpose,
    hashed,
    log,
    purposes,
)

__all__ = [
    "Disclosure",
    "Head",
    "Logged",
    "Look",
    "LookRefusedError",
    "PurposeMissingError",
    "account",
    "check",
    "demand_purpose",
    "hashed",
    "log",
    "purposes",
    "read_head",
]
