"""Centres that tests of intake share or have for themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intake.intake_world import Centre


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """An empty centre."""
    found = Centre(tmp_path)
    yield found
    found.close()


@pytest.fixture(scope="session")
def shared_centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre for deliveries that do not touch each other's records."""
    found = Centre(tmp_path_factory.mktemp("centre"))
    yield found
    found.close()
