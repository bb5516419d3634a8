"""Table macros answer what the published contract says, for a day and as known at a load."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.publication import publish
from pipelines.publication.plan import Macro, macros
from pipelines.storage import open_build
from tests.publication.published_world import add_load, key_of, opened, rows, settings_of

COLUMNS = {
    "stock_on": "citizenship, sex, age_group, category, region, purpose, value, lower, upper, variance",
    "flow_between": "period, direction, citizenship, value",
    "residence_between": "period, direction, citizenship, region, value, lower, upper, obs_status",
    "revised_between": "table_name, period, dimensions, indicator, cause, change",
    "as_released": "table_name, period, dimensions, indicator, value",
    "communities_on": "community_id, basis, basis_value, region, district, value, share, location_quotient",
    "present_on": "person_key, citizenship, region, district, category, presence_probability, basis",
    "timeline": "at, feed, event",
    "stay_days": "counter, used, allowed, left_over, rule_id, act, clause, ground",
    "overstays_on": "person_key, entered_on, allowed_until, overstay_days, rule_id, reason",
    "penalty_on": "liable, is_repeated, measure, tenge_from, tenge_to, act, clause, verified",
    "exits_not_matched_on": "person_key, entered_on, allowed_until, last_sign_on, ended_unknown_on, rule_id",
}
GIVEN = {"days_late": "4"}
CELLS = """
SELECT 'statistics.stock_daily', period, 'citizenship=' || citizenship || ';region=' || region, indicator, value
FROM statistics.stock_daily
UNION ALL
SELECT 'statistics.flow_daily', period,
  'citizenship=' || citizenship || ';direction=' || direction || ';post_code=' || post_code, indicator, value
FROM statistics.flow_daily
UNION ALL
SELECT 'statistics.' || name, period, 'citizenship=' || citizenship, indicator, value FROM (
  SELECT 'overstay' AS name, * FROM statistics.overstay UNION ALL SELECT 'unmatched', * FROM statistics.unmatched
) WHERE cube = 'citizenship' AND indicator <> 'overstay_rate' AND value <> 0 ORDER BY ALL"""

UNHEARD = """SELECT coalesce(sum(presence_probability), 0) * any_value(share), count(presence_probability) FROM (
  SELECT max(probability) AS share FROM reference.presence_curve WHERE ends_with(presence_class, ':unheard')
) AS curve LEFT JOIN (
  SELECT presence_probability FROM present_on{asked} WHERE person_key IN (
    SELECT person_key FROM registry.stay WHERE first_sign_on = left_on AND entered_on IS NULL AND absent_on IS NULL
      AND first_sign_on > '{day}')
) ON true"""


@pytest.mark.parametrize("macro", macros(), ids=lambda macro: macro.name)
def test_example_runs_and_columns_are_those_of_the_contract(two_nights: Path, macro: Macro) -> None:
    given = ", ".join(GIVEN.get(name, "'2026-01-31'") for name in macro.parameters if ":=" not in name)
    for name in macro.files:
        with opened(two_nights, name) as connection:
            assert rows(connection, macro.example)
            described = connection.execute(f"FROM {macro.name}({given})").description or []
            assert ", ".join(column[0] for column in described) == COLUMNS[macro.name]


@pytest.mark.parametrize("name", ["aggregates", "analysis"])
def test_register_of_macros_lists_those_of_the_file(two_nights: Path, name: str) -> None:
    with opened(two_nights, name) as connection:
        listed = rows(connection, "SELECT name, signature FROM reference.macro ORDER BY name")
        made = rows(connection, "SELECT function_name FROM duckdb_functions() WHERE database_name = 'p' ORDER BY 1")
    assert listed == [(macro.name, macro.signature) for macro in macros() if name in macro.files]
    assert [row[0] for row in listed] == [row[0] for row in made]


@pytest.mark.parametrize("day", ["2026-01-01", "2026-01-31", "2026-02-10", "2026-07-01"])
@pytest.mark.parametrize("known", ["NULL", "1"])
def test_persons_present_add_up_to_the_stock(two_nights: Path, day: str, known: str) -> None:
    """Who left unheard of is nobody known: as many to one whose first sign is an exit as exits are lost."""
    with opened(two_nights, "analysis") as connection:
        asked = f"('{day}', known_seq := {known})"
        chance = "presence_probability"
        ((unheard, of),) = rows(connection, UNHEARD.format(asked=asked, day=day))
        persons = rows(
            connection, f"SELECT count(*), sum({chance}), sum({chance} * (1 - {chance})) FROM present_on{asked}"
        )[0]
        of_nobody = f"SELECT coalesce(sum({chance}), 0), count(person_key) FROM present_on{asked}"
        ((nobody, named),) = rows(connection, f"{of_nobody} WHERE basis = 'unheard'")
        sums = ", ".join(f"sum({name})" for name in ("value", "lower", "upper", "variance"))
        value, lower, upper, variance = rows(connection, f"SELECT {sums} FROM stock_on{asked}")[0]
    assert persons[1] == pytest.approx(value)
    assert nobody == pytest.approx(unheard, abs=1e-3) and named == 0
    assert (nobody > 0) == (of > 0) == (day in ("2026-01-01", "2026-01-31") and known == "NULL")
    assert variance >= persons[2] - 1e-6
    assert 0 < lower <= value <= upper <= persons[0]


@pytest.mark.parametrize("day", ["2026-01-31", "2026-02-09", "2026-02-10"])
def test_who_leaves_twice_on_one_day_is_one_person_on_the_days_before(two_nights: Path, day: str) -> None:
    with opened(two_nights, "analysis") as connection:
        left_twice = "SELECT person_key FROM registry.stay WHERE entered_on IS NULL GROUP BY ALL HAVING count(*) = 2"
        asked = f"SELECT count(*), max(presence_probability) FROM present_on('{day}') WHERE person_key = ({left_twice})"
        ((told, chance),) = rows(connection, asked)
    if day == "2026-02-10":
        assert told == 0
    else:
        assert told == 1 and 0 < chance <= 1


def test_the_stock_of_a_day_and_of_the_series_scatter_alike(two_nights: Path) -> None:
    with opened(two_nights, "aggregates") as connection:
        series = rows(
            connection,
            "SELECT CAST(period AS VARCHAR), sum(variance) FROM statistics.stock_daily WHERE period IN ('2026-01-31', "
            "'2026-02-10') AND indicator = 'stock' GROUP BY ALL ORDER BY ALL",
        )
        asked = [rows(connection, f"SELECT sum(variance) FROM stock_on('{day}')")[0][0] for day, _ in series]
    assert len(series) == 2 and all(variance > 0 for _, variance in series)
    assert [variance for _, variance in series] == pytest.approx(asked)


def test_an_act_after_the_last_allowed_day_makes_the_overstay_and_silence_does_not(two_nights: Path) -> None:
    with opened(two_nights, "analysis") as connection:
        overstays = "SELECT allowed_until, overstay_days, rule_id, reason FROM overstays_on('2026-02-03')"
        assert rows(connection, overstays) == [(date(2026, 1, 30), 4, "SAMPLE-30", "entry")]
        person = "SELECT person_key FROM overstays_on('2026-02-03')"
        told = " ".join(
            str(rows(connection, f"FROM registry.{table}_history WHERE person_key = ({person})"))
            for table in ("stay", "stay_right", "person", "legal_status", "placement", "event")
        )
        assert "datetime.date(2026, 1, 30)" in told and "datetime.date(2026, 2, 9)" not in told, "the fine has no day"
        assert rows(connection, "SELECT count(*) FROM overstays_on('2026-01-30')") == [(0,)]
        silent = rows(connection, "SELECT person_key FROM exits_not_matched_on('2026-02-03')")
        proved = rows(connection, "SELECT person_key FROM overstays_on('2026-02-03')")
    assert silent and proved[0] not in silent


def test_an_overstay_that_an_expulsion_ended_is_over_for_officers_and_analysts(two_nights: Path) -> None:
    """Analysts learn the month, not the day."""
    state = "SELECT control_state FROM registry.stay WHERE {} AND entered_on = DATE '2025-10-01'"
    key = key_of(two_nights, "DOC105")
    with opened(two_nights, "restricted") as connection:
        found = f"person_id = (SELECT person_id FROM registry.person_key WHERE person_key = '{key}')"
        assert rows(connection, state.format(found)) == [("left_late",)]
    with opened(two_nights, "analysis") as connection:
        assert rows(connection, state.format(f"person_key = '{key}'")) == [("left_late",)]
        listed = "SELECT overstay_days FROM overstays_on('{}') WHERE person_key = '" + key + "'"
        assert rows(connection, listed.format("2025-12-31")) == [(62,)]
        assert [rows(connection, listed.format(f"2026-01-{day:02d}")) for day in (1, 24, 25, 31)] == [[]] * 4
        told = str(rows(connection, f"FROM registry.stay_right_history WHERE person_key = '{key}'"))
    assert "datetime.date(2026, 1, 1)" in told and "datetime.date(2026, 1, 25)" not in told


def test_days_of_a_stay_are_counted_against_its_rule(two_nights: Path) -> None:
    with opened(two_nights, "analysis") as connection:
        asked = "stay_days((SELECT any_value(person_key) FROM overstays_on('2026-02-03')), '2026-01-10')"
        counted = rows(connection, f"SELECT counter, used, allowed, left_over, rule_id, clause FROM {asked}")
    assert counted[0] == ("entry", 10, 30, 20, "SAMPLE-30", "clause 2")
    assert counted[2] == ("year", 10, None, None, "SAMPLE-30", "clause 2")


@pytest.mark.parametrize("document", ["DOC100", "DOC103"])
def test_no_limit_applies_to_a_citizen_from_the_day_of_citizenship_on(two_nights: Path, document: str) -> None:
    """Whether the stay goes on or had ended before."""
    asked = "SELECT DISTINCT allowed, left_over, rule_id, act, ground = 'citizen' FROM stay_days('{}', '{}')"
    with opened(two_nights, "analysis") as connection:
        key = key_of(two_nights, document)
        before = rows(connection, asked.format(key, "2026-02-04"))
        after = rows(connection, asked.format(key, "2026-02-05"))
    assert {row[2] for row in before} == {"SAMPLE-30"} and 30 in {row[0] for row in before}
    assert after == [(None, None, None, None, True)]


def test_of_two_stays_begun_on_one_day_the_one_that_goes_on_is_told(two_nights: Path) -> None:
    twice = """(SELECT person_key FROM registry.stay WHERE entered_on IS NOT NULL
        GROUP BY person_key, entered_on HAVING count(*) = 2)"""
    with opened(two_nights, "analysis") as connection:
        counted = rows(connection, f"SELECT counter, used FROM stay_days({twice}, '2026-02-14')")
    assert counted == [("entry", 5), ("window", None), ("year", 5)]


@pytest.mark.parametrize("keys", [("a", "b"), ("b", "a")])
def test_keys_of_a_generation_do_not_decide_which_stay_is_told(keys: tuple[str, str]) -> None:
    """Two stays of one day that end on it, as those of who had died before, though an exit is told later.

    The next generation tells the same one, and no day after the death counts.
    """
    asked = next(macro for macro in macros() if macro.name == "stay_days")
    with duckdb.connect() as connection:
        connection.execute(f"""
            CREATE SCHEMA registry; CREATE SCHEMA reference;
            CREATE TABLE registry.legal_status_history (person_number UBIGINT, person_key VARCHAR, status VARCHAR,
                valid_from DATE, valid_to DATE, known_from_seq INTEGER, known_to_seq INTEGER);
            CREATE TABLE reference.stay_rule_history (rule_id VARCHAR, days_per_entry INTEGER, days_in_window INTEGER,
                window_days INTEGER, days_in_year INTEGER, act VARCHAR, clause VARCHAR, holds_until DATE,
                known_from_seq INTEGER, known_to_seq INTEGER);
            CREATE TABLE registry.stay_right_history AS
            SELECT 'p' AS person_key, hash('p') AS person_number, stay_key, day AS entered_on, left_on, day AS ended_on,
                last_sign_on, day AS valid_from, NULL::DATE AS valid_to, day + 29 AS allowed_until, 'r' AS rule_id,
                'rule' AS ground, 'entry' AS counter, [since] AS counted_from, [DATE '9999-12-31'] AS counted_until,
                1 AS known_from_seq, NULL::INTEGER AS known_to_seq
            FROM (VALUES ('{keys[0]}', DATE '2026-01-10', NULL, DATE '2026-01-10', DATE '2026-01-10'),
                ('{keys[1]}', DATE '2026-01-10', DATE '2026-01-20', DATE '2026-01-20', DATE '2026-01-07')
            ) AS stay (stay_key, day, left_on, last_sign_on, since);
            CREATE MACRO {asked.signature} AS TABLE {asked.sql}
        """)
        assert rows(connection, "SELECT used FROM stay_days('p', '2026-02-01') WHERE counter = 'year'") == [(4,)]


def test_earlier_load_did_not_know_the_late_exit(two_nights: Path) -> None:
    with opened(two_nights, "analysis") as connection:
        present = "SELECT count(person_key) FROM present_on('2026-01-31', known_seq := {})"
        assert rows(connection, present.format(1)) == [(4,)]
        assert rows(connection, present.format(2)) == [(5,)], "one left twice in February, who may have been here"
        january = "flow_between('2026-01-01', '2026-01-31', known_seq := {})"
        exits = f"SELECT sum(value) FROM {january} WHERE direction = 'exit'"
        assert rows(connection, exits.format(1)) == [(1.0,)]
        assert rows(connection, exits.format("NULL")) == [(2.0,)]


def test_release_of_the_first_night_is_derived_again_from_the_second(two_nights: Path) -> None:
    with opened(two_nights, "aggregates", two_nights / "generations" / "aggregates-1.duckdb") as first:
        (release,) = rows(first, "SELECT release_id FROM meta.release")[0]
        published = rows(first, CELLS)
    with opened(two_nights, "aggregates") as second:
        assert rows(second, f"FROM as_released('{release}') ORDER BY ALL") == published
        assert rows(second, CELLS) != published


def test_release_is_derived_again_after_a_delivery_of_it_has_lost_its_name_to_an_earlier_one(copied: Path) -> None:
    """The delivery that alone told of the last day of the first release loses its name in the third load."""
    lost = "border_crossings_20260131_001.csv"
    with opened(copied, "aggregates") as connection:
        (release,) = rows(connection, "SELECT release_id FROM meta.release_history WHERE load_seq = 1")[0]
        before = [rows(connection, query) for query in known_at_first(release)]
    load = add_load(copied)
    with open_build(settings_of(copied)) as connection:
        row = f"FROM intake.delivery WHERE file_name = '{lost}'"
        dated = "coalesce(created_at, CAST(business_date AS TIMESTAMPTZ)) - INTERVAL 1 DAY AS created_at"
        earlier = f"SELECT * REPLACE ('earlier' AS delivery_id, {dated}, {load.load_seq} AS load_seq)"
        connection.execute(f"INSERT INTO intake.delivery {earlier} {row}")
    publish(settings_of(copied), load)
    with opened(copied, "aggregates") as connection:
        states = rows(connection, f"SELECT state, load_seq FROM quality.delivery WHERE file_name = '{lost}' ORDER BY 2")
        assert states == [("rejected", 1), ("accepted", 3)]
        assert [rows(connection, query) for query in known_at_first(release)] == before


def known_at_first(release: str) -> tuple[str, ...]:
    """Questions whose answer the first load settled."""
    return (
        f"FROM as_released('{release}') ORDER BY ALL",
        "FROM stock_on('2026-01-31', known_seq := 1) ORDER BY ALL",
        "FROM stock_on('2026-03-31', known_seq := 1) ORDER BY ALL",
    )


def test_a_verdict_of_a_steward_moves_no_stock(copied: Path) -> None:
    """A verdict reports no day of the country, whenever it is given."""
    asked = ("FROM stock_on('2026-01-31') ORDER BY ALL", "SELECT as_of FROM meta.release")
    with opened(copied, "aggregates") as connection:
        before = [rows(connection, query) for query in asked]
    load = add_load(copied)
    with open_build(settings_of(copied)) as connection:
        verdict = f"""'steward_decisions' AS feed, 'v' AS delivery_id, 'v.csv' AS file_name,
            {load.load_seq} AS load_seq, DATE '2026-12-31' AS business_date"""
        connection.execute(f"INSERT INTO intake.delivery SELECT * REPLACE ({verdict}) FROM intake.delivery LIMIT 1")
    publish(settings_of(copied), load)
    with opened(copied, "aggregates") as connection:
        assert [rows(connection, query) for query in asked] == before


def test_citizenship_that_has_grown_keeps_its_group_in_what_was_known_before(two_nights: Path) -> None:
    citizenships = "SELECT DISTINCT citizenship FROM {}('2026-01-31', known_seq := {})"
    for file, macro in {"aggregates": "stock_on", "analysis": "present_on"}.items():
        with opened(two_nights, file) as connection:
            assert rows(connection, citizenships.format(macro, 1)) == [("_R",)]
            assert rows(connection, citizenships.format(macro, "NULL")) == [("UZB",)]


def test_citizens_of_the_state_are_counted_as_such_and_apart(two_nights: Path) -> None:
    with opened(two_nights, "aggregates") as connection:
        citizens = (
            "SELECT citizenship, sum(value) FROM statistics.flow_daily WHERE indicator = 'citizen_crossings' GROUP BY 1"
        )
        assert rows(connection, citizens) == [("KAZ", 1.0)]
        assert rows(connection, "FROM flow_between('2026-01-01', '2026-01-31') WHERE citizenship = 'KAZ'") == []


def test_timeline_tells_the_days_of_one_person(two_nights: Path) -> None:
    with opened(two_nights, "analysis") as connection:
        notified = "SELECT person_key FROM registry.event WHERE feed = 'stay_notifications'"
        events = rows(connection, f"FROM timeline(({notified}))")
    assert [event[1:] for event in events] == [("border_crossings", "entry"), ("stay_notifications", "arrived")]


def test_a_fine_is_in_the_tenge_of_its_day(two_nights: Path) -> None:
    """Ten indices of 2023 and of 2026, as the sources tell them; the third day is warned of, the 11th is not told."""
    with opened(two_nights, "aggregates") as connection:
        asked = "SELECT measure, tenge_from FROM penalty_on('departure', {}, DATE '{}')"
        assert rows(connection, asked.format(4, "2023-06-30")) == [("fine", 34_500)]
        assert rows(connection, asked.format(5, "2026-01-01")) == [("fine", 43_250)]
        assert rows(connection, asked.format(3, "2026-01-01")) == [("warning", None)]
        assert rows(connection, asked.format(11, "2026-01-01")) == []
        assert rows(connection, asked.format(4, "2022-12-31")) == []
