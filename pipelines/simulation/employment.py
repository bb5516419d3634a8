"""Records of `employment_records`: months worked under a contract, by holders of a permit and by some citizens."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from pipelines.simulation.columns import NEVER, Coded, Dated, Numbered
from pipelines.simulation.decisions import EXTENDED, GRANTED, REVOKED
from pipelines.simulation.hosts import organisation_numbers
from pipelines.simulation.labour import OCCUPATIONS, Work, work
from pipelines.simulation.population import CHILD, DAY, Numbers
from pipelines.simulation.randomness import stream
from pipelines.simulation.records import Records, State
from pipelines.simulation.spelling import Style

REPORTED_BEFORE_END = 3
FULL_TIME = 160
LOWEST_WAGE, WAGE_STEP = 140_000, 55_000
CITIZENS_CONTRACT = 200


@dataclass(frozen=True)
class Contracts:
    """One position per contract; days count from the first day of the world."""

    person: Numbers
    starts: Numbers
    ends: Numbers
    employer: Numbers
    occupation: Numbers
    district: Numbers

    def taken(self, rows: Numbers) -> Contracts:
        """The contracts at some positions."""
        return Contracts(*(getattr(self, field.name)[rows] for field in fields(self)))


def employment_records(state: State) -> Records:
    """One record per contract and month in which its permit is valid and the worker in the country."""
    rng = stream(state.seed, "employment")
    contracts = _contracts(state, rng)
    row, first, reported = _months(state, contracts)
    held, count = contracts.taken(row), len(row)
    rates = state.calibration.employment
    agreed = LOWEST_WAGE + WAGE_STEP * held.occupation + held.person * 7_919 % 50_000 // 500 * 500
    on_leave = rng.random(count) < rates["on_leave"]
    short = rng.random(count) < rates["paid_less"]
    paid = np.where(short, agreed * 7 // 10, agreed)
    return Records(
        day=reported,
        at=reported * DAY + 12 * 3600,
        person=held.person,
        style=Style("cyrillic", latin=True),
        columns={
            "employment_id": state.numbered("ER", np.arange(count)),
            "employer_bin": Numbered(organisation_numbers(held.employer), width=12),
            "contract_from": Dated(held.starts + state.first),
            "contract_until": Dated(np.where(held.ends == NEVER, NEVER, held.ends + state.first)),
            "occupation_isco": Coded(pa.array(OCCUPATIONS), held.occupation),
            "kato": state.places.coded(held.district),
            "pension_paid": Coded(
                pa.array(["false", "true"]), (rng.random(count) >= rates["pension_unpaid"]).astype(np.int64)
            ),
            "wage_kzt": Numbered(np.where(on_leave, 0, paid)),
            "wage_contract_kzt": Numbered(agreed),
            "hours": Numbered(np.where(on_leave, 0, FULL_TIME - rng.integers(0, 24, count))),
            "month": Dated(first + state.first, np.ones(count, dtype=np.int64)),
        },
    )


def _contracts(state: State, rng: np.random.Generator) -> Contracts:
    """Contracts of workers with a permit for an organisation, and of the citizens who stand in the same file."""
    done, rates = work(state), state.calibration.employment
    given = np.flatnonzero(done.is_employed & np.isin(done.found.action, (GRANTED, EXTENDED)))
    given = given[rng.random(len(given)) >= rates["without_contract"]]
    citizen = state.people.kind == list(state.calibration.travellers).index("citizen")
    citizen &= (state.people.role != CHILD) & (rng.random(len(state.people)) < rates["citizens"])
    person = np.flatnonzero(citizen)
    return Contracts(
        person=np.concatenate([done.found.person[given], person]),
        starts=np.concatenate([done.found.starts[given], -(person % CITIZENS_CONTRACT)]),
        ends=np.concatenate([_valid_until(state, done)[given], np.full(len(person), NEVER)]),
        employer=np.concatenate([done.employer[given], person * 17 % 4_000]),
        occupation=np.concatenate([done.occupation[given], 3 + person % 7]),
        district=np.concatenate([done.district[given], state.dwellings.district_at(person, person * 0)]),
    )


def _valid_until(state: State, done: Work) -> Numbers:
    """Last day of the permit of each decision, a revocation counted in."""
    revoked = np.full(len(state.people), NEVER)
    is_revoked = done.found.action == REVOKED
    np.minimum.at(revoked, done.found.person[is_revoked], done.found.ends[is_revoked])
    return np.asarray(np.minimum(done.found.ends, revoked[done.found.person]))


def _months(state: State, contracts: Contracts) -> tuple[Numbers, Numbers, Numbers]:
    """One row per contract and month: the contract, the first day of the month, and the day of the report."""
    start = state.first_day.replace(day=1)
    months = np.arange(np.datetime64(start, "M"), np.datetime64(start, "M") + state.days // 28 + 2)
    firsts = months.astype("datetime64[D]").astype(np.int64) - state.first
    found = []
    for first, following in zip(firsts[:-1].tolist(), firsts[1:].tolist(), strict=True):
        reported = following - 1 - REPORTED_BEFORE_END
        if 0 <= reported < state.days:
            row = np.flatnonzero(_worked(state, contracts, first, reported))
            found.append((row, np.full(len(row), first), np.full(len(row), reported)))
    columns = zip(*found, strict=True) if found else ([np.empty(0, dtype=np.int64)] for _ in range(3))
    row, first_day, day = (np.concatenate(column) for column in columns)
    return row, first_day, day


def _worked(state: State, contracts: Contracts, first: int, reported: int) -> np.ndarray:
    """Whether each contract is in force and its worker in the country on some day from `first` to `reported`."""
    stays, citizen = state.stays, contracts.ends == NEVER
    since = np.full(len(state.people), NEVER)
    np.minimum.at(since, contracts.person, np.maximum(contracts.starts, first))
    there = (stays.entered < (reported + 1) * DAY) & (stays.left // DAY >= since[stays.person])
    inside = np.zeros(len(state.people), dtype=bool)
    inside[stays.person[there]] = True
    in_force = (contracts.starts <= reported) & (contracts.ends >= first)
    return np.asarray(in_force & (citizen | inside[contracts.person]))
