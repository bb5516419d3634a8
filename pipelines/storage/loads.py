"""Loads: their numbers, their states, and the agreement of database and ledger.

Grain of `meta.load`: one row per load; at most one is `open`. `meta.layout` says which tables the code expects. The
keys of persons and stays belong to the generation being published and are filled then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from pipelines.storage import ledger
from pipelines.storage.faults import passage
from pipelines.storage.home import Home
from pipelines.storage.ledger import LedgerBehindError

LAYOUT = 24
# Half of a keyed hash in hexadecimal: 128 bits, which cannot be hashed on. NULL outside of publication, which alone
# sets the key.
PSEUDONYM = """
CREATE OR REPLACE MACRO meta.pseudonym(text) AS
  left(sha256(CAST(getvariable('generation_key') AS VARCHAR) || text), 32);
"""
TABLE = f"""
CREATE SCHEMA IF NOT EXISTS meta;
{PSEUDONYM}
CREATE TABLE IF NOT EXISTS meta.layout AS SELECT {LAYOUT} AS number;
CREATE TABLE IF NOT EXISTS meta.load (
  load_seq INTEGER, state VARCHAR, started_at TIMESTAMPTZ, known_at TIMESTAMPTZ, as_of DATE, code_version VARCHAR);
CREATE TABLE IF NOT EXISTS meta.person_key (person_id VARCHAR, person_key VARCHAR);
CREATE TABLE IF NOT EXISTS meta.modelled (selection VARCHAR, project VARCHAR);
"""


class LayoutError(Exception):
    """The database was made by code that laid its tables out otherwise."""


@dataclass(frozen=True)
class Load:
    """One load.

    Attributes:
        load_seq: Its number, gapless from 1.
        known_at: The moment that it stands for.
        is_resumed: Whether a killed run had begun it.
    """

    load_seq: int
    known_at: datetime
    is_resumed: bool


def open_load(connection: duckdb.DuckDBPyConnection, home: Home, now: datetime, code_version: str) -> Load:
    """Opens the next load, or resumes the one that a killed run left open.

    A clock that stands before the last load is wrong; the load then stands for the moment of the last one, so that
    what is known never seems to be known earlier.

    Raises:
        LedgerBehindError: The database lacks a verdict or load that the ledger has.
    """
    connection.execute(TABLE)
    compare(connection, home)
    (last,) = connection.execute("SELECT max(known_at) FROM meta.load WHERE state = 'committed'").fetchall()[0]
    now = max(now, last or now)
    found = connection.execute("SELECT load_seq FROM meta.load WHERE state = 'open'").fetchall()
    if found:
        connection.execute("UPDATE meta.load SET known_at = $1 WHERE state = 'open'", [now])
        return Load(found[0][0], now, True)
    connection.execute(
        "INSERT INTO meta.load SELECT coalesce(max(load_seq), 0) + 1, 'open', $1, $1, NULL, $2 FROM meta.load",
        [now, code_version],
    )
    return Load(connection.execute("SELECT max(load_seq) FROM meta.load").fetchall()[0][0], now, False)


def layout_of(connection: duckdb.DuckDBPyConnection) -> int:
    """The layout of a database; an empty one gets that of the code, and the first had no number of its own."""
    tables = {name for (name,) in connection.execute("FROM duckdb_tables() SELECT table_name").fetchall()}
    if "load" not in tables:
        return LAYOUT
    return int(connection.execute("SELECT number FROM meta.layout").fetchall()[0][0]) if "layout" in tables else 1


def demand_layout(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuses a database that older or newer code has made.

    Raises:
        LayoutError: Its tables are not those that this code reads and writes.
    """
    found = layout_of(connection)
    if found != LAYOUT:
        raise LayoutError(
            f"the database has layout {found} and this version of the code has {LAYOUT}. Nothing was changed, "
            "readers keep the last generation: run `mic rebuild --replace`, which makes it anew from bronze and ledger."
        )


def commit_load(connection: duckdb.DuckDBPyConnection, home: Home, load: Load) -> None:
    """Makes the load final: the database first, then the ledger."""
    passage("load.commit")
    connection.execute(
        """UPDATE meta.load SET state = 'committed', as_of = (
          SELECT max(business_date) FROM intake.delivery WHERE state = 'accepted' AND feed <> 'steward_decisions'
            AND load_seq <= $1)
        WHERE load_seq = $1""",
        [load.load_seq],
    )
    ledger.append(
        home.ledger, [{"what": "load", "load": load.load_seq, "known_at": load.known_at.isoformat()}], "ledger"
    )


def last_load(connection: duckdb.DuckDBPyConnection) -> int:
    """Number of the last committed load; 0 where there is none."""
    found = connection.execute("SELECT coalesce(max(load_seq), 0) FROM meta.load WHERE state = 'committed'").fetchall()
    return int(found[0][0])


def compare(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Lets the ledger have the loads that the database committed just before a kill.

    Raises:
        LedgerBehindError: The database lacks a load that the ledger has.
    """
    written = {entry["load"] for entry in ledger.read(home.ledger) if entry["what"] == "load"}
    kept = dict(connection.execute("SELECT load_seq, known_at FROM meta.load WHERE state = 'committed'").fetchall())
    if written - set(kept):
        raise LedgerBehindError(
            f"the database lacks load {min(written - set(kept))}, which the ledger says was committed. It has "
            "lost data (a cut write-ahead log, an old copy). Nothing was changed: run `mic rebuild --replace`."
        )
    missing = [{"what": "load", "load": seq, "known_at": kept[seq].isoformat()} for seq in sorted(set(kept) - written)]
    ledger.append(home.ledger, missing, "ledger")
