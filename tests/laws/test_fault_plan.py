"""Every fault of the plan has a test, the guide names tests that exist, and no write is left without a fault."""

from __future__ import annotations

import pytest

from pipelines.settings import CHECKOUT
from tests.fault_plan import FAULTS, armed_points, declared_points, named_tests


@pytest.mark.parametrize("number", FAULTS)
def test_a_fault_has_tests_that_exist(number: int) -> None:
    named = named_tests().get(number, [])
    assert named, f"the guide names no test of F{number}"
    for test in named:
        path, _, function = test.partition("::")
        assert (CHECKOUT / path).is_file(), test
        assert not function or f"def {function}(" in (CHECKOUT / path).read_text(encoding="utf-8"), test


def test_every_point_where_a_fault_can_be_planted_is_armed_by_a_test() -> None:
    declared = declared_points()
    assert {"publish.link", "model.start", "ledger", "bronze", "audit"} <= declared, "points are no longer recognised"
    assert sorted(declared - armed_points()) == []
