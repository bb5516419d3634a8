"""What arrived, by feed, place and day of the fact, however often a load is done."""

from __future__ import annotations

from tests.dbt.modelled_world import World

ARRIVED = """SELECT * EXCLUDE (known_seq, records, citizens), sum(records), sum(citizens)
FROM statistics.arrival_delta GROUP BY ALL HAVING sum(records) <> 0 ORDER BY ALL"""


def counted(world: World, feed: str) -> list[tuple[object, ...]]:
    """Region, post and rows of a feed, corrections left out."""
    return world.rows(
        f"SELECT region, post_code, sum(records) FROM intermediate.counted_arrival WHERE feed = '{feed}' "
        "GROUP BY ALL ORDER BY ALL"
    )


def test_rows_stand_by_the_region_of_their_territory_and_a_correction_counts_once(controlled: World) -> None:
    assert counted(controlled, "inspections") == [("750000000", "_T", 3), ("_U", "_T", 2)]
    assert len(controlled.rows("FROM raw.inspections WHERE known_to_seq IS NULL")) == 6


def test_rows_about_the_whole_state_are_not_of_an_unknown_place(controlled: World) -> None:
    assert counted(controlled, "vacancies") == [("000000000", "_T", 1), ("750000000", "_T", 1)]


def test_crossings_stand_by_post(two_nights: World) -> None:
    """Fifteen rows came: one is a crossing sent again, another was withdrawn."""
    [(region, post, rows)] = counted(two_nights, "border_crossings")
    assert (region, post, rows) == ("_U", "ALA", 13)


def test_citizens_whose_identity_is_dropped_are_counted_among_the_rows(two_nights: World) -> None:
    told = two_nights.rows("SELECT feed, CAST(sum(citizens) AS INTEGER) FROM statistics.arrival_delta GROUP BY feed")
    dropped = two_nights.rows("SELECT count(*) FROM raw.border_crossings WHERE is_citizen_stripped")
    assert {feed: number for feed, number in told if number} == {"border_crossings": dropped[0][0]}


def test_feeds_that_tell_of_offence_are_not_broken_down_by_place(controlled: World) -> None:
    assert counted(controlled, "enforcement_cases") == [("_T", "_T", 22)]


def test_two_nights_of_arrivals_are_what_one_rebuild_counts(
    two_nights: World, done_again: World, made_anew: World
) -> None:
    arrived = two_nights.rows(ARRIVED)
    assert done_again.rows(ARRIVED) == arrived
    assert made_anew.rows(ARRIVED) == arrived
    assert two_nights.rows("SELECT DISTINCT known_seq FROM statistics.arrival_delta ORDER BY 1") == [(1,), (2,)]


def test_a_record_arrives_once_with_the_first_delivery_that_tells_of_it(later: dict[int, World]) -> None:
    """However it is sent again. One made earlier that comes later was the first; one withdrawn told of nothing."""
    told = "SELECT CAST(business_date AS VARCHAR), sum(records) FROM intermediate.counted_arrival "
    told += "WHERE happened_on = '2026-01-22' GROUP BY ALL ORDER BY ALL"
    days = {seq: world.rows(told) for seq, world in later.items()}
    assert days == {2: [], 3: [("2026-01-25", 1)], 4: [("2026-01-25", 1)], 5: [("2026-01-23", 1)], 6: []}
