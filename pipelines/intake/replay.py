"""Rows that come back: replayed after a fix of the contract, cleared by a correction, released by an operator."""

from __future__ import annotations

from datetime import datetime

import duckdb

from pipelines.contracts import Contract
from pipelines.intake import tables
from pipelines.intake.accounting import UnjudgedError, judge, open_delivery, write_bronze
from pipelines.intake.container import NeedsExactPathError
from pipelines.intake.delivery import MANIFEST, Landed
from pipelines.intake.verdicts import note_files
from pipelines.storage import ledger
from pipelines.storage.database import quoted
from pipelines.storage.faults import passage
from pipelines.storage.home import Home
from pipelines.storage.kept import sha256

NOT_QUARANTINED = "no rows of it are in quarantine; `mic quarantine list` says where some are."
NOT_LANDED = (
    "the file that was delivered lies in landing no more: it was erased or taken away, or another bears its name. Lay "
    "both files there again, or ask the sender for a correction."
)
NOT_HELD = "it is not held; `mic status` names the deliveries that are."
GOOD = "SELECT list(_row) FROM judged WHERE reasons IS NULL AND _row NOT IN (SELECT _row FROM fate)"
DOUBTFUL = """CREATE OR REPLACE TEMP TABLE doubtful AS
SELECT feed, delivery_id, row_ordinal, record_id FROM intake.quarantine q
WHERE feed IN (SELECT feed FROM ranked) AND replayed_in IS NULL AND (load_seq = $load
  OR EXISTS (FROM intake.changed_record c WHERE c.feed = q.feed AND c.record_id = q.record_id))"""
WHOLE = """SELECT {feed} AS feed, b.record_id, b.delivery_id FROM {rows} AS b
LEFT JOIN intake.standing AS s ON s.feed = {feed} AND s.record_id = b.record_id AND s.delivery_id = b.delivery_id
WHERE b.record_id IN (SELECT record_id FROM doubtful WHERE feed = {feed})
  AND coalesce(s.outcome, 'current') IN ('current', 'superseded') AND s.known_to_seq IS NULL"""
MENDED = """CREATE OR REPLACE TEMP TABLE mended AS
WITH whole AS MATERIALIZED ({whole})
SELECT DISTINCT q.delivery_id, q.row_ordinal FROM doubtful q
JOIN ranked held ON held.delivery_id = q.delivery_id
JOIN whole ON whole.feed = q.feed AND whole.record_id = q.record_id
JOIN ranked later ON later.delivery_id = whole.delivery_id AND later.rank > held.rank"""
CLEARED = """UPDATE intake.quarantine q SET cleared_in = CASE WHEN cleared_in IS NULL THEN $load END FROM doubtful d
WHERE q.feed = d.feed AND q.delivery_id = d.delivery_id AND q.row_ordinal = d.row_ordinal
  AND (q.cleared_in IS NULL) = (EXISTS (
    FROM mended m WHERE m.delivery_id = d.delivery_id AND m.row_ordinal = d.row_ordinal))"""
ANSWERED = "DELETE FROM intake.request WHERE what = 'replay' AND delivery_id = $1"


class NothingToDoError(Exception):
    """The operator named a delivery for which there is nothing to do."""


def request_replay(connection: duckdb.DuckDBPyConnection, home: Home, feed: str, file_name: str) -> int:
    """Asks the next load to judge the quarantined rows of a delivery again; returns how many there are."""
    return _request(connection, home, "replay", (feed, file_name, "accepted"), NOT_QUARANTINED)[1]


def request_release(connection: duckdb.DuckDBPyConnection, home: Home, feed: str, file_name: str) -> int:
    """Lets the next load take in a held delivery in spite of its bad rows."""
    delivery, found = _request(connection, home, "release", (feed, file_name, "held"), NOT_HELD)
    connection.execute(
        "UPDATE intake.delivery SET state = 'released', mark = '' WHERE delivery_id = $1 AND state = 'held'", [delivery]
    )
    return found


def _request(
    connection: duckdb.DuckDBPyConnection, home: Home, what: str, named: tuple[str, str, str], otherwise: str
) -> tuple[str, int]:
    """Notes what is asked of the delivery that lies in landing, among those of its feed, name and state.

    Returns:
        The delivery, and how many of its rows are in quarantine.
    """
    feed, file_name, _ = named
    rows = connection.execute(
        """SELECT d.delivery_id, d.sha256, count(q.row_ordinal) FROM intake.delivery d
        LEFT JOIN intake.quarantine q ON q.delivery_id = d.delivery_id AND q.replayed_in IS NULL
        WHERE d.feed = $1 AND d.file_name = $2 AND d.state = $3 GROUP BY ALL""",
        list(named),
    ).fetchall()
    asked = [row for row in rows if what == "release" or row[2]]
    if not asked:
        raise NothingToDoError(f"{feed}/{file_name}: {otherwise}")
    lying = [row for row in asked if _lies(home, feed, file_name, row[1])]
    if not lying:
        raise NothingToDoError(f"{feed}/{file_name}: {NOT_LANDED}")
    connection.execute("INSERT INTO intake.request VALUES ($1, $2)", [what, lying[0][0]])
    return str(lying[0][0]), int(lying[0][2])


def _lies(home: Home, feed: str, file_name: str, digest: str) -> bool:
    """Whether the file that was delivered lies in landing."""
    path = home.landing / feed / file_name
    return path.is_file() and path.with_name(path.name + MANIFEST).is_file() and sha256(path) == digest


def replay_requested(
    connection: duckdb.DuckDBPyConnection, home: Home, contracts: dict[str, Contract], load_seq: int
) -> None:
    """Judges requested deliveries again under today's contract; rows that are good now join the load.

    What `quarantined` loses `accepted` gains, row for row. A request waits while the file is not in landing.
    """
    rows = connection.execute(
        """SELECT DISTINCT d.delivery_id, d.feed, d.file_name, d.sha256 FROM intake.request r
        JOIN intake.delivery d USING (delivery_id) WHERE r.what = 'replay' AND d.state = 'accepted' ORDER BY ALL"""
    ).fetchall()
    for delivery, feed, file_name, digest in rows:
        if _lies(home, feed, file_name, digest):
            _replay(connection, home, contracts[feed], file_name, delivery, load_seq)


def _replay(
    connection: duckdb.DuckDBPyConnection, home: Home, contract: Contract, file_name: str, delivery: str, load_seq: int
) -> None:
    path = home.landing / contract.feed / file_name
    landed = Landed(contract, file_name, path, "", True, datetime.fromtimestamp(path.stat().st_mtime).astimezone())
    manifest = landed.manifest()
    try:
        judged, _ = judge(connection, home, [open_delivery(connection, landed, manifest)])
    except UnjudgedError as error:
        if not isinstance(error.cause, NeedsExactPathError):
            raise
        judged, _ = judge(connection, home, [open_delivery(connection, landed, manifest, exact=True)])
    connection.execute(
        """INSERT INTO fate SELECT _delivery, _row, 'taken in' FROM judged WHERE _row NOT IN (
          SELECT row_ordinal FROM intake.quarantine WHERE delivery_id = $1 AND replayed_in IS NULL)""",
        [delivery],
    )
    good = connection.execute(GOOD).fetchall()[0][0]
    files = write_bronze(judged, home, contract, load_seq, {0: f"{delivery}.replay"} if good else {})
    judged.forget()
    if not good:
        connection.execute(ANSWERED, [delivery])
        return
    file = files[0]
    connection.begin()
    note_files(connection, "bronze", load_seq, [({"feed": contract.feed, "delivery_id": delivery}, file)])
    connection.execute(
        "UPDATE intake.quarantine SET replayed_in = $1 WHERE delivery_id = $2 AND list_contains($3, row_ordinal)",
        [load_seq, delivery, good],
    )
    connection.execute(
        """UPDATE intake.delivery SET rows_accepted = rows_accepted + $1, rows_quarantined = rows_quarantined - $1,
        replayed_in = list_append(coalesce(replayed_in, []), $2) WHERE delivery_id = $3 AND state = 'accepted'""",
        [len(good), load_seq, delivery],
    )
    connection.execute(ANSWERED, [delivery])
    passage("replay.commit")
    connection.commit()
    entry = {"what": "replay", "load": load_seq, "feed": contract.feed, "delivery_id": delivery, "rows": good}
    entry |= {"bronze": [file.path, file.size, file.sha256]}
    ledger.append(home.ledger, [entry], "ledger")
    tables.refresh_raw(connection, home, [contract])


def clear_quarantine(connection: duckdb.DuckDBPyConnection, home: Home, load_seq: int) -> None:
    """Marks quarantined rows whose record came whole under the same id in an intrinsically later delivery.

    Only rows that this load brought, or whose record it changed, can have become so.
    """
    connection.execute(DOUBTFUL, {"load": load_seq})
    feeds = [feed for (feed,) in connection.execute("SELECT DISTINCT feed FROM doubtful ORDER BY ALL").fetchall()]
    if not feeds:
        return
    rows = tables.delivered_ids(connection, home, feeds)
    whole = [WHOLE.format(feed=quoted(feed), rows=rows[feed]) for feed in feeds]
    connection.execute(MENDED.format(whole=" UNION ALL ".join(whole)))
    connection.execute(CLEARED, {"load": load_seq})
