"""The rates behind silences are found from what a registry sees, without truth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipelines.presence import fitting
from pipelines.presence.curves import gone_by, paths
from pipelines.presence.fitting import fit
from pipelines.presence.model import ROWS, freeze, load_model, save_model
from pipelines.presence.silence import CLASSES, ENDINGS, LAST_DAY, PAIRS, TENURES, Seen
from pipelines.simulation.randomness import stream

WINDOW, LOSS, LEAVE, BACK = 300, 0.08, 0.05, 0.03
BIG, SMALL = CLASSES.index("work:union:new"), CLASSES.index("work:other:new")


def seen_of(persons: dict[int, int], loss: float = LOSS) -> Seen:
    """What a registry sees of persons who enter on one of `WINDOW` days, leave, and come back once, by class."""
    rng = stream(7, "silences")
    empty = np.zeros((len(CLASSES), LAST_DAY + 1))
    silences = {ending: empty.copy() for ending in ENDINGS}
    returns, absences = empty.copy(), empty.copy()
    came_back = {True: np.zeros(len(PAIRS)), False: np.zeros(len(PAIRS))}
    for position, number in persons.items():
        left = rng.integers(0, WINDOW, number)
        stay, away = rng.geometric(LEAVE, number), rng.geometric(BACK, number)
        lost, gone, back = rng.random(number) < loss, stay <= left, stay + away <= left
        for ending, rows, days in (
            ("exit", gone & ~lost, stay),
            ("returned", gone & lost & back, stay + away),
            ("open", ~gone | (lost & ~back), left),
        ):
            np.add.at(silences[ending][position], days[rows], 1)
        np.add.at(returns[position], away[gone & ~lost & back], 1)
        for is_lost, number_back in came_back.items():
            number_back[position // len(TENURES)] += (gone & back & (lost == is_lost)).sum()
        np.add.at(absences[position], (left - stay)[gone & ~lost & ~back], 1)
    delays = np.zeros(LAST_DAY + 1)
    delays[0] = 1.0
    begun = np.zeros(len(CLASSES))
    begun[list(persons)] = list(persons.values())
    found = (silences, returns, absences, came_back[True], came_back[False], delays, 1_000, 20, begun)
    return Seen(*found, holders_here=90, holders_left=0, holders_away=10)


def test_lost_departures_are_counted_from_those_who_came_back() -> None:
    found = fit(seen_of({BIG: 40_000}))
    assert found.lost == pytest.approx(LOSS, abs=0.01)
    assert found.leave[BIG, 5] == pytest.approx(LEAVE, rel=0.1)
    assert found.missed[0] / sum(found.missed) == pytest.approx(0.02, abs=0.001)


def test_those_who_leave_on_the_day_that_they_come_are_told_from_those_who_leave_later() -> None:
    """A third is here for the day alone, and as many of them leave unseen as of others."""
    seen = seen_of({BIG: 40_000})
    gone, lost = 20_000, 20_000 * LOSS
    seen.silences["exit"][BIG, 0] += gone - lost
    seen.silences["open"][BIG, 10 : WINDOW - 10] += lost / (WINDOW - 20)
    seen.absences[BIG, 10 : WINDOW - 10] += (gone - lost) / (WINDOW - 20)
    found = fit(seen)
    assert found.leave[BIG, 0] == pytest.approx(20_000 / 60_000, rel=0.03)
    assert found.leave[BIG, 5] == pytest.approx(LEAVE, rel=0.1)


def test_of_those_who_were_here_as_deliveries_began_as_many_wait_as_silences_are_long() -> None:
    """Each person of the world had one silence to an entry, and most were over after a hundred days."""
    found = fit(seen_of({BIG: 40_000}))
    assert found.to_an_entry[BIG] == pytest.approx(1.0, abs=0.01)
    standing = found.standing(BIG)
    assert standing[0] == pytest.approx(found.to_an_entry[BIG] + found.to_an_entry[BIG + 1], rel=0.0001)
    assert standing[100] == pytest.approx((1 - LEAVE) ** 100, abs=0.01)


def test_holders_who_came_back_by_a_lost_entry_are_not_taken_for_residents() -> None:
    here, away = fit(seen_of({BIG: 2_000})).holders
    assert here + away == pytest.approx(101)
    assert here == pytest.approx(90.5 - 10 * 0.0205 / 0.9795, abs=0.01)


def test_holders_who_left_by_a_lost_exit_and_came_back_had_been_here() -> None:
    """Of 80 who filed, 76 left by an exit that is recorded; four entered once more, though nobody saw them leave."""
    seen = replace(seen_of({BIG: 40_000}), missed=0, entries=10**9, holders_here=76, holders_left=76, holders_away=4)
    here, away = fit(seen).holders
    assert (here, away) == pytest.approx((80.5, 0.5), abs=0.6)


def test_a_small_class_leans_on_the_larger_of_its_purpose() -> None:
    found = fit(seen_of({BIG: 40_000, SMALL: 12}))
    alone = np.array([found.rates(SMALL).loss, found.leave[SMALL, 5]])
    assert alone == pytest.approx(np.array([found.rates(BIG).loss, found.leave[BIG, 5]]), rel=0.25)


def test_of_a_class_that_leaves_soon_nobody_is_taken_to_be_here_for_his_long_silence() -> None:
    """All others are slow. Of these, who gives no sign after three days has left, and some come back no more."""
    quick, seen = CLASSES.index("transit:other:new"), seen_of({BIG: 40_000})
    seen.silences["exit"][quick, 1:4] = (600, 300, 50)
    seen.silences["open"][quick, 10:260:5] = 1
    seen.silences["returned"][quick, 22] = 9
    seen.returns[quick, 20] = 100
    seen.absences[quick, 10:260] = 3
    way = paths(fit(seen).rates(quick))
    here = [1 - gone_by(way, silent, is_back=False)[-1] for silent in (10, 50, 100, 200)]
    assert here == sorted(here, reverse=True) and here[0] < 0.01


def test_a_frozen_model_is_read_as_it_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many draws its bounds are of."""
    monkeypatch.setattr(fitting, "DRAWS", 8)
    found = fit(seen_of({BIG: 2_000}))
    model = freeze(found, found, "pr-test", "a test", 0.2)
    save_model(model, tmp_path)
    read = load_model(tmp_path)
    order = [(name, "ascending") for name in ("presence_class", "ending", "band", "silent_band")]
    assert read.curve.sort_by(order).equals(model.curve.sort_by(order)) and (read.apart, read.told) == (0.2, model.told)
    assert model.curve.num_rows == ROWS


def test_the_shipped_model_has_bounds_around_every_chance() -> None:
    curve = load_model().curve
    lower, value, upper = (curve[name].to_numpy() for name in ("lower", "probability", "upper"))
    assert ((lower >= 0) & (lower <= value) & (value <= upper) & (upper <= 1)).all()
