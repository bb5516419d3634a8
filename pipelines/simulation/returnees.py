"""Records of `kandas_cases`: ethnic Kazakhs who return with their families, from the application to citizenship."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.simulation.calibration import draw
from pipelines.simulation.columns import NEVER, Coded, Dated, Numbered
from pipelines.simulation.happenings import after, course, first_day, last_passage
from pipelines.simulation.population import ADULT, CHILD, DAY, Numbers
from pipelines.simulation.randomness import stream
from pipelines.simulation.records import Records, State
from pipelines.simulation.spelling import Style

EVENTS = ("applied", "granted", "refused", "settled", "moved_on", "extended", "citizenship_acquired", "lapsed")
APPLIED, GRANTED, REFUSED, SETTLED, MOVED_ON, EXTENDED, CITIZENSHIP, LAPSED = range(8)
REASONS = ("national_identity", "armed_conflict", "historic_homeland", "other")
ROLES = ("head", "spouse", "child")
OCCUPATIONS = ("2341", "6130", "7115", "5223", "8322", "2221")
STATUS_DAYS = 365
EXTENSION_DAYS = 180


@dataclass(frozen=True)
class Cases:
    """One position per returnee; days are days of the world, `NEVER` where nothing happened.

    Attributes:
        person: The returnee.
        family: Position of the family.
        in_quota: Whether the family is in the quota of reception.
        days: The day of each event.
    """

    person: Numbers
    family: Numbers
    in_quota: np.ndarray
    days: dict[int, Numbers]


def cases(state: State) -> Cases:
    """The case of every returnee; families apply together. The same whenever it is asked."""
    rng = stream(state.seed, "returnees")
    people, rates = state.people, state.calibration.returnees
    kinds = list(state.calibration.travellers)
    kind = kinds.index("returnee")
    person = np.flatnonzero((people.kind == kind) & (first_day(state) != NEVER))
    family = people.family[person]
    of_family = rng.random((4, len(people.families.size)))
    # As many apply a day as the share of returnees and the yearly number of them say, before the world and within it.
    span = state.calibration.travellers["returnee"].share / rates["applied_per_year"] * 365
    wished = state.days - (span * of_family[0][family]).astype(np.int64)
    came = first_day(state)[person] + 2 + (of_family[1][family] * 14).astype(np.int64)
    applied = np.maximum(np.maximum(wished, came), people.born_at[person] // DAY + 5)
    decided = applied + 3 + (of_family[2][family] * 27).astype(np.int64)
    refused = of_family[3][family] < rates["refused"]
    granted = np.where(refused, NEVER, decided)
    in_quota = rng.random(len(people.families.size))[family] < rates["in_quota"]
    days = {APPLIED: applied, GRANTED: granted, REFUSED: np.where(refused, decided, NEVER)}
    return Cases(person, family, in_quota, days | _after_grant(state, person, granted, rng))


def kandas_cases(state: State) -> Records:
    """One record per event in the case of one returnee."""
    people, known = state.people, cases(state)
    found = course(state, known.person, np.arange(len(known.person)), known.days)
    person, event = found.person, found.event
    rng = stream(state.seed, "kandas")
    weights = list(state.calibration.returnees["reasons"])
    reason = draw(rng, weights, len(people.families.size))[people.family[person]]
    adult = people.role[person] != CHILD
    return Records(
        day=found.reported,
        at=found.day * DAY + 12 * 3600,
        person=person,
        style=Style("native", latin=True, soviet_births=True),
        columns={
            "event_id": state.numbered("KE", np.arange(len(found))),
            "case_id": state.numbered("KC", person),
            "family_id": state.numbered("KF", people.family[person]),
            "family_role": Coded(pa.array(ROLES), people.role[person] - ADULT),
            "event": Coded(pa.array(EVENTS), event),
            "event_on": Dated(found.day + state.first),
            "origin_country": Coded(pa.array(list(state.calibration.citizenships)), people.citizenship[person]),
            "arrival_reason": Coded(pa.array(REASONS), reason),
            "in_quota": Coded(
                pa.array(["false", "true"]), np.where(event == APPLIED, -1, known.in_quota[found.case].astype(np.int64))
            ),
            "kato": state.district(person, found.day * DAY),
            "ethnicity": Coded(pa.array(["Kazakh"]), np.zeros(len(found), dtype=np.int64)),
            "education_isced": Numbered(np.where(adult, 2 + person % 6, 1)),
            "occupation_isco": Coded(pa.array(OCCUPATIONS), np.where(adult, person % len(OCCUPATIONS), -1)),
        },
    )


def naturalised(state: State) -> tuple[Numbers, Numbers]:
    """The returnees who become citizens within the world, and the day on which each does."""
    known = cases(state)
    found = course(state, known.person, known.person, {CITIZENSHIP: known.days[CITIZENSHIP]})
    return found.person, found.day


def _after_grant(state: State, person: Numbers, granted: Numbers, rng: np.random.Generator) -> dict[int, Numbers]:
    """What follows the status: it ends with citizenship, else with its term."""
    rates = state.calibration.returnees
    citizen = after(granted, 120, 480, rng, rates["naturalised"])
    citizen = np.where((citizen >= 0) & (citizen > last_passage(state)[person] // DAY), citizen, NEVER)
    renewed = (rng.random(len(person)) < rates["extended"]) & (granted != NEVER)
    extended = np.where(renewed & (citizen > granted + STATUS_DAYS), granted + STATUS_DAYS - 10, NEVER)
    term = np.where(extended == NEVER, STATUS_DAYS, STATUS_DAYS + EXTENSION_DAYS)
    ends = np.where(granted == NEVER, NEVER, granted + term)
    return {
        SETTLED: after(granted, 20, 90, rng, rates["settled"]),
        MOVED_ON: after(granted, 60, 110, rng, rates["moved_on"]),
        EXTENDED: extended,
        CITIZENSHIP: np.where(citizen < ends, citizen, NEVER),
        LAPSED: np.where((citizen < ends) | (granted == NEVER), NEVER, ends),
    }
