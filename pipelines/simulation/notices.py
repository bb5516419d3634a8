"""Records of `stay_notifications`: what hosts report about their guests."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipelines.simulation.columns import Coded, Dated, Joined, Moment, Numbered
from pipelines.simulation.dwelling import EARLIEST, SPAN, second_of
from pipelines.simulation.hosts import HOST_TYPES, host_ids
from pipelines.simulation.movement import purposes
from pipelines.simulation.population import DAY, Numbers
from pipelines.simulation.randomness import stream
from pipelines.simulation.records import Records, State
from pipelines.simulation.spelling import Style

ACTIONS = ("arrived", "moved", "extended", "left")
ARRIVED, MOVED, EXTENDED, LEFT = 0, 1, 2, 3
STREETS = ("Абая", "Ленина", "Сатпаева", "Достык", "Мира", "Жибек Жолы", "Гагарина", "Толе би", "Школьная", "Новая")
PLANNED_DAYS = 30
EXTENDED_DAYS = 60
# Hosts in a community list all guests as the world begins, and tell of others within some days.
LISTED_DAYS, TOLD_DAYS = 2, 5


def stay_notifications(state: State) -> Records:
    """One record per message of a host."""
    rng = stream(state.seed, "notices")
    stay, action, at = _messages(state, rng)
    stays, homes = state.stays, state.dwellings
    person = stays.person[stay]
    lives = homes.at(person, np.maximum(np.where(action == LEFT, stays.left[stay] - 1, at), stays.entered[stay]))
    district = np.where(action == LEFT, homes.district[lives], state.misplaced(homes.district[lives], rng))
    host_type, house = homes.host_type[lives], homes.house[lives]
    entered, left = (moment // DAY + state.first for moment in (stays.entered[stay], stays.left[stay]))
    today = at // DAY + state.first
    since = np.maximum(entered, homes.since[lives] // DAY + state.first)
    until = np.where(action == LEFT, left, np.where(action == ARRIVED, entered + PLANNED_DAYS, today + EXTENDED_DAYS))
    return Records(
        day=at // DAY,
        at=at,
        person=person,
        style=Style("cyrillic"),
        columns={
            "notification_id": state.numbered("SN", np.arange(len(stay))),
            "action": Coded(pa.array(ACTIONS), action),
            "reported_at": Moment(at, state.first, np.zeros(len(stay), dtype=bool)),
            "stay_from": Dated(np.minimum(since, today)),
            "stay_until": Dated(np.maximum(until, entered)),
            "kato": state.places.coded(district),
            "address": _addresses(state, house, district, host_type),
            "host_type": Coded(pa.array(HOST_TYPES), host_type),
            "host_id": host_ids(host_type, homes.host[lives]),
            "purpose": Coded(pa.array(purposes(state.calibration)), stays.purpose[stay]),
        },
    )


def _addresses(state: State, key: Numbers, district: Numbers, host_type: Numbers) -> Joined:
    """District, street and house, and the flat of private hosts."""
    streets = pa.array([f"ул. {street}" for street in STREETS])
    flat = np.where(host_type == 0, key % 90 + 1, -1)
    parts = (Coded(state.places.district_name, district), Coded(streets, key % len(STREETS)))
    return Joined((*parts, Numbered(key % 180 + 1, "д. "), Numbered(flat, "кв. ")), ", ")


def _messages(state: State, rng: np.random.Generator) -> tuple[Numbers, Numbers, Numbers]:
    """One row per message: its stay, what it says, and the second at which it is received; in order of time."""
    papers, stays = state.calibration.papers, state.stays
    horizon = state.days * DAY
    share = np.array([papers["notified"][kind] for kind in state.calibration.travellers])
    notified = rng.random(len(stays)) < share[state.people.kind[stays.person]]
    length = stays.left - stays.entered
    known = np.flatnonzero(notified & (length > DAY) & (stays.entered > -3 * DAY) & (stays.entered < horizon))
    arrived = stays.entered[known] + (rng.gamma(1.6, 1.1, len(known)) * DAY).astype(np.int64)
    known, arrived = known[arrived < stays.left[known]], arrived[arrived < stays.left[known]]
    leaves = known[rng.random(len(known)) < papers["leaves_reported"]]
    long = known[length[known] > 20 * DAY]
    extends = long[rng.random(len(long)) < papers["extends"]]
    before = np.flatnonzero((stays.entered <= -3 * DAY) & (stays.left > DAY))
    before = before[rng.random(len(before)) < papers["notified_later"]]
    midway = stays.entered[extends] + length[extends] * (0.3 + 0.6 * rng.random(len(extends)))
    later = np.minimum(stays.left[before], horizon) * rng.random(len(before))
    moved, moved_at = _moves(state, notified)
    together, told_at = _of_communities(state, rng)
    parts = (
        (ARRIVED, known, arrived),
        (LEFT, leaves, stays.left[leaves] + rng.integers(0, 2 * DAY, len(leaves))),
        (MOVED, moved, moved_at),
        (EXTENDED, extends, midway),
        (EXTENDED, before, later),
        (EXTENDED, together, told_at),
    )
    stay = np.concatenate([of for _, of, _ in parts])
    action = np.repeat([says for says, _, _ in parts], [len(of) for _, of, _ in parts])
    at = np.concatenate([moment for _, _, moment in parts]).astype(np.int64)
    at = at // DAY * DAY + 9 * 3600 + at % (9 * 3600)
    order = np.lexsort((stay, at))
    fits = (at >= 0) & (at < horizon) & (at >= state.people.born_at[stays.person[stay]])
    order = order[fits[order]]
    return stay[order], action[order], at[order]


def _moves(state: State, notified: np.ndarray) -> tuple[Numbers, Numbers]:
    """The moves to another place within a stay that hosts report: the stay and the second; of communities all."""
    homes, stays = state.dwellings, state.stays
    order = np.lexsort((stays.entered, stays.person))
    keys = stays.person[order] * SPAN + np.maximum(stays.entered[order], EARLIEST)
    moves = np.flatnonzero(homes.is_move)
    place = np.searchsorted(keys, homes.person[moves] * SPAN + homes.since[moves], side="right") - 1
    stay, at = order[np.maximum(place, 0)], homes.since[moves]
    is_there = (place >= 0) & (stays.person[stay] == homes.person[moves]) & (at < stays.left[stay])
    of_community = np.isin(homes.person[moves], np.unique(homes.person[homes.community >= 0]))
    told = np.flatnonzero(is_there & (notified[stay] | of_community))
    return stay[told], at[told]


def _of_communities(state: State, rng: np.random.Generator) -> tuple[Numbers, Numbers]:
    """What hosts in a community report again and again: one row per message, its stay and the second."""
    stays, family = state.stays, state.people.family[state.stays.person]
    stay = np.flatnonzero(state.communities.of_family[family] >= 0)
    begins, ends = (second_of(state.communities.day(name, family[stay])) for name in ("begins", "ends"))
    step = int(state.calibration.communities["told_every"]) * DAY
    start = np.maximum(np.maximum(begins, stays.entered[stay]), 0)
    stop = np.minimum(np.minimum(ends, stays.left[stay]), state.days * DAY)
    within = np.where(start == 0, LISTED_DAYS, TOLD_DAYS) * DAY
    first = start + (rng.random(len(stay)) * within).astype(np.int64)
    times = np.maximum(-((first - stop) // step), 0)
    row = np.repeat(np.arange(len(stay)), times)
    place = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    return stay[row], first[row] + place * step
