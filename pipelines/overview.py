"""The state of the centre at a glance, without waiting for a running load.

It reads what is published, what the last run left for a person, the ledger, the landing folders and the lock file,
never the build database.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipelines.audit import Head, read_head
from pipelines.contracts import load_contracts
from pipelines.identity import sealing
from pipelines.intake.delivery import scan
from pipelines.publication.generations import demand_space
from pipelines.quality import Matter, read_matters
from pipelines.reporting import Left, read_night
from pipelines.settings import Settings
from pipelines.storage import Home, ledger
from pipelines.storage.home import megabytes
from pipelines.storage.lock import read_holder
from pipelines.storage.sessions import NotPublishedYetError, open_published

ROOM_FACTOR = 3


class DiskSpaceError(Exception):
    """There is not enough room for a load."""


@dataclass
class Overview:
    """What an operator asks first.

    Attributes:
        home: `MIC_HOME`.
        release: The row of `meta.release` of what is published; empty before the first load.
        writer: Who holds the lock, and since when; empty where nobody writes.
        killed: Who held it last and was killed; empty where the last one came to its end.
        deliveries: Number of deliveries by state, as published.
        landed_new: Data files in landing that no load has judged yet.
        matters: What wants a person, as the last run left it.
        looks: Head of the chain of looks at persons, to be kept elsewhere.
        identity: Head of the chain of the identity ledger, to be kept elsewhere.
        free_bytes: Room on the disk of `MIC_HOME`.
        is_restoring: Whether it is made from a backup and not whole yet.
    """

    home: str
    release: dict[str, Any] = field(default_factory=dict)
    writer: str = ""
    killed: str = ""
    deliveries: dict[str, int] = field(default_factory=dict)
    landed_new: int = 0
    matters: list[Matter] = field(default_factory=list)
    looks: Head = field(default_factory=Head)
    identity: Head = field(default_factory=Head)
    free_bytes: int = 0
    is_restoring: bool = False

    def as_dict(self, language: str) -> dict[str, Any]:
        """The same for machines, with sentences in one language."""
        return asdict(self) | {"matters": [matter.as_dict(language) for matter in self.matters]}


def look(settings: Settings) -> Overview:
    """Looks at everything; a home without a published load gives an overview without a release."""
    home = Home(settings.home)
    holder = read_holder(home.lock)
    overview = Overview(str(settings.home), is_restoring=home.restoring.exists())
    if holder.is_alive:
        overview.writer = holder.said or "a run that is just starting"
    else:
        overview.killed = holder.said
    overview.landed_new = len(landed_new(settings))
    overview.looks = read_head(home.access_log)
    overview.identity = read_head(sealing.chain_path(home))
    overview.free_bytes = home.free_bytes
    left = read_night(settings) or Left(0, [])
    overview.matters = left.matters
    with suppress(NotPublishedYetError), open_published(settings, "aggregates") as connection:
        overview.release = records(connection, "SELECT * FROM meta.release")[0]
        states = connection.execute("SELECT state, count(*) FROM quality.delivery GROUP BY state").fetchall()
        overview.deliveries = dict(states)
        if left.load_seq < overview.release["load_seq"]:
            overview.matters = (left.matters if left.load_seq == 0 else []) + read_matters(connection)
    return overview


def records(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    """One dictionary per row of a query."""
    found = connection.execute(query)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def landed_new(settings: Settings) -> list[Path]:
    """Data files in landing of which the ledger has no verdict yet."""
    home = Home(settings.home)
    judged = {
        (entry["feed"], entry["file_name"])
        for entry in whole_entries(home.ledger)
        if entry["what"] == "delivery" and entry["state"] != "waiting"
    }
    return [
        landed.path
        for contract in load_contracts(settings.sources).values()
        for landed in scan(home.landing, contract)
        if (contract.feed, landed.name) not in judged and landed.path.exists()
    ]


def whole_entries(path: Path) -> list[dict[str, Any]]:
    """Whole lines of the ledger; a line that is being written is left alone, since nobody holds the lock here."""
    content = path.read_bytes() if path.exists() else b""
    return ledger.amended([json.loads(line) for line in content[: content.rfind(b"\n") + 1].splitlines()])


def check_room(settings: Settings, publishes: bool = True) -> None:
    """Refuses a load for which the disk has no room: it would be told at its end otherwise, after hours of work.

    Args:
        settings: Where the home lies.
        publishes: Whether readers get a new generation of what the load commits.

    Raises:
        DiskSpaceError: Less than three times the size of what has landed new is free.
        PublicationError: Less than twice the size of what is published is free.
    """
    home = Home(settings.home)
    if publishes:
        demand_space(home)
    wanted = ROOM_FACTOR * sum(path.stat().st_size for path in landed_new(settings))
    free = home.free_bytes
    if free < wanted:
        raise DiskSpaceError(
            f"a load needs {megabytes(wanted)} MB free on the disk of {settings.home} and has {megabytes(free)}. "
            "Nothing was begun: free some space, then run it again."
        )
