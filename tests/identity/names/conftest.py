"""Two names beside each other, as the scorer will compare them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pytest

from pipelines.identity.names import LEVELS, add_values, compare_values, create_dictionary, create_macros
from pipelines.identity.names.parts import KINDS, key_parts
from pipelines.storage import open_memory

Name = str | dict[str, str]
Compared = tuple[str | None, float | None]
Compare = Callable[[Name, Name], Compared]
CompareAll = Callable[[Sequence[tuple[Name, Name]]], list[Compared]]


class NamePart(NamedTuple):
    """The keys of one part: the usual ones, and all of each kind."""

    part: str
    script: str
    form: str
    root: str
    skeleton: str
    forms: list[str]
    roots: list[str]
    bones: list[str]
    sounds: list[str]
    skeletons: list[str]
    is_full: bool
    is_rendering: bool


def name_parts(*parts: str) -> list[NamePart]:
    """The keys of some parts, worked out together."""
    keyed = key_parts(pa.array(parts, pa.string()))
    every: list[dict[str, Any]] = [{f"{kind}s": [] for kind in KINDS} for _ in parts]
    for row in keyed.readings.to_pylist():
        every[row["place"]][f"{row['kind']}s"].append(row["reading"])
    rows = keyed.parts.drop_columns(["roots", "bone"]).to_pylist()
    return [NamePart(**row, **of_kinds) for row, of_kinds in zip(rows, every, strict=True)]


def name_part(part: str) -> NamePart:
    """The keys of one part, worked out alone."""
    return name_parts(part)[0]


@pytest.fixture(scope="session")
def names() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_memory() as connection:
        create_dictionary(connection, "linkage")
        create_macros(connection)
        yield connection


@pytest.fixture(scope="session")
def compare_all(names: duckdb.DuckDBPyConnection) -> CompareAll:
    """Level and mean score of each two names, a whole text each or its fields, all parts with all parts."""

    def compared(pairs: Sequence[tuple[Name, Name]]) -> list[Compared]:
        texts = [[name if isinstance(name, str) else " ".join(name.values()) for name in pair] for pair in pairs]
        names.execute(
            """CREATE OR REPLACE TEMP TABLE whole_name AS
            SELECT place, array_to_string(full_name_parts(unnest(pair)), ' ') AS native, NULL::VARCHAR AS latin
            FROM (SELECT unnest(range(len($1))) AS place, unnest($1) AS pair)""",
            [texts],
        )
        add_values(names, "linkage", "whole_name")
        names.execute(
            """CREATE OR REPLACE TEMP TABLE name_pair AS
            SELECT place, min(name_value(native, latin)) AS x, max(name_value(native, latin)) AS y
            FROM whole_name GROUP BY place"""
        )
        compare_values(names, "linkage", "(SELECT DISTINCT x, y FROM name_pair)", "compared")
        query = """SELECT name_level(worst, missing), mean FROM name_pair LEFT JOIN compared USING (x, y)
        ORDER BY place"""
        found = names.execute(query).fetchall()
        return [(None, None) if level is None else (LEVELS[level], mean) for level, mean in found]

    return compared


@pytest.fixture(scope="session")
def compare(compare_all: CompareAll) -> Compare:
    """The same of two names."""
    return lambda left, right: compare_all([(left, right)])[0]
