"""Records of `asylum_cases` and `return_cases`: people who seek protection, receive it or not, and may return."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.simulation.columns import NEVER, Coded, Dated, Joined
from pipelines.simulation.happenings import Happenings, after, course, first_day, joined, last_day
from pipelines.simulation.population import CHILD, DAY, Numbers
from pipelines.simulation.randomness import stream
from pipelines.simulation.records import Records, State
from pipelines.simulation.spelling import Style

EVENTS = (
    "applied",
    "certificate_issued",
    "extended",
    "recognised",
    "refused",
    "appealed",
    "appeal_decided",
    "ceased",
)
APPLIED, CERTIFIED, EXTENDED, RECOGNISED, REFUSED, APPEALED, DECIDED, CEASED = range(8)
RETURN_EVENTS = (
    "wish_expressed",
    "interviewed",
    "area_information_given",
    "approved",
    "departed",
    "arrived_confirmed",
    "withdrawn",
)
WISHED, INTERVIEWED, INFORMED, APPROVED, DEPARTED, ARRIVED, WITHDRAWN = range(7)
NEEDS = ("housing", "work", "language", "school", "psychological", "medical")
CERTIFICATE_DAYS, STATUS_DAYS = 90, 365
RENEWALS, LONGEST_STATUS = 4, 12
RETURN_LAG = 21


@dataclass(frozen=True)
class Cases:
    """One position per person under or in search of protection; days are days of the world.

    Attributes:
        person: The person.
        days: The day of each event but extensions.
        renewals: Days on which the certificate is extended while nothing is decided, and then the status.
    """

    person: Numbers
    days: dict[int, Numbers]
    renewals: list[Numbers]


def cases(state: State) -> Cases:
    """The case of everybody who seeks protection; families stand and fall together. The same whenever it is asked."""
    rng = stream(state.seed, "protection")
    people, rates = state.people, state.calibration.protection
    kind = list(state.calibration.travellers).index("refuge")
    person = np.flatnonzero((people.kind == kind) & (first_day(state) != NEVER))
    family, families = people.family[person], len(people.families.size)
    old = (rng.random(families) < rates["recognised_before"])[family]
    # As many apply a day as the share of such people and the yearly number of applications say.
    span = state.calibration.travellers["refuge"].share / rates["applied_per_year"] * 365
    wished = state.days - (rng.random(families) * span).astype(np.int64)
    came = first_day(state)[person] + 1 + rng.integers(0, 5, families)[family]
    applied = np.where(old, came, np.maximum(wished[family], came))
    applied = np.maximum(applied, people.born_at[person] // DAY + 5)
    decided = applied + np.where(old, 90, rng.integers(60, 330, families)[family])
    granted = old | (rng.random(families) < rates["recognised"])[family]
    appealed = np.where((rng.random(families) < rates["appealed"])[family] & ~granted, decided + 10, NEVER)
    ceased = after(np.where(old, decided, NEVER), 400, 4000, rng, rates["ceased"])
    days = {
        APPLIED: applied,
        CERTIFIED: applied + 1 + family % 3,
        RECOGNISED: np.where(granted, decided, NEVER),
        REFUSED: np.where(granted, NEVER, decided),
        APPEALED: appealed,
        DECIDED: np.where(appealed == NEVER, NEVER, appealed + 40 + family % 30),
        CEASED: ceased,
    }
    waiting = [applied + CERTIFICATE_DAYS * turn for turn in range(1, RENEWALS + 1)]
    status = [decided + STATUS_DAYS * turn for turn in range(1, LONGEST_STATUS + 1)]
    renewals = [np.where(day < decided, day, NEVER) for day in waiting]
    renewals += [np.where(granted & (day < ceased), day, NEVER) for day in status]
    return Cases(person, days, renewals)


def asylum_cases(state: State) -> Records:
    """One record per event in the case of one person."""
    people, known = state.people, cases(state)
    found = events(state, known)
    person, event, family = found.person, found.event, people.family[found.person]
    is_status = np.isin(event, (EXTENDED, RECOGNISED)) & (found.day >= known.days[RECOGNISED][found.case])
    is_paper = np.isin(event, (CERTIFIED, EXTENDED)) | is_status
    until = np.where(is_paper, found.day + np.where(is_status, STATUS_DAYS, CERTIFICATE_DAYS), NEVER)
    needs = [np.where((family * 31 + number * 17) % 10 < 3, number, -1) for number in range(len(NEEDS))]
    asks = [np.where(event == APPLIED, chosen, -1) for chosen in needs]
    return Records(
        day=found.reported,
        at=found.day * DAY + 12 * 3600,
        person=person,
        style=Style("cyrillic", latin=True),
        columns={
            "event_id": state.numbered("AE", np.arange(len(found))),
            "case_id": state.numbered("AC", person),
            "event": Coded(pa.array(EVENTS), event),
            "event_on": Dated(found.day + state.first),
            "origin_country": _origins(state, person),
            "valid_until": Dated(np.where(until == NEVER, NEVER, until + state.first)),
            "kato": state.district(person, found.day * DAY),
            "family_id": state.numbered("AF", np.where(people.families.size[family] > 1, family, -1)),
            "needs": Joined(tuple(Coded(pa.array(NEEDS), codes) for codes in asks), ";"),
        },
    )


def return_cases(state: State) -> Records:
    """One record per step of the return of one person."""
    found, is_refugee = _returns(state)
    person = found.person
    names = pa.array([f"{code}, родная провинция" for code in state.calibration.citizenships])
    area = np.where(found.event >= INFORMED, state.people.citizenship[person], -1)
    return Records(
        day=found.reported,
        at=found.day * DAY + 12 * 3600,
        person=person,
        style=Style("cyrillic", latin=True),
        columns={
            "event_id": state.numbered("VE", np.arange(len(found))),
            "case_id": state.numbered("VR", person),
            "population": Coded(pa.array(["refugee", "forced_migrant"]), np.where(is_refugee, 0, 1)),
            "event": Coded(pa.array(RETURN_EVENTS), found.event),
            "event_on": Dated(found.day + state.first),
            "return_area": Coded(names, area),
            "wish_signed": Coded(pa.array(["false", "true"]), (found.event >= INTERVIEWED).astype(np.int64)),
        },
    )


def events(state: State, known: Cases) -> Happenings:
    """Everything that happens in the cases within the world."""
    number = np.arange(len(known.person))
    parts = [course(state, known.person, number, known.days)]
    parts += [course(state, known.person, number, {EXTENDED: renewal}) for renewal in known.renewals]
    return joined(parts)


def _returns(state: State) -> tuple[Happenings, np.ndarray]:
    """Steps of returns, and whether each is of a refugee; journeys are real ones.

    Who leaves the country within the world may have wished to; others change their mind or wait.
    """
    rng = stream(state.seed, "returns")
    rates, people = state.calibration.protection, state.people
    kinds = list(state.calibration.travellers)
    refuge = people.kind == kinds.index("refuge")
    forced = np.isin(people.citizenship, _states(state, "refuge")) & np.isin(
        people.kind, [kinds.index(kind) for kind in ("resident", "settled")]
    )
    fitting = np.flatnonzero((refuge | forced) & (people.role != CHILD) & (first_day(state) < 0))
    wanted = max(int(rates["fewest_returns"]), round(len(people) * rates["returns_per_year"] * state.days / 365))
    person = np.sort(rng.permutation(fitting)[:wanted])
    leaves = last_day(state)[person]
    goes = leaves < state.days
    wished = np.where(goes, leaves - 3 * RETURN_LAG, (rng.random(len(person)) * 0.8 * state.days).astype(np.int64))
    withdrawn = ~goes & (rng.random(len(person)) < rates["returns_withdrawn"])
    days = {
        WISHED: wished,
        INTERVIEWED: wished + RETURN_LAG // 2,
        INFORMED: wished + RETURN_LAG,
        APPROVED: np.where(withdrawn, NEVER, wished + 2 * RETURN_LAG),
        DEPARTED: np.where(goes, leaves, NEVER),
        ARRIVED: np.where(goes, leaves + 7, NEVER),
        WITHDRAWN: np.where(withdrawn, wished + RETURN_LAG + 5, NEVER),
    }
    found = course(state, person, np.arange(len(person)), days, abroad=(ARRIVED,))
    return found, np.asarray(refuge[found.person])


def _states(state: State, mix: str) -> list[int]:
    """Positions of the citizenships that a mix knows."""
    states = state.calibration.citizenships.values()
    return [position for position, citizenship in enumerate(states) if getattr(citizenship, mix) > 0]


def _origins(state: State, person: Numbers) -> Coded:
    """The state that each person fled from: the citizenship, and for the stateless a state of their kin."""
    codes = list(state.calibration.citizenships)
    citizenship = state.people.citizenship[person]
    return Coded(pa.array(codes), np.where(citizenship == codes.index("XXA"), codes.index("UZB"), citizenship))
