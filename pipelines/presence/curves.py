"""From rates to probabilities: is somebody still here who was last heard of some days ago?

All of this is Bayes on the two ways in which a silence comes about: the person is here and gives no sign, or has left,
no exit is recorded (or it is not reported yet), and nobody has come back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.presence.silence import BANDS, LAST_DAY, band_of

Days = NDArray[np.float64]
# Of those who are here and silent, as many at least still are on the next day.
LEAST_STAYING = 0.001
# The day of a band that stands for all of it.
MIDDLES = tuple((first + after - 1) // 2 for first, after in zip(BANDS, (*BANDS[1:], LAST_DAY), strict=True))


@dataclass(frozen=True)
class Rates:
    """Daily chances of one class by band.

    Attributes:
        leave: To leave on a day, for one who is here; on the day of the sign itself, too.
        sign: To give a sign of life on a day, for one who is here.
        back: To come back on a day, for one who has left.
        loss: Share of departures that nobody ever records.
        unreported: Share of recorded exits that are not reported yet, by days since the passage.
        missed: Share of entries that nobody ever records.
    """

    leave: Days
    sign: Days
    back: Days
    loss: float
    unreported: Days
    missed: float


@dataclass(frozen=True)
class Paths:
    """The same by day since the sign of life.

    Attributes:
        here: Chance to be here and silent up to each day.
        leaves: Chance to have been silent and to leave on each day.
        hidden: Chance that a departure so many days ago has not shown itself.
        shown: Chance that one who left unrecorded so many days ago comes back on that very day.
        ends: Chance that a silence ends on each day, by a sign or by leaving.
        returns: Chance to come back so many days after leaving.
        away: Chance not to have come back by then.
        missed: Share of entries that nobody ever records.
    """

    here: Days
    leaves: Days
    hidden: Days
    shown: Days
    ends: Days
    returns: Days
    away: Days
    missed: float


def paths(rates: Rates, last: int = LAST_DAY) -> Paths:
    """Chances by day of the ways that a silence can take."""
    band = band_of(np.arange(last + 1))
    leave, sign, back = (values[band] for values in (rates.leave, rates.sign, rates.back))
    stays = np.cumprod(np.maximum(1 - leave - sign, LEAST_STAYING))
    before = np.concatenate(([1.0], stays[:-1]))
    leaves = before * leave
    away = np.cumprod(1 - back)
    away_before = np.concatenate(([1.0], away[:-1]))
    waiting = np.zeros(last + 1)
    waiting[: len(rates.unreported)] = rates.unreported[: last + 1]
    hidden = rates.loss * away + (1 - rates.loss) * waiting
    ends = before * (leave + sign)
    returns = away_before * back
    return Paths(np.asarray(stays), leaves, hidden, rates.loss * returns, ends, returns, np.asarray(away), rates.missed)


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


def here_before(way: Paths, unseen: int, standing: Days | None) -> Days:
    """Chance to have been here so many days before the first sign of a stay whose entry nobody recorded.

    Somebody who entered unrecorded within the time reported was silent from then on. Somebody who was here before it
    may have given any number of signs that nobody reported; the last of their silences ends with the first sign.

    Args:
        way: Chances of the class; a silence after an unrecorded entry is as long as one after a recorded entry.
        unseen: Days from the exit before, or from the first day that deliveries report, to the first sign.
        standing: By day, how many who were here as deliveries began are first heard of on such a day, to one entry a
            day; none where the person was away before.
    """
    if standing is None:
        began = way.ends[: unseen + 1] * way.returns[: unseen + 1][::-1]
        whole = began.sum()
        return np.concatenate(([1.0], 1 - np.cumsum(began[:-1]) / whole if whole > 0 else np.zeros(unseen)))
    waits = np.concatenate(([1.0], way.here[:unseen]))
    there = standing[max(unseen - 1, 0)]
    return np.asarray((way.missed * (waits - waits[-1]) + there) / (way.missed * (1 - waits[-1]) + there))


def here_by_paper(way: Paths, silent: int, share: float, comes_back: bool = True) -> Days:
    """Chance to be here on each day from 0 to `silent` for a holder of a paper of whom no feed tells on any of them.

    That nobody was seen to come may mean that the holder is here, or away for good: it lifts no chance above the share.

    Args:
        way: Chances of those who came for such a paper.
        silent: Days from the one before the paper to the last day known.
        share: Share of holders who are here as their paper begins.
        comes_back: Whether holders who are away come back as others do; else none of them ever does.
    """
    gone = np.cumsum(way.leaves[: silent + 1] * way.hidden[: silent + 1][::-1])
    here = share * (way.here[silent] + gone[-1])
    away = (1 - share) * (way.away[silent] if comes_back else 1.0)
    return np.asarray(np.minimum(here / (here + away), share) * (1 - gone / (way.here[silent] + gone[-1])))


def table(rates: Rates, ending: str, standing: Days | None = None) -> Days:
    """Probability to be here by band of days from the sign of life and band of the whole silence or time unseen.

    Args:
        rates: Daily chances of the class.
        ending: How the silence ended, or what bounds the time unseen.
        standing: Those who were here as deliveries began, as `here_before` takes them.
    """
    way = paths(rates)
    if ending in ("open", "returned"):
        found = _by_band(lambda whole: 1 - gone_by(way, whole, ending == "returned"))
    else:
        found = _by_band(lambda whole: here_before(way, whole, standing))
    found[0] = 1.0
    return found


def table_by_paper(rates: Rates, share: float, comes_back: bool = True) -> Days:
    """The same for holders of papers, by days from the one before the paper; see `here_by_paper`."""
    way = paths(rates)
    return _by_band(lambda whole: here_by_paper(way, whole, share, comes_back))


def _by_band(here: Callable[[int], Days]) -> Days:
    found = np.full((len(BANDS), len(BANDS)), np.nan)
    for position, middle in enumerate(MIDDLES):
        chances = here(max(middle, 1))
        found[: position + 1, position] = chances[np.minimum(np.array(MIDDLES[: position + 1]), middle)]
    return found
