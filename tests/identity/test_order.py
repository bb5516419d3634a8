"""Incremental equals batch, whatever arrives first: the law on which clusters stand."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.storage import open_memory
from tests.identity.conftest import Seen, Verdict, make_register

BIRTHS = st.sampled_from(["1980", "1980-05", "1980-05-01", "1980-06-01", "1990-01-01", None])


@st.composite
def worlds(draw: st.DrawFn) -> list[Seen | Verdict]:
    """A few observations that share documents, IINs and doubts, and a steward who is sometimes asked."""
    size = draw(st.integers(2, 8))
    seen = [
        Seen(
            number,
            birth=draw(BIRTHS),
            sex=draw(st.sampled_from(["M", "F", None])),
            document=draw(st.sampled_from(["A1", "B2", None])),
            iin=draw(st.sampled_from(["111", "222", None, None])),
        )
        for number in range(1, size + 1)
    ]
    pairs = draw(
        st.lists(
            st.tuples(st.integers(1, size), st.integers(1, size), st.sampled_from(["same", "different"])), max_size=3
        )
    )
    verdicts = [Verdict(number, *pair) for number, pair in enumerate(pairs, 100) if pair[0] != pair[1]]
    return [*seen, *verdicts]


def clusters(loads: list[list[Seen | Verdict]]) -> set[frozenset[int]]:
    with tempfile.TemporaryDirectory() as folder, open_memory() as connection:
        register = make_register(Path(folder), connection)
        for facts in loads:
            register.load(*facts)
        return register.persons()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(worlds(), st.randoms(use_true_random=False), st.integers(1, 4))
def test_any_order_and_split_of_arrivals_gives_the_same_persons(
    world: list[Seen | Verdict], random: object, parts: int
) -> None:
    shuffled = list(world)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    split = [shuffled[part::parts] for part in range(parts)]
    assert clusters(split) == clusters([world])
