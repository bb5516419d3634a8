"""What was known when, and that doing a load again changes nothing."""

from __future__ import annotations

from datetime import date

from tests.dbt.modelled_world import World

HISTORIES = (
    "SELECT schema_name || '.' || table_name FROM duckdb_tables() "
    "WHERE database_name = 'build' AND (ends_with(table_name, '_history') OR ends_with(table_name, '_delta'))"
)


def content(world: World) -> dict[str, list[tuple[object, ...]]]:
    """Every table that keeps what was known, in a fixed order."""
    tables = sorted(row[0] for row in world.rows(HISTORIES))
    return {table: world.rows(f"SELECT * FROM {table} ORDER BY ALL") for table in tables}


def test_a_correction_closes_the_old_stay_and_opens_the_new_one(two_nights: World) -> None:
    query = (
        "SELECT left_on, known_from_seq, known_to_seq FROM registry.stay_history "
        "WHERE person_id = 'PMATCHED' ORDER BY known_from_seq"
    )
    assert two_nights.rows(query) == [(date(2026, 1, 10), 1, 2), (date(2026, 1, 15), 2, None)]


def test_what_did_not_change_keeps_its_first_load(two_nights: World) -> None:
    query = "SELECT DISTINCT known_from_seq, known_to_seq FROM registry.stay_history WHERE person_id = 'PEXITONLY'"
    assert two_nights.rows(query) == [(1, None)]


def test_a_record_that_a_steward_keeps_apart_is_a_saying_of_its_own_from_then_on(two_nights: World) -> None:
    told = """SELECT count(DISTINCT observation_id) FROM intermediate.source_record_history
        WHERE record_id IN ('s1', 's2')"""
    assert two_nights.rows(f"{told} AND known_from_seq = 1") == [(1,)]
    assert two_nights.rows(f"{told} AND known_to_seq IS NULL") == [(2,)]
    apart = """SELECT record_id FROM intermediate.source_record JOIN intermediate.crossing_event
        USING (record_id, observation_id) WHERE record_id IN ('s1', 's2') ORDER BY ALL"""
    assert two_nights.rows(apart) == [("s1",), ("s2",)]


def test_every_current_record_has_one_current_link_and_a_withdrawn_one_has_none(two_nights: World) -> None:
    current = "SELECT feed, record_id FROM registry.source_link"
    assert two_nights.rows(f"SELECT count(*), count(DISTINCT (feed, record_id)) FROM ({current})") == [(23, 23)]
    assert two_nights.rows(f"SELECT count(*) FROM ({current}) WHERE record_id = 'd2'") == [(0,)]
    assert two_nights.rows("SELECT known_to_seq FROM registry.source_link_history WHERE record_id = 'd2'") == [(2,)]


def test_the_same_load_again_gives_the_same_tables(two_nights: World, done_again: World) -> None:
    assert content(done_again) == content(two_nights)


def test_what_was_known_at_the_first_load_is_what_the_first_load_showed(two_nights: World) -> None:
    as_of_first = "known_from_seq <= 1 AND (known_to_seq IS NULL OR known_to_seq > 1)"
    query = (
        "SELECT * EXCLUDE (presence, presence_probability, known_from_seq, known_to_seq) "
        f"FROM registry.stay_presence_history WHERE {as_of_first} ORDER BY ALL"
    )
    assert len(two_nights.first_night) == 9
    assert two_nights.rows(query) == two_nights.first_night


def test_every_change_of_a_flow_says_why_it_was_made(two_nights: World) -> None:
    query = "SELECT valid_day, cause, change FROM statistics.flow_delta WHERE known_seq = 2 ORDER BY ALL"
    assert two_nights.rows(query) == [
        (date(2026, 1, 10), "correction", -1),
        (date(2026, 1, 15), "correction", 1),
        (date(2026, 1, 20), "withdrawn", -1),
        (date(2026, 1, 30), "late_delivery", 1),
        (date(2026, 1, 30), "late_delivery", 1),
    ]
    stock = "SELECT DISTINCT cause FROM statistics.stock_delta WHERE known_seq = {} ORDER BY 1"
    assert two_nights.rows(stock.format(1)) == [("new_day",), ("other",)], "a case of protection or return is no cause"
    assert two_nights.rows(stock.format(2)) == [("correction",), ("late_delivery",), ("other",), ("withdrawn",)]


def test_whom_a_later_load_took_back_a_region_does_not_count_as_none(later: dict[int, World]) -> None:
    """As in a home that took in all deliveries at once, in which nobody was ever registered there."""
    told = "SELECT DISTINCT region FROM statistics.region_compliance WHERE indicator = 'registered_foreigners'"
    assert len(later[5].rows(told)) == 2
    assert later[6].rows(told) == []
