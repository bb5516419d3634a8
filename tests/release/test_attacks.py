"""Each attack succeeds against data that nobody protected, and fails against the release."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipelines.release.attacks import differencing, membership, shares, suite
from pipelines.release.attacks.bounds import System
from pipelines.release.designs import Design
from pipelines.release.perturbing import BASE, BASE_OF_PROTECTED
from pipelines.release.protecting import protect
from pipelines.release.writing import ReleaseRefusedError, demand_withstood
from pipelines.storage import open_memory
from tests.release.released_world import KEY, RAW, SEEKERS, SUPPRESSED, TWO_REGIONS, findings, released

ALONE = np.array([1])


def test_release_withstands_every_attack() -> None:
    with released() as connection:
        found = findings(connection)
    assert [name for name, finding in found.items() if not finding.held] == []
    assert all(found[name].tried > 0 for name in ("linear_bounds", "differences_of_months", "canaries", "membership"))


def lost(instead: str, noise: float) -> dict[str, suite.Finding]:
    """The attacks that succeed where small cells are not grouped and something is left out."""
    with released(instead, is_grouped=False) as connection:
        found = findings(connection, noise, is_grouped=False)
    return {name: finding for name, finding in found.items() if not finding.held}


def test_raw_figures_lose_to_the_attacks_on_persons() -> None:
    found = lost(RAW, noise=0.0)
    assert {"linear_bounds", "differences_of_months", "differences_of_parts", "canaries"} <= found.keys()
    assert found["linear_bounds"].measured == found["linear_bounds"].tried


def test_withholding_small_cells_alone_loses_to_differencing() -> None:
    found = lost(SUPPRESSED, noise=0.0)
    assert found["differences_of_months"].measured == 1.0


PROTECTED = "protected_beside_everybody"
CHINESE = """SELECT region FROM released_stock_region_citizenship
WHERE citizenship = 'CHN' AND period = '2026-02' AND value IS NOT NULL ORDER BY region"""


@pytest.mark.parametrize("people", ["", TWO_REGIONS])
def test_seekers_who_are_nearly_all_of_a_citizenship_in_a_region_are_read_off_unless_it_is_grouped(people: str) -> None:
    """In two regions alone, the state's figure less that of the other region would give them away as well."""
    with released(people=people) as connection:
        connection.execute(SEEKERS)
        assert ("300000000",) in connection.execute(CHINESE).fetchall()
        read = findings(connection)[PROTECTED]
    assert read.measured > 0
    with pytest.raises(ReleaseRefusedError, match=f"{PROTECTED} reached"):
        demand_withstood([read], "2026-02")
    with released(people=f"{people};{SEEKERS}") as connection:
        found = findings(connection)
        shown = connection.execute(CHINESE).fetchall()
    assert [name for name, one in found.items() if not one.held] == []
    assert found[PROTECTED].tried > 0
    assert len(shown) == (0 if people else 3) and ("300000000",) not in shown


def row_of_five(noise: float) -> float:
    """How much five cells of a row with a total leave open about the one that is withheld."""
    true = np.array([40.0, 25.0, 31.0, 17.0, 4.0])
    system = System(np.array([np.inf] * 4 + [9.5]))
    for place in range(4):
        system.say(np.array([place]), true[place] - noise, true[place] + noise)
    system.say(np.arange(5), true.sum() - noise, true.sum() + noise)
    return float(system.width(np.array([4]), 3.0)[0])


def test_a_cell_withheld_from_an_exact_row_is_recovered_and_from_a_perturbed_one_is_not() -> None:
    assert row_of_five(0.0) == pytest.approx(0.0, abs=1e-3)
    assert row_of_five(0.5) >= 3.0
    assert row_of_five(2.5) >= 3.0


def test_where_nothing_is_published_nothing_is_known() -> None:
    assert System(np.array([9.5, np.inf])).width(np.array([0, 1]), 3.0).tolist() == [9.5, np.inf]


def test_figures_that_contradict_each_other_are_told_and_not_passed() -> None:
    system = System(np.array([np.inf]))
    system.say(np.array([0]), 5.0, 6.0)
    system.say(np.array([0]), 8.0, 9.0)
    with pytest.raises(ArithmeticError, match="contradict"):
        system.width(np.array([0]), 3.0)


def test_a_release_that_differs_by_one_person_from_the_last_is_revealed_unless_perturbed() -> None:
    pairs = "SELECT * FROM (VALUES (1.0, {}), (2.0, {}), (40.0, 39.0)) AS pair(exact, shown)"
    with open_memory() as connection:
        assert differencing.of_pairs(connection, pairs.format(1, 2)) == differencing.Differences(2, 2)
        assert differencing.of_pairs(connection, pairs.format(0, 3)) == differencing.Differences(2, 0)


def test_two_releases_are_compared_figure_by_figure(tmp_path: Path) -> None:
    with open_memory() as connection:
        path = str(tmp_path / "before.parquet")
        connection.execute(f"COPY (SELECT '2026-01' AS period, 'stock' AS indicator, 41 AS value) TO '{path}'")
        connection.execute("CREATE TABLE now AS SELECT '2026-01' AS period, 'stock' AS indicator, 42 AS value")
        pairs = differencing.releases("now", f"read_parquet('{path}')", ("period", "indicator"))
        assert differencing.of_pairs(connection, pairs).share == 1.0


def test_a_cell_that_two_tables_show_differently_is_found() -> None:
    with released() as connection:
        assert findings(connection)["same_cell_shown_differently"].tried > 0
        connection.execute("UPDATE judged_stock_region SET cell = 'one cell', exact = 800")
        assert findings(connection)["same_cell_shown_differently"].measured == 1


def test_membership_of_a_lone_person_is_certain_in_raw_figures_and_the_limit_refuses_small_cells() -> None:
    assert membership.advantage(ALONE, 1) == pytest.approx(1.0)
    assert membership.advantage(np.array([5]), BASE) > suite.LIMITS["membership"]
    assert membership.advantage(np.array([36]), BASE) < suite.LIMITS["membership"]


def test_whoever_knows_all_others_learns_more_than_the_limit_whatever_the_size() -> None:
    known = membership.advantage(np.array([10_000]), BASE, are_others_known=True)
    assert known == pytest.approx(2 / 3, abs=1e-6)


def test_of_a_protected_group_nobody_learns_more_than_the_limit_from_the_smallest_cell_that_is_shown() -> None:
    limit = suite.LIMITS["membership_of_protected"]
    for size in range(10, 40):
        assert membership.advantage(np.array([size]), BASE_OF_PROTECTED) < limit - 0.005
        assert membership.advantage(np.array([size]), BASE_OF_PROTECTED, are_others_known=True) < limit + 1e-9


def pinned(told: float, rounding: float, figures: list[int]) -> list[int]:
    """Counts that fit what a report tells of the largest error among published figures, whichever figure it is of."""
    counts = {count for figure in figures for count in range(figure - BASE + 1, figure + BASE)}
    errors = {
        (count, abs(figure - count) / count) for figure in figures for count in counts if abs(figure - count) < BASE
    }
    return sorted({count for count, error in errors if told - rounding < error <= told + 1e-12})


def test_the_report_tells_no_count_by_its_error() -> None:
    """The largest error is 1 / 3076: told exactly, it names the count behind one of ten figures."""
    finding = suite.Finding("error_of_largest", 10, 1 / 3076)
    figures = [3075 + 213 * number for number in range(10)]
    assert pinned(finding.measured, 1e-9, figures) == [3076]
    assert len(pinned(finding.told[1], suite.STEPS["error_of_largest"], figures)) >= 10


def areas(counts: tuple[int, ...]) -> float:
    return membership.advantage(np.array(counts), BASE_OF_PROTECTED)


def test_the_report_tells_no_counts_of_two_protected_cells_by_the_membership_of_both() -> None:
    """Two cells are shown as 10 and 20: whoever knows how membership is measured tries all counts that fit."""
    fitting = [(one, other) for one in range(10, 20) for other in range(11, 30)]
    finding = suite.Finding("membership_of_protected", 2, areas((13, 24)))
    assert [counts for counts in fitting if abs(areas(counts) - finding.measured) < 1e-12] == [(13, 24)]
    told = finding.told[1]
    assert len([counts for counts in fitting if told - suite.STEP < areas(counts) <= told]) > len(fitting) / 4


def test_the_report_tells_neither_that_nothing_changed_nor_how_far_the_noise_went() -> None:
    assert (
        suite.Finding("differences_of_protected", 0, 0.0).told == suite.Finding("differences_of_protected", 1, 0.0).told
    )
    assert suite.Finding("noise_of_protected", 25, 7.0).told == (30, 9.0)
    assert suite.Finding("membership", 740, 0.52765).told == (740, 0.53)


TOLD = """CREATE TEMP TABLE judged_composition AS
SELECT '2026-01' AS period, 'citizenship' AS basis, basis_value, '35' AS region, '3510' AS district,
  'persons' AS indicator, exact, value
FROM (VALUES ('UZB', 120, 120), ('_T', 121, {place})) AS cell(basis_value, exact, value);
CREATE TEMP TABLE judged_community AS
SELECT '2026-01' AS period, 'citizenship' AS basis, 'UZB' AS basis_value, '35' AS region, '3510' AS district, indicator,
  value, true AS is_fresh FROM (VALUES ('size', 120.0), ('share', {share})) AS told(indicator, value)"""


@pytest.mark.parametrize(("place", "share", "found"), [(121, 0.99, 1), (123, 0.99, 1), (123, 0.98, 0), (120, 1.0, 0)])
def test_the_one_other_person_of_a_district_is_worked_out_from_a_share_of_true_counts_alone(
    place: int, share: float, found: int
) -> None:
    """The true share is .99; made of the perturbed 123 it is .98, and leaves open none to seven others."""
    noise = 0.0 if place == 121 else 2.0
    with open_memory() as connection:
        connection.execute(TOLD.format(place=place, share=share))
        assert shares.narrow(connection, noise) == (1, found)


SERIES = Design(
    name="groups",
    dimensions=("region", "category"),
    measure="counts",
    threshold=10,
    query="""SELECT last_day(first_day) AS period, printf('%03d', number) AS region, 'refugee' AS category,
      'stock' AS indicator, 1 + age AS value, NULL AS lower, NULL AS upper, 'P' AS obs_status
    FROM closed_month, range(300) AS cells(number)""",
)
GROWING = """CREATE TEMP TABLE closed_month AS
SELECT DATE '2026-01-01' + to_months(CAST(number AS INTEGER)) AS first_day, number AS age
FROM range(30) AS month(number)"""


@pytest.mark.parametrize(("is_protected", "base"), [(False, BASE), (True, BASE_OF_PROTECTED)])
def test_that_a_cell_comes_to_be_shown_tells_no_more_than_a_figure_that_moves(is_protected: bool, base: int) -> None:
    """Cells that gain one person a month: at a known threshold of ten, each would be shown first with exactly ten."""
    with open_memory() as connection:
        connection.execute(GROWING)
        protect(connection, SERIES.model_copy(update={"protected": is_protected}), KEY)
        first = connection.execute(
            "SELECT min(exact) FROM judged_groups WHERE value IS NOT NULL GROUP BY region"
        ).fetchall()
    times = [sum(count == at for (count,) in first) / len(first) for at in range(30)]
    assert sum(times[:10]) == 0
    assert max(times) < 1.5 / base
    assert sum(time > 0 for time in times) == base


DESIGN = Design(
    name="groups",
    dimensions=("region", "category"),
    measure="counts",
    threshold=10,
    grouped="category",
    decided_by="stock",
    status="category",
    query="""SELECT DATE '2026-01-31' AS period, region, category, 'stock' AS indicator, value, NULL AS lower,
      NULL AS upper, 'P' AS obs_status
    FROM (VALUES ('one', 'a', 46), ('one', 'b', 2), ('two', 'a', 40), ('two', 'b', 30), ('three', 'a', 60),
      ('three', 'b', 3)) AS cell(region, category, value)""",
)


def test_a_group_that_one_status_holds_is_not_broken_down_and_small_cells_take_the_next_with_them() -> None:
    with open_memory() as connection:
        connection.execute("CREATE TEMP TABLE closed_month AS SELECT DATE '2026-01-01' AS first_day, 0 AS age")
        protect(connection, DESIGN, KEY)
        found = connection.execute("SELECT region, category, exact, value FROM judged_groups ORDER BY ALL").fetchall()
        bounds = connection.execute("SELECT DISTINCT lower, upper FROM judged_groups").fetchall()
    assert [row[:3] for row in found] == [("one", "_O", 48), ("three", "_O", 63), ("two", "a", 40), ("two", "b", 30)]
    assert all(value % 3 == 0 and abs(value - exact) <= 2 for *_, exact, value in found)
    assert bounds == [(None, None)], "a figure without uncertainty has no bounds"


@pytest.mark.parametrize(("measure", "shown"), [("counts", [40]), ("ratios", [0, 40])])
def test_a_share_of_nought_is_told_and_a_cell_without_anybody_is_not(measure: str, shown: list[int]) -> None:
    query = """SELECT DATE '2026-01-31' AS period, region, 'any' AS indicator, value, NULL AS lower, NULL AS upper,
      'P' AS obs_status FROM (VALUES ('one', 0), ('two', 40)) AS cell(region, value)"""
    with open_memory() as connection:
        connection.execute("CREATE TEMP TABLE closed_month AS SELECT DATE '2026-01-01' AS first_day, 0 AS age")
        protect(connection, Design(name="any", dimensions=("region",), measure=measure, query=query), KEY)
        found = connection.execute("SELECT exact FROM judged_any ORDER BY ALL").fetchall()
    assert found == [(value,) for value in shown]


def test_bounds_of_cells_shown_together_hold_the_model_and_the_chance_of_single_persons() -> None:
    """The model errs alike in both cells, by 5 and 3; persons are here or not each alone, variance 50 and 30."""
    query = """SELECT DATE '2026-01-31' AS period, region, 'foreigner' AS category, 'stock' AS indicator, value,
      value - wide AS lower, value + wide AS upper, variance, 'P' AS obs_status
    FROM (VALUES ('one', 300, 5, 50), ('one', 200, 3, 30), ('two', 400, 0, 0)) AS cell(region, value, wide, variance)"""
    design = Design(name="stocks", dimensions=("region",), measure="ratios", digits={"*": 2}, query=query)
    with open_memory() as connection:
        connection.execute("CREATE TEMP TABLE closed_month AS SELECT DATE '2026-01-01' AS first_day, 0 AS age")
        protect(connection, design, KEY)
        found = connection.execute("SELECT region, value, lower, upper FROM judged_stocks ORDER BY ALL").fetchall()
    half = (8**2 + 3.84 * 80) ** 0.5
    assert found == [("one", 500, round(500 - half, 2), round(500 + half, 2)), ("two", 400, 400, 400)]
