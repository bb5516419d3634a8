"""One home of two published nights for all tests of this folder, and copies of it to be changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.publication.published_world import case_deliveries, first_deliveries, night, second_deliveries


@pytest.fixture(scope="session")
def two_nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """January in the first load; the second brings a late exit and the first days of February."""
    home = tmp_path_factory.mktemp("published")
    first_deliveries(home)
    case_deliveries(home)
    night(home, 1)
    second_deliveries(home)
    night(home, 2)
    return home


@pytest.fixture
def copied(two_nights: Path, tmp_path: Path) -> Path:
    """The two nights in a home of their own."""
    shutil.copytree(two_nights, tmp_path / "home", symlinks=True)
    return tmp_path / "home"
