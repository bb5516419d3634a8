"""That the stock is the sum of its signed changes, whatever the order of nights."""

from __future__ import annotations

import re
from datetime import date

from pipelines.modelling.calling import invoke
from pipelines.modelling.parsing import parsed
from tests.dbt.modelled_world import World

TOTALS = (
    "SELECT valid_day, citizenship, sex, age_group, category, region, district, purpose, indicator, sum(change) "
    "FROM statistics.stock_delta GROUP BY ALL HAVING sum(change) <> 0 ORDER BY ALL"
)


def present(world: World, day: str, indicator: str = "present_confirmed") -> int:
    """Persons counted at the end of a day."""
    query = f"SELECT coalesce(sum(change), 0) FROM statistics.stock_delta WHERE valid_day <= '{day}'"
    return int(world.rows(f"{query} AND indicator = '{indicator}'")[0][0])


def test_two_nights_of_changes_sum_to_what_one_rebuild_counts(two_nights: World, made_anew: World) -> None:
    assert made_anew.rows("SELECT DISTINCT known_seq FROM statistics.stock_delta") == [(2,)]
    assert two_nights.rows(TOTALS) == made_anew.rows(TOTALS)


def test_two_nights_describe_the_stock_as_one_rebuild_does(two_nights: World, made_anew: World) -> None:
    """So do changes of residence, on which populations rest. How wide a chance scatters is kept from load to load."""
    cells = "SELECT * EXCLUDE scatter FROM intermediate.stock_described WHERE population = 'present' ORDER BY ALL"
    changes = "SELECT * EXCLUDE (known_from_seq, known_to_seq) FROM registry.residence_change_history "
    changes += "WHERE known_to_seq IS NULL ORDER BY ALL"
    for query in (cells, changes):
        assert two_nights.rows(query) == made_anew.rows(query) != []


def test_changes_made_in_many_parts_are_those_made_at_once(two_nights: World, copied: World) -> None:
    """Each part has its own persons, so that a cell may be told in several rows."""
    rows = "SELECT COLUMNS(* EXCLUDE change), sum(change) FROM statistics.stock_delta GROUP BY ALL "
    rows += "HAVING sum(change) <> 0 ORDER BY ALL"
    values = "{load_seq: 2, rows_of_part: 2}"
    copied.execute("DELETE FROM statistics.stock_delta WHERE known_seq = 2")
    arguments = ["run", "--select", "stock_delta", "--vars", values, "--no-write-json"]
    assert invoke(copied.settings, arguments, parsed(copied.settings)).success
    assert copied.rows(rows) == two_nights.rows(rows)


def test_rights_made_in_many_parts_are_those_made_at_once(two_nights: World, copied: World) -> None:
    rows = "FROM registry.stay_right_history ORDER BY ALL"
    assert two_nights.rows("SELECT 1 FROM registry.stay_right_history WHERE known_from_seq = 2")
    values = "{load_seq: 2, rows_of_part: 2}"
    arguments = ["run", "--select", "stay_right_history", "--vars", values, "--no-write-json"]
    assert invoke(copied.settings, arguments, parsed(copied.settings)).success
    assert copied.rows(rows) == two_nights.rows(rows)


def test_days_are_covered_by_feeds_and_by_no_verdict_of_a_steward(two_nights: World) -> None:
    """The verdict came on the first of March."""
    assert two_nights.rows("SELECT CAST(max(period) AS VARCHAR) FROM statistics.stock_daily") == [("2026-01-31",)]


def test_a_day_is_counted_at_its_end(two_nights: World) -> None:
    assert [present(two_nights, f"2026-01-{day:02d}") for day in (1, 2, 3, 4, 5)] == [0, 1, 2, 2, 3]


def test_a_new_citizen_and_a_dead_person_leave_the_stock(two_nights: World) -> None:
    assert present(two_nights, "2026-01-11") - present(two_nights, "2026-01-12") == 1
    assert present(two_nights, "2026-01-24") - present(two_nights, "2026-01-25") == 1


def test_who_is_known_by_a_paper_alone_counts_by_a_chance_on_its_days(two_nights: World) -> None:
    """A holder who entered later was not here before; a visa is for somebody who is still to come."""
    held = "SELECT person_id, valid_from, valid_to FROM registry.validity_only_history WHERE known_from_seq <= {0} "
    held += "AND coalesce(known_to_seq > {0}, true) ORDER BY person_id"
    resident, returnee = ("PRESIDENT", date(2026, 1, 3)), ("PRETURNEE", date(2026, 1, 4))
    assert two_nights.rows(held.format(1)) == [
        ("PHOLDER", date(2026, 1, 3), date(2027, 1, 1)),
        (*resident, date(2027, 1, 1)),
        (*returnee, None),
    ]
    assert two_nights.rows(held.format(2)) == [(*resident, date(2027, 1, 1)), (*returnee, date(2026, 1, 20))]
    stock = "SELECT sum(value), sum(lower), sum(upper) FROM statistics.stock_daily WHERE region = '710000000' "
    stock += "AND indicator = 'stock' AND period = DATE '2026-01-{}' AND citizenship IN ('_R', 'CHN')"
    unknown = present(two_nights, "2026-01-19", "presence_unknown")
    assert (unknown, present(two_nights, "2026-01-20", "presence_unknown")) == (2, 1)
    on_the_day, after = (two_nights.rows(stock.format(day))[0] for day in (19, 20))
    chance = on_the_day[0] - after[0]
    assert 0.5 < chance < 1 and on_the_day[1] < on_the_day[0] < on_the_day[2]


def test_who_is_known_by_a_paper_alone_may_have_been_here_before_it(two_nights: World) -> None:
    """The border tells from 1 January on, the papers begin on the 3rd and 4th."""
    stock = "SELECT CAST(period AS VARCHAR), sum(value) FROM statistics.stock_daily WHERE region = '710000000' AND "
    stock += "indicator = 'stock' AND citizenship IN ('_R', 'CHN') AND period < '2026-01-05' GROUP BY ALL ORDER BY ALL"
    before, later, on_one, on_both = (value for _, value in two_nights.rows(stock))
    assert 1.5 < before < later < 2
    assert 1.5 < min(on_one, on_both) <= max(on_one, on_both) < 2


def test_a_returnee_whose_case_says_so_is_a_citizen_and_no_foreigner(two_nights: World) -> None:
    query = "SELECT {0}, valid_from FROM registry.{1} WHERE person_id = 'PRETURNEE' ORDER BY valid_from DESC LIMIT 1"
    assert two_nights.rows(query.format("status", "legal_status")) == [("citizen", date(2026, 1, 20))]
    assert two_nights.rows(query.format("category", "person_category")) == [("citizen_mover", date(2026, 1, 20))]
    released = "SELECT status, basis_feed FROM registry.released_legal_status_history WHERE person_id = 'PRETURNEE' "
    assert two_nights.rows(released + "AND status = 'citizen'") == [("citizen", "citizenship_acts")]


def test_presence_is_confirmed_for_ninety_days_after_a_sign_and_then_unknown(grown_up: World) -> None:
    assert (present(grown_up, "2026-04-10"), present(grown_up, "2026-04-10", "presence_unknown")) == (2, 0)
    assert (present(grown_up, "2026-04-11"), present(grown_up, "2026-04-11", "presence_unknown")) == (0, 2)


def test_a_birthday_moves_a_child_to_the_next_age_group(grown_up: World) -> None:
    query = "SELECT age_group, sum(change) FROM statistics.stock_delta WHERE valid_day <= '{}' AND purpose = 'tourism' "
    ending = "AND indicator NOT IN ('silent', 'unseen') GROUP BY age_group HAVING sum(change) <> 0"
    assert grown_up.rows(query.format("2026-06-14") + ending) == [("00-04", 1)]
    assert grown_up.rows(query.format("2026-06-15") + ending) == [("05-09", 1)]


def test_no_released_cell_tells_of_protection_or_ethnicity(grown_up: World) -> None:
    query = "SELECT DISTINCT citizenship, category, purpose FROM aggregates.released_stock_delta ORDER BY ALL"
    assert grown_up.rows(query) == [("_R", "foreigner", "tourism"), ("_U", "foreigner", "other")]
    assert grown_up.rows("SELECT DISTINCT category FROM registry.person_category ORDER BY 1") == [
        ("compatriot",),
        ("foreigner",),
    ]


def test_cubes_of_reference_dates_add_up_to_the_stock_of_the_day(
    two_nights: World, grown_up: World, described: World
) -> None:
    """Made another way, of stays as they stand in place of changes, by chance and bounds, region by region."""
    sums = "SELECT period, region, indicator, {} FROM statistics.stock WHERE cube = '{}' AND population = 'present' "
    sums += "AND period IN (SELECT period FROM intermediate.stock_described) GROUP BY ALL ORDER BY ALL"
    figures = ", ".join(f"round(coalesce(sum({name}), 0), 6)" for name in ("value", "lower", "upper", "variance"))
    twice = "SELECT 1 FROM intermediate.reference_person GROUP BY period, person_id HAVING count(*) > 1"
    for world in (two_nights, grown_up, described):
        assert world.rows(twice) == []
        plain = world.rows(sums.format(figures, "region_category"))
        assert plain
        for cube in ("region_birth_country", "region_duration", "region_status", "population_region"):
            assert world.rows(sums.format(figures, cube)) == plain


def test_who_asks_for_an_added_up_cube_looks_at_no_single_stay(two_nights: World) -> None:
    """Else each of the tables that read such a cube would describe all persons again."""

    def read_by(table: str) -> set[str]:
        ((_, plan),) = two_nights.rows(f"EXPLAIN (FORMAT json) FROM statistics.{table}")
        return set(re.findall(r'"Table": *"build\.([^"]+)"', plan))

    of_persons = {"registry.stay_history", "registry.person_history"}
    assert of_persons < read_by("stock")
    for reader in ("host_ratio", "stock_constant_borders"):
        assert "aggregates.released_stock_delta" in read_by(reader)
        assert not of_persons & read_by(reader)


YEAR_END = "FROM statistics.stock WHERE indicator = 'stock' AND period = DATE '2025-12-31' AND cube = "


def test_a_stay_is_told_by_how_long_it_has_lasted(described: World) -> None:
    """Set beside a count of the stays themselves; who is known by a paper alone counts less than one."""
    told = dict(described.rows(f"SELECT duration, sum(value) {YEAR_END} 'region_duration' GROUP BY ALL"))
    assert 0.9 < told.pop("_U") - 1 < 1
    day, counted = date(2025, 12, 31), dict.fromkeys(("D001-030", "D031-090", "D091-180", "Y01-05"), 0.0)
    stays = "SELECT entered_on, ended_on FROM registry.stay WHERE entered_on <= '2025-12-31'"
    for entered_on, ended_on in described.rows(stays):
        if ended_on is None or ended_on > day:
            days = (day - entered_on).days + 1
            counted[next(band for band, most in zip(counted, (30, 90, 180, 3000), strict=True) if days <= most)] += 1
    assert told == counted


def test_no_paper_of_a_refugee_is_told(described: World) -> None:
    """Three without a paper and a refugee who has two are one group; of a worker the labour permit is told."""
    told = dict(described.rows(f"SELECT status, sum(value) {YEAR_END} 'region_status' GROUP BY ALL"))
    assert told.pop("permanent_residence") > 1.9
    assert told == {"labour_permit": 1, "_U": 4}


def test_few_who_were_born_in_a_state_are_one_group(described: World) -> None:
    told = dict(described.rows(f"SELECT birth_country, sum(value) {YEAR_END} 'region_birth_country' GROUP BY ALL"))
    assert told.pop("_U") > 4.9
    assert told == {"_R": 2}


def test_who_lives_here_is_not_who_is_here(described: World) -> None:
    """One is on holiday abroad, two come for months, one has a paper alone; who left in June had lived here."""
    told = "SELECT population, value, lower, upper FROM statistics.stock WHERE cube = 'population_citizenship' "
    told += "AND indicator = 'stock' AND period = DATE '{}' ORDER BY ALL"
    present, registered, temporary, usual = described.rows(told.format("2025-12-31"))
    assert registered == ("registered", 4, 4, 4)
    assert temporary[:3] == ("temporary", 2, 2) and temporary[3] < 2.3
    assert 6.9 < present[1] < 7
    assert 2 < usual[2] < usual[1] < usual[3] <= 3
    year_before = {population: value for population, value, _, _ in described.rows(told.format("2024-12-31"))}
    assert 3 < year_before["usual_resident"] < 4.5
    assert "registered" not in year_before
    of_regions = "SELECT DISTINCT population FROM statistics.stock WHERE cube = 'population_region' ORDER BY ALL"
    assert described.rows(of_regions) == [("present",), ("temporary",), ("usual_resident",)]
