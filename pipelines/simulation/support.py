"""Records of `settlement_support`: what kandas and refugees receive, by the cases that other feeds tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.simulation import protection, returnees
from pipelines.simulation.columns import NEVER, Coded, Dated, Joined, Numbered
from pipelines.simulation.happenings import Happenings, after, course, joined
from pipelines.simulation.population import ADULT, CHILD, DAY, Numbers
from pipelines.simulation.randomness import stream
from pipelines.simulation.records import Records, State
from pipelines.simulation.spelling import Style

KINDS = (
    "grant",
    "rent",
    "credit",
    "repayment",
    "training",
    "job_placement",
    "business_start",
    "language_course",
    "school_place",
    "psychological_session",
    "social_benefit",
)
(GRANT, RENT, CREDIT, REPAYMENT, TRAINING, JOB, BUSINESS, LANGUAGE, SCHOOL, SESSION, BENEFIT) = range(11)
RESULTS = ("сертификат", "трудоустроен", "действует")
RESULT_OF = {TRAINING: 0, JOB: 1, BUSINESS: 2}
PROGRAMME = "PR-SETTLE"
RENT_MONTHS, MONTH = 12, 30
CREDIT_TENGE, INSTALMENT_TENGE, BENEFIT_TENGE = 3_000_000, 85_000, 45_000


@dataclass(frozen=True)
class Entitled:
    """One position per person with a status.

    Attributes:
        person: The person.
        granted: Day of the status, `NEVER` for those without one.
        in_quota: Whether the state pays for housing and settling.
    """

    person: Numbers
    granted: Numbers
    in_quota: np.ndarray


def settlement_support(state: State) -> Records:
    """One record per entry in the ledger of support."""
    groups = _entitled(state)
    given = [_given(state, group, number) for number, group in enumerate(groups)]
    sizes = np.cumsum([0, *(len(group.person) for group in groups)])
    found = joined([_shifted(part, int(offset)) for part, offset in zip(given, sizes, strict=False)])
    person, event, is_kandas = found.person, found.event, found.case < sizes[1]
    money = state.calibration.support
    monthly = money["rent_mci"][0] + person % (money["rent_mci"][1] - money["rent_mci"][0] + 1)
    amount = np.full(len(found), -1, dtype=np.int64)
    for kind, tenge in (
        (GRANT, np.full(len(found), money["grant_mci"] * money["mci"])),
        (RENT, monthly * money["mci"]),
        (CREDIT, np.full(len(found), CREDIT_TENGE)),
        (REPAYMENT, np.full(len(found), INSTALMENT_TENGE)),
        (BENEFIT, np.full(len(found), BENEFIT_TENGE)),
    ):
        amount = np.where(event == kind, tenge, amount)
    case = Joined((Coded(pa.array(["AC", "KC"]), is_kandas.astype(np.int64)), state.numbered("", person)), "")
    programme = np.where(np.isin(event, (GRANT, RENT, CREDIT)), 0, -1)
    return Records(
        day=found.reported,
        at=found.day * DAY + 12 * 3600,
        person=person,
        style=Style("cyrillic", whole=True),
        columns={
            "entry_id": state.numbered("SE", np.arange(len(found))),
            "case_id": case,
            "population": Coded(pa.array(["refugee", "kandas"]), is_kandas.astype(np.int64)),
            "programme_id": Coded(pa.array([PROGRAMME]), programme),
            "kind": Coded(pa.array(KINDS), event),
            "event_on": Dated(found.day + state.first),
            "amount_kzt": Numbered(amount),
            "result": Coded(pa.array(RESULTS), np.array([RESULT_OF.get(kind, -1) for kind in range(11)])[event]),
        },
    )


def _entitled(state: State) -> tuple[Entitled, Entitled]:
    """Kandas and recognised refugees; refugees are in no quota."""
    home, asylum = returnees.cases(state), protection.cases(state)
    kandas = Entitled(home.person, home.days[returnees.GRANTED], home.in_quota)
    recognised = asylum.days[protection.RECOGNISED]
    return kandas, Entitled(asylum.person, recognised, np.zeros(len(recognised), dtype=bool))


def _given(state: State, group: Entitled, number: int) -> Happenings:
    """The entries of one group within the world; what was given before it stands in no delivery."""
    rng = stream(state.seed, "support", number)
    rates, role = state.calibration.support["shares"], state.people.role[group.person]
    adult, head = role != CHILD, role == ADULT
    some = {kind: np.where(adult, group.granted, NEVER) for kind in (TRAINING, JOB, BUSINESS, LANGUAGE, SESSION)}
    some |= {SCHOOL: np.where(adult, NEVER, group.granted), BENEFIT: np.where(head, group.granted, NEVER)}
    days = {kind: after(day, 20, 300, rng, rates[KINDS[kind]]) for kind, day in some.items()}
    days |= {GRANT: after(np.where(group.in_quota, group.granted, NEVER), 10, 40, rng)}
    credit = after(np.where(head & group.in_quota, group.granted, NEVER), 40, 120, rng, rates["credit"])
    number_of = np.arange(len(group.person))
    parts = [course(state, group.person, number_of, days | {CREDIT: credit})]
    rent = np.where(head & group.in_quota, group.granted, NEVER)
    for month in range(1, RENT_MONTHS + 1):
        later = {
            RENT: np.where(rent == NEVER, NEVER, rent + month * MONTH),
            REPAYMENT: np.where(credit == NEVER, NEVER, credit + month * MONTH),
        }
        parts.append(course(state, group.person, number_of, later))
    found = joined(parts)
    return found.taken(found.day >= 0)


def _shifted(found: Happenings, offset: int) -> Happenings:
    """The events with cases numbered behind those of the group before."""
    return Happenings(found.person, found.event, found.day, found.case + offset)
