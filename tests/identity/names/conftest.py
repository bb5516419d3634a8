"""Two names beside each other, as the scorer will compare them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import duckdb
import pytest

from pipelines.identity.names import FIELDS, LEVELS, add_parts, create_dictionary, create_macros, name_keys
from pipelines.storage import open_memory

Name = str | dict[str, str]
Compare = Callable[[Name, Name], tuple[str | None, float | None]]


@pytest.fixture(scope="session")
def names() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_memory() as connection:
        create_dictionary(connection, "name_part")
        create_macros(connection)
        yield connection


@pytest.fixture(scope="session")
def compare(names: duckdb.DuckDBPyConnection) -> Compare:
    """Level and score of two names, each a whole text or its fields."""

    def compared(left: Name, right: Name) -> tuple[str | None, float | None]:
        rows = [{"full_name": name} if isinstance(name, str) else name for name in (left, right)]
        columns = ", ".join(f"{field} VARCHAR" for field in FIELDS)
        names.execute(f"CREATE OR REPLACE TEMP TABLE pair (name_id INTEGER, {columns})")
        names.executemany(
            "INSERT INTO pair VALUES (?, ?, ?, ?, ?)",
            [[number, *(row.get(field) for field in FIELDS)] for number, row in enumerate(rows)],
        )
        add_parts(names, "name_part", "pair")
        found = names.execute(
            f"""WITH k AS ({name_keys("name_part", "pair")})
            SELECT name_level(a.parts, b.parts, a.letters = b.letters),
              name_score(a.parts, b.parts, a.letters = b.letters)
            FROM k AS a, k AS b WHERE a.name_id = 0 AND b.name_id = 1"""
        ).fetchone()
        if not found or found[0] is None:
            return None, None
        return LEVELS[found[0]], found[1]

    return compared
