"""Figures of control: posts, cases, centres and regions, each against numbers that can be counted by hand."""

from __future__ import annotations

from tests.dbt.modelled_world import World

BY_HOUR = (
    "SELECT CAST(valid_hour AS DATE) AS day, post_code, direction, sum(change) FROM statistics.post_hour_delta "
    "GROUP BY ALL HAVING sum(change) <> 0 ORDER BY ALL"
)
BY_DAY = BY_HOUR.replace("CAST(valid_hour AS DATE)", "valid_day").replace("post_hour_delta", "flow_delta")


def test_passages_by_hour_are_the_passages_by_day(two_nights: World, copied: World) -> None:
    """After corrections and a withdrawal, and whether loads came one by one or all at once."""
    assert two_nights.rows(BY_HOUR) == two_nights.rows(BY_DAY)
    copied.load(2, full_refresh=True)
    assert copied.rows(BY_HOUR) == two_nights.rows(BY_HOUR)


def test_a_corrected_exit_is_one_passage_of_its_post_and_hour(two_nights: World) -> None:
    load = "SELECT hour, value FROM statistics.post_load WHERE indicator = 'crossings_out' ORDER BY ALL"
    assert two_nights.rows(load) == [("09", 1.0), ("10", 2.0), ("18", 1.0)]
