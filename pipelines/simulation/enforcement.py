"""Records of `enforcement_cases`: stays beyond the days allowed, other violations, and what authorities did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.simulation.calibration import draw
from pipelines.simulation.columns import NEVER, Coded, Dated, Moment, Numbered
from pipelines.simulation.hosts import organisation_numbers
from pipelines.simulation.population import CHILD, DAY, Numbers
from pipelines.simulation.randomness import stream
from pipelines.simulation.records import Records, State
from pipelines.simulation.spelling import Style

EVENTS = (
    "violation",
    "warning",
    "fine",
    "arrest",
    "expulsion_ordered",
    "ban_imposed",
    "centre_admitted",
    "centre_released",
    "expulsion_executed",
    "left_voluntarily",
    "appealed",
    "annulled",
)
(FOUND, WARNED, FINED, ARRESTED, ORDERED, BANNED, ADMITTED, RELEASED, EXECUTED, LEFT, APPEALED, ANNULLED) = range(12)
PENALTIES = (WARNED, FINED, ARRESTED)
# Kinds of travellers who have no paper of residence, and days that they are allowed without one.
WITHOUT_PAPERS = ("visitor", "shuttle", "transit")
ALLOWED, ALLOWED_IN_UNION = 30, 90
WARNED_UP_TO, FINED_UP_TO = 3, 10
BAN_DAYS = 5 * 365
HOUR = 3600
OVERSTAY, OTHER = "КоАП РК ст. 517 ч. 3", "КоАП РК ст. 517"
COURTS = ("Специализированный административный суд", "Мамандандырылған әкімшілік сот")
AUTHORITIES = ("Миграционная служба МВД", "Пограничная служба КНБ", "Полиция")
CENTRES = {"75": "SR-ALA", "71": "SR-AST", "79": "SR-SHY", "35": "SR-KAR"}


@dataclass(frozen=True)
class Cases:
    """One position per case; moments are seconds of the world, `NEVER` for what did not happen.

    Attributes:
        stay: The stay in which it happened.
        occurred: Day of the violation itself.
        is_overstay: Whether the stay was longer than allowed.
        at: The moment of each event.
    """

    stay: Numbers
    occurred: Numbers
    is_overstay: NDArray[np.bool_]
    at: dict[int, Numbers]


def enforcement_cases(state: State) -> Records:
    """One record per event in the case of one person."""
    found = _cases(state)
    case = np.tile(np.arange(len(found.stay)), len(found.at))
    event = np.repeat(np.array(list(found.at)), len(found.stay))
    at = np.concatenate(list(found.at.values()))
    order = np.lexsort((event, case, at))
    order = order[(at[order] >= 0) & (at[order] < state.days * DAY)]
    case, event, at = case[order], event[order], at[order]
    person = state.stays.person[found.stay[case]]
    centre, centres = _centres(state, person)
    detected = np.maximum(found.at[FOUND] - HOUR, found.occurred * DAY)[case]
    worker = state.people.kind[person] == list(state.calibration.travellers).index("worker")
    return Records(
        day=at // DAY,
        at=at,
        person=person,
        style=Style("cyrillic", latin=True),
        columns={
            "event_id": state.numbered("EE", np.arange(len(case))),
            "case_id": state.numbered("EC", case),
            "event": Coded(pa.array(EVENTS), event),
            "event_at": Moment(at, state.first, np.ones(len(case), dtype=bool)),
            "occurred_on": Dated(found.occurred[case] + state.first),
            "detected_at": Moment(detected, state.first, np.ones(len(case), dtype=bool)),
            "article": Coded(pa.array([OVERSTAY, OTHER]), np.where(found.is_overstay[case], 0, 1)),
            "centre_code": Coded(centres, np.where(np.isin(event, (ADMITTED, RELEASED)), centre, -1)),
            "court": Coded(pa.array(COURTS), np.where(np.isin(event, (ARRESTED, ORDERED, BANNED)), case % 2, -1)),
            "ban_until": Dated(np.where(event == BANNED, at // DAY + state.first + BAN_DAYS, NEVER)),
            "kato": state.district(person, at),
            "employer_bin": Numbered(np.where(worker, organisation_numbers(person * 31 % 4_000), -1), width=12),
            "detected_by": Coded(pa.array(AUTHORITIES), case % len(AUTHORITIES)),
        },
    )


def overstays(state: State) -> tuple[Numbers, Numbers]:
    """Stays of adults without papers that last longer than allowed, and the first day beyond."""
    people, stays, calibration = state.people, state.stays, state.calibration
    kinds = [list(calibration.travellers).index(kind) for kind in WITHOUT_PAPERS]
    union = ~np.array([state_.permit or state_.visa for state_ in calibration.citizenships.values()])
    allowed = np.where(union[people.citizenship], ALLOWED_IN_UNION, ALLOWED)[stays.person]
    beyond = stays.entered // DAY + allowed
    fits = np.isin(people.kind[stays.person], kinds) & (people.role[stays.person] != CHILD)
    fits &= (stays.left // DAY > beyond + 1) & (beyond < state.days) & (stays.left > 0)
    row = np.flatnonzero(fits)
    return row, beyond[row]


def _cases(state: State) -> Cases:
    """Found overstays, and other violations up to the number that is known."""
    rng = stream(state.seed, "enforcement")
    rates, days = state.calibration.enforcement, state.days
    share = len(state.people) * days / 365
    wanted = max(int(rates["fewest"]), round(share * rates["accounted_per_year"]))
    row, beyond = overstays(state)
    chosen = np.sort(rng.permutation(len(row))[: round(len(row) * rates["overstays_found"])][:wanted])
    parts = [_of_overstays(state, row[chosen], beyond[chosen], rng)]
    ordered = int((parts[0].at[ORDERED] != NEVER).sum())
    parts.append(_of_expelled(state, round(share * rates["expelled_per_year"]) - ordered, rng))
    parts.append(_of_others(state, wanted - sum(len(part.stay) for part in parts), rng))
    return Cases(
        stay=np.concatenate([part.stay for part in parts]),
        occurred=np.concatenate([part.occurred for part in parts]),
        is_overstay=np.repeat([True, False, False], [len(part.stay) for part in parts]),
        at={event: np.concatenate([part.at[event] for part in parts]) for event in parts[0].at},
    )


def _of_overstays(state: State, stay: Numbers, beyond: Numbers, rng: np.random.Generator) -> Cases:
    """A few days over are warned or fined; who stays longer is ordered to leave, and does where the stay ends."""
    rates, count = state.calibration.enforcement, len(stay)
    left = state.stays.left[stay]
    start = np.maximum(beyond, 0) * DAY
    end = np.minimum(left, state.days * DAY)
    found = start + ((end - start) * rng.random(count) * 0.7).astype(np.int64)
    over = found // DAY - beyond
    quick = found + rng.integers(HOUR, 6 * HOUR, count)
    expelled = (over > WARNED_UP_TO) & (rng.random(count) < rates["expelled"]) & _can_be_expelled(state, stay, found)
    free = ~expelled
    goes = (left < state.days * DAY) & (left - found < 10 * DAY)
    return _after(
        state,
        stay,
        beyond,
        _expulsion(state, stay, found, expelled, rng)
        | {
            FOUND: found,
            WARNED: np.where(free & (over <= WARNED_UP_TO), quick, NEVER),
            FINED: np.where(free & (over > WARNED_UP_TO) & (over <= FINED_UP_TO), quick, NEVER),
            ARRESTED: np.where(free & (over > FINED_UP_TO), quick, NEVER),
            LEFT: np.where(free & goes, left - HOUR, NEVER),
        },
    )


def _of_expelled(state: State, wanted: int, rng: np.random.Generator) -> Cases:
    """Violations of other rules for which a court orders expulsion, of adults whose last stay soon ends."""
    stays = state.stays
    row = _of_foreign_adults(state)
    row = row[(stays.left[row] < state.days * DAY) & (stays.left[row] - np.maximum(stays.entered[row], 0) > 6 * DAY)]
    row = row[_can_be_expelled(state, row, stays.left[row] - 5 * DAY)]
    stay = np.sort(rng.permutation(row)[: max(wanted, 0)])
    left, start = stays.left[stay], np.maximum(stays.entered[stay], 0)
    found = np.maximum(start + DAY, left - rng.integers(5 * DAY, 12 * DAY, len(stay)))
    occurred = np.maximum(found // DAY - 1, stays.entered[stay] // DAY)
    expelled = np.ones(len(stay), dtype=bool)
    return _after(state, stay, occurred, _expulsion(state, stay, found, expelled, rng) | {FOUND: found})


def _of_others(state: State, wanted: int, rng: np.random.Generator) -> Cases:
    """Violations of other rules, by chance, with a lesser penalty."""
    stays, horizon = state.stays, state.days * DAY
    stay = np.sort(rng.permutation(_of_foreign_adults(state))[: max(wanted, 0)])
    start, end = np.maximum(stays.entered[stay], 0), np.minimum(stays.left[stay], horizon)
    found = start + ((end - start) * (0.05 + 0.9 * rng.random(len(stay)))).astype(np.int64)
    outcome = draw(rng, list(state.calibration.enforcement["outcomes"]), len(stay))
    later = found + rng.integers(HOUR, 6 * HOUR, len(stay))
    occurred = np.maximum(found // DAY - rng.integers(0, 4, len(stay)), stays.entered[stay] // DAY)
    moments = {event: np.where(outcome == number, later, NEVER) for number, event in enumerate(PENALTIES)}
    return _after(state, stay, occurred, moments | {FOUND: found})


def _of_foreign_adults(state: State) -> Numbers:
    """Stays within the world, for more than a day, of grown-up people who are no citizens."""
    stays, people = state.stays, state.people
    fits = (stays.left > DAY) & (stays.entered < (state.days - 1) * DAY) & (people.role[stays.person] != CHILD)
    home = list(state.calibration.citizenships).index("KAZ")
    return np.flatnonzero(fits & (people.citizenship[stays.person] != home) & (stays.left - stays.entered > DAY))


def _can_be_expelled(state: State, stay: Numbers, found: Numbers) -> NDArray[np.bool_]:
    """Whether the stay leaves time for a court, and is the person's last."""
    last = np.full(len(state.people), -1, dtype=np.int64)
    np.maximum.at(last, state.stays.person, state.stays.left)
    left = state.stays.left[stay]
    return np.asarray((left - found > 3 * DAY) & (left - found < 40 * DAY) & (last[state.stays.person[stay]] == left))


def _expulsion(
    state: State, stay: Numbers, found: Numbers, expelled: NDArray[np.bool_], rng: np.random.Generator
) -> dict[int, Numbers]:
    """From the order of the court to the journey, which is the real end of the stay."""
    left, count = state.stays.left[stay], len(stay)
    ordered = np.where(expelled, found + DAY + rng.integers(HOUR, 12 * HOUR, count), NEVER)
    held = expelled & (rng.random(count) < state.calibration.enforcement["held_before_expulsion"])
    goes = left < state.days * DAY
    return {
        ORDERED: ordered,
        BANNED: np.where(expelled, ordered + HOUR, NEVER),
        ADMITTED: np.where(held, ordered + 3 * HOUR, NEVER),
        RELEASED: np.where(held & goes, left - 8 * HOUR, NEVER),
        EXECUTED: np.where(expelled & goes, left - HOUR, NEVER),
    }


def _after(state: State, stay: Numbers, occurred: Numbers, at: dict[int, Numbers]) -> Cases:
    """The cases with what some do about it: an appeal, and sometimes success."""
    rng = stream(state.seed, "appeals", len(stay))
    rates, nothing = state.calibration.enforcement, np.full(len(stay), NEVER)
    appeals = (rng.random(len(stay)) < rates["appealed"]) & (at.get(FINED, nothing) != NEVER)
    appealed = np.where(appeals, at.get(FINED, nothing) + 3 * DAY, NEVER)
    annulled = np.where(appeals & (rng.random(len(stay)) < rates["annulled"]), appealed + 12 * DAY, NEVER)
    known = {event: at.get(event, nothing) for event in range(len(EVENTS))}
    return Cases(stay, occurred, np.zeros(len(stay), dtype=bool), known | {APPEALED: appealed, ANNULLED: annulled})


def _centres(state: State, person: Numbers) -> tuple[Numbers, pa.Array]:
    """The special receiver of each person's region, else the first one; and the codes of all."""
    regions = [code[:2] for code in state.places.region.to_pylist()]
    order = list(CENTRES)
    place = np.array([order.index(code) if code in order else 0 for code in regions], dtype=np.int64)
    return place[state.people.home[person]], pa.array(list(CENTRES.values()))
