"""What a silence says about who is still here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipelines.presence.curves import Rates, gone_by, here_before, here_by_paper, paths, table
from pipelines.presence.silence import BANDS


def rates(leave: float = 0.1, sign: float = 0.0, back: float = 0.0, loss: float = 0.05) -> Rates:
    """The same chances on every day but that of the sign, on which nobody leaves; all exits reported at once."""
    leaving, signing, coming = (np.full(len(BANDS), chance) for chance in (leave, sign, back))
    leaving[0] = signing[0] = 0.0
    return Rates(leaving, signing, coming, loss=loss, unreported=np.zeros(61), missed=0.02)


def here_after(found: Rates, days: int) -> float:
    """Chance to be here after so many days of silence that lasts."""
    return float(1 - gone_by(paths(found), days, is_back=False)[days])


def test_one_of_two_ways_to_be_silent_is_to_have_left_unseen() -> None:
    stays = 0.9**10
    assert here_after(rates(), 10) == pytest.approx(stays / (stays + 0.05 * (1 - stays)))


def test_where_every_exit_is_recorded_the_silent_are_here() -> None:
    assert here_after(rates(loss=0.0), 300) == 1.0


def test_an_exit_that_is_not_reported_yet_counts_on_the_last_days_alone() -> None:
    late = np.zeros(61)
    late[:3] = (0.5, 0.3, 0.1)
    found = replace(rates(loss=0.0), unreported=late)
    assert here_after(found, 1) == pytest.approx(0.9 / (0.9 + 0.1 * 0.5))
    chances = 1 - gone_by(paths(found), 20, is_back=False)
    assert chances[16] == 1.0 and chances[20] < 1.0


def test_who_would_have_come_back_by_now_is_more_likely_still_here() -> None:
    assert here_after(rates(back=0.05), 60) > here_after(rates(back=0.0), 60)


def test_who_leaves_on_the_day_of_the_sign_itself_is_silent_from_then_on() -> None:
    found = rates()
    found.leave[0] = 0.4
    gone, stays = 0.05 * (1 - 0.6 * 0.9**2), 0.6 * 0.9**2
    assert here_after(found, 2) == pytest.approx(stays / (stays + gone))
    assert here_before(paths(found), 3_000, np.zeros(3_650))[1] == pytest.approx(0.6, abs=0.01)


def test_silence_weighs_more_where_signs_are_frequent() -> None:
    assert here_after(rates(sign=0.05), 60) < here_after(rates(sign=0.0), 60)


def test_what_followed_tells_of_the_days_before() -> None:
    way = paths(rates())
    assert 1 - gone_by(way, 100, is_back=False)[10] < 1 - gone_by(way, 10, is_back=False)[10]


def test_who_came_back_unseen_had_left_before() -> None:
    chances = 1 - gone_by(paths(rates(back=0.05)), 30, is_back=True)
    assert chances[30] == pytest.approx(0.0) and 0 < chances[5] < 1
    assert (np.diff(chances) <= 0).all()


def test_a_curve_is_certain_on_the_day_of_the_sign_and_empty_beyond_the_silence() -> None:
    found = table(rates(), "open")
    assert (found[0] == 1.0).all()
    assert np.isnan(found[5, 3]) and 0 <= found[3, 5] <= found[3, 3] <= 1


def test_before_a_first_sign_somebody_was_here_as_long_as_silences_last() -> None:
    way = paths(rates(sign=0.1))
    chances = here_before(way, 3_000, way.here)
    assert chances[:3] == pytest.approx([1.0, 1.0, 0.8])


def test_one_who_left_before_was_not_here_on_that_day() -> None:
    chances = here_before(paths(rates(sign=0.1, back=0.05)), 12, None)
    assert chances[1] == 1.0 and chances[12] < chances[2] < 1.0
    assert (np.diff(chances) <= 0).all()


def test_soon_after_reports_began_most_without_an_entry_had_been_here() -> None:
    way = paths(rates(leave=0.01))
    assert here_before(way, 5, way.here)[5] > 0.95
    assert here_before(way, 600, way.here)[300] < here_before(way, 310, way.here)[300]


def test_who_gave_signs_before_anything_was_reported_may_still_have_been_here() -> None:
    way = paths(rates(leave=0.01, sign=0.02))
    silent, there = float(way.here[199]), 4 * float(way.here[199])
    chance = here_before(way, 200, 4 * way.here)[200]
    assert chance == pytest.approx(there / (0.02 * (1 - silent) + there))
    assert chance > here_before(way, 200, way.here)[200]


def test_a_paper_alone_is_never_certain_and_tells_less_the_longer_it_is_silent() -> None:
    way = paths(rates(leave=0.001, sign=0.01))
    chances = [float(here_by_paper(way, silent, share=0.8)[silent]) for silent in (1, 30, 300)]
    assert chances[0] == pytest.approx(0.8 * 0.989 / (0.8 * (0.989 + 0.001 * 0.05) + 0.2))
    assert 0.8 > chances[0] > chances[1] > chances[2] > 0


def test_a_holder_who_would_have_come_by_now_is_more_likely_here_but_may_be_away_for_good() -> None:
    way = paths(rates(leave=0.001, sign=0.02, back=0.01))
    for_good, comes = (float(here_by_paper(way, 60, 0.5, comes_back)[60]) for comes_back in (False, True))
    assert for_good < comes < 0.5
    never_seen = paths(rates(leave=0.0, sign=0.0, back=0.01))
    assert here_by_paper(never_seen, 1_000, share=0.5)[1_000] == pytest.approx(0.5)
