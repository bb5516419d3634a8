"""Golden cases of the law of stay, and what a change of a rule does."""

from __future__ import annotations

import pytest

from tests.dbt.law_world import CASES, Case
from tests.dbt.modelled_world import World


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_law_of_a_stay(lawful: World, case: Case) -> None:
    told = "CAST(allowed_until AS VARCHAR), rule_id, control_state, overstay_days"
    found = lawful.rows(
        f"SELECT {told} FROM registry.stay WHERE person_id = 'P{case.name}' ORDER BY entered_on DESC LIMIT 1"
    )
    assert found == [(case.allowed_until, case.rule_id, case.state, case.overstay_days)]
