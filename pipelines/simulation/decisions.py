"""Courses of permits: when papers are applied for, granted, extended, refused or revoked.

Residence and labour permits share these courses; their columns do not belong here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.simulation.columns import NEVER
from pipelines.simulation.population import DAY, Numbers
from pipelines.simulation.records import State

ACTIONS = ("applied", "granted", "extended", "refused", "revoked")
APPLIED, GRANTED, EXTENDED, REFUSED, REVOKED = 0, 1, 2, 3, 4
LONG_STAY = 40 * DAY
DECISION_DAYS = 14


@dataclass(frozen=True)
class Decisions:
    """One position per application or decision; days count from the first day of the world.

    Attributes:
        person: Whose paper it is.
        permit: Number of the paper, -1 while there is none.
        action: Position in `ACTIONS`.
        filed, decided, starts, ends: Days of the matter, `NEVER` where it has none.
    """

    person: Numbers
    permit: Numbers
    action: Numbers
    filed: Numbers
    decided: Numbers
    starts: Numbers
    ends: Numbers

    @property
    def day(self) -> Numbers:
        """Day on which the agency reports it."""
        return np.where(self.action == APPLIED, self.filed, self.decided)


def courses(state: State, wanted: np.ndarray, term: int, rng: np.random.Generator) -> Decisions:
    """Applications and decisions of the persons marked in `wanted`, each over one paper of `term` days.

    Who comes for long applies after arrival; who was there before the first day has a paper that ends some day within
    the term, and has it extended then if still there.
    """
    stays = state.stays
    long = np.flatnonzero(wanted[stays.person] & (stays.left - stays.entered > LONG_STAY) & (stays.left > 0))
    person, first = np.unique(stays.person[long], return_index=True)
    stay = long[first]
    settled = stays.entered[stay] < 0
    filed = np.where(
        settled,
        (rng.random(len(stay)) * term).astype(np.int64) - DECISION_DAYS,
        stays.entered[stay] // DAY + rng.integers(3, 15, len(stay)),
    )
    decided = filed + rng.integers(4, 2 * DECISION_DAYS, len(stay))
    papers = state.calibration.papers
    refused = rng.random(len(stay)) < papers["refused"]
    outcome = np.where(refused, REFUSED, np.where(settled, EXTENDED, GRANTED))
    starts = np.where(refused, NEVER, decided)
    ends = np.where(refused, NEVER, decided + term)
    permit = np.where(refused & ~settled, -1, person)
    revoked = np.flatnonzero(~refused & (rng.random(len(stay)) < papers["revoked"]))
    later = decided[revoked] + rng.integers(10, 60, len(revoked))
    nothing = np.full(len(stay), NEVER)
    parts = (
        (person, permit * 0 + np.where(settled, person, -1), nothing * 0 + APPLIED, filed, nothing, nothing, nothing),
        (person, permit, outcome, filed, decided, starts, ends),
        (
            person[revoked],
            permit[revoked],
            np.full(len(revoked), REVOKED),
            nothing[revoked],
            later,
            nothing[revoked],
            later,
        ),
    )
    return within(state, Decisions(*(np.concatenate(column) for column in zip(*parts, strict=True))))


def within(state: State, decisions: Decisions) -> Decisions:
    """Those that fall into the world and into the person's stays there, in order of day."""
    day = decisions.day
    last = np.full(len(state.people), -1, dtype=np.int64)
    np.maximum.at(last, state.stays.person, state.stays.left // DAY)
    born = state.people.born_at // DAY
    fits = (day >= np.maximum(0, born[decisions.person])) & (day < state.days) & (day <= last[decisions.person])
    order = np.lexsort((decisions.person, day))
    order = order[fits[order]]
    return Decisions(*(getattr(decisions, name)[order] for name in Decisions.__dataclass_fields__))
