"""A verdict on two records that say the same of a person parts them, until another follows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.intake.parting import WORDS
from pipelines.settings import CHECKOUT
from tests.intake.intake_world import CONTRACTS, DAY, Centre, Sent, crossings, sent

TWIN = crossings("t", 1)[0]
PARTED = "SELECT record_id FROM intake.parted_record WHERE known_to_seq IS NULL ORDER BY ALL"
CHANGED = "SELECT feed, record_id FROM intake.changed_record WHERE feed = 'border_crossings' ORDER BY ALL"


@pytest.fixture
def stewarded(tmp_path: Path) -> Iterator[Centre]:
    """A centre that knows crossings and stewards' decisions."""
    centre = Centre(tmp_path, {name: CONTRACTS[name] for name in ("border_crossings", "steward_decisions")})
    yield centre
    centre.close()


def seen(*numbers: str, sequence: int = 1, **more: Any) -> Sent:
    """Crossings that say the same of a person."""
    return sent([TWIN | {"event_id": number} | more for number in numbers], sequence=sequence)


def decided(number: int, left: str, right: str, verdict: str, **members: Any) -> Sent:
    """A verdict on two crossings."""
    row = {"decision_id": f"D{number}", "decided_at": f"2026-03-01T{number:02}:00:00+05:00", "verdict": verdict}
    row |= {"left_feed": "border_crossings", "left_record_id": left}
    row |= {"right_feed": "border_crossings", "right_record_id": right, "reason": "seen both"}
    return sent([row], feed="steward_decisions", sequence=number, **members)


def test_a_verdict_parts_the_later_of_two_records_that_say_the_same(stewarded: Centre) -> None:
    stewarded.load(seen("a", "b", "c"))
    stewarded.load(decided(1, "b", "a", "different"))
    assert stewarded.rows(PARTED) == [("b",)]
    assert stewarded.rows(CHANGED) == [("border_crossings", "b")]
    stewarded.load(decided(2, "a", "b", "same"))
    assert stewarded.rows(PARTED) == []
    assert stewarded.rows(CHANGED) == [("border_crossings", "b")]


def test_records_that_say_different_things_need_no_parting(stewarded: Centre) -> None:
    stewarded.load(seen("a"), seen("b", sequence=2, given_names="Басқа"), decided(1, "a", "b", "different"))
    assert stewarded.rows(PARTED) == []


def test_a_verdict_waits_for_the_record_and_follows_its_correction(stewarded: Centre) -> None:
    stewarded.load(seen("a"), decided(1, "a", "b", "different"))
    assert stewarded.rows(PARTED) == []
    stewarded.load(seen("b", sequence=2))
    assert stewarded.rows(PARTED) == [("b",)]
    mended = sent([TWIN | {"event_id": "b", "given_names": "Басқа"}], sequence=3, manifest={"kind": "correction"})
    stewarded.load(mended)
    assert stewarded.rows(PARTED) == []


def test_a_verdict_that_is_withdrawn_parts_nothing_any_more(stewarded: Centre) -> None:
    first = decided(1, "a", "b", "different")
    stewarded.load(seen("a", "b"), first)
    stewarded.load(decided(2, "c", "d", "same", manifest={"supersedes": first.file_name}))
    assert stewarded.rows(PARTED) == []
    assert stewarded.rows("SELECT known_from_seq, known_to_seq FROM intake.parted_record") == [(1, 2)]


def test_a_verdict_moves_no_last_day_of_what_is_reported(stewarded: Centre) -> None:
    stewarded.load(seen("a", "b"))
    stewarded.load(decided(1, "a", "b", "same", day=date(2026, 3, 20)))
    assert stewarded.rows("SELECT as_of FROM meta.load ORDER BY load_seq") == [(DAY,), (DAY,)]


def test_what_makes_an_observation_is_written_alike_in_models() -> None:
    macros = (CHECKOUT / "dbt_project" / "macros" / "records.sql").read_text(encoding="utf-8")
    named = macros.split("macro identity_columns")[1].split("endmacro")[0]
    assert re.findall(r"'(\w+)'", named) == list(WORDS)
