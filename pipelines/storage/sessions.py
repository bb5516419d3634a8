"""Sessions that read a published file and can do nothing else.

A session holds the generation that it opened: it neither waits for a running load nor disturbs it. It reads no other
file, writes none, and spills nothing to the disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.settings import Settings
from pipelines.storage.database import attach_file, open_memory, published_file


class NotPublishedYetError(Exception):
    """There is no published file of that name."""


@contextmanager
def open_published(settings: Settings, name: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A locked-down connection to a published file, with it in use.

    Args:
        settings: Where the centre lies and which keys it has.
        name: `aggregates`, `analysis`, `restricted` or `asylum`.

    Raises:
        NotPublishedYetError: No load has been published.
        KeyMissingError: The file is encrypted and its key is not there.
    """
    _must_be_there(settings.home / f"{name}.duckdb")
    path, key = published_file(settings, name)
    with open_generation(settings, path, key) as connection:
        yield connection


@contextmanager
def open_generation(settings: Settings, path: Path, key: str | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A locked-down connection to one generation's file, with it in use.

    Raises:
        NotPublishedYetError: The file is not there.
    """
    _must_be_there(path)
    with open_memory() as connection:
        attach_file(connection, path, "published", key, read_only=True)
        connection.execute("USE published")
        connection.execute("SET temp_directory = ''")
        connection.execute(f"SET threads = {settings.threads}")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection


def _must_be_there(path: Path) -> None:
    """Asked before any key: a home in which nothing was published yet, or a wrong `MIC_HOME`, lacks no key."""
    if not path.exists():
        raise NotPublishedYetError(
            f"there is no {path}: nothing is published yet, or MIC_HOME names another folder. Run `mic demo` or "
            "`mic nightly`."
        )
