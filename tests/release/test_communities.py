"""Communities as the public sees them: by the quarter, and shares of perturbed counts alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import duckdb
import pytest

from pipelines.release import protecting, standing
from pipelines.release.attacks import protected, shares, suite
from pipelines.release.designs import designs
from pipelines.release.writing import ReleaseRefusedError, demand_withstood
from pipelines.storage import open_memory
from tests.release.released_world import KEY, NOWHERE, write

FORMED, DISSOLVED = "DATE '2026-02-28'", "DATE '2026-11-30'"
# 120 of 121 persons of a district, a tenth of the state; 4 of 5 of the state's group are there.
WORLD = f"""
CREATE TEMP TABLE closed_month AS
SELECT CAST(first_day AS DATE) AS first_day, date_diff('month', first_day, DATE '2026-12-01') AS age
FROM range(DATE '2026-01-01', DATE '2027-01-01', INTERVAL 1 MONTH) AS month(first_day);
CREATE TEMP TABLE month_stock AS
SELECT last_day(first_day) AS period, 'region_citizenship' AS cube, 'stock' AS indicator, '350000000' AS region,
  'UZB' AS citizenship, 180 AS value, 180 AS lower, 180 AS upper, 0 AS variance FROM closed_month;
CREATE TEMP TABLE month_protected AS
SELECT strftime(first_day, '%Y-%m') AS period, 'refugee' AS protected, '350000000' AS region, '_U' AS district,
  'UZB' AS citizenship, 'foreigner' AS category, 'F' AS sex, '_U' AS age_group, 20 AS persons
FROM closed_month;
CREATE SCHEMA aggregates; CREATE SCHEMA intermediate;
CREATE TABLE intermediate.community_cell AS
SELECT last_day(first_day) AS period, '350000000' AS region, '351000000' AS district, 'citizenship' AS basis,
  'UZB' AS basis_value, 120 AS persons, 40 AS hosts, 121 AS place_persons, 150 AS group_persons, 1210 AS all_persons,
  7.0 AS lower FROM closed_month;
CREATE TABLE aggregates.released_community_history AS
SELECT period, 'one' AS community_id, basis, basis_value, region, district, {FORMED} AS formed_on,
  {DISSOLVED} AS dissolved_on, period = DATE '1900-01-01' AS stood_before,
  unnest(['size', 'hosts', 'share', 'location_quotient']) AS indicator, NULL::INTEGER AS known_to_seq, 'P' AS obs_status
FROM intermediate.community_cell WHERE period >= {FORMED} AND period < {DISSOLVED}"""


REGION = "stock_region_citizenship"
MADE_OF = (REGION, "composition", "representation", "community")


@pytest.fixture
def world() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_memory() as connection:
        connection.execute(WORLD)
        yield connection


def release(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Figures of April, by indicator."""
    for design in designs():
        if design.name in MADE_OF:
            protecting.protect(connection, design, KEY)
    return dict(
        connection.execute(
            "SELECT indicator, value FROM released_community WHERE period = '2026-04' UNION ALL "
            "SELECT indicator || ' ' || basis_value, value FROM released_composition WHERE period = '2026-04' "
            "AND district = '351000000'"
        ).fetchall()
    )


def months(connection: duckdb.DuckDBPyConnection) -> list[str]:
    release(connection)
    found = connection.execute("SELECT DISTINCT period FROM released_community ORDER BY 1").fetchall()
    return [month for (month,) in found]


def test_when_a_community_formed_and_dissolved_is_told_by_the_quarter(world: duckdb.DuckDBPyConnection) -> None:
    """It formed in February and dissolved in November."""
    assert months(world) == [f"2026-{month:02d}" for month in range(3, 10)]


def test_one_that_stood_before_is_told_from_the_first_month_on(world: duckdb.DuckDBPyConnection) -> None:
    world.execute("UPDATE aggregates.released_community_history SET stood_before = true, dissolved_on = NULL")
    assert months(world) == [f"2026-{month:02d}" for month in range(2, 11)]


def test_share_and_quotient_are_made_of_perturbed_counts(world: duckdb.DuckDBPyConnection) -> None:
    told = release(world)
    size, place = told["size"], told["persons _T"]
    assert size == told["persons UZB"] == 120
    assert place in (120, 123)
    assert told["share"] == round(size / place, 2)
    assert 7.5 < told["location_quotient"] < 8.5


def test_a_share_does_not_tell_apart_true_counts_that_are_shown_alike(world: duckdb.DuckDBPyConnection) -> None:
    before = release(world)
    world.execute("UPDATE intermediate.community_cell SET place_persons = $1", [before["persons _T"]])
    assert before["persons _T"] != 121
    assert release(world) == before


def test_a_month_of_too_few_is_not_told(world: duckdb.DuckDBPyConnection) -> None:
    world.execute("UPDATE intermediate.community_cell SET persons = 99, place_persons = 100 WHERE month(period) = 4")
    told = release(world)
    assert not {"size", "hosts", "share", "location_quotient"} & told.keys()


def make(connection: duckdb.DuckDBPyConnection, before: Path, without: str = "", instead: str = "false") -> None:
    """Makes what is released of the region and its community.

    Args:
        connection: The world.
        before: The release that stands, if there is one.
        without: A guard of the designs that is left out.
        instead: What stands in its place.
    """
    standing.find(connection, before)
    for design in designs():
        if design.name in MADE_OF:
            query = design.query.replace(without, instead) if without else design.query
            protecting.protect(connection, design.model_copy(update={"query": query}), KEY)
            standing.keep(connection, design, before)


def attacked(connection: duckdb.DuckDBPyConnection) -> suite.Finding:
    """What is read of seekers in the region, off its stock and its community."""
    stocks = tuple(design for design in designs() if design.name == REGION)
    tried, telling = protected.told(connection, stocks, 2.0, with_communities=True)
    return suite.Finding("protected_beside_everybody", tried, float(telling))


def seek(connection: duckdb.DuckDBPyConnection, seekers: int) -> None:
    """Lets so many of 180 citizens in the region seek protection, 120 others of whom are a community."""
    connection.execute("UPDATE intermediate.community_cell SET district = '_T'")
    connection.execute("UPDATE aggregates.released_community_history SET district = '_T'")
    connection.execute("UPDATE month_protected SET persons = $1", [seekers])


SIZES = "SELECT value FROM released_community WHERE indicator = '{}' AND period BETWEEN '2026-03' AND '2026-09'"
TELLING = "everybody - persons - protected < 10 AND 2 * protected > everybody - persons"


@pytest.mark.parametrize(("seekers", "is_told"), [(20, True), (49, True), (55, False)])
def test_a_community_that_the_stock_exceeds_by_protected_persons_alone_does_not_tell_its_size(
    world: duckdb.DuckDBPyConnection, seekers: int, is_told: bool
) -> None:
    """Of the sixty others 20 or 49 leave forty or eleven open, and 55 five."""
    seek(world, seekers)
    make(world, NOWHERE)
    assert attacked(world).held
    sizes = world.execute(SIZES.format("size")).fetchall()
    assert len(sizes) > 0 and all((size is not None) == is_told for (size,) in sizes)
    assert all(share is not None for (share,) in world.execute(SIZES.format("share")).fetchall())


@pytest.mark.parametrize(("seekers", "is_read"), [(20, False), (49, False), (55, True)])
def test_the_protected_beside_a_community_are_read_off_where_its_size_is_told_and_block_the_release(
    world: duckdb.DuckDBPyConnection, seekers: int, is_read: bool
) -> None:
    seek(world, seekers)
    make(world, NOWHERE, without=TELLING)
    found = attacked(world)
    assert found.tried > 0
    assert (found.measured > 0) == is_read
    with pytest.raises(ReleaseRefusedError, match=f"{found.attack} reached") if is_read else nullcontext():
        demand_withstood([found], "2026-12")


SHOWN = "least(sum(stock.value), any_value(shown.value))"


def find_later(connection: duckdb.DuckDBPyConnection, release: Path, guard: str = SHOWN) -> None:
    """Releases November, when nobody knows of the community; hears late of it and of forty more; and releases December.

    Args:
        connection: The world.
        release: Where the release of November is written.
        guard: The stock that the community is set beside in December.
    """
    connection.execute("CREATE TABLE later AS FROM aggregates.released_community_history")
    connection.execute("DELETE FROM aggregates.released_community_history")
    make(connection, NOWHERE)
    write(connection, release, "2026-11", *(design for design in designs() if design.name in (REGION, "community")))
    connection.execute("INSERT INTO aggregates.released_community_history FROM later")
    connection.execute("UPDATE month_stock SET value = 220, lower = 220, upper = 220")
    make(connection, release, without=SHOWN, instead=guard)


SIZES_BY_MONTH = "SELECT period, value IS NOT NULL FROM released_community WHERE indicator = 'size' ORDER BY ALL"


def test_a_community_found_later_is_set_beside_the_stock_that_stands(
    world: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Beside the stock of 180 that was told, its 120 would leave sixty, 55 of them protected; beside 220, a hundred."""
    seek(world, 55)
    find_later(world, tmp_path)
    assert attacked(world).held
    sizes = dict(world.execute(SIZES_BY_MONTH).fetchall())
    assert sizes == {f"2026-{month:02d}": month == 6 for month in range(3, 10)}, "June alone is told anew"


def test_the_protected_beside_a_community_found_later_are_read_off_the_stock_that_stands_and_block_the_release(
    world: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    seek(world, 55)
    find_later(world, tmp_path, "sum(stock.value)")
    found = attacked(world)
    assert found.measured == 2 * 6, "of refugees and of all protected, from March to September without June"
    with pytest.raises(ReleaseRefusedError, match=f"{found.attack} reached"):
        demand_withstood([found], "2026-12")


def test_what_a_share_tells_of_others_beside_a_community_found_later_is_looked_for_in_all_of_its_months(
    world: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """One other lives in the district: the shares of perturbed counts hide it, and shares of true counts would not."""
    find_later(world, tmp_path)
    assert shares.narrow(world, 2.0) == (7, 0)
    world.execute("UPDATE judged_community SET value = 120 / 121 WHERE indicator = 'share'")
    assert shares.narrow(world, 2.0) == (7, 7)
