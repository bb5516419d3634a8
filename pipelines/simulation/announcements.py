"""Records of `advance_passengers`: whom carriers announce on flights over the border.

Of the hours in which passages are recorded at an airport some stand for one announced flight each. Who passes in such
an hour was on its list, but for a few whom the carrier left off; a few more are on it and never come.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.simulation.columns import Coded, Column, Dated, Joined, Numbered
from pipelines.simulation.crossings import FIRST_FLIGHT, FLIGHTS, HOUR, flights_of
from pipelines.simulation.movement import ENTRY, EXIT
from pipelines.simulation.population import DAY, Numbers
from pipelines.simulation.randomness import stream
from pipelines.simulation.records import Records, State
from pipelines.simulation.spelling import Style

FLYING = 4 * HOUR
CARRIER = "KC"
ABROAD = ("IST", "DXB", "FRA", "DEL", "ICN", "TAS")


def advance_passengers(state: State) -> Records:
    """One record per passenger of an announced flight, flight by flight."""
    passages = state.passages
    rng = stream(state.seed, "announcements")
    is_air = pc.equal(state.posts.kind, "air").to_numpy(zero_copy_only=False)[passages.post]
    passed = np.flatnonzero(is_air & np.isin(passages.direction, (ENTRY, EXIT)))
    flights, flight = np.unique(flights_of(passages, len(state.posts.code))[passed], return_inverse=True)
    listed = rng.random(len(flights)) < state.calibration.movement["announced_flights"]
    order = np.argsort(flight, kind="stable")
    rows, flight = passed[order], flight[order]
    rows, flight = rows[listed[flight]], flight[listed[flight]]
    # A person who passes twice in an hour is on the list once.
    _, first = np.unique(flight * (int(passages.person.max(initial=0)) + 1) + passages.person[rows], return_index=True)
    rows, flight = rows[np.sort(first)], flight[np.sort(first)]
    kept = rng.random(len(rows)) >= state.calibration.movement["left_off_list"]
    rows, flight = rows[kept], flight[kept]
    # Somebody of one flight is on the list of another too, and does not come.
    booked = np.flatnonzero(rng.random(len(rows)) < state.calibration.movement["no_show"])
    person = np.concatenate((passages.person[rows], passages.person[rows[booked]]))
    missed = rng.integers(0, max(len(rows), 1), len(booked))
    rows, flight = np.concatenate((rows, rows[missed])), np.concatenate((flight, flight[missed]))
    order = np.argsort(flight, kind="stable")
    rows, flight, person = rows[order], flight[order], person[order]
    day = passages.at[rows] // DAY
    return Records(
        day=day,
        at=passages.at[rows],
        person=person,
        style=Style("latin", latin=True, patronymic=False),
        columns=_columns(state, rows, flight, day),
    )


def _columns(state: State, rows: Numbers, flight: Numbers, day: Numbers) -> dict[str, Column]:
    passages = state.passages
    count = len(rows)
    landing = passages.at[rows] // HOUR * HOUR
    is_entry = passages.direction[rows] == ENTRY
    starts = np.flatnonzero(np.diff(flight, prepend=-1))
    number = np.arange(count) - np.repeat(starts, np.diff(np.append(starts, count)))
    home, abroad = Coded(state.posts.code, passages.post[rows]), Coded(pa.array(ABROAD), flight % len(ABROAD))
    leaves, lands = np.where(is_entry, landing - FLYING, landing), np.where(is_entry, landing, landing + FLYING)
    identity = Numbered(day, f"API{state.first_day:%y%m%d}", 4), Numbered(flight, "F", 6), Numbered(number + 1)
    return {
        "passenger_id": Joined(identity, "/"),
        "list_type": Coded(pa.array(["745"]), np.zeros(count, dtype=np.int64)),
        "flight": Numbered(FIRST_FLIGHT + flights_of(passages, len(state.posts.code))[rows] % FLIGHTS, CARRIER),
        "carrier": Coded(pa.array([CARRIER]), np.zeros(count, dtype=np.int64)),
        "departure_airport": _either(is_entry, abroad, home),
        "departs_on": Dated(leaves // DAY + state.first),
        "departs_clock": _clock(leaves),
        "arrival_airport": _either(is_entry, home, abroad),
        "arrives_on": Dated(lands // DAY + state.first),
        "arrives_clock": _clock(lands),
        "role": Coded(pa.array(["FL"]), np.zeros(count, dtype=np.int64)),
        "embarkation_airport": _either(is_entry, abroad, home),
        "debarkation_airport": _either(is_entry, home, abroad),
        "reservation": Numbered(passages.stay[rows], "R", 7),
    }


def _clock(seconds: Numbers) -> Coded:
    """Full hours; a flight that leaves or lands at another does so within the hour of its passengers' control."""
    return Coded(pa.array([f"{hour:02d}:00" for hour in range(24)]), seconds % DAY // HOUR)


def _either(condition: Numbers, left: Coded, right: Coded) -> Coded:
    """Texts of one column where the condition holds, of another where it does not."""
    shift = len(left.labels)
    return Coded(pa.concat_arrays([left.labels, right.labels]), np.where(condition, left.codes, right.codes + shift))
