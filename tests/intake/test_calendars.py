"""What dates of other calendars may mean: known days, and nothing that lies ahead or is of this calendar."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.intake.calendars import lunar_hijri, readings, solar_hijri
from tests.intake.intake_world import Centre, crossings, sent
from tests.intake.test_properties import environment

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("year", "new_year"),
    [(1300, "1921-03-21"), (1357, "1978-03-21"), (1375, "1996-03-20"), (1399, "2020-03-20"), (1403, "2024-03-20"),
     (1404, "2025-03-21")],
)  # fmt: skip
def test_solar_year_begins_on_the_day_of_nowruz(year: int, new_year: str) -> None:
    assert solar_hijri(year, 1, 1).isoformat() == new_year


def test_last_day_of_a_leap_year_is_the_day_before_the_next() -> None:
    assert (solar_hijri(1403, 12, 30), solar_hijri(1403, 7, 1)) == (date(2025, 3, 20), date(2024, 9, 22))


@pytest.mark.parametrize(("year", "first_day"), [(1, "0622-07-19"), (1400, "1979-11-21"), (1445, "2023-07-19")])
def test_lunar_year_begins_as_the_table_says(year: int, first_day: str) -> None:
    assert lunar_hijri(year, 1, 1).isoformat() == first_day


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("A,1402-05-09", [f"1402-05-09 may be {day} Hijri)" for day in ("1982-03-05 (lunar", "2023-07-31 (solar")]),
        ('{"birth_date": "2567-05-09"}', ["2567-05-09 may be 2024-05-09 (Buddhist)"]),
        ("0113-05-09", ["0113-05-09 may be 2024-05-09 (Minguo)"]),
        ("1470-01-01", []),
        ("2013-05-09,1950-01-01,12345-05-09-1", []),
        ("0113-02-30", []),
    ],
)
def test_each_reading_is_told_that_does_not_lie_ahead(text: str, told: list[str]) -> None:
    assert readings(text, TODAY) == told


def test_operator_is_shown_what_was_held_back_what_its_date_may_mean_and_nothing_is_converted(tmp_path: Path) -> None:
    rows = crossings("A", 6)
    ends = f"{date.today().year + 546}-05-09"
    foreign = {1: {"birth_date": "2567-05-09"}, 2: {"event_at": "1447-09-01T11:20:00+05:00"}, 3: {"sex": "1"}}
    foreign[5] = {"document_expires": ends}
    centre = Centre(tmp_path)
    name = centre.land(sent([row | foreign.get(n, {}) for n, row in enumerate(rows)]))
    centre.contracts["border_crossings"] = centre.contracts["border_crossings"].model_copy(update={"hold_share": 1.0})
    centre.load()
    assert centre.counts(name) == ("accepted", 3, 3, 0)
    again = centre.land(sent([rows[0] | {"conveyance": "another bus"}], sequence=2))
    centre.load()
    assert centre.counts(again) == ("accepted", 0, 1, 0)
    centre.close()
    asked = ["quarantine", "show", "border_crossings", name, "--format", "csv"]
    seen = CliRunner().invoke(main, asked, env=environment(tmp_path))
    assert "may be" not in seen.output and seen.exit_code == 0
    shown = CliRunner().invoke(main, [*asked, "--purpose", "data_quality", "--case", "Q-1"], env=environment(tmp_path))
    assert shown.output.count("may be") == 3
    assert "2567-05-09 may be 2024-05-09 (Buddhist)" in shown.output
    assert f"{ends} may be {date.today().year + 3}-05-09 (Buddhist)" in shown.output
    assert "1447-09-01 may be 2026-02-18 (lunar Hijri)" in shown.output
    reused = ["quarantine", "show", "border_crossings", again, "--purpose", "data_quality", "--case", "Q-1"]
    [row] = json.loads(CliRunner().invoke(main, [*reused, "--json"], env=environment(tmp_path)).stdout)
    unknown = CliRunner().invoke(main, [*reused[:3], "x.csv", *reused[4:]], env=environment(tmp_path))
    assert unknown.exit_code == 2 and "is known" in unknown.output
    assert (row["line"], row["reasons"]) == (2, "record_id_reused")
    assert json.loads(row["raw"])["conveyance"] == "another bus"
