"""Incremental equals batch, whatever arrives first: the law on which clusters stand.

A register is told in events: a version of a record, which says who the record is of or that it is withdrawn, and a
verdict. The latest version of a record holds and the latest verdict on a pair, in whatever order they arrive.
"""

from __future__ import annotations

import importlib
import tempfile
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.identity.candidates import find_candidates
from pipelines.identity.scoring import weigh_by_parts
from pipelines.storage import open_memory
from tests.identity.conftest import Register, Seen, Verdict, make_register

BIRTHS = st.sampled_from(["1980", "1980-05", "1980-05-01", "1980-06-01", "1990-01-01", None])
NAMES = st.sampled_from(
    [(None, None), ("Каримов", "Рустам"), ("KARIMOV", "RUSTAM"), ("Каримова", "Зарина"), ("Каримов", None)]
)


@dataclass(frozen=True)
class Version:
    """What a record says from its n-th version on: whom it is of; nobody where it is withdrawn."""

    record: int
    version: int
    observation: int | None


Event = Version | Verdict


@st.composite
def papers(draw: st.DrawFn, numbers: range) -> list[Seen]:
    """Observations that share documents, IINs, names and doubts."""
    found = []
    for number in numbers:
        surname, given_name = draw(NAMES)
        paper = Seen(
            number,
            birth=draw(BIRTHS),
            sex=draw(st.sampled_from(["M", "F", None])),
            document=draw(st.sampled_from(["A1", "B2", None])),
            iin=draw(st.sampled_from(["111", "222", None, None])),
            surname=surname,
            given=given_name,
        )
        found.append(paper)
    return found


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Seen], list[Event]]:
    """Observations, records of one or more versions that carry them, and a steward who may change his mind."""
    seen = draw(papers(range(1, draw(st.integers(2, 8)) + 1)))
    own: list[Event] = [Version(paper.number, 1, paper.number) for paper in seen]
    record = st.integers(1, len(seen))
    later = draw(st.lists(st.tuples(record, st.sampled_from([None, *range(1, len(seen) + 1)])), max_size=4))
    own += [Version(number, place, carried) for place, (number, carried) in enumerate(later, 2)]
    words = draw(st.lists(st.tuples(record, record, st.sampled_from(["same", "different"])), max_size=3))
    verdicts = [Verdict(number, *word) for number, word in enumerate(words, 100) if word[0] != word[1]]
    turned = draw(st.lists(st.sampled_from(verdicts), max_size=2, unique=True)) if verdicts else []
    opposite = {"same": "different", "different": "same"}
    verdicts += [replace(word, number=word.number + 100, verdict=opposite[word.verdict]) for word in turned]
    return seen, [*own, *verdicts]


def link_all(register: Register, seen: list[Seen], loads: list[list[Event]]) -> None:
    """Links the events load by load, as intake shows them: the latest version that has arrived holds."""
    by_number = {paper.number: paper for paper in seen}
    standing: dict[int, Version] = {}
    for events in loads:
        arrived = [event for event in events if isinstance(event, Version)]
        latest = {event.record: event for event in sorted([*standing.values(), *arrived], key=lambda one: one.version)}
        changed = [version for record, version in latest.items() if standing.get(record) != version]
        carried = {one.record: by_number[one.observation] if one.observation else None for one in changed}
        register.load(*(event for event in events if isinstance(event, Verdict)), carried=carried)
        standing = latest


def knowledge(register: Register) -> dict[str, Any]:
    """What is known now: persons, what links them, and how persons stand to each other; ids are left out."""
    asked = {
        "evidence": """SELECT left_observation_id, right_observation_id, evidence, weight FROM linkage.link_evidence
        WHERE known_to_seq IS NULL""",
        "links": """WITH person AS (SELECT person_id, min(observation_id) AS first FROM linkage.person_observation
          WHERE known_to_seq IS NULL GROUP BY person_id)
        SELECT least(a.first, b.first), greatest(a.first, b.first), colour, weight, reason FROM linkage.identity_link
        JOIN person AS a ON a.person_id = left_person_id JOIN person AS b ON b.person_id = right_person_id
        WHERE known_to_seq IS NULL AND colour <> 'white'""",
    }
    found = {name: sorted(map(repr, register.connection.execute(query).fetchall())) for name, query in asked.items()}
    return {"persons": register.persons()} | found


def outcome(seen: list[Seen], loads: list[list[Event]]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, open_memory() as connection:
        register = make_register(Path(folder), connection)
        link_all(register, seen, loads)
        return knowledge(register)


@settings(max_examples=14, deadline=None, derandomize=True)
@given(worlds(), st.randoms(use_true_random=False), st.integers(1, 4))
def test_any_order_and_split_of_arrivals_gives_the_same_knowledge(
    world: tuple[list[Seen], list[Event]], random: Any, parts: int
) -> None:
    seen, events = world
    shuffled = list(events)
    random.shuffle(shuffled)
    split = [shuffled[part::parts] for part in range(parts)]
    assert outcome(seen, split) == outcome(seen, [events])


@settings(max_examples=6, deadline=None, derandomize=True)
@given(worlds())
def test_keys_and_pairs_looked_at_few_at_a_time_give_what_all_at_once_give(
    world: tuple[list[Seen], list[Event]],
) -> None:
    seen, events = world
    linking = importlib.import_module("pipelines.identity.link")
    few: dict[str, Any] = {
        "find_candidates": partial(find_candidates, at_once=5),
        "weigh_by_parts": partial(weigh_by_parts, at_once=1, read_at_once=3),
    }
    with patch.multiple(linking, **few):
        in_parts = outcome(seen, [events])
    assert in_parts == outcome(seen, [events])


@settings(max_examples=7, deadline=None, derandomize=True)
@given(worlds(), st.randoms(use_true_random=False), st.integers(1, 4))
def test_so_it_does_where_two_are_the_most_that_may_share_a_key(
    world: tuple[list[Seen], list[Event]], random: Any, parts: int
) -> None:
    linking = importlib.import_module("pipelines.identity.link")
    with patch.object(linking, "find_candidates", partial(find_candidates, most=2)):
        seen, events = world
        shuffled = list(events)
        random.shuffle(shuffled)
        assert outcome(seen, [shuffled[part::parts] for part in range(parts)]) == outcome(seen, [events])
