"""Records of `residence_permits`: visas before a journey, and papers for those who stay."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipelines.simulation.calibration import draw
from pipelines.simulation.columns import NEVER, Coded, Dated, Joined, Numbered
from pipelines.simulation.decisions import ACTIONS, GRANTED, Decisions, courses
from pipelines.simulation.population import DAY, Numbers
from pipelines.simulation.randomness import stream
from pipelines.simulation.records import Records, State
from pipelines.simulation.spelling import Style

TYPES = ("visa", "temporary_residence", "permanent_residence", "stateless_certificate")
VISA, TEMPORARY, PERMANENT, STATELESS = 0, 1, 2, 3
BASES = ("трудовой договор", "воссоединение семьи", "обучение", "постоянное проживание", "частная поездка")
BASIS_OF = {"worker": 0, "resident": 1, "student": 2, "settled": 3}
TERM = 365
VISA_TERM = 90
VISA_DAYS = 30


def residence_permits(state: State) -> Records:
    """One record per application or decision about a visa or a residence paper."""
    rng = stream(state.seed, "permits")
    kinds = list(state.calibration.travellers)
    share = np.array([state.calibration.papers["residence"].get(kind, 0.0) for kind in kinds])
    wanted = rng.random(len(state.people)) < share[state.people.kind]
    papers, visas = courses(state, wanted, TERM, rng), _visas(state, rng)
    found = Decisions(
        *(np.concatenate([getattr(papers, n), getattr(visas, n)]) for n in Decisions.__dataclass_fields__)
    )
    is_visa = np.arange(len(found.person)) >= len(papers.person)
    kind = state.people.kind[found.person]
    basis = np.array([BASIS_OF.get(name, 4) for name in kinds])[kind]
    prefix = Coded(pa.array(["RP", "V"]), np.where(found.permit < 0, -1, is_visa.astype(np.int64)))
    visa_terms = np.where(is_visa & (found.action == GRANTED), 1, -1)
    return Records(
        day=found.day,
        at=found.day * DAY + 12 * 3600,
        person=found.person,
        style=Style("native", latin=True, soviet_births=True),
        columns={
            "decision_id": state.numbered("RD", np.arange(len(found.person))),
            "permit_id": Joined((prefix, Numbered(found.permit, width=9)), ""),
            "permit_type": Coded(pa.array(TYPES), np.where(is_visa, VISA, _types(state, found.person))),
            "action": Coded(pa.array(ACTIONS), found.action),
            **dates(state, found),
            "basis": Coded(pa.array(BASES), np.where(is_visa, 4, basis)),
            "kato": state.places.coded(
                np.where(is_visa, -1, state.dwellings.district_at(found.person, found.day * DAY))
            ),
            "entries_allowed": Numbered(visa_terms),
            "days_per_entry": Numbered(np.where(visa_terms > 0, VISA_DAYS, -1)),
        },
    )


def dates(state: State, found: Decisions) -> dict[str, Dated]:
    """The days of decisions as columns."""
    fields = {"decided_on": "decided", "valid_from": "starts", "valid_until": "ends", "filed_on": "filed"}
    days = {column: getattr(found, field) for column, field in fields.items()}
    return {column: Dated(np.where(day == NEVER, NEVER, day + state.first)) for column, day in days.items()}


def _visas(state: State, rng: np.random.Generator) -> Decisions:
    """One grant per journey of those who need a visa, if it was decided within the world."""
    needs = np.array([citizenship.visa for citizenship in state.calibration.citizenships.values()])
    stays = state.stays
    stay = np.flatnonzero(needs[state.people.citizenship[stays.person]])
    entered = stays.entered[stay] // DAY
    decided = entered - rng.integers(3, 40, len(stay))
    known = (decided >= 0) & (decided < state.days) & (decided >= state.people.born_at[stays.person[stay]] // DAY)
    stay, decided = stay[known], decided[known]
    filed = decided - draw(rng, [0, 0, 1, 3, 4, 4, 3, 2, 1], len(stay))
    return Decisions(
        person=stays.person[stay],
        permit=stay,
        action=np.full(len(stay), GRANTED),
        filed=filed,
        decided=decided,
        starts=decided,
        ends=decided + VISA_TERM,
    )


def _types(state: State, person: Numbers) -> Numbers:
    """The kind of residence paper that each person has."""
    kinds = list(state.calibration.travellers)
    permanent = state.people.kind[person] == kinds.index("settled")
    permanent |= (state.people.kind[person] == kinds.index("resident")) & (person % 7 == 0)
    stateless = state.people.citizenship[person] == list(state.calibration.citizenships).index("XXA")
    return np.where(stateless, STATELESS, np.where(permanent, PERMANENT, TEMPORARY))
