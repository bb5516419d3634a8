"""Measures of clusters beside a truth: by hand, by counting every pair, and by laws that must hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.identity.measuring import GroupQuality, measure, measure_groups, most_error
from pipelines.storage import open_memory


@dataclass(frozen=True)
class Seen:
    """One observation: its person in truth, and the cluster that it was put into."""

    person: int
    cluster: int
    script: str = "Cyrl"
    citizenship: str = "UZB"
    is_twin: bool = False


# Person 1 is seen three times, person 2 twice; 1's third and 2's first observation are joined.
CASE = [
    Seen(1, 10),
    Seen(1, 10, script="Latn"),
    Seen(1, 20),
    Seen(2, 20, script="Latn", citizenship="CHN", is_twin=True),
    Seen(2, 30, script="Latn", citizenship="CHN", is_twin=True),
]


def fill(connection: duckdb.DuckDBPyConnection, seen: list[Seen]) -> None:
    numbers = pa.array(range(len(seen)), pa.uint64())
    truth = {
        "observation_id": numbers,
        "person": pa.array([one.person for one in seen]),
        "script": pa.array([one.script for one in seen]),
        "citizenship_group": pa.array([one.citizenship for one in seen]),
        "sex": pa.array(["F"] * len(seen)),
        "is_twin": pa.array([one.is_twin for one in seen]),
    }
    clusters = {"observation_id": numbers, "cluster": pa.array([one.cluster for one in seen])}
    for table, columns in (("truth", truth), ("cluster", clusters)):
        connection.register("given", pa.table(columns))
        connection.execute(f"CREATE OR REPLACE TABLE {table} AS FROM given")
        connection.unregister("given")


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_memory() as opened:
        fill(opened, CASE)
        yield opened


@pytest.fixture(scope="module")
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_memory() as opened:
        yield opened


def groups(connection: duckdb.DuckDBPyConnection, fewest: int = 1) -> dict[tuple[str, str], GroupQuality]:
    return {(found.kind, found.group): found for found in measure_groups(connection, fewest=fewest)}


def test_pairs_are_counted_as_by_hand(connection: duckdb.DuckDBPyConnection) -> None:
    found = measure(connection)
    assert (found.precision, found.recall) == (1 / 2, 1 / 4)
    assert found.f1 == pytest.approx(1 / 3)


def test_b_cubed_is_as_by_hand(connection: duckdb.DuckDBPyConnection) -> None:
    found = measure(connection)
    assert found.bcubed_precision == pytest.approx((1 + 1 + 1 / 2 + 1 / 2 + 1) / 5)
    assert found.bcubed_recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 / 2 + 1 / 2) / 5)


def test_a_cluster_of_two_persons_is_one_wrong_merge(connection: duckdb.DuckDBPyConnection) -> None:
    found = measure(connection)
    assert (found.persons, found.clusters, found.wrong_merges) == (2, 3, 50_000)


def test_one_of_two_twin_observations_stands_in_a_wrong_merge(connection: duckdb.DuckDBPyConnection) -> None:
    assert measure(connection).twins_merged == 0.5


def test_pairs_of_scripts_are_counted_as_by_hand(connection: duckdb.DuckDBPyConnection) -> None:
    found = groups(connection)
    across = found["scripts", "Cyrl Latn"]
    assert (across.precision, across.recall) == (1 / 2, 1 / 2)
    assert found["scripts", "Cyrl Cyrl"].recall == found["scripts", "Latn Latn"].recall == 0


def test_a_wrong_pair_counts_against_both_of_its_groups(connection: duckdb.DuckDBPyConnection) -> None:
    found = groups(connection)
    assert found["citizenship", "UZB"].precision == pytest.approx(2 / 3)
    assert found["citizenship", "CHN"].precision == 0


def test_small_groups_are_pooled(connection: duckdb.DuckDBPyConnection) -> None:
    assert {group for kind, group in groups(connection, fewest=2) if kind == "citizenship"} == {"others"}
    pooled = groups(connection, fewest=2)["citizenship", "others"]
    assert (pooled.persons, pooled.f1) == (2, measure(connection).f1)


def test_clusters_of_other_observations_are_refused(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("DELETE FROM cluster WHERE observation_id = 0")
    with pytest.raises(ValueError, match="the same observations"):
        measure(connection)


def test_three_thousand_links_without_error_leave_an_error_of_a_thousandth() -> None:
    assert most_error(3_000) == pytest.approx(1 - 0.05 ** (1 / 3_000))
    assert most_error(3_000) < 0.001 < most_error(2_000)
    assert most_error(0) == most_error(5, wrong=5) == 1
    assert most_error(3_000, wrong=1) > most_error(3_000)


seen_lists = st.lists(
    st.builds(
        Seen,
        person=st.integers(1, 5),
        cluster=st.integers(1, 6),
        script=st.sampled_from(["Cyrl", "Latn", "Arab"]),
    ),
    min_size=1,
    max_size=14,
)


def by_every_pair(seen: list[Seen]) -> tuple[float, float]:
    pairs = list(combinations(seen, 2))
    joined = [pair for pair in pairs if pair[0].cluster == pair[1].cluster]
    same = [pair for pair in pairs if pair[0].person == pair[1].person]
    right = sum(pair[0].person == pair[1].person for pair in joined)
    return right / len(joined) if joined else 1.0, right / len(same) if same else 1.0


@settings(max_examples=20, deadline=None, derandomize=True)
@given(seen_lists)
def test_counts_equal_those_over_every_pair(empty: duckdb.DuckDBPyConnection, seen: list[Seen]) -> None:
    fill(empty, seen)
    found = measure(empty)
    assert (found.precision, found.recall) == pytest.approx(by_every_pair(seen))
    for group in measure_groups(empty, fewest=1):
        assert 0 <= group.f1_least <= group.f1 + 1e-12
        if group.kind == "scripts":
            one, other = group.group.split(" ")
            kept = [pair for pair in combinations(seen, 2) if sorted(part.script for part in pair) == [one, other]]
            joined = [pair for pair in kept if pair[0].cluster == pair[1].cluster]
            right = sum(pair[0].person == pair[1].person for pair in joined)
            assert group.precision == pytest.approx(right / len(joined) if joined else 1.0)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seen_lists, st.permutations(range(1, 7)))
def test_names_of_clusters_do_not_matter(empty: duckdb.DuckDBPyConnection, seen: list[Seen], names: list[int]) -> None:
    fill(empty, seen)
    before = measure(empty), measure_groups(empty, fewest=1)
    fill(empty, [Seen(one.person, names[one.cluster - 1] + 100, one.script) for one in seen])
    assert (measure(empty), measure_groups(empty, fewest=1)) == before


@settings(max_examples=12, deadline=None, derandomize=True)
@given(seen_lists)
def test_true_clusters_are_perfect(empty: duckdb.DuckDBPyConnection, seen: list[Seen]) -> None:
    fill(empty, [Seen(one.person, one.person, one.script, is_twin=True) for one in seen])
    found = measure(empty)
    assert (found.f1, found.bcubed_f1, found.wrong_merges, found.twins_merged) == (1, 1, 0, 0)
    assert {group.f1 for group in measure_groups(empty, fewest=1)} == {1}
