"""The build database for a command that needs it: under the lock of one writer, which waits for a running load."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipelines.settings import Settings

if TYPE_CHECKING:
    import duckdb


@contextmanager
def locked_build(settings: Settings, purpose: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build database, under the lock of one writer."""
    from pipelines.storage import Home, open_build, run_lock
    from pipelines.storage.sessions import NotPublishedYetError

    home = Home(settings.home)
    if not home.database.exists():
        raise NotPublishedYetError(f"no load has run in {settings.home} yet. Run `mic demo` or `mic nightly` first.")
    with run_lock(home.lock, purpose, settings.lock_wait_seconds), open_build(settings) as connection:
        yield connection
