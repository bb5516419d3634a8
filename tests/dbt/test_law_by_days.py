"""What the models say of the law equals what counting day by day says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dbt.days_of_law import DRAWN, allowed_until, somebody
from tests.dbt.modelled_world import World


@pytest.mark.parametrize("number", range(DRAWN))
def test_the_last_lawful_day_is_the_one_that_counting_day_by_day_finds(drawn: World, number: int) -> None:
    person = somebody(number)
    query = f"SELECT allowed_until FROM registry.stay WHERE person_id = 'P{person.name}' ORDER BY entered_on, left_on"
    found: list[Any] = [until for (until,) in drawn.rows(query)]
    assert found == allowed_until(person)
