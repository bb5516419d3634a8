"""Golden cases of the law of stay, and what a change of a rule does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.dbt import law_world
from tests.dbt.law_world import CASES, Case
from tests.dbt.modelled_world import World

CHILDREN = ("child", "child with a paper")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_law_of_a_stay(lawful: World, case: Case) -> None:
    told = "CAST(allowed_until AS VARCHAR), rule_id, control_state, overstay_days"
    found = lawful.rows(
        f"SELECT {told} FROM registry.stay WHERE person_id = 'P{case.name}' ORDER BY entered_on DESC LIMIT 1"
    )
    assert found == [(case.allowed_until, case.rule_id, case.state, case.overstay_days)]


def test_a_foreign_child_born_here_is_present_and_no_rule_of_visitors_limits_its_days(lawful: World) -> None:
    """An act of the child after as many days as its citizenship grants a visitor makes no overstay; a paper counts."""
    told = "entered_on, is_born_here, last_sign_on, pairing, allowed_until, rule_id, ground, control_state"
    found = {name: lawful.rows(f"SELECT {told} FROM registry.stay WHERE person_id = 'P{name}'") for name in CHILDREN}
    new_year = date(2026, 1, 1)
    assert found == {
        "child": [(new_year, True, date(2026, 3, 5), "open", None, None, None, None)],
        "child with a paper": [
            (new_year, True, new_year, "open", date(2026, 5, 31), None, "temporary_residence", "exit_not_matched")
        ],
    }
    place = "SELECT region, basis_feed FROM registry.placement WHERE person_id = 'Pchild' ORDER BY valid_from LIMIT 1"
    assert lawful.rows(place) == [("750000000", "civil_events")]


def test_a_case_whose_paper_has_lapsed_is_pending(lawful: World) -> None:
    """An application for asylum keeps the stay lawful until it is decided; a lapse is no application."""
    status = "SELECT valid_from, valid_to FROM registry.legal_status WHERE status = 'pending' AND person_id = 'P{}'"
    for who, since in {"seeker": date(2026, 4, 13), "returnee": date(2026, 3, 10)}.items():
        assert lawful.rows(status.format(who)) == [(since, None)]
    state = "SELECT allowed_until, ground, control_state FROM registry.stay WHERE person_id = 'P{}'"
    assert lawful.rows(state.format("seeker")) == [(None, "pending", "lawful")]
    assert lawful.rows(state.format("returnee")) == [(date(2026, 4, 3), "rule", "exit_not_matched")]
    held = "SELECT valid_from, valid_to FROM registry.validity_only WHERE person_id = 'Pnever seen'"
    assert lawful.rows(held) == [(date(2026, 1, 10), None)]


def test_no_rule_governs_the_days_of_a_citizen(lawful: World) -> None:
    told = "valid_from, valid_to, allowed_until, rule_id, ground"
    found = lawful.rows(f"SELECT {told} FROM registry.stay_right_history WHERE person_id = 'Pnew citizen' ORDER BY 1")
    acquired = date(2026, 1, 20)
    assert found == [
        (date(2026, 1, 1), acquired, None, "entry_30", "citizen"),
        (acquired, None, None, None, "citizen"),
    ]
    now = lawful.rows("SELECT rule_id, ground, control_state FROM registry.stay WHERE person_id = 'Pnew citizen'")
    assert now == [(None, "citizen", "lawful")]


def amend(lawful: World, folder: Path, full_refresh: bool = False) -> World:
    """A copy in which a second load shortens a rule from 1 February on."""
    world = lawful.copy(folder)
    for row in law_world.AMENDED:
        world.deliver(2, "stay_rules", [row])
    world.load(2, full_refresh)
    return world


@pytest.fixture(scope="module")
def amended(lawful: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The shortened rule, loaded as a night does; it is only read."""
    return amend(lawful, tmp_path_factory.mktemp("amended") / "home")


def test_a_change_of_a_rule_reaches_stays_of_its_validity_alone(amended: World) -> None:
    """Who was gone, or under another rule, stays as the first load knew it."""
    changed = amended.rows(
        "SELECT DISTINCT substr(person_id, 2) FROM registry.stay_right_history WHERE known_from_seq = 2 ORDER BY 1"
    )
    assert changed == [
        ("90 in 180, 60 of them used",),
        ("90 in 180, the window moves on",),
        ("out and in on one day counts once",),
    ]
    now = "SELECT rule_id, CAST(allowed_until AS VARCHAR), known_from_seq FROM registry.stay_right_history "
    moved = "WHERE person_id = 'P90 in 180, the window moves on' AND known_to_seq IS NULL ORDER BY ALL"
    assert amended.rows(now + moved) == [
        ("window_20", "2026-01-31", 2),
        ("window_90", "2025-09-28", 1),
        ("window_90", "2026-01-31", 2),
    ]


def test_what_a_changed_rule_gives_night_by_night_is_what_it_gives_at_once(
    lawful: World, amended: World, tmp_path: Path
) -> None:
    whole = amend(lawful, tmp_path / "whole", full_refresh=True)
    rights = (
        "SELECT * EXCLUDE (known_from_seq) FROM registry.stay_right_history WHERE known_to_seq IS NULL ORDER BY ALL"
    )
    figures = (
        "SELECT * EXCLUDE (change, known_seq, cause), sum(change) FROM statistics.stay_control_delta GROUP BY ALL "
    )
    for query in (rights, figures + "HAVING sum(change) <> 0 ORDER BY ALL"):
        assert amended.rows(query) == whole.rows(query)


def test_a_figure_of_control_is_the_number_of_its_stays(lawful: World) -> None:
    """Counted again from the states of the golden cases, of those whose last allowed day is past."""
    told = dict(lawful.rows("SELECT indicator, sum(change) FROM statistics.stay_control_delta GROUP BY indicator"))
    late = "SELECT count(*) FROM registry.stay WHERE control_state IN ('overstay', 'left_late')"
    assert told["overstays"] == lawful.rows(late)[0][0] > 0
    unknown = "SELECT count(*) FROM registry.stay WHERE entered_on IS NOT NULL AND ground IS NULL"
    assert told["grounds_unknown"] == lawful.rows(unknown)[0][0] > 0
    due = "SELECT count(*) FROM registry.stay WHERE allowed_until IS NOT NULL"
    assert told["departures_due"] == lawful.rows(due)[0][0]


def test_days_that_a_rule_allows_without_a_paper_are_visa_free(lawful: World) -> None:
    """To the last allowed day, a relief's too, or to the exit; none where the allowance was used up at the entry."""
    told = "SELECT CAST(valid_from AS VARCHAR), CAST(valid_to - 1 AS VARCHAR) FROM registry.legal_status "
    told += "WHERE person_id = 'P{}' AND status = 'visa_free' ORDER BY valid_from"
    for name, days in {
        "left three days late": [("2026-01-01", "2026-01-30")],
        "the last day is today": [("2026-06-01", "2026-06-30")],
        "each entry counts anew": [("2026-01-01", "2026-01-30"), ("2026-06-10", "2026-07-09")],
        "90 in 180, all used at the entry": [("2025-10-01", "2025-12-29")],
        "a general relief prolongs": [("2026-01-01", "2026-02-20")],
    }.items():
        assert lawful.rows(told.format(name)) == days


def test_days_in_a_window_are_told_where_the_governing_rule_has_one(lawful: World) -> None:
    told = "SELECT count(*) > 0, count(days_in_window) FROM registry.stay WHERE rule_id = '{}'"
    assert lawful.rows(told.format("entry_30")) == [(True, 0)]
    of_a_window = "SELECT count(*) > 0, bool_and(days_in_window > 0) FROM registry.stay WHERE rule_id = '{}'"
    assert lawful.rows(of_a_window.format("three_counters")) == [(True, True)]
