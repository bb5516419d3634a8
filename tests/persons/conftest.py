"""One planted home for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.persons.planted_world import planted_home


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published home; looks at it are logged there."""
    return planted_home(tmp_path_factory.mktemp("persons"))
