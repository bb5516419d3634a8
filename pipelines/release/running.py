"""A release by itself: what `mic release` and the monthly schedule run. The night does the same as its last step."""

from __future__ import annotations

import duckdb

from pipelines.quality import RELEASE, Outcome, replace_outcomes
from pipelines.release.writing import Released, ReleaseRefusedError, Tell, release, silent
from pipelines.settings import Settings
from pipelines.storage import Home, open_build, run_lock
from pipelines.storage.loads import Load, demand_layout, last_load
from pipelines.storage.sessions import NotPublishedYetError


def release_closed_month(
    connection: duckdb.DuckDBPyConnection, settings: Settings, load: Load, tell: Tell = silent
) -> list[Outcome]:
    """Releases the last closed month where it is due; the outcome, which is also kept, says whether it was refused.

    Args:
        connection: The build database.
        settings: Where the centre lies.
        load: The load of which the release is made.
        tell: Told what is done, how much of it, and of how much.
    """
    try:
        findings = release(connection, settings, load, tell).findings
        reason = "What is released must not show a person, whatever is subtracted from whatever."
    except ReleaseRefusedError as refused:
        findings, reason = refused.findings, str(refused)
    outcomes = []
    if findings:
        lost, tried = sum(not one.held for one in findings), sum(one.tried for one in findings)
        outcomes = [
            Outcome(load.load_seq, RELEASE, "withstands_attacks", None, not lost, "warning", lost, "= 0", reason, tried)
        ]
    replace_outcomes(connection, load.load_seq, outcomes, None, about=RELEASE)
    return outcomes


def run_release(settings: Settings, tell: Tell = silent, is_anew: bool = False) -> Released:
    """Releases the last closed month under a lock of its own.

    Args:
        settings: Where the centre lies.
        tell: Told what is done, how much of it, and of how much.
        is_anew: Whether all months are told anew, after an error that was announced.

    Raises:
        LockHeldError: Another run is writing.
        NotPublishedYetError: No load is committed.
        ReleaseRefusedError: An attack succeeded; the release that stands remains.
    """
    home = Home(settings.home)
    if not home.database.exists():
        raise NotPublishedYetError(f"no load has run in {settings.home} yet. Run `mic demo` or `mic nightly` first.")
    with run_lock(home.lock, "mic release", settings.lock_wait_seconds):
        return release_last_load(settings, tell, is_anew)


def release_last_load(settings: Settings, tell: Tell = silent, is_anew: bool = False) -> Released:
    """Releases the last closed month as the last committed load knows it; does nothing where it is released.

    The caller holds the lock.

    Raises:
        NotPublishedYetError: No load is committed.
        ReleaseRefusedError: An attack succeeded; the release that stands remains.
    """
    with open_build(settings) as connection:
        demand_layout(connection)
        load_seq = last_load(connection)
        found = connection.execute("SELECT known_at FROM meta.load WHERE load_seq = $1", [load_seq]).fetchall()
        if not found:
            raise NotPublishedYetError(f"no load of {settings.home} is committed yet. Run `mic nightly` first.")
        return release(connection, settings, Load(load_seq, found[0][0], is_resumed=False), tell, is_anew)
