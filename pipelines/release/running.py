"""A release by itself: what `mic release` and the monthly schedule run. The night does the same as its last step."""

from __future__ import annotations

from pipelines import identity
from pipelines.release.writing import Released, release
from pipelines.settings import Settings
from pipelines.storage import Home, open_build, run_lock
from pipelines.storage.loads import Load, demand_layout, last_load
from pipelines.storage.sessions import NotPublishedYetError


def run_release(settings: Settings) -> Released:
    """Releases the last closed month under a lock of its own.

    Raises:
        LockHeldError: Another run is writing.
        NotPublishedYetError: No load is committed.
        ReleaseRefusedError: An attack succeeded; the release that stands remains.
    """
    home = Home(settings.home)
    if not home.database.exists():
        raise NotPublishedYetError(f"no load has run in {settings.home} yet. Run `mic demo` or `mic nightly` first.")
    with run_lock(home.lock, "mic release", settings.lock_wait_seconds):
        return release_last_load(settings)


def release_last_load(settings: Settings) -> Released:
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
        identity.estimate(connection, load_seq, identity.model_of(Home(settings.home), load_seq))
        return release(connection, settings, Load(load_seq, found[0][0], is_resumed=False))
