"""Laws of intake on deliveries that nobody thought of: damaged, repeated, disordered, mixed with bad rows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.cli import main
from tests.intake.intake_world import KEYS, Centre, Row, Sent, as_format, packed, sent, small_contract, visits

FEW = settings(derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
FORMATS = ("csv", "csv.gz", "csv.zst", "jsonl", "jsonl.gz", "parquet", "xlsx")
KINDS = ("increment", "increment", "correction", "snapshot")
DEFECTS = ({"days": "many"}, {"seen_at": "soon"}, {"note": "x" * 60}, {"note": "a\x07b"}, {"id": ""}, {"days": "91"})


@contextmanager
def new_centre() -> Iterator[Centre]:
    with tempfile.TemporaryDirectory() as folder:
        centre = Centre(Path(folder), {"visits": small_contract("visits", hold_share=1.0)})
        yield centre
        centre.close()


def rows_of(number: int, count: int = 12) -> list[Row]:
    notes: dict[str, str | None] = {
        f"{number}-{n}": f'жазба, "{n}"\nn' if n % 5 == 0 else f"note {n}" for n in range(count)
    }
    return visits(**notes)


Damage = tuple[str, str, float, int]
damages = st.tuples(
    st.sampled_from(FORMATS),
    st.sampled_from(("flip", "cut", "flip inside the pack")),
    st.floats(0, 1, exclude_max=True),
    st.integers(1, 255),
)


def damaged(number: int, kind: str, how: str, where: float, mask: int) -> Sent:
    """A delivery whose manifest agrees with the damaged bytes."""
    is_inside = how.endswith("pack") and kind.startswith(("csv", "jsonl"))
    content = bytearray(as_format(rows_of(number), kind.split(".")[0] if is_inside else kind))
    place = int(where * len(content))
    if how == "cut":
        del content[place:]
    else:
        content[place] ^= mask
    final = packed(bytes(content), kind) if is_inside else bytes(content)
    return Sent(final, 12, kind, date(2026, 3, 1), number, "visits")


@settings(FEW, max_examples=2)
@given(st.lists(damages, min_size=20, max_size=20))
def test_damage_never_loses_a_row_nor_stops_the_night(found: list[Damage]) -> None:
    take_in_damaged(found)


@pytest.mark.faults
@settings(FEW, max_examples=20)
@given(st.lists(damages, min_size=50, max_size=50))
def test_a_thousand_damages_never_lose_a_row_nor_stop_the_night(found: list[Damage]) -> None:
    take_in_damaged(found)


def take_in_damaged(found: list[Damage]) -> None:
    """Every row of every damaged delivery is accepted, held back or a repeat, or the delivery is rejected whole."""
    with new_centre() as centre:
        names = [centre.land(damaged(number, *damage)) for number, damage in enumerate(found)]
        centre.load()
        for name in names:
            row = centre.verdict(name)
            parts = row["rows_accepted"] + row["rows_quarantined"] + row["rows_repeated"]
            assert row["state"] in ("accepted", "rejected"), row
            assert parts == (12 if row["state"] == "accepted" else 0), row
            assert row["state"] == "rejected" or row["rows_in_file"] == 12, row
        held = centre.rows("SELECT coalesce(sum(rows_quarantined), 0) FROM intake.delivery")
        assert centre.rows("SELECT count(*) FROM intake.quarantine") == held
        assert centre.rows("SELECT count(*) FROM raw.visits") == centre.rows(
            "SELECT coalesce(sum(rows_accepted), 0) FROM intake.delivery"
        )


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Sent], list[Sent], list[bool]]:
    """Deliveries in one order and in another, and where the loads of the other are cut."""
    count = draw(st.integers(2, 5))
    names = [f"visits_202603{day:02}_{sequence:03}.csv" for day in (1, 2, 3) for sequence in (1, 2)]
    deliveries = []
    for number in range(count):
        notes = draw(st.dictionaries(st.sampled_from("ABCD"), st.sampled_from(("x", "y", None)), min_size=1))
        manifest: dict[str, Any] = {"kind": draw(st.sampled_from(KINDS))}
        if draw(st.booleans()):
            manifest["created_at"] = f"2026-03-0{draw(st.integers(1, 4))}T10:00:00+05:00"
        if draw(st.integers(0, 3)) == 0:
            manifest["supersedes"] = draw(st.sampled_from(names))
        rows = visits(**notes, **{f"own{number}": "own"})
        day, sequence = draw(st.sampled_from((1, 2, 3))), draw(st.sampled_from((1, 2)))
        deliveries.append(sent(rows, feed="visits", day=date(2026, 3, day), sequence=sequence, manifest=manifest))
    order = draw(st.permutations(range(count)))
    repeated = [*order, *draw(st.lists(st.sampled_from(order), max_size=2))]
    cuts = draw(st.lists(st.booleans(), min_size=len(repeated), max_size=len(repeated)))
    return deliveries, [deliveries[number] for number in repeated], cuts


def content_of(centre: Centre) -> tuple[Any, ...]:
    ledger = centre.rows(
        """SELECT file_name, sha256, state, reason, rows_in_file, rows_accepted, rows_quarantined, rows_repeated
        FROM quality.delivery WHERE state <> 'duplicate' ORDER BY ALL"""
    )
    held = centre.rows("SELECT file_name, record_id, reasons, cleared_seq IS NULL FROM quality.quarantine ORDER BY ALL")
    return centre.current("visits"), ledger, held


@settings(FEW, max_examples=8)
@given(histories())
def test_any_order_repetition_and_batching_gives_the_same_content_and_as_of_tells_each_load(
    history: tuple[list[Sent], list[Sent], list[bool]],
) -> None:
    first, second, cuts = history
    with new_centre() as centre:
        seen = {centre.load(delivery): centre.current("visits") for delivery in first}
        assert {load: centre.current("visits", as_of=load) for load in seen} == seen
        expected = content_of(centre)
    with new_centre() as centre:
        landed: set[str] = set()
        for delivery, is_cut in zip(second, cuts, strict=True):
            if is_cut or delivery.file_name in landed:
                centre.load()
                landed.clear()
            landed.add(centre.land(delivery))
        centre.load()
        assert content_of(centre) == expected


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("one_in", [1000, 100, 10])
def test_bad_rows_take_no_good_row_with_them(kind: str, one_in: int) -> None:
    rows = rows_of(1, 2000)
    bad = {n for n in range(2000) if n % one_in == one_in // 2}
    mixed = [row | defect_of(n) if n in bad else row for n, row in enumerate(rows)]
    delivery = sent(mixed, kind, feed="visits")
    if kind != "parquet":
        lines = (
            delivery.content.decode().replace("\nn", " n").splitlines()
            if kind == "csv"
            else delivery.content.decode().splitlines()
        )
        lines = [line[:9] if "many" in line else line for line in lines]
        delivery = replace(delivery, content="\n".join(lines).encode())
    with new_centre() as centre:
        name = centre.land(delivery)
        centre.load()
        assert centre.counts(name) == ("accepted", 2000 - len(bad), len(bad), 0)
        assert centre.current("visits").keys() == {row["id"] for n, row in enumerate(rows) if n not in bad}


def defect_of(number: int) -> Row:
    """One defect after the other, whatever share of the rows is bad."""
    return DEFECTS[number // 2 % len(DEFECTS)]


@pytest.mark.parametrize("kind", ["csv", "jsonl.gz", "parquet"])
def test_delivery_with_too_many_bad_rows_is_held_until_an_operator_releases_it(tmp_path: Path, kind: str) -> None:
    contracts = {"visits": small_contract("visits")}
    rows = rows_of(1, 200)
    mixed = [row | defect_of(n) if n % 5 < 3 else row for n, row in enumerate(rows)]
    first = Centre(tmp_path, contracts)
    name = first.land(sent(mixed, kind, feed="visits"))
    first.load()
    assert (first.counts(name), first.current("visits")) == (("held", 0, 0, 0), {})
    assert first.rows("FROM intake.quarantine") == []
    first.close()
    why = CliRunner().invoke(main, ["quarantine", "show", "visits", name], env=environment(tmp_path))
    assert why.exit_code == 0 and "120 of 200 rows would be quarantined (not_a_" in why.output
    told = CliRunner().invoke(main, ["quarantine", "release", "visits", name], env=environment(tmp_path))
    assert told.exit_code == 0, told.output
    second = Centre(tmp_path, contracts)
    second.load()
    assert second.counts(name) == ("accepted", 80, 120, 0)
    assert second.current("visits").keys() == {row["id"] for n, row in enumerate(rows) if n % 5 >= 3}
    assert len(second.rows("SELECT DISTINCT row_ordinal FROM intake.quarantine")) == 120
    second.close()


def environment(home: Path) -> dict[str, str]:
    """What an operator's shell holds."""
    return {"MIC_HOME": str(home), **{f"MIC_{name.upper()}_KEY": key for name, key in KEYS.items()}}
