"""A state simulated once, and homes in which most of it is already loaded."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.laws.nights import Content, arrive, content, deliveries, in_child, make_deliveries, night

LAST_DAYS = ("20260311", "20260312")


@pytest.fixture(scope="session")
def landed(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """All deliveries of the state, by business date."""
    return deliveries(make_deliveries(tmp_path_factory.mktemp("world")))


@pytest.fixture(scope="session")
def new_night(landed: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Makes homes with one committed load and a second night's deliveries landed."""
    base = tmp_path_factory.mktemp("base")
    late = [path for path in landed if any(day in path.name for day in LAST_DAYS)]
    arrive([path for path in landed if path not in late], base)
    assert in_child(night, base) == 0
    arrive(late, base)

    def make() -> Path:
        home = tmp_path_factory.mktemp("home")
        shutil.copytree(base, home, symlinks=True, dirs_exist_ok=True)
        return home

    return make


@pytest.fixture(scope="session")
def undisturbed(new_night: Callable[[], Path]) -> Content:
    """What a second night that nothing disturbed leaves."""
    home = new_night()
    assert in_child(night, home) == 0
    return content(home)
