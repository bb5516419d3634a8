"""Records of `border_crossings`: the passages that the border recorded."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipelines.simulation.calibration import draw
from pipelines.simulation.columns import Coded, Moment, Numbered
from pipelines.simulation.movement import DIRECTIONS, ENTRY, REFUSED_ENTRY, Passages, purposes
from pipelines.simulation.population import DAY, Numbers
from pipelines.simulation.randomness import stream
from pipelines.simulation.records import Records, State
from pipelines.simulation.spelling import Style

TRANSPORTS = ("road", "rail", "air", "sea", "foot")
REFUSALS = ("срок действия документа истёк", "нет визы", "запрет на въезд", "документ повреждён")
PLATES = ("01KZ", "02KZ", "13KZ", "UZ", "KG", "RUS")
ON_FOOT = 0.08
HOUR = 3600
FIRST_FLIGHT, FLIGHTS = 100, 900


def border_crossings(state: State) -> Records:
    """One record per passage or refusal."""
    rng = stream(state.seed, "crossings")
    passages, count = state.passages, len(state.passages.person)
    late = rng.random(count) < state.calibration.movement["reported_late"]
    day = passages.at // DAY
    kind = np.array([TRANSPORTS.index(kind) for kind in state.posts.kind.to_pylist()], dtype=np.int64)[passages.post]
    transport = np.where((kind == 0) & (rng.random(count) < ON_FOOT), TRANSPORTS.index("foot"), kind)
    entering = passages.direction % 2 == ENTRY
    lives = state.dwellings.district_at(passages.person, np.maximum(passages.at, state.stays.entered[passages.stay]))
    destination = state.places.coded(np.where(entering, state.misplaced(lives, rng), -1))
    refused = passages.direction >= REFUSED_ENTRY
    offset_post = rng.random(len(state.posts.code)) < state.calibration.movement["time_with_offset"]
    return Records(
        day=day + np.where(late, rng.integers(1, 6, count), 0),
        at=passages.at,
        person=passages.person,
        style=Style("cyrillic", latin=True),
        columns={
            "event_id": state.numbered("BC", np.arange(count)),
            "event_at": Moment(passages.at, state.first, offset_post[passages.post]),
            "post_code": Coded(state.posts.code, passages.post),
            "direction": Coded(pa.array(DIRECTIONS), passages.direction),
            "visa_number": Numbered(visa_numbers(state, passages.stay), "V", 9),
            "purpose": Coded(pa.array(purposes(state.calibration)), passages.purpose),
            "transport": Coded(pa.array(TRANSPORTS), transport),
            "conveyance": _conveyances(transport, passages.stay, flights_of(passages, len(state.posts.code)), rng),
            "destination_kato": destination,
            "refusal_reason": Coded(pa.array(REFUSALS), np.where(refused, draw(rng, [4, 3, 2, 1], count), -1)),
        },
    )


def visa_numbers(state: State, stay: Numbers) -> Numbers:
    """One number per stay asked for: that of its visa, -1 where none is needed."""
    needs = np.array([state_.visa for state_ in state.calibration.citizenships.values()])
    return np.where(needs[state.people.citizenship[state.stays.person[stay]]], stay, -1)


def flights_of(passages: Passages, posts: int) -> Numbers:
    """One number per passage: of the flight that it would be of, the only one of its post, direction and hour."""
    return (passages.at // HOUR * posts + passages.post) * 2 + passages.direction % 2


def _conveyances(transport: Numbers, stay: Numbers, flight: Numbers, rng: np.random.Generator) -> Coded:
    """Flights for those who fly, number plates for half of those who drive."""
    flights = [f"KC{number}" for number in range(FIRST_FLIGHT, FIRST_FLIGHT + FLIGHTS)]
    plates = [f"{number:03d}SYN{PLATES[number % len(PLATES)]}" for number in range(1000)]
    flying = transport == TRANSPORTS.index("air")
    driving = (transport == 0) & (rng.random(len(transport)) < 0.5)
    codes = np.where(flying, flight % len(flights), np.where(driving, len(flights) + stay % len(plates), -1))
    return Coded(pa.array(flights + plates), codes)
