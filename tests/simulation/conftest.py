"""A small world, delivered once for all tests of the simulation."""

from __future__ import annotations

import pytest

from tests.simulation.simulated_world import SMALL, Simulated, deliver


@pytest.fixture(scope="session")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """The small world."""
    return deliver(SMALL, tmp_path_factory.mktemp("world"))
