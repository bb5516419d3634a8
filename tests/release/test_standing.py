"""A month is told anew when its calendar says so and stands in between, so that no late record shows by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.release import protecting, standing
from pipelines.release.attacks import suite
from pipelines.release.designs import Design
from pipelines.storage import open_memory
from tests.release.released_world import KEY, write

COUNTS = Design(
    name="counts",
    dimensions=("region",),
    measure="counts",
    threshold=10,
    attacked=True,
    query="""SELECT period, region, 'stock' AS indicator, value, NULL AS lower, NULL AS upper, 'P' AS obs_status
      FROM stock""",
)
COMMUNITIES = COUNTS.model_copy(
    update={
        "name": "lives",
        "dimensions": ("community", "region"),
        "grows": "community",
        "attacked": False,
        "query": COUNTS.query.replace("region,", "'of ' || region AS community, region,"),
    }
)

NOBODY = """CREATE TABLE aggregates.released_stock_delta AS
SELECT '' AS region, '' AS district, '' AS citizenship, '' AS category, '' AS sex, '' AS age_group, '' AS indicator,
  DATE '2026-01-01' AS valid_day, 1 AS change WHERE false"""


def closed(connection: duckdb.DuckDBPyConnection, last: date) -> None:
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE closed_month AS
        SELECT CAST(first_day AS DATE) AS first_day, date_diff('month', first_day, $1) AS age
        FROM range(DATE '2024-01-01', $1 + INTERVAL 1 DAY, INTERVAL 1 MONTH) AS month(first_day)""",
        [last],
    )


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_memory() as opened:
        opened.execute("CREATE TABLE stock (period DATE, region VARCHAR, value INTEGER)")
        opened.execute("CREATE SCHEMA aggregates")
        opened.execute(NOBODY)
        yield opened


def make(connection: duckdb.DuckDBPyConnection, release: Path, design: Design = COUNTS, is_anew: bool = False) -> None:
    standing.find(connection, release, is_anew)
    protecting.protect(connection, design, KEY)
    standing.keep(connection, design, release)


@pytest.mark.parametrize(
    ("before", "after", "anew"),
    [("2026-02", "2026-03", {0, 1, 6, 17}), ("2026-02", "2026-05", {0, 1, 2, 3, 6, 7, 8, 17, 18, 19})],
)
def test_a_month_is_told_anew_after_one_six_and_seventeen_months(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, before: str, after: str, anew: set[int]
) -> None:
    closed(connection, date.fromisoformat(f"{before}-01"))
    make(connection, tmp_path)
    write(connection, tmp_path, before, COUNTS)
    closed(connection, date.fromisoformat(f"{after}-01"))
    standing.find(connection, tmp_path)
    ages = "SELECT age FROM closed_month WHERE strftime(first_day, '%Y-%m') NOT IN (FROM standing_month)"
    assert {age for (age,) in connection.execute(ages).fetchall()} == anew


def told(connection: duckdb.DuckDBPyConnection, month: str, name: str = "counts") -> list[tuple[str, int]]:
    query = f"SELECT region, value FROM released_{name} WHERE period = $1 ORDER BY region"
    return connection.execute(query, [month]).fetchall()


def late_record(connection: duckdb.DuckDBPyConnection, release: Path, design: Design = COUNTS) -> list[tuple[str, int]]:
    """Releases February, then hears late of 40 persons in January, and lets March close."""
    connection.execute("INSERT INTO stock VALUES ('2026-01-31', 'one', 60), ('2026-02-28', 'one', 60)")
    closed(connection, date(2026, 2, 1))
    make(connection, release, design)
    before = told(connection, "2026-01", design.name)
    write(connection, release, "2026-02", design)
    connection.execute("UPDATE stock SET value = 100")
    connection.execute("INSERT INTO stock VALUES ('2026-01-31', 'two', 50), ('2026-03-31', 'one', 100)")
    closed(connection, date(2026, 3, 1))
    return before


def moved(connection: duckdb.DuckDBPyConnection, release: Path, *others: Design) -> suite.Finding:
    on = suite.Attacked(connection, (COUNTS, *others), release)
    return next(one for one in suite.attack(on) if one.attack == "standing_figures_moved")


def test_a_late_record_moves_no_figure_of_a_month_that_stands(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    before = late_record(connection, tmp_path)
    make(connection, tmp_path)
    assert told(connection, "2026-01") == before
    assert told(connection, "2026-02") == told(connection, "2026-03") != before
    assert moved(connection, tmp_path) == suite.Finding("standing_figures_moved", 1, 0.0)


def test_a_release_that_tells_a_standing_month_anew_loses_to_the_attack(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    late_record(connection, tmp_path)
    standing.find(connection, tmp_path)
    protecting.protect(connection, COUNTS, KEY)
    assert not moved(connection, tmp_path).held


def test_after_an_announced_error_all_months_are_told_anew(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    before = late_record(connection, tmp_path)
    make(connection, tmp_path, is_anew=True)
    assert told(connection, "2026-01") != before


def test_a_table_that_is_new_begins_with_the_months_that_are_told_anew(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    late_record(connection, tmp_path)
    new = COUNTS.model_copy(update={"name": "others"})
    make(connection, tmp_path, new)
    assert [told(connection, month, "others") != [] for month in ("2026-01", "2026-02", "2026-03")] == [
        False,
        True,
        True,
    ]


def test_a_community_found_later_is_added_to_the_months_that_stand(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    before = late_record(connection, tmp_path, COMMUNITIES)
    make(connection, tmp_path, COMMUNITIES)
    [first, (region, _)] = told(connection, "2026-01", "lives")
    assert ([first], region) == (before, "two")
    fresh = "SELECT region, is_fresh FROM judged_lives WHERE period = '2026-01' ORDER BY ALL"
    assert connection.execute(fresh).fetchall() == [("one", False), ("two", True)], "the attacks look at what is added"


RENAMED = COMMUNITIES.model_copy(update={"query": COMMUNITIES.query.replace("'of '", "'also of '")})


def test_a_community_that_bears_another_name_now_is_not_told_again_of_a_month_that_stands(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    late_record(connection, tmp_path, COMMUNITIES)
    make(connection, tmp_path)
    make(connection, tmp_path, RENAMED)
    names = "SELECT period, community FROM released_lives WHERE region = 'one' ORDER BY ALL"
    assert connection.execute(names).fetchall() == [
        ("2026-01", "of one"),
        ("2026-02", "also of one"),
        ("2026-03", "also of one"),
    ]
    assert moved(connection, tmp_path, RENAMED).held


def test_a_release_that_tells_a_standing_month_again_by_another_name_loses_to_the_attack(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    late_record(connection, tmp_path, COMMUNITIES)
    make(connection, tmp_path)
    make(connection, tmp_path, RENAMED)
    connection.execute(
        "INSERT INTO released_lives SELECT * REPLACE ('also of one' AS community, 102 AS value) FROM released_lives "
        "WHERE period = '2026-01' AND region = 'one'"
    )
    assert moved(connection, tmp_path, RENAMED) == suite.Finding("standing_figures_moved", 1, 1.0)
