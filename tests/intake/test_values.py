"""Every row of `cases/values.yml` becomes what it declares, whatever the format.

All rows of a format land in one delivery; a good row stands between any two, so that a defect could touch it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.intake.intake_world import CONTRACTS, Centre, Row, crossings, sent

CASES: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases" / "values.yml").read_text())
KINDS = ("csv", "jsonl")
EMPTY = dict.fromkeys(column for case in CASES.values() for column in case["sends"])


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre that has taken all rows in; no delivery is held, however many rows are bad."""
    contract = CONTRACTS["border_crossings"].model_copy(update={"hold_share": 1.0})
    opened = Centre(tmp_path_factory.mktemp("values"), {contract.feed: contract})
    opened.load(*(sent(rows_of(kind), kind) for kind in KINDS))
    yield opened
    opened.close()


def rows_of(kind: str) -> list[Row]:
    """A row per case and a good row after each."""
    good = crossings(f"G{kind}", len(CASES))
    pairs = zip(CASES.items(), good, strict=True)
    return [row for (name, case), after in pairs for row in (of_case(name, case, kind), EMPTY | after)]


def of_case(name: str, case: dict[str, Any], kind: str) -> Row:
    row: Row = EMPTY | crossings("V", 1)[0] | {"event_id": f"{kind}.{name}"[:64]} | case["sends"]
    return row


def found(centre: Centre, name: str, kind: str) -> dict[str, Any]:
    """The accepted row of a case, its moment as text in Greenwich time."""
    row = centre.connection.execute(
        "SELECT * REPLACE (CAST(event_at AT TIME ZONE 'UTC' AS VARCHAR) || '+00' AS event_at) "
        "FROM raw.border_crossings WHERE event_id = $1",
        [f"{kind}.{name}"[:64]],
    )
    names = [column[0] for column in row.description]
    (values,) = row.fetchall()
    return dict(zip(names, values, strict=True))


def reasons(centre: Centre, name: str, kind: str) -> list[str]:
    rows = centre.rows("SELECT reasons FROM quality.quarantine WHERE record_id = $1", f"{kind}.{name}"[:64])
    return sorted(rows[0][0]) if rows else []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "reasons" not in case])
def test_accepted_row_keeps_or_reads_its_values(centre: Centre, name: str, kind: str) -> None:
    case = CASES[name]
    assert reasons(centre, name, kind) == []
    row = found(centre, name, kind)
    wanted = {column: str(value) for column, value in case["sends"].items()} | case.get("reads", {})
    got = {column: row[column] if row[column] is None else str(row[column]) for column in wanted}
    assert got == {column: value or None for column, value in wanted.items()}
    assert sorted(row["flags"] or []) == case.get("marks", [])
    if "day" in case:
        assert row["happened_on"] == case["day"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "reads" in case])
def test_what_is_read_otherwise_is_kept_as_it_was_sent(centre: Centre, name: str, kind: str) -> None:
    case = CASES[name]
    changed = {column: value for column, value in case["sends"].items() if column in case["reads"] and value}
    for same_day_or_moment in ("event_at", "document_expires"):
        changed.pop(same_day_or_moment, None)
    assert (found(centre, name, kind)["normalised"] or {}).items() >= changed.items()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "reasons" in case])
def test_bad_row_is_held_back_for_its_reasons_alone(centre: Centre, name: str, kind: str) -> None:
    assert reasons(centre, name, kind) == CASES[name]["reasons"]


@pytest.mark.parametrize("kind", KINDS)
def test_no_good_row_is_touched(centre: Centre, kind: str) -> None:
    good = f"SELECT count(*), count(flags), count(normalised) FROM raw.border_crossings WHERE event_id LIKE 'G{kind}%'"
    assert centre.rows(good) == [(len(CASES), 0, 0)]


@pytest.mark.parametrize("kind", KINDS)
def test_rows_add_up(centre: Centre, kind: str) -> None:
    bad = sum("reasons" in case for case in CASES.values())
    assert centre.counts(f"border_crossings_20260301_001.{kind}") == ("accepted", 2 * len(CASES) - bad, bad, 0)
