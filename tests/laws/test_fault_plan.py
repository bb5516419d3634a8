"""Every fault of the plan has a test, and the guide names tests that exist."""

from __future__ import annotations

import pytest

from pipelines.settings import CHECKOUT
from tests.fault_plan import FAULTS, named_tests


@pytest.mark.parametrize("number", FAULTS)
def test_a_fault_has_tests_that_exist(number: int) -> None:
    named = named_tests().get(number, [])
    assert named, f"the guide names no test of F{number}"
    for test in named:
        path, _, function = test.partition("::")
        assert (CHECKOUT / path).is_file(), test
        assert not function or f"def {function}(" in (CHECKOUT / path).read_text(encoding="utf-8"), test
