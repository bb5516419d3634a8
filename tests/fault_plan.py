"""The faults of the plan, F1 to F20, and the tests that the guide names for each."""

from __future__ import annotations

import re

from pipelines.settings import CHECKOUT

FAULTS = range(1, 21)
ROW = re.compile(r"^\| F(?P<number>\d+) \|.*\| (?P<tests>[^|]+) \|$", re.MULTILINE)


def named_tests() -> dict[int, list[str]]:
    """Tests by the number of the fault, as the guide says: a file, or a file and a function."""
    text = (CHECKOUT / "docs" / "guide" / "recovery.md").read_text(encoding="utf-8")
    return {int(row["number"]): re.findall(r"`([^`]+)`", row["tests"]) for row in ROW.finditer(text)}
