"""The order of the queue, on a restricted file laid by hand with the columns that linkage by likeness publishes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from pipelines.identity.tables import create_tables
from pipelines.stewardship import compared, pending, side_by_side
from pipelines.stewardship.queue import FIELDS
from pipelines.storage import open_memory

TABLES = f"""
CREATE SCHEMA registry; CREATE SCHEMA meta;
CREATE TABLE meta.release AS SELECT DATE '2026-03-01' AS as_of;
CREATE TABLE registry.identity (person_id VARCHAR, observation_id UBIGINT, {", ".join(f"{f} VARCHAR" for f in FIELDS)});
CREATE TABLE registry.stay (person_id VARCHAR, ended_on DATE, departed_on DATE);
CREATE TABLE registry.legal_status (person_id VARCHAR, valid_from DATE, valid_to DATE);
CREATE TABLE registry.enforcement_case (person_id VARCHAR, ban_until DATE);
CREATE TABLE registry.identity_link (left_person_id VARCHAR, right_person_id VARCHAR, colour VARCHAR,
  probability DOUBLE, decided_by VARCHAR, decided_at TIMESTAMPTZ, reason VARCHAR);
CREATE TABLE registry.link_evidence (left_observation_id UBIGINT, right_observation_id UBIGINT, evidence VARCHAR,
  weight DOUBLE, known_from_seq INTEGER, known_to_seq INTEGER);
INSERT INTO registry.identity BY NAME SELECT unnest(['a', 'b', 'c', 'd', 'e', 'e']) AS person_id,
  unnest(range(1, 7)) AS observation_id, unnest(['ASAN', 'Асан', 'X', 'Y', 'Z', 'ZZ']) AS surname;
"""


@pytest.fixture
def restricted() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_memory() as connection:
        connection.execute(TABLES)
        yield connection


def ranking(restricted: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    keys = ("kind", "harm", "left_person_id", "right_person_id", "facts")
    return [tuple(row[key] for key in keys) for row in pending(restricted, 20)]


def test_harm_is_the_chance_of_being_wrong_times_what_stands_on_it(restricted: duckdb.DuckDBPyConnection) -> None:
    restricted.execute(
        """INSERT INTO registry.identity_link (left_person_id, right_person_id, colour, probability)
        VALUES ('a', 'b', 'yellow', 0.5), ('c', 'd', 'yellow', 0.8), ('a', 'c', 'green', 0.9), ('a', 'd', 'white', 1);
        INSERT INTO registry.stay VALUES ('a', NULL, NULL), ('a', '2026-01-01', NULL), ('b', NULL, '2026-02-01');
        INSERT INTO registry.legal_status VALUES ('b', '2026-01-01', '2027-01-01'), ('b', '2025-01-01', '2026-03-01'),
          ('b', '2026-04-01', NULL);
        INSERT INTO registry.enforcement_case VALUES ('b', '2026-03-01'), ('b', '2026-02-28'), ('c', NULL)"""
    )
    assert ranking(restricted) == [("apart", 2.0, "a", "b", 3), ("apart", 0.8, "c", "d", 0)]


def test_a_doubtful_merge_weighs_the_other_way_round(restricted: duckdb.DuckDBPyConnection) -> None:
    restricted.execute("INSERT INTO registry.link_evidence VALUES (5, 6, 'likeness', 1.0, 1, NULL)")
    restricted.execute("INSERT INTO registry.stay VALUES ('e', NULL, NULL)")
    assert ranking(restricted) == [("joined", 0.667, "e", "e", 1)]
    (row,) = pending(restricted, 20)
    assert (row["probability"], row["left_names"], row["right_names"]) == (0.667, "Z", "ZZ")


@pytest.mark.parametrize(
    "settled",
    [
        "UPDATE registry.link_evidence SET weight = 12",
        "UPDATE registry.link_evidence SET evidence = 'document'",
        "INSERT INTO registry.link_evidence VALUES (5, 6, 'steward', NULL, 2, NULL)",
    ],
)
def test_a_merge_that_is_sure_or_confirmed_wants_no_look(settled: str, restricted: duckdb.DuckDBPyConnection) -> None:
    restricted.execute("INSERT INTO registry.link_evidence VALUES (5, 6, 'likeness', 1.0, 1, NULL)")
    restricted.execute(settled)
    assert ranking(restricted) == []


def test_the_queue_is_cut_at_its_end(restricted: duckdb.DuckDBPyConnection) -> None:
    restricted.execute(
        """INSERT INTO registry.identity_link (left_person_id, right_person_id, colour, probability)
        VALUES ('a', 'b', 'yellow', 0.5), ('c', 'd', 'yellow', 0.8)"""
    )
    assert [row["left_person_id"] for row in pending(restricted, 1)] == ["c"]


def test_two_persons_stand_side_by_side(restricted: duckdb.DuckDBPyConnection) -> None:
    assert side_by_side(restricted, "a", "e") == [{"field": "surname", "left": ["ASAN"], "right": ["Z", "ZZ"]}]


def test_the_best_pair_of_spellings_tells_how_fields_compare() -> None:
    with open_memory() as build:
        create_tables(build)
        build.execute(
            """INSERT INTO linkage.person_observation VALUES (1, 'a', 1, NULL), (2, 'b', 1, NULL), (3, 'b', 1, NULL);
            INSERT INTO linkage.pair BY NAME SELECT 1 AS left_observation_id, 2 AS right_observation_id, 4.5 AS weight,
              2 AS surname, 3 AS birth UNION ALL SELECT 3, 1, 7.25, 5, 3"""
        )
        for left, right in (("a", "b"), ("b", "a")):
            weight, levels = compared(build, left, right) or (0, {})
            assert weight == 7.25
            assert (levels["surname"], levels["birth"]) == (5, 3)
        assert compared(build, "a", "c") is None
