"""Every case of the catalogue of bad inputs gets the verdict that `cases/expected.yml` declares.

All cases land in one centre and are taken in by one load: a defect of one delivery must not touch another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.intake.cases import container, structure, traps
from tests.intake.intake_world import DAY, Centre, Sent

EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases" / "expected.yml").read_text())
BUILDERS = {
    name: build
    for module in (container, structure, traps)
    for name, build in vars(module).items()
    if re.match(r"[tcse]\d\d_|d\d*_", name)
}
OWN_DAY = ("c15_manifest_of_another_day", "d76_correction_of_a_day_long_past", "d77_business_date_in_the_future")


def land_all(centre: Centre, cases: Iterable[str]) -> dict[str, str]:
    """File name of each case; records and days of the cases differ, so that no case meets another."""
    names = {}
    for number, case in enumerate(cases):
        delivery: Sent = BUILDERS[case](f"K{number}-")
        if case not in OWN_DAY and not delivery.name:
            delivery = replace(delivery, day=DAY - timedelta(days=number))
        names[case] = centre.land(replace(delivery, sequence=number))
    return names


@pytest.fixture(scope="module")
def files(shared_centre: Centre) -> dict[str, str]:
    """File name of each case, taken in."""
    names = land_all(shared_centre, EXPECTED)
    shared_centre.load()
    return names


@pytest.mark.parametrize("case", EXPECTED)
def test_case_gets_its_verdict(case: str, files: dict[str, str], shared_centre: Centre) -> None:
    found = shared_centre.verdict(files[case])
    verdict = {
        "state": found["state"],
        "accepted": found["rows_accepted"],
        "quarantined": found["rows_quarantined"],
        "repeated": found["rows_repeated"],
    }
    if found["reason"]:
        verdict["reason"] = found["reason"]
    if reasons := shared_centre.reasons(files[case]):
        verdict["reasons"] = reasons
    assert verdict == EXPECTED[case]


@pytest.mark.parametrize("case", EXPECTED)
def test_rows_of_case_add_up(case: str, files: dict[str, str], shared_centre: Centre) -> None:
    found = shared_centre.verdict(files[case])
    if found["state"] == "accepted":
        parts = found["rows_accepted"] + found["rows_quarantined"] + found["rows_repeated"]
        assert found["rows_in_file"] == found["rows_declared"] == parts


def test_every_case_has_a_verdict_declared() -> None:
    assert BUILDERS.keys() == EXPECTED.keys()


def test_every_quarantined_row_keeps_its_raw_text(files: dict[str, str], shared_centre: Centre) -> None:
    folder = shared_centre.home.quarantine
    kept = shared_centre.rows(f"SELECT count(*), count(*) FILTER (octet_length(raw) > 0) FROM '{folder}/**/*.parquet'")
    held = sum(expected["quarantined"] for expected in EXPECTED.values())
    assert kept == [(held, held)]


def test_nothing_is_written_outside_the_home(files: dict[str, str], shared_centre: Centre) -> None:
    assert list(shared_centre.home.root.parent.rglob("*outside*")) == []
    assert not any(Path(name).is_absolute() and Path(name).exists() for name in container.OUTSIDE)
