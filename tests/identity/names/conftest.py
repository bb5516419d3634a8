"""Two names beside each other, as the scorer will compare them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import duckdb
import pytest

from pipelines.identity.names import LEVELS, add_values, compare_values, create_dictionary, create_macros
from pipelines.storage import open_memory

Name = str | dict[str, str]
Compare = Callable[[Name, Name], tuple[str | None, float | None]]


@pytest.fixture(scope="session")
def names() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_memory() as connection:
        create_dictionary(connection, "linkage")
        create_macros(connection)
        yield connection


@pytest.fixture(scope="session")
def compare(names: duckdb.DuckDBPyConnection) -> Compare:
    """Level and mean score of two names, each a whole text or its fields, all parts with all parts."""

    def compared(left: Name, right: Name) -> tuple[str | None, float | None]:
        texts = [name if isinstance(name, str) else " ".join(name.values()) for name in (left, right)]
        names.execute(
            """CREATE OR REPLACE TEMP TABLE whole_name AS
            SELECT array_to_string(full_name_parts(unnest($1)), ' ') AS native, NULL::VARCHAR AS latin""",
            [texts],
        )
        add_values(names, "linkage", "whole_name")
        names.execute(
            """CREATE OR REPLACE TEMP TABLE name_pair AS
            SELECT min(name_value(native, latin)) AS x, max(name_value(native, latin)) AS y FROM whole_name"""
        )
        compare_values(names, "linkage", "name_pair", "compared")
        found = names.execute("SELECT name_level(worst, missing), mean FROM compared").fetchone()
        if not found or found[0] is None:
            return None, None
        return LEVELS[found[0]], found[1]

    return compared
