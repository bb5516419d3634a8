"""Every fault of the plan has a test, and the guide names tests that exist."""

from __future__ import annotations

import re

import pytest

from pipelines.settings import CHECKOUT

FAULTS = range(1, 21)
ROW = re.compile(r"^\| F(?P<number>\d+) \|.*\| (?P<tests>[^|]+) \|$", re.MULTILINE)


def rows() -> dict[int, list[str]]:
    """Tests by the number of the fault, as the guide says."""
    text = (CHECKOUT / "docs" / "guide" / "recovery.md").read_text(encoding="utf-8")
    return {int(row["number"]): re.findall(r"`([^`]+)`", row["tests"]) for row in ROW.finditer(text)}


@pytest.mark.parametrize("number", FAULTS)
def test_a_fault_has_tests_that_exist(number: int) -> None:
    named = rows().get(number, [])
    assert named, f"the guide names no test of F{number}"
    for test in named:
        path, _, function = test.partition("::")
        assert (CHECKOUT / path).is_file(), test
        assert not function or f"def {function}(" in (CHECKOUT / path).read_text(encoding="utf-8"), test
