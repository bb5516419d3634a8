"""The stock of a few days beside a truth that can be counted by hand."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from pipelines.benchmarks.processes import Measure
from pipelines.benchmarks.stocks import judge_stocks
from pipelines.storage import open_memory

FIRST, LAST = date(2026, 1, 1), date(2026, 7, 19)
# Persons by the region where they live and whether they have a stay.
LIVE = [*[("710000000", True)] * 100, *[("750000000", True)] * 50, *[("750000000", False)] * 2]
# What the centre counts each day, with the variance of it.
TOLD = [("710000000", 98.0, 4.0), ("750000000", 50.0, 0.0), ("_U", 4.0, 0.0)]
LONG = "from day 180 on"


@pytest.fixture
def found() -> dict[tuple[str, str, str, str], Measure]:
    """The measures by way of counting, place, truth and span of days."""
    with open_memory() as connection:
        _lay_out(connection)
        rows = judge_stocks(connection)
    return {(str(row["stock"]), str(row["by"]), str(row["of"]), str(row["days"])): row for row in rows}


def _lay_out(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE SCHEMA registry; CREATE SCHEMA statistics; CREATE SCHEMA quality")
    connection.execute("CREATE TABLE registry.validity_only (person_id VARCHAR, valid_to DATE)")
    connection.execute(
        "CREATE TABLE true_stay (person_id VARCHAR, region VARCHAR, first_day DATE, gone_on DATE, has_stay BOOLEAN)"
    )
    connection.execute(
        """CREATE TABLE statistics.stock_daily AS
        SELECT CAST(day AS DATE) AS period, region, indicator, value, value - 1 AS lower, value + 1 AS upper, variance
        FROM generate_series(CAST($first AS TIMESTAMP), CAST($last AS TIMESTAMP), INTERVAL 1 DAY) AS days (day),
          (SELECT unnest($told, recursive := true)), unnest(['stock', 'present_confirmed']) AS told (indicator)""",
        {
            "first": FIRST,
            "last": LAST,
            "told": [{"region": region, "value": value, "variance": variance} for region, value, variance in TOLD],
        },
    )
    connection.execute(
        """CREATE TABLE quality.stock_nowcast AS
        SELECT CAST($1 AS DATE) AS period, 152.0 AS expected, 151.0 AS lower, 153.0 AS upper""",
        [LAST],
    )
    for number, (region, has_stay) in enumerate(LIVE):
        connection.execute(
            "INSERT INTO true_stay VALUES ($1, $2, $3, DATE '9999-12-31', $4)", [str(number), region, FIRST, has_stay]
        )


def test_the_state_is_told_beside_everybody_and_those_known(found: dict[tuple[str, str, str, str], Measure]) -> None:
    """All 152 are counted, of whom two have neither a stay nor a paper."""
    everybody = found["expected", "state", "everybody", LONG]
    assert (everybody["truth"], everybody["bias_percent"], everybody["days_within"]) == (152, 0, 1)
    known = found["expected", "state", "persons with a stay or a paper", LONG]
    assert (known["truth"], known["days_within"], known["within_bounds"]) == (150, 0, 1)


def test_a_region_is_told_of_those_who_have_a_place(found: dict[tuple[str, str, str, str], Measure]) -> None:
    """Four of a hundred have no place, and 98 are counted; with the four shared out there are too many."""
    known = found["expected", "region", "persons with a stay or a paper", LONG]
    shared = found["unplaced shared out", "region", "persons with a stay or a paper", LONG]
    assert (known["truth"], known["worst_percent"], known["bias_percent"]) == (75, 2, -1.3333)
    assert (shared["worst_percent"], shared["bias_percent"]) == (2.7027, 1.3333)


def test_chance_alone_is_told_by_the_variance(found: dict[tuple[str, str, str, str], Measure]) -> None:
    """Within 1 % of 152, 1.52 persons, a number whose standard error is two lies 55 times of a hundred."""
    assert found["expected", "state", "everybody", LONG]["days_within_by_chance"] == pytest.approx(0.553, abs=0.001)


def test_the_first_half_year_is_told_apart(found: dict[tuple[str, str, str, str], Measure]) -> None:
    """The days before the 180th have rows of their own."""
    assert found["expected", "state", "everybody", "until day 180"]["days_within"] == 1
