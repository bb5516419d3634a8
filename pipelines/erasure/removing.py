"""Removing persons, step by step; each step can be done again and gives the same.

Files are written anew beside and renamed; the database is copied into a new file after its rows are gone, because
deleting leaves the bytes. What was published as a count stays. The plan goes last, so that a run killed anywhere is
finished by doing again what the ledger does not say yet.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from pipelines import publication
from pipelines.audit import Disclosure, Logged, Look, log
from pipelines.audit.chain import entries
from pipelines.contracts import load_contracts
from pipelines.erasure import planning
from pipelines.erasure.holds import OUTRANKS, HeldError, holds_of
from pipelines.erasure.planning import Plan
from pipelines.erasure.rows import delete_rows, lay_out, note
from pipelines.identity import sealing
from pipelines.intake.tables import create_tables, refresh_raw
from pipelines.publication.file import log_of
from pipelines.publication.generations import MODES, NUMBERED
from pipelines.settings import Settings
from pipelines.storage import Home, attach_file, ledger, open_build, read_key, run_lock
from pipelines.storage.database import quoted
from pipelines.storage.faults import arm, passage
from pipelines.storage.files import settle
from pipelines.storage.kept import KeptFile, keep
from pipelines.storage.loads import Load, demand_layout

Clock = Callable[[], datetime]
OPEN = "SELECT count(*) FROM meta.load WHERE state = 'open'"
SALT = "SELECT salt FROM intake.tombstone LIMIT 1"


class LoadOpenError(Exception):
    """A load has begun and is not done, so nothing can be erased now."""


@dataclass(frozen=True)
class Erased:
    """What an erasure removed, in numbers.

    Attributes:
        number: Names the erasure in the ledger.
        records: Records of the persons.
        rows: Rows of bronze and quarantine.
        landed: Landed files that are gone whole.
    """

    number: str
    records: int
    rows: int
    landed: int


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


def erase(
    settings: Settings, persons: Sequence[str], purpose: str, case: str, reason: str, clock: Clock = now
) -> Erased:
    """Erases persons in one pass; it is logged first, and told in the log as soon as the rows are gone.

    Args:
        settings: Where the centre lies.
        persons: Their ids.
        purpose: Why; that of a court outranks holds.
        case: Number of the case.
        reason: Why, in words that name nobody.
        clock: Gives the moment.

    Raises:
        HeldError: A hold keeps one of them.
        LoadOpenError: A load is not done.
        LookRefusedError: It cannot be logged.
        NoSuchPersonError: Nothing is held of them.
        UnfinishedErasureError: Another erasure was stopped before its end.
    """
    home, why = Home(settings.home), Look("erase", purpose, case, persons=sorted(persons))
    arm(settings.fault)
    look = log(settings, why, clock)
    with run_lock(home.lock, "mic erase", settings.lock_wait_seconds):
        planning.demand_none_unfinished(home)
        with open_build(settings) as connection:
            demand_layout(connection)
            create_tables(connection)
            refresh_raw(connection, home, load_contracts(settings.sources).values())
            _demand_no_load(connection)
            if purpose != OUTRANKS:
                _demand_none_held(connection, home, persons, clock().date())
            plan = planning.make(connection, home, sorted(persons), why, reason, look.number)
        planning.write(home, plan)
        return _remove(settings, home, plan, clock())


def finish(settings: Settings, clock: Clock = now) -> Erased | None:
    """Finishes an erasure that was stopped; None where there is none."""
    home = Home(settings.home)
    arm(settings.fault)
    with run_lock(home.lock, "mic erase --finish", settings.lock_wait_seconds):
        plan = planning.read(home)
        return _remove(settings, home, plan, clock()) if plan else None


def _demand_no_load(connection: duckdb.DuckDBPyConnection) -> None:
    if connection.execute(OPEN).fetchall()[0][0]:
        raise LoadOpenError("a load has begun and is not done. Run `mic nightly`, then erase.")


def _demand_none_held(connection: duckdb.DuckDBPyConnection, home: Home, persons: Sequence[str], today: date) -> None:
    held = sorted({words for person in persons for words in holds_of(connection, home, person, today)})
    if held:
        raise HeldError(
            f"this person is held ({'; '.join(held)}) and was not erased. `mic hold --lift` ends a hold; "
            f"the order of a court outranks it: --purpose {OUTRANKS}."
        )


def _remove(settings: Settings, home: Home, plan: Plan, moment: datetime) -> Erased:
    home.empty_temporary()
    for copy in home.copies:
        shutil.rmtree(copy, ignore_errors=True)
    is_noted = any(entry.get("number") == plan.number for entry in ledger.read(home.ledger) if entry["what"] == "erase")
    with open_build(settings) as connection:
        if not is_noted:
            _remove_rows(connection, home, plan, moment)
        load = Load(plan.load_seq, _known_at(connection, plan.load_seq), is_resumed=False)
    _tell(home, plan, moment)
    _rewrite_database(settings, home)
    publication.publish(settings, load)
    _remove_generations(home, plan.load_seq)
    for feed, name in plan.landed:
        _remove_landed(home.landing / feed / name)
    home.empty_temporary()
    passage("erase.done")
    home.erasing.unlink()
    return Erased(plan.number, len(plan.records), _rows(plan), len(plan.landed))


def _rows(plan: Plan) -> int:
    return sum(rows for *_, rows in plan.counts)


def _tell(home: Home, plan: Plan, moment: datetime) -> None:
    """Answers the look that asked for it, once: how much went, to nobody, under which name in the ledger."""
    if not any(told["what"] == "answer" and told["look"] == plan.look for _, told in entries(home.access_log)):
        gone = Disclosure("nobody", plan.purpose, plan.number)
        Logged(home.access_log, plan.look, lambda: moment).answered(_rows(plan), disclosure=gone)


def _remove_rows(connection: duckdb.DuckDBPyConnection, home: Home, plan: Plan, moment: datetime) -> None:
    """Takes the persons out of kept files and tables, then tells the ledger."""
    lay_out(connection, plan)
    files = [_without_rows(connection, home, feed, path) for feed, path in plan.bronze]
    files += [_without_held(connection, home, path) for path, _ in plan.quarantine]
    _forget_identity(connection, home)
    found = connection.execute(SALT).fetchall()
    connection.begin()
    delete_rows(connection)
    note(connection, plan.number, found[0][0] if found else secrets.token_hex(16), plan.counts, files)
    passage("erase.commit")
    connection.commit()
    connection.execute("CHECKPOINT build")
    _note_in_ledger(connection, home, plan, files, moment)


def _without_rows(connection: duckdb.DuckDBPyConnection, home: Home, feed: str, path: str) -> KeptFile:
    """Writes a file of bronze anew without the rows of the persons."""
    gone = f"SELECT (record_id, delivery_id) FROM gone_row WHERE feed = {quoted(feed)}"
    return _anew(connection, home, path, f"(record_id, delivery_id) NOT IN ({gone})")


def _without_held(connection: duckdb.DuckDBPyConnection, home: Home, path: str) -> KeptFile:
    gone = f"SELECT CAST(row_ordinal AS BIGINT) FROM gone_held WHERE path = {quoted(path)}"
    return _anew(connection, home, path, f"row_ordinal NOT IN ({gone})")


def _anew(connection: duckdb.DuckDBPyConnection, home: Home, path: str, stays: str) -> KeptFile:
    beside = home.temporary / "without.parquet"
    source = f"SELECT * FROM read_parquet({quoted(home.build / path)}, hive_partitioning = false) WHERE {stays}"
    connection.execute(f"COPY ({source}) TO {quoted(beside)} (FORMAT parquet)")
    return keep(home, beside, home.build / path, "erase.file")


def _forget_identity(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Takes the persons out of the ledger of identity."""
    is_own = "(person_id IN (FROM gone_person) OR observation_id IN (FROM gone_observation))"
    for path in sealing.ledger_files(home):
        source = f"read_parquet({quoted(path)})"
        if connection.execute(f"SELECT 1 FROM {source} WHERE {is_own} LIMIT 1").fetchall():
            beside = home.temporary / "identity.parquet"
            kept = f"SELECT * FROM {source} WHERE NOT coalesce({is_own}, false)"
            connection.execute(f"COPY ({kept}) TO {quoted(beside)} (FORMAT parquet)")
            sealing.keep(home, beside, path, "erase.identity")


def _known_at(connection: duckdb.DuckDBPyConnection, load_seq: int) -> datetime:
    moment: datetime = connection.execute("SELECT known_at FROM meta.load WHERE load_seq = $1", [load_seq]).fetchall()[
        0
    ][0]
    return moment


def _note_in_ledger(
    connection: duckdb.DuckDBPyConnection, home: Home, plan: Plan, files: list[KeptFile], moment: datetime
) -> None:
    stones = connection.execute(
        "SELECT salt, hash FROM intake.tombstone WHERE erasure = $1 ORDER BY ALL", [plan.number]
    )
    entry = {"what": "erase", "load": plan.load_seq, "number": plan.number, "case": plan.case, "reason": plan.reason}
    entry |= {"at": moment.isoformat(timespec="seconds"), "counts": plan.counts, "tombstones": stones.fetchall()}
    entry |= {"shared": sorted({person for person, *_ in plan.shared})}
    entry |= {"files": [[file.path, file.size, file.sha256] for file in files]}
    ledger.append(home.ledger, [entry], "erase.ledger")


def _rewrite_database(settings: Settings, home: Home) -> None:
    """Copies the database into a new file, so that the bytes of deleted rows are gone, and puts it in its place."""
    beside = home.temporary / "mic.duckdb"
    with open_build(settings) as connection:
        attach_file(connection, beside, "fresh", read_key(settings, "registry"))
        connection.execute("COPY FROM DATABASE build TO fresh")
        connection.execute("CHECKPOINT fresh")
        connection.execute("DETACH fresh")
    log_of(home.database).unlink(missing_ok=True)
    settle(beside, home.database, "erase.database")


def _remove_generations(home: Home, load_seq: int) -> None:
    """Removes older generations of the files that hold persons."""
    for path in home.generations.iterdir():
        found = NUMBERED.fullmatch(path.name)
        if found and found["name"] in MODES and found["name"] != "aggregates" and int(found["load"]) != load_seq:
            passage("erase.generation")
            log_of(path).unlink(missing_ok=True)
            path.unlink()


def _remove_landed(path: Path) -> None:
    passage("erase.landed")
    path.unlink(missing_ok=True)
    path.with_name(f"{path.name}.manifest.json").unlink(missing_ok=True)
