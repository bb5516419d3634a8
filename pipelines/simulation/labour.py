"""Records of `labour_permits`: workers from states whose citizens need one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.simulation.calibration import draw
from pipelines.simulation.columns import Coded, Numbered
from pipelines.simulation.decisions import ACTIONS, Decisions, courses
from pipelines.simulation.dwelling import EMPLOYER
from pipelines.simulation.hosts import employer_names, organisation_numbers, private_numbers
from pipelines.simulation.permits import dates
from pipelines.simulation.population import DAY, Numbers
from pipelines.simulation.randomness import stream
from pipelines.simulation.records import Records, State
from pipelines.simulation.spelling import Style

SCHEMES = ("household", "employer", "seasonal", "intra_company", "self_employed")
HOUSEHOLD, INTRA_COMPANY = 0, 3
TERM = 180
# Occupations by ISCO-08: of households, and of firms by category of worker.
OCCUPATIONS = ("9111", "9313", "5311", "1120", "1321", "2142", "7112", "7115", "9212", "2411")
ACTIVITIES = ("T", "F", "B", "C", "A", "G", "I")


@dataclass(frozen=True)
class Work:
    """The course of every worker's permit, one position per application or decision.

    Attributes:
        found: Applications and decisions.
        scheme: Position in `SCHEMES`.
        employer: Number of the employer.
        occupation: Position in `OCCUPATIONS`.
        district: Where the work is.
    """

    found: Decisions
    scheme: Numbers
    employer: Numbers
    occupation: Numbers
    district: Numbers

    @property
    def is_employed(self) -> np.ndarray:
        """Whether an organisation employs the worker."""
        return np.asarray((self.scheme != HOUSEHOLD) & (self.scheme <= INTRA_COMPANY))


def work(state: State) -> Work:
    """Who works with which permit, for whom, as what and where; the same whenever it is asked."""
    rng = stream(state.seed, "labour")
    people = state.people
    needs = np.array([citizenship.permit for citizenship in state.calibration.citizenships.values()])
    worker = people.kind == list(state.calibration.travellers).index("worker")
    found = courses(state, worker & needs[people.citizenship], TERM, rng)
    person = found.person
    share = state.calibration.papers["household"]
    scheme = draw(rng, [share, *((1 - share) * part for part in (0.6, 0.2, 0.12, 0.08))], len(people))[person]
    lives = state.dwellings.at(person, found.day * DAY)
    in_crew = (state.dwellings.community[lives] >= 0) & (state.dwellings.host_type[lives] == EMPLOYER)
    return Work(
        found=found,
        scheme=scheme,
        employer=np.where(in_crew, state.dwellings.host[lives], person * 31 % 4_000),
        occupation=np.where(scheme == HOUSEHOLD, person % 3, 3 + person % 7),
        district=state.dwellings.district[lives],
    )


def labour_permits(state: State) -> Records:
    """One record per application or decision about a permit to work."""
    done = work(state)
    found, employer, employed = done.found, done.employer, done.is_employed
    person = found.person
    household = done.scheme == HOUSEHOLD
    number = np.where(household, private_numbers(employer), organisation_numbers(employer))
    return Records(
        day=found.day,
        at=found.day * DAY + 12 * 3600,
        person=person,
        style=Style("cyrillic", whole=True),
        columns={
            "decision_id": state.numbered("LD", np.arange(len(person))),
            "permit_id": Numbered(found.permit, "LP", 9),
            "scheme": Coded(pa.array(SCHEMES), done.scheme),
            "category": Numbered(np.where(done.scheme == 1, 1 + person % 4, -1)),
            "action": Coded(pa.array(ACTIONS), found.action),
            **dates(state, found),
            "employer_bin": Numbered(np.where(employed | household, number, -1), width=12),
            "employer_name": Coded(employer_names(employer).labels, np.where(employed, employer % 2_000, -1)),
            "occupation_isco": Coded(pa.array(OCCUPATIONS), done.occupation),
            "activity_nace": Coded(pa.array(ACTIVITIES), np.where(household, 0, 1 + person % 6)),
            "kato": state.places.coded(done.district),
            "education_isced": Numbered(2 + person % 6),
        },
    )
