"""One home of two published nights for all tests of this folder, and copies of it to be changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipelines import nightly
from tests.publication.published_world import (
    add_load,
    case_deliveries,
    first_deliveries,
    night,
    second_deliveries,
    settings_of,
)


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


@pytest.fixture(scope="session")
def third_generation(two_nights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two nights, and a load that brings nothing, published as nights publish; it is only read and copied."""
    home = Path(shutil.copytree(two_nights, tmp_path_factory.mktemp("third") / "home", symlinks=True))
    nightly.publish(settings_of(home), add_load(home), [])
    return home


@pytest.fixture
def copied(two_nights: Path, tmp_path: Path) -> Path:
    """The two nights in a home of their own."""
    shutil.copytree(two_nights, tmp_path / "home", symlinks=True)
    return tmp_path / "home"
