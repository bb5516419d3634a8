"""Making the registry again from bronze and ledger, load by load.

A rebuild takes nothing from landing and nothing from the old database: the ledger says which deliveries each load
accepted, bronze and quarantine hold their rows, the identity ledger holds the persons' ids. The steps are those of a
night, with the moments that the loads stood for, so history and known times come out as they were.
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from pipelines import modelling, nightly, presence, quality
from pipelines.contracts import load_contracts
from pipelines.erasure.rows import note_counts
from pipelines.identity.adopting import bring_adopted
from pipelines.identity.sealing import ledger_path
from pipelines.intake import Intake
from pipelines.intake.tables import create_tables, refresh_raw
from pipelines.intake.verdicts import Verdict, note_files, write_verdicts
from pipelines.overview import whole_entries
from pipelines.publication.file import log_of
from pipelines.replayed_files import CannotRebuildError, Kept, link, point_at_compacted
from pipelines.settings import KEY_NAMES, Settings
from pipelines.storage import Home, ledger, open_build, read_key, run_lock
from pipelines.storage.database import ZONE
from pipelines.storage.faults import arm, passage
from pipelines.storage.files import settle
from pipelines.storage.loads import Load, commit_load

Entry = dict[str, Any]
OWN_MEMBERS = ("what", "load", "drift", "bronze", "quarantine", "erased")


class NoSuchLoadError(Exception):
    """A load that is to be replayed was never committed; the message says which there are."""


def rebuild(settings: Settings, as_of: int, into: Path, progress: nightly.Progress = nightly.silent) -> Settings:
    """Replays loads 1 to `as_of` of a home into another one and publishes the last.

    Args:
        settings: The home to replay.
        as_of: The last load to replay.
        into: A new or empty folder for the rebuilt home.
        progress: Told each load and step.

    Returns:
        Settings of the rebuilt home, with the keys of the first.

    Raises:
        NoSuchLoadError: There is no load `as_of`.
        CannotRebuildError: Another load, a file or an empty folder is missing.
    """
    loads = read_loads(Home(settings.home), as_of)
    if into.exists() and any(into.iterdir()):
        raise CannotRebuildError(f"{into} is not empty: name a new folder with --into, or remove it first.")
    keys = {name: read_key(settings, name) for name in KEY_NAMES}
    fresh = replace(settings, home=into.absolute(), keys=keys, fault="")
    home = Home(fresh.home)
    home.prepare()
    bring_adopted(Home(settings.home), home, as_of)
    presence.bring_adopted(Home(settings.home), home, as_of)
    with run_lock(home.lock, "mic rebuild"):
        _register_erasures(fresh, Home(settings.home), as_of)
        for load_seq, entries in loads.items():
            progress("replay", load_seq, as_of)
            load, outcomes = _replay_load(Kept(Home(settings.home), home), fresh, load_seq, entries, progress)
            if load_seq == as_of:
                nightly.publish(fresh, load, outcomes)
                break
            with open_build(fresh) as connection:
                commit_load(connection, home, load)
    return fresh


def replace_database(settings: Settings, progress: nightly.Progress = nightly.silent) -> int:
    """Makes the build database anew from bronze and ledger and puts it in the place of the one that stands.

    Published files stay as they are until the next night. A load that was open stays open, with what it took in.

    Returns:
        The last committed load.

    Raises:
        CannotRebuildError: A load or a file is missing.
        LockHeldError: Another run is writing.
    """
    home = Home(settings.home)
    beside = home.rebuilt
    with run_lock(home.lock, "mic rebuild --replace", settings.lock_wait_seconds):
        shutil.rmtree(beside, ignore_errors=True)
        entries = whole_entries(home.ledger)
        last = max((entry["load"] for entry in entries if entry["what"] == "load"), default=0)
        fresh = rebuild(settings, last, beside, progress)
        _take_up_open(home, fresh, [entry for entry in entries if entry["load"] > last])
        with open_build(fresh) as connection:
            point_at_compacted(connection, entries)
            connection.execute("CHECKPOINT build")
        arm(settings.fault)  # the loads that were made anew have disarmed it
        log_of(home.database).unlink(missing_ok=True)
        settle(Home(fresh.home).database, home.database, "rebuild.replace")
        passage("rebuild.done")
        with open_build(settings) as connection:
            refresh_raw(connection, home, load_contracts(settings.sources).values())
        shutil.rmtree(beside)
    return last


def _take_up_open(old: Home, fresh: Settings, entries: list[Entry]) -> None:
    """Lets the rebuilt home have what an open load had taken in when it stopped."""
    if not entries:
        return
    load = nightly.begin(fresh, lambda: datetime.now(UTC))
    with open_build(fresh) as connection:
        register(connection, Kept(old, Home(fresh.home)), load.load_seq, entries)


def read_loads(home: Home, as_of: int) -> dict[int, list[Entry]]:
    """The entries of each load from 1 to `as_of`, in the order in which they were written.

    Raises:
        NoSuchLoadError: The ledger has no load `as_of`.
        CannotRebuildError: The ledger lacks one before it.
    """
    loads: dict[int, list[Entry]] = {}
    for entry in whole_entries(home.ledger):
        loads.setdefault(entry["load"], []).append(entry)
    committed = {seq for seq, entries in loads.items() if any(entry["what"] == "load" for entry in entries)}
    missing = [seq for seq in range(1, as_of + 1) if seq not in committed]
    if as_of not in committed:
        known = f"it has loads 1 to {max(committed)}. Choose one of these" if committed else "it has no committed load"
        raise NoSuchLoadError(f"the ledger cannot be replayed to load {as_of}: {known}.")
    if missing:
        raise CannotRebuildError(f"the ledger cannot be replayed to load {as_of}: it lacks load {missing[0]}.")
    return {seq: loads[seq] for seq in range(1, as_of + 1)}


def underivable(home: Home, as_of: int) -> Counter[str]:
    """Records of each feed that loads 1 to `as_of` took in and that were erased since: nothing counts them again."""
    lost: Counter[str] = Counter()
    for entry in whole_entries(home.ledger):
        if entry["load"] <= as_of and entry.get("erased"):
            lost[entry["feed"]] += entry["erased"]
    return lost


def known_at(entries: list[Entry]) -> datetime:
    """The moment that a load stands for."""
    return datetime.fromisoformat(next(entry["known_at"] for entry in entries if entry["what"] == "load"))


def _replay_load(
    kept: Kept, fresh: Settings, load_seq: int, entries: list[Entry], progress: nightly.Progress
) -> tuple[Load, list[quality.Outcome]]:
    home = Home(fresh.home)
    moment = known_at(entries)
    load = nightly.begin(fresh, lambda: moment)
    link(ledger_path(kept.old, load_seq), ledger_path(home, load_seq))
    with open_build(fresh) as connection:
        contracts = load_contracts(fresh.sources)
        today = moment.astimezone(ZoneInfo(ZONE)).date()
        register(connection, kept, load.load_seq, entries)
        Intake(connection, home, contracts, load.load_seq, today).settle()
        quality.refresh_freshness(connection, contracts, today)
    outcomes = nightly.judge(fresh, load)
    nightly.model(fresh, load, modelling.BEFORE_LINKING, progress)
    nightly.link(fresh, load)
    nightly.model(fresh, load, modelling.AFTER_LINKING, progress)
    return load, outcomes + nightly.judge_registry(fresh, load)


def register(connection: duckdb.DuckDBPyConnection, kept: Kept, load_seq: int, entries: list[Entry]) -> None:
    """Gives a load the verdicts that the ledger says, and the rows that bronze and quarantine hold."""
    verdicts = [_verdict(connection, kept, load_seq, entry) for entry in entries if entry["what"] == "delivery"]
    write_verdicts(connection, kept.home, load_seq, verdicts)
    for entry in entries:
        if entry["what"] == "replay":
            _register_replay(connection, kept, entry)


def _verdict(connection: duckdb.DuckDBPyConnection, kept: Kept, load_seq: int, entry: Entry) -> Verdict:
    row = {name: value for name, value in entry.items() if name not in OWN_MEMBERS}
    if row["state"] != "accepted":
        return Verdict(row)
    verdict = Verdict(row, drift=[tuple(found) for found in entry.get("drift", [])])
    if row["rows_accepted"]:
        verdict.bronze = kept.bring_bronze(
            connection, entry, row["delivery_id"], row["rows_accepted"] - entry.get("erased", 0)
        )
    if row["rows_quarantined"]:
        verdict.quarantine = kept.bring_quarantine(entry)
    return verdict


def _register_erasures(fresh: Settings, old: Home, as_of: int) -> None:
    """Says first what was erased, whenever that was: the rows are in no kept file any more, and shall not come back.

    The files that an erasure wrote anew are as the other entries say by now.
    """
    home = Home(fresh.home)
    erasures = [entry for entry in whole_entries(old.ledger) if entry["what"] == "erase"]
    with open_build(fresh) as connection:
        create_tables(connection)
        for entry in erasures:
            counts = [count for count in entry["counts"] if count[2] <= as_of]
            for salt, stone in entry["tombstones"]:
                connection.execute("INSERT INTO intake.tombstone VALUES ($1, $2, $3)", [entry["number"], salt, stone])
            note_counts(connection, entry["number"], counts)
            said = {"load": min(entry["load"], as_of), "counts": counts, "files": []}
            ledger.append(home.ledger, [entry | said], "ledger")


def _register_replay(connection: duckdb.DuckDBPyConnection, kept: Kept, entry: Entry) -> None:
    file = kept.bring_bronze(
        connection, entry, f"{entry['delivery_id']}.replay", len(entry["rows"]) - entry.get("erased", 0)
    )
    note_files(connection, "bronze", entry["load"], [(entry, file)])
    connection.execute(
        "UPDATE intake.quarantine SET replayed_in = $1 WHERE delivery_id = $2 AND list_contains($3, row_ordinal)",
        [entry["load"], entry["delivery_id"], entry["rows"]],
    )
    connection.execute(
        """UPDATE intake.delivery SET rows_accepted = rows_accepted + $1, rows_quarantined = rows_quarantined - $1,
        replayed_in = list_append(coalesce(replayed_in, []), $2) WHERE delivery_id = $3 AND state = 'accepted'""",
        [len(entry["rows"]), entry["load"], entry["delivery_id"]],
    )
    ledger.append(kept.home.ledger, [entry], "ledger")
