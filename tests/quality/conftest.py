"""A database with the tiny feed in it."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from pipelines.storage import open_memory
from tests.quality.judged_world import build_world


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Attached and in use as the build database is, so that a cursor must find its way there."""
    with open_memory() as connection:
        connection.execute("ATTACH ':memory:' AS build; USE build")
        build_world(connection)
        yield connection
