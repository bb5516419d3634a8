"""How chances of open stays agree with who was here: by citizenship, last allowed day, and for exits not matched.

A sum of chances has the bounds of the model, and beside them a variance, of which the standard error is the root:
single persons are here or not by chance, and how many have left is no more than counted. A model that is right errs
too, where stays are few: how much is found by drawing who is here from the chances themselves, each person alone.
"""

from __future__ import annotations

from datetime import date
from typing import cast

import duckdb
import numpy as np
from numpy.typing import NDArray

from pipelines.benchmarks.processes import Measure
from pipelines.simulation.randomness import stream
from pipelines.storage.database import quoted

LARGE = 300
BINS = 20
DRAWS, SEED = 500, 1
# Stays of one citizenship, purpose and span of days past the last allowed one whose number and bounds are judged.
CELL = 10
PAST = "$last - allowed_until"
GROUPS = {
    "all open stays": "true",
    "silent ones": "chance < 1",
    "no last allowed day": "allowed_until IS NULL",
    "last allowed day not past": f"{PAST} <= 0",
    "1 to 30 days past it": f"{PAST} BETWEEN 1 AND 30",
    "31 to 90 days past it": f"{PAST} BETWEEN 31 AND 90",
    "91 to 180 days past it": f"{PAST} BETWEEN 91 AND 180",
    "more than 180 days past it": f"{PAST} > 180",
    "exit not matched": "control_state = 'exit_not_matched'",
    "all but overstays": "control_state IS DISTINCT FROM 'overstay'",
}
# What bounds are asked of and no class tells: by these a model of other homes is judged.
SUBSETS = (
    "no last allowed day",
    "last allowed day not past",
    "1 to 30 days past it",
    "31 to 90 days past it",
    "91 to 180 days past it",
    "more than 180 days past it",
    "exit not matched",
)

OPEN = """CREATE TEMP TABLE judged AS
SELECT stay.citizenship, stay.allowed_until, stay.control_state, stay.presence_probability AS chance,
  if(stay.silent_since < $last, curve.lower, 1) AS lower, if(stay.silent_since < $last, curve.upper, 1) AS upper,
  if(stay.silent_since < $last, curve.variance, 0) AS variance,
  stay.person_id IN (
    SELECT true_stay.person_id FROM true_stay
    WHERE first_day <= $last AND gone_on > $last AND true_stay.person_id IS NOT NULL
  ) AS is_here,
  dense_rank() OVER (ORDER BY stay.citizenship, split_part(stay.presence_class, ':', 1), CASE
    WHEN stay.allowed_until IS NULL THEN -1 WHEN stay.allowed_until >= $last THEN 0
    WHEN $last - stay.allowed_until <= 30 THEN 1 WHEN $last - stay.allowed_until <= 90 THEN 2 ELSE 3 END) - 1 AS cell
FROM registry.stay
LEFT JOIN presence.age ON age.days = $last - stay.silent_since
LEFT JOIN intermediate.weighed_curve AS curve ON curve.presence_class = stay.presence_class AND curve.ending = 'open'
  AND curve.band = age.band AND curve.silent_band = age.band AND curve.known_to_seq IS NULL
WHERE ended_on IS NULL AND departed_on IS NULL
AND stay.person_id IN (SELECT person_id FROM true_stay WHERE gone_on > DATE '0001-01-01')
AND stay.person_id NOT IN (SELECT person_id FROM registry.legal_status WHERE status = 'citizen')"""
STAYS = """SELECT CAST(chance AS DOUBLE) AS chance, CAST(lower AS DOUBLE) AS lower, CAST(upper AS DOUBLE) AS upper,
  CAST(variance AS DOUBLE) AS variance, CAST(is_here AS DOUBLE) AS is_here, cell
FROM judged WHERE {which} ORDER BY ALL"""

Numbers = NDArray[np.float64]


def judge_open_stays(connection: duckdb.DuckDBPyConnection, last: date, large: int = LARGE) -> list[Measure]:
    """A row for each group that has open stays on the last day.

    Args:
        connection: The registry and the curves, with the table `true_stay` of who was where.
        last: The last day.
        large: Open stays from which on a citizenship is a group.
    """
    connection.execute(OPEN, {"last": last})
    states = connection.execute(
        "SELECT citizenship FROM judged GROUP BY 1 HAVING count(*) >= $1 ORDER BY count(*) DESC, citizenship", [large]
    ).fetchall()
    groups = GROUPS | {f"citizens of {name}": f"citizenship = {quoted(name)}" for (name,) in states}
    found: list[Measure] = []
    for name, which in groups.items():
        query = STAYS.format(which=which.replace("$last", f"DATE '{last}'"))
        stays = connection.execute(query).fetchnumpy()
        if len(stays["chance"]):
            found.append({"group": name} | _measured(stays))
    return found


def odds_apart(years: dict[int, list[Measure]]) -> list[Measure]:
    """How far odds to have left lie from those that a home is given, by years from which the model has not learned.

    By moments over the subsets of each year: what their errors leave beyond the variance that bounds tell of, where
    odds that are off by a factor of e move the number by `moved`. What a year is judged by is what the others say.

    Args:
        years: The rows of `judge_open_stays` by seed.
    """
    rows = {
        seed: [misses for one in groups if one["group"] in SUBSETS and (misses := _misses(one))[1] > 0]
        for seed, groups in years.items()
    }
    found: list[Measure] = []
    for without in (None, *years):
        others = [misses for seed, of_seed in rows.items() if seed != without for misses in of_seed]
        if others:
            miss, variance, moved = np.array(others).T
            weight = moved**2 / variance
            beyond = ((miss**2 / variance - 1) * weight).sum() / (weight**2).sum()
            found.append({"without_seed": without, "odds_apart_beyond_bounds": round(max(beyond, 0.0) ** 0.5, 3)})
    return found


def _misses(told: Measure) -> tuple[float, float, float]:
    """By how much a number was missed, what its bounds leave open as a variance, and how far odds move it."""
    names = ("expected", "here", "lower", "upper", "variance", "moved")
    expected, here, lower, upper, variance, moved = (cast(float, told[name]) for name in names)
    return here - expected, ((upper - lower) / 2 / 1.96) ** 2 + variance, moved


def _measured(stays: dict[str, Numbers]) -> Measure:
    chance, here = stays["chance"], stays["is_here"][None, :]
    drawn = (stream(SEED, "open stays").random((DRAWS, len(chance))) < chance).astype(np.float64)
    bins = _members(np.minimum(chance * BINS, BINS - 1).astype(np.int64))
    by_chance = _errors(chance, drawn, bins)
    cells = _members(stays["cell"].astype(np.int64))
    cells = cells[:, cells.sum(0) >= CELL]
    everybody = np.ones((len(chance), 1))
    by_themselves = stays | {"variance": chance * (1 - chance)}
    told: Measure = {
        "open_stays": len(chance),
        "expected": float(chance.sum()),
        "here": int(here.sum()),
        "bias_percent": float(100 * (chance.sum() / here.sum() - 1)) if here.any() else None,
        "lower": float(stays["lower"].sum()),
        "upper": float(stays["upper"].sum()),
        "variance": float(stays["variance"].sum()),
        "moved": float((chance * (1 - chance)).sum()),
        "standard_error_percent": float(100 * np.sqrt(stays["variance"].sum()) / here.sum()) if here.any() else None,
        "within_both": bool(_within(stays, here, everybody).all()),
        "calibration_error": float(_errors(chance, here, bins)[0]),
        "error_by_chance": float(by_chance.mean()),
        "error_by_chance_95": float(np.quantile(by_chance, 0.95)),
        "cells": cells.shape[1],
        "cells_within": float(_within(stays, here, cells).mean()) if cells.size else None,
        "cells_within_by_chance": float(_within(by_themselves, drawn, cells).mean()) if cells.size else None,
    }
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in told.items()}


def _members(group: NDArray[np.int64]) -> Numbers:
    """Which stays, by row, are of which group, by column; of groups without any there is no column."""
    names, place = np.unique(group, return_inverse=True)
    return np.eye(len(names))[place]


def _errors(chance: Numbers, here: Numbers, bins: Numbers) -> Numbers:
    """The expected calibration error for each row of `here`, who is here in one truth."""
    return np.asarray(np.abs(here @ bins - chance @ bins).sum(1) / len(chance))


def _within(stays: dict[str, Numbers], here: Numbers, cells: Numbers) -> NDArray[np.bool_]:
    """By truth and cell, whether the number here lies within the bounds of the model and of single persons."""
    chance, lower, upper, variance = (stays[name] @ cells for name in ("chance", "lower", "upper", "variance"))
    number = here @ cells
    model = np.where(number < chance, chance - lower, upper - chance)
    return np.asarray(np.abs(number - chance) <= np.sqrt(model**2 + 3.84 * variance) + 1e-9)
