"""From rates to probabilities: is somebody still here who was last heard of some days ago?

All of this is Bayes on the two ways in which a silence comes about: the person is here and gives no sign, or has left,
no exit is recorded (or it is not reported yet), and nobody has come back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.presence.silence import BANDS, LAST_DAY, band_of

Days = NDArray[np.float64]
# The day of a band that stands for all of it.
MIDDLES = tuple((first + after - 1) // 2 for first, after in zip(BANDS, (*BANDS[1:], LAST_DAY), strict=True))


@dataclass(frozen=True)
class Rates:
    """Daily chances of one class by band.

    Attributes:
        leave: To leave on a day, for one who is here.
        sign: To give a sign of life on a day, for one who is here.
        back: To come back on a day, for one who has left.
        loss: Share of departures that nobody ever records.
        unreported: Share of recorded exits that are not reported yet, by days since the passage.
    """

    leave: Days
    sign: Days
    back: Days
    loss: float
    unreported: Days


@dataclass(frozen=True)
class Paths:
    """The same by day since the sign of life.

    Attributes:
        here: Chance to be here and silent up to each day.
        leaves: Chance to have been silent and to leave on each day.
        hidden: Chance that a departure so many days ago has not shown itself.
        shown: Chance that one who left unrecorded so many days ago comes back on that very day.
    """

    here: Days
    leaves: Days
    hidden: Days
    shown: Days


def paths(rates: Rates, last: int = LAST_DAY) -> Paths:
    """Chances by day of the ways that a silence can take."""
    band = band_of(np.arange(last + 1))
    leave, sign, back = (values[band] for values in (rates.leave, rates.sign, rates.back))
    stays = np.cumprod(np.where(np.arange(last + 1) > 0, np.maximum(1 - leave - sign, 0.01), 1.0), dtype=np.float64)
    before = np.concatenate(([1.0], stays[:-1]))
    leaves = np.where(np.arange(last + 1) > 0, before * leave, 0.0)
    away = np.cumprod(1 - back)
    away_before = np.concatenate(([1.0], away[:-1]))
    waiting = np.zeros(last + 1)
    waiting[: len(rates.unreported)] = rates.unreported[: last + 1]
    hidden = rates.loss * away + (1 - rates.loss) * waiting
    return Paths(np.asarray(stays), leaves, hidden, rates.loss * away_before * back)


def gone_by(way: Paths, silent: int, is_back: bool) -> Days:
    """Chance to have left by each day from 0 to `silent`, given all that many days of silence.

    Args:
        way: Chances of the class.
        silent: Days from the sign of life to the last day known, or to the entry that proves an exit.
        is_back: Whether such an entry ended the silence.
    """
    until = way.leaves[: silent + 1]
    after = (way.shown if is_back else way.hidden)[: silent + 1][::-1]
    gone = np.cumsum(until * after)
    whole = gone[-1] + (0.0 if is_back else way.here[silent])
    if whole <= 0:
        # Nothing in the model explains it: whoever came back has left, everybody else is here.
        return np.full(silent + 1, float(is_back))
    return np.asarray(gone / whole)


def table(rates: Rates, is_back: bool) -> NDArray[np.float64]:
    """Probability to be here by band of days since the sign of life and band of the whole silence."""
    way = paths(rates)
    found = np.full((len(BANDS), len(BANDS)), np.nan)
    for position, silent in enumerate(MIDDLES):
        gone = gone_by(way, max(silent, 1), is_back)
        ages = np.minimum(np.array(MIDDLES[: position + 1]), silent)
        found[: position + 1, position] = 1 - gone[ages]
    found[0] = 1.0
    return found
