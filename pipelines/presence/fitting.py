"""Finding the rates that explain the silences a registry has seen; no truth is needed.

Departures that were recorded say how soon people leave. Who has left without a record is hidden among the silent, so
both are found in turns (expectation maximisation). The share of departures that are never recorded comes from those who
came back: an entry after an entry proves a departure that was lost, an entry after an exit one that was not.

Small classes lean on larger ones, by weights that the data choose: the rates of a class lean on those of its purpose at
its own pace, its share of lost departures on that of all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from pipelines.presence.curves import Rates, gone_by, paths
from pipelines.presence.silence import BANDS, CLASSES, LAST_DAY, NATIONS, TENURES, Seen, band_of

ROUNDS = 12
# Nearly all of those in transit leave on their second day: a lower rate would keep some of them for good.
LEAST_RATE, MOST_RATE = 1e-6, 0.999
FULL_REPORT = 60
DRAWS, SEED = 200, 1
# Events that a row leans on for its pace.
LEAN_ON_PACE = 5.0
# Entries of the purpose that a class leans on for its number of silences to an entry.
LEAN_ON_ENTRIES = 20.0

Table = NDArray[np.float64]
BAND = band_of(np.arange(LAST_DAY + 1))
PLACE = np.arange(len(CLASSES))
TENURE = PLACE % len(TENURES)
PURPOSE = PLACE // (len(NATIONS) * len(TENURES)) * len(TENURES) + TENURE


@dataclass
class Fit:
    """Rates of all classes by band, and the evidence behind them.

    Attributes:
        leave: Daily chance to leave.
        sign: Daily chance of a sign of life.
        back: Daily chance to come back.
        lost: Share of departures never recorded, of all classes together.
        loss: By class, the two parameters of the beta distribution of the share of departures never recorded.
        unreported: Share of recorded exits not reported yet, by days since the passage.
        missed: The two parameters of the beta distribution of the share of entries never recorded.
        to_an_entry: Silences to a recorded entry, by class.
        holders: The two parameters of the beta distribution of the share of holders who are here as their paper begins.
        leave_events: Departures behind each rate, those that the class leans on included.
        weights: How many events of the larger group a class leans on, by kind of rate.
    """

    leave: Table
    sign: Table
    back: Table
    lost: float
    loss: Table
    unreported: Table
    missed: tuple[float, float]
    to_an_entry: Table
    holders: tuple[float, float]
    leave_events: Table
    weights: dict[str, float]

    def rates(self, position: int) -> Rates:
        """The rates of one class."""
        share = float(self.loss[position, 0] / self.loss[position].sum())
        missed = self.missed[0] / sum(self.missed)
        return Rates(self.leave[position], self.sign[position], self.back[position], share, self.unreported, missed)

    def standing(self, position: int) -> Table:
        """By day, who was here as deliveries began and is first heard of then, to one entry a day of a new class.

        In a state that neither grows nor shrinks, as many silences are under way on a day, and end so many days later,
        as silences of that length or longer begin on one.
        """
        after = position + 1
        new, known = (paths(self.rates(place)).here * self.to_an_entry[place] for place in (position, after))
        return np.asarray(new + known)

    def drawn(self, position: int) -> list[Rates]:
        """Rates of one class as they may well be instead: draws from what the evidence leaves open."""
        rng = np.random.default_rng((SEED, position))
        events = self.leave_events[position]
        factor = rng.gamma(events, 1 / events, (DRAWS, len(BANDS)))
        lost, known = self.loss[position]
        shares, missed = rng.beta(float(lost), float(known), DRAWS), rng.beta(*self.missed, DRAWS)
        mean = self.rates(position)
        return [
            replace(mean, leave=np.clip(mean.leave * f, LEAST_RATE, MOST_RATE), loss=float(share), missed=float(m))
            for f, share, m in zip(factor, shares, missed, strict=True)
        ]

    def drawn_holders(self) -> list[float]:
        """The share of holders who are here as their paper begins as it may well be instead."""
        return [float(share) for share in np.random.default_rng(SEED).beta(*self.holders, DRAWS)]


def fit(seen: Seen) -> Fit:
    """The model that explains what was seen."""
    unreported, missed = _unreported(seen), (seen.missed + 0.5, seen.entries - seen.missed + 0.5)
    lost_share, loss, loss_weight = _losses(seen)
    to_an_entry, holders = _to_an_entry(seen), _holders(seen, lost_share)
    back, _, back_weight = _pooled(_by_band(seen.returns), _by_band(_at_risk(seen.returns + seen.absences)))
    exits, signs = _by_band(seen.silences["exit"]), _by_band(seen.silences["sign"])
    certain = _at_risk(seen.silences["exit"] + seen.silences["sign"])
    risk = _by_band(certain + _at_risk(seen.silences["open"] + seen.silences["returned"]))
    lost = np.zeros_like(exits)
    weights = {"loss": loss_weight, "back": back_weight}
    for _ in range(ROUNDS):
        leave, events, weights["leave"] = _pooled(exits + lost, risk)
        sign, _, weights["sign"] = _pooled(signs, risk)
        found = Fit(leave, sign, back, lost_share, loss, unreported, missed, to_an_entry, holders, events, weights)
        lost, silent = _expected(found, seen)
        risk = _by_band(certain) + silent
    return found


def _expected(found: Fit, seen: Seen) -> tuple[Table, Table]:
    """Departures hidden in silences, and days that the silent were here, by class and band."""
    lost, here = (np.zeros((len(CLASSES), len(BANDS))) for _ in range(2))
    for position in range(len(CLASSES)):
        counts = {is_back: seen.silences["returned" if is_back else "open"][position] for is_back in (False, True)}
        longest = max((int(days[-1]) for c in counts.values() if len(days := np.flatnonzero(c))), default=0)
        way = paths(found.rates(position), max(longest, 1))
        for is_back, count in counts.items():
            for silent in np.flatnonzero(count):
                gone = gone_by(way, int(silent), is_back)
                leaving = np.diff(gone, prepend=0.0)
                present = np.concatenate(([1.0], 1 - gone[:-1]))
                bands = BAND[: silent + 1]
                lost[position] += count[silent] * np.bincount(bands, leaving, len(BANDS))
                here[position] += count[silent] * np.bincount(bands, present, len(BANDS))
    return lost, here


def _at_risk(ended: Table) -> Table:
    """How many were still waiting at the start of each day."""
    return np.asarray(np.cumsum(ended[:, ::-1], axis=1)[:, ::-1])


def _by_band(days: Table) -> Table:
    return np.stack([np.bincount(BAND, row, len(BANDS)) for row in days])


def _pooled(events: Table, exposure: Table) -> tuple[Table, Table, float]:
    """Rates by class and band that lean on those of the purpose; events behind each; weight of the leaning."""
    whole = _carried(events.sum(0, keepdims=True), exposure.sum(0, keepdims=True))
    by_tenure = _lean(_grouped(events, TENURE), _grouped(exposure, TENURE), whole, 5.0)[0]
    purpose_events, purpose_exposure = _grouped(events, PURPOSE), _grouped(exposure, PURPOSE)
    above = _paced(purpose_events, purpose_exposure, by_tenure[np.arange(len(purpose_events)) % len(TENURES)])
    weight = _weight(purpose_events, purpose_exposure, above)
    by_purpose = _lean(purpose_events, purpose_exposure, above, weight)[0]
    above = _paced(events, exposure, by_purpose[PURPOSE])
    weight = _weight(events, exposure, above)
    rates, behind = _lean(events, exposure, above, weight)
    return np.clip(rates, LEAST_RATE, MOST_RATE), behind, weight


def _paced(events: Table, exposure: Table, above: Table) -> Table:
    """The rates of the larger group at the pace of each row: who leaves sooner does so in rare bands too."""
    pace = (events.sum(1) + LEAN_ON_PACE) / ((exposure * above).sum(1) + LEAN_ON_PACE)
    return np.asarray(np.clip(above * pace[:, None], LEAST_RATE, MOST_RATE))


def _lean(events: Table, exposure: Table, above: Table, weight: float) -> tuple[Table, Table]:
    behind = events + weight
    return np.asarray(behind / (exposure + weight / np.maximum(above, LEAST_RATE))), behind


def _carried(events: Table, exposure: Table) -> Table:
    """Rates of all together; a band that nobody has reached has the rate of the one before."""
    rates = np.full(events.shape[1], 0.01)
    for band in range(events.shape[1]):
        enough = exposure[0, band] >= 100
        rates[band] = (events[0, band] + 0.5) / exposure[0, band] if enough else rates[max(band - 1, 0)]
    return np.asarray(np.clip(rates, LEAST_RATE, MOST_RATE)[None, :])


def _weight(events: Table, exposure: Table, above: Table) -> float:
    """How many events of the larger group a small one leans on: the weight under which the counts are likeliest."""
    from scipy.stats import nbinom  # half a second to load; a night learns no rates

    expected = np.maximum(exposure * above, 1e-12)
    rows = exposure > 0

    def unlikely(log_weight: float) -> float:
        size = np.exp(log_weight)
        return -float(nbinom.logpmf(np.rint(events[rows]), size, size / (size + expected[rows])).sum())

    return float(np.exp(minimize_scalar(unlikely, bounds=(-2, 6), method="bounded").x))


def _grouped(values: Table, group: NDArray[np.int64]) -> Table:
    found = np.zeros((int(group.max()) + 1, values.shape[1]))
    np.add.at(found, group, values)
    return found


def _losses(seen: Seen) -> tuple[float, Table, float]:
    """Share of lost departures; its beta distribution by class; the weight of all in it."""
    from scipy.stats import betabinom

    pair, lost, known = np.arange(len(CLASSES)) // len(TENURES), seen.lost, seen.known
    share = (lost.sum() + 0.5) / (lost.sum() + known.sum() + 1)

    def unlikely(log_weight: float) -> float:
        size = np.exp(log_weight)
        return -float(betabinom.logpmf(lost, lost + known, share * size, (1 - share) * size).sum())

    weight = float(np.exp(minimize_scalar(unlikely, bounds=(1, 9), method="bounded").x))
    return float(share), np.stack([share * weight + lost, (1 - share) * weight + known], axis=1)[pair], weight


def _to_an_entry(seen: Seen) -> Table:
    """Silences of each class to a recorded entry of its purpose and nationality."""
    pair = np.arange(len(CLASSES)) // len(TENURES)
    begun = _grouped(seen.begun[:, None], pair)[pair, 0]
    number = np.sum([silences.sum(1) for silences in seen.silences.values()], axis=0)
    of_all = _grouped(number[:, None], TENURE)[TENURE, 0] / max(float(seen.begun.sum()), 1.0)
    of_purpose = (_grouped(number[:, None], PURPOSE)[PURPOSE, 0] + LEAN_ON_ENTRIES * of_all) / (
        _grouped(begun[:, None], PURPOSE)[PURPOSE, 0] + LEAN_ON_ENTRIES
    )
    return np.asarray((number + LEAN_ON_ENTRIES * of_purpose) / (begun + LEAN_ON_ENTRIES))


def _holders(seen: Seen, lost: float) -> tuple[float, float]:
    """Holders who turned out to have been here, and to have been away, as their paper began.

    Of those whose first sign is an entry, some were here and left by an exit that nobody recorded. Of those who were
    away, some came back by an entry that nobody recorded, and look as if they had been here.
    """
    left = min(seen.holders_left * lost / (1 - lost), seen.holders_away)
    away = seen.holders_away - left
    missed = (seen.missed + 0.5) / (seen.entries + 1)
    hidden = min(away * missed / (1 - missed), seen.holders_here)
    return seen.holders_here + left - hidden + 0.5, away + hidden + 0.5


def _unreported(seen: Seen) -> Table:
    """Share of recorded exits that are reported later than so many days after the passage."""
    delays = seen.delays[: FULL_REPORT + 1]
    whole = max(float(delays.sum()), 1.0)
    return np.asarray(1 - np.cumsum(delays) / whole)
