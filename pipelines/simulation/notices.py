"""Records of `stay_notifications`: what hosts report about their guests."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipelines.simulation.calibration import draw
from pipelines.simulation.columns import Coded, Dated, Joined, Moment, Numbered
from pipelines.simulation.hosts import HOST_TYPES, HOSTS_OF, host_ids
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
HOSTS_PER_REGION = 400


def stay_notifications(state: State) -> Records:
    """One record per message of a host."""
    rng = stream(state.seed, "notices")
    stay, action, at = _messages(state, rng)
    stays = state.stays
    person = stays.person[stay]
    home = state.people.home[person]
    # A guest who does not move keeps host and district from message to message.
    key = stays.person[stay] * 7 + stay + (action == MOVED)
    district = state.places.districts(home, (key * 2_654_435_761 % 1_000) / 1_000)
    host_type = _host_types(state, stay)
    host = home * HOSTS_PER_REGION + ((key % 1_000 / 1_000) ** 2 * HOSTS_PER_REGION).astype(np.int64)
    entered, left = (moment // DAY + state.first for moment in (stays.entered[stay], stays.left[stay]))
    today = at // DAY + state.first
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
            "stay_from": Dated(np.where(action == MOVED, today, np.minimum(entered, today))),
            "stay_until": Dated(np.maximum(until, entered)),
            "kato": state.places.coded(district),
            "address": _addresses(state, key, district, host_type),
            "host_type": Coded(pa.array(HOST_TYPES), host_type),
            "host_id": host_ids(host_type, host),
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
    moves = long[rng.random(len(long)) < papers["moves"]]
    extends = long[rng.random(len(long)) < papers["extends"]]
    before = np.flatnonzero((stays.entered <= -3 * DAY) & (stays.left > DAY))
    before = before[rng.random(len(before)) < papers["notified_later"]]
    within = np.minimum(stays.left[before], horizon)
    stay = np.concatenate([known, leaves, moves, extends, before])
    action = np.repeat(
        [ARRIVED, LEFT, MOVED, EXTENDED, EXTENDED], [len(known), len(leaves), len(moves), len(extends), len(before)]
    )
    action = np.where((np.arange(len(stay)) >= len(stay) - len(before)) & (rng.random(len(stay)) < 0.3), MOVED, action)
    midway = [stays.entered[part] + (length[part] * (0.3 + 0.6 * rng.random(len(part)))) for part in (moves, extends)]
    at = np.concatenate(
        [arrived, stays.left[leaves] + rng.integers(0, 2 * DAY, len(leaves)), *midway, within * rng.random(len(before))]
    ).astype(np.int64)
    at = at // DAY * DAY + 9 * 3600 + at % (9 * 3600)
    order = np.lexsort((stay, at))
    fits = (at >= 0) & (at < horizon) & (at >= state.people.born_at[stays.person[stay]])
    order = order[fits[order]]
    return stay[order], action[order], at[order]


def _host_types(state: State, stay: Numbers) -> Numbers:
    """One host type per message, the same for all messages of a stay."""
    kinds = state.people.kind[state.stays.person]
    chosen = np.zeros(len(state.stays), dtype=np.int64)
    rng = stream(state.seed, "hosts")
    for position, kind in enumerate(state.calibration.travellers):
        rows = np.flatnonzero(kinds == position)
        chosen[rows] = draw(rng, [float(weight) for weight in HOSTS_OF[kind]], len(rows))
    return chosen[stay]
