"""Figures of control: posts, cases, centres and regions, each against numbers that can be counted by hand."""

from __future__ import annotations

from pathlib import Path

from tests.dbt.modelled_world import World

BY_HOUR = (
    "SELECT CAST(valid_hour AS DATE) AS day, post_code, direction, sum(change) FROM statistics.post_hour_delta "
    "GROUP BY ALL HAVING sum(change) <> 0 ORDER BY ALL"
)
BY_DAY = BY_HOUR.replace("CAST(valid_hour AS DATE)", "valid_day").replace("post_hour_delta", "flow_delta")


def test_passages_by_hour_are_the_passages_by_day(two_nights: World, made_anew: World) -> None:
    """After corrections and a withdrawal, and whether loads came one by one or all at once."""
    assert two_nights.rows(BY_HOUR) == two_nights.rows(BY_DAY)
    months = "FROM statistics.post_month ORDER BY ALL"
    assert made_anew.rows(BY_HOUR) == two_nights.rows(BY_HOUR)
    assert made_anew.rows(months) == two_nights.rows(months) != []


def test_a_corrected_exit_is_one_passage_of_its_post_and_hour(two_nights: World) -> None:
    load = "SELECT hour, value FROM statistics.post_load WHERE indicator = 'crossings_out' ORDER BY ALL"
    assert two_nights.rows(load) == [("09", 1.0), ("10", 2.0), ("18", 1.0)]


def test_a_corrected_hour_makes_its_month_anew(controlled: World) -> None:
    lanes = "SELECT hour, lanes_open, hours_reported FROM statistics.post_month WHERE hours_reported > 0"
    assert controlled.rows(lanes) == [("08", 4.0, 2.0)]


def test_a_register_that_comes_later_mends_the_hours_of_the_years_of_two_clocks(later: dict[int, World]) -> None:
    """At ten of UTC+5 it is eleven in Almaty, by whose clock a post of no territory goes, and ten in Atyrau."""
    told = "SELECT hour, value FROM statistics.post_load WHERE post_code = 'GUW' ORDER BY ALL"
    assert later[3].rows(told) == [("11", 1.0)]
    assert later[4].rows(told) == [("10", 1.0)]


def test_a_register_that_comes_later_says_where_a_centre_lies(later: dict[int, World], tmp_path: Path) -> None:
    """The admission names the centre alone; a full refresh knows nothing else."""
    placed = "SELECT region, host_type, CAST(valid_from AS VARCHAR) FROM registry.placement WHERE person_id = 'PHELD'"
    assert later[3].rows(placed) == []
    held = [("710000000", "centre", "2026-01-20")]
    assert later[4].rows(placed) == held
    refreshed = later[4].copy(tmp_path / "copy")
    refreshed.load(4, full_refresh=True)
    assert refreshed.rows(placed) == held


def figures(world: World, table: str, dimensions: str, where: str = "true") -> dict[object, object]:
    """Values of a table by what they are of."""
    found = world.rows(f"SELECT {dimensions}, value FROM statistics.{table} WHERE {where}")
    return {row[:-1] if len(row) > 2 else row[0]: row[-1] for row in found}


def test_a_post_lies_in_the_region_of_its_own_territory(controlled: World) -> None:
    """NQZ has vanished from the register of 31 January: it is closed the day before, and keeps its place."""
    told = "SELECT post_code, region, day(closed_on) FROM reference.control_post ORDER BY ALL"
    assert controlled.rows(told) == [("ALA", "750000000", None), ("NQZ", "710000000", 30), ("XX", "_U", None)]


def test_an_inspection_without_a_result_is_not_one_that_found_nothing(controlled: World) -> None:
    found = figures(controlled, "inspection_yield", "indicator", "cube = 'plan' AND plan = 'random'")
    assert found == {
        "inspections": 3,
        "inspections_with_violations": 1,
        "violations": 3,
        "follow_ups_set": 1,
        "inspection_yield": 0.5,
    }


def test_a_yield_has_the_bounds_of_wilson(controlled: World) -> None:
    """Of 1 in 2 and of 1 in 1, as the formula gives them by hand."""
    bounds = controlled.rows(
        "SELECT plan, round(lower, 4), round(upper, 4), obs_status FROM statistics.inspection_yield "
        "WHERE indicator = 'inspection_yield' AND cube = 'plan' ORDER BY plan"
    )
    assert bounds == [("complaint", 0.2065, 1.0, "E"), ("random", 0.0945, 0.9055, "E")]
    parts = figures(
        controlled, "inspection_yield", "region, object_type", "cube <> 'plan' AND indicator = 'inspections'"
    )
    assert parts == {("750000000", "employer"): 3, ("_U", "_U"): 1, ("_U", "employer"): 1}


def test_words_in_place_of_a_code_reach_no_open_table(controlled: World) -> None:
    plans = "SELECT DISTINCT plan, object_type FROM statistics.inspection_yield ORDER BY ALL"
    assert ("_U", "employer") in controlled.rows(plans)
    assert "by the word of a neighbour" not in {plan for plan, _ in controlled.rows(plans)}


def test_a_case_is_followed_from_the_violation_to_the_execution(controlled: World) -> None:
    """Of B no case says so, but the border saw B leave three days after the order, and once before it."""
    assert dict(controlled.first_night) == {
        "cases": 6,
        "share_detected": 4 / 6,
        "share_decided": 4 / 6,
        "share_executed": 2 / 3,
        "median_days_to_detection": 0.5,
        "median_days_to_decision": 1,
        "median_days_to_execution": 4,
        "warnings": 0,
        "fines": 2,
        "arrests": 0,
        "expulsions_ordered": 3,
        "expulsions_executed": 2,
        "expulsions_open": 1,
    }


def test_an_annulled_case_leaves_the_figures_of_its_month(controlled: World) -> None:
    found = figures(controlled, "control_effectiveness", "indicator")
    told = ("cases", "cases_dropped", "share_detected", "fines", "median_days_to_decision")
    assert [found[name] for name in told] == [5, 1, 3 / 5, 1, 0]


def test_hires_in_breach_stand_beside_what_became_of_the_employer(controlled: World) -> None:
    """A and B were found at work, and so was C, whose case was annulled; one of the two employers had to answer."""
    assert figures(controlled, "illegal_hire", "region, indicator") == {
        ("750000000", "hires_in_breach"): 2,
        ("750000000", "hires_ordered_out"): 2,
        ("750000000", "hires_left"): 2,
        ("750000000", "employers_of_hires"): 2,
        ("750000000", "employers_inspected"): 2,
        ("750000000", "employers_found_in_breach"): 1,
    }


def test_a_minor_in_a_centre_is_told_of_by_name_of_the_centre(controlled: World) -> None:
    """F, by the latest birth day that the partial date allows; the centres have left the register since."""
    found = controlled.rows(
        "SELECT record_id, centre_code, kind, CAST(ended_on AS VARCHAR), guardian_present "
        "FROM registry.minor_in_centre ORDER BY admitted_on"
    )
    assert found == [
        ("F centre_admitted", "SR", "special_receiver", "2026-01-25", False),
        ("F to SX", "SX", "special_receiver", "2026-01-27", True),
        ("F back", "SR", "special_receiver", "2026-01-29", False),
    ]


def test_nights_in_a_centre_are_counted_person_by_person(controlled: World) -> None:
    """A two nights, D three as the law allows, F five, two in SX and two more; E is in a centre that is not told of.

    The centre has vanished from the register since.
    """
    held = "indicator = 'occupied' AND value > 0"
    nights = figures(controlled, "centre_occupancy", "day(period), centre_code", held)
    in_sr = {(day, "SR"): 1 for day in (7, 8, 10, 11, 12, 20, 21, 22, 23, 24, 27, 28)}
    assert nights == in_sr | {(25, "SX"): 1, (26, "SX"): 1, (10, "_U"): 1}


def test_a_release_that_nobody_recorded_stays_unknown(controlled: World) -> None:
    unknown = figures(controlled, "centre_occupancy", "day(period)", "indicator = 'release_unknown' AND value > 0")
    assert unknown == dict.fromkeys(range(13, 32), 1)
    beyond = "SELECT day(period), value, lower, upper FROM statistics.centre_occupancy WHERE period = '2026-01-{}' {}"
    in_centre = "AND centre_code = 'SR' AND indicator = '{}'"
    assert controlled.rows(beyond.format(22, in_centre.format("beyond_legal_max"))) == [(22, 0, 0, 1)]
    assert controlled.rows(beyond.format(23, in_centre.format("beyond_legal_max"))) == [(23, 1, 1, 2)]
    assert controlled.rows(beyond.format(23, in_centre.format("occupancy_share"))) == [(23, 0.5, 0.5, 1.0)]


def test_a_region_answers_for_what_can_be_counted_against_something(controlled: World) -> None:
    found = figures(controlled, "region_compliance", "indicator", "region = '750000000' AND period = '2026-01-31'")
    present = controlled.rows(
        "SELECT sum(value) FROM statistics.stock WHERE cube = 'region_citizenship' AND region = '750000000' "
        "AND indicator = 'present_confirmed' AND period = '2026-01-31'"
    )[0][0]
    assert found == {
        "notifications": 3,
        "notifications_late": 1,
        "notifications_undated": 1,
        "notifications_late_share": 0.5,
        "violations": 3,
        "registered_foreigners": 1,
        "foreigners_present": present,
        "violations_per_1000_present": 3000 / present,
    }


def test_a_month_in_which_a_feed_was_silent_has_no_zeros(controlled: World) -> None:
    """Both feeds were delivered in January alone; what they tell later of another month still stands there."""
    told = "SELECT DISTINCT CAST(period AS VARCHAR) FROM statistics.region_compliance "
    told += "WHERE indicator = '{}' AND value = 0"
    for indicator in ("notifications", "violations", "violations_per_1000_present"):
        assert set(controlled.rows(told.format(indicator))) <= {("2026-01-31",)}
    assert controlled.rows(told.format("violations")) == [("2026-01-31",)]


def test_the_duty_to_notify_counts_working_days(controlled: World) -> None:
    """A weekend, Nauryz with the two days off for its weekend, and New Year with Christmas stop the clock.

    A day off after the last day of the term does not stand for it.
    """
    found = controlled.rows(
        "SELECT CAST(period AS VARCHAR), indicator, value FROM statistics.region_compliance "
        "WHERE region = '710000000' AND indicator IN ('notifications', 'notifications_late') ORDER BY ALL"
    )
    assert found == [
        ("2026-01-31", "notifications", 2.0),
        ("2026-01-31", "notifications_late", 1.0),
        ("2026-02-28", "notifications", 2.0),
        ("2026-02-28", "notifications_late", 1.0),
        ("2026-03-31", "notifications", 2.0),
        ("2026-03-31", "notifications_late", 1.0),
    ]


def test_days_off_are_those_that_were_published(controlled: World) -> None:
    """In 2026 as the production calendar of gov.kz has them; in 2025 with the Sunday that was worked for a Friday."""
    moved = controlled.rows(
        "SELECT CAST(one.day AS VARCHAR), one.is_working FROM reference.working_calendar AS one "
        "WHERE year(one.day) IN (2025, 2026) AND one.is_working = (isodow(one.day) > 5 OR EXISTS (SELECT 1 "
        "FROM reference.holiday AS yearly WHERE yearly.valid_to IS NULL AND yearly.month = month(one.day) "
        "AND yearly.day = dayofmonth(one.day))) ORDER BY ALL"
    )
    assert [day for day, is_working in moved if is_working] == ["2025-01-05"]
    assert [day for day, is_working in moved if not is_working] == [
        *("2025-01-03", "2025-03-10", "2025-03-24", "2025-03-25", "2025-06-06", "2025-07-07"),
        *("2025-09-01", "2025-10-27"),
        *("2026-03-09", "2026-03-24", "2026-03-25", "2026-05-11", "2026-05-27", "2026-10-26"),
    ]


def test_registered_persons_are_those_whose_place_rests_on_a_notification_in_force(controlled: World) -> None:
    """Day by day, the signed changes add up to the intervals that stand."""
    told = """SELECT day, region, sum(change) FROM statistics.registered_delta
        JOIN (SELECT unnest(['2026-01-06', '2026-01-15', '2026-01-31', '2026-02-15', '2026-02-16'])::DATE AS day)
        ON valid_day <= day GROUP BY ALL HAVING sum(change) <> 0 ORDER BY ALL"""
    stand = """SELECT day, region, count(DISTINCT person_id) FROM registry.released_placement_history
        JOIN (SELECT unnest(['2026-01-06', '2026-01-15', '2026-01-31', '2026-02-15', '2026-02-16'])::DATE AS day)
        ON valid_from <= day AND coalesce(valid_to > day, true) WHERE known_to_seq IS NULL
        AND basis_feed = 'stay_notifications' AND confidence >= 0.9 GROUP BY ALL ORDER BY ALL"""
    assert controlled.rows(told) == controlled.rows(stand)
    assert [row[-1] for row in controlled.rows(told)][-2:] == [1, 1]


def test_undetermined_cases_stand_by_region_from_ten_up(controlled: World) -> None:
    """Of twelve in Almaty one is refused; the three of Astana are withheld, and so is the one refusal."""
    found = controlled.rows(
        "SELECT CAST(period AS VARCHAR), region, duration_band, indicator, value, obs_status "
        "FROM statistics.undetermined_cases ORDER BY ALL"
    )
    assert found == [
        ("2025-12-31", "710000000", "_T", "determinations_applied", None, "Q"),
        ("2025-12-31", "750000000", "_T", "determinations_applied", 12.0, "P"),
        ("2026-01-31", "710000000", "030-089", "undetermined_cases", None, "Q"),
        ("2026-01-31", "750000000", "030-089", "undetermined_cases", 11.0, "P"),
        ("2026-01-31", "750000000", "_T", "determinations_refused", None, "Q"),
    ]


TABLES = (
    "post_load",
    "inspection_yield",
    "control_effectiveness",
    "centre_occupancy",
    "region_compliance",
    "illegal_hire",
)


def test_every_indicator_of_control_is_defined(controlled: World, two_nights: World) -> None:
    shown = " UNION ".join(f"SELECT indicator, 'statistics.{name}' FROM statistics.{name}" for name in TABLES)
    shown += " UNION SELECT indicator, 'statistics.undetermined_cases' FROM statistics.undetermined_cases"
    for world in (controlled, two_nights):
        assert world.rows(f"({shown}) EXCEPT SELECT indicator, table_name FROM reference.indicator") == []
