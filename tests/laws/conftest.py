"""A state simulated once, and homes in which most of it is already loaded."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.contracts import load_contracts
from pipelines.settings import CHECKOUT
from tests.laws.nights import Content, arrive, content, deliveries, in_child, make_deliveries, night

LAST_DAYS = ("20260311", "20260312")
READ_TOO = ("control_posts", "stay_rules", "steward_decisions", "treaties")
LATE_FEEDS = (
    "border_crossings",
    "enforcement_cases",
    "labour_permits",
    "residence_permits",
    "stay_notifications",
    "steward_decisions",
)


@pytest.fixture(scope="session")
def landed(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """All deliveries of the state that models read, by business date; of others the tests of intake tell the laws."""
    contracts = load_contracts(CHECKOUT / "sources")
    read = {feed for feed, contract in contracts.items() if contract.identity_block or feed in READ_TOO}
    made = deliveries(make_deliveries(tmp_path_factory.mktemp("world")))
    return [path for path in made if path.parent.name in read]


@pytest.fixture(scope="session")
def new_night(landed: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Makes homes with one committed load and a second night's deliveries landed."""
    base = tmp_path_factory.mktemp("base")
    late = [path for path in landed if path.parent.name in LATE_FEEDS and any(day in path.name for day in LAST_DAYS)]
    arrive([path for path in landed if path not in late], base)
    assert in_child(night, base) == 0
    arrive(late, base)

    def make() -> Path:
        home = tmp_path_factory.mktemp("home")
        shutil.copytree(base, home, symlinks=True, dirs_exist_ok=True)
        return home

    return make


@pytest.fixture(scope="session")
def two_loads(new_night: Callable[[], Path]) -> Path:
    """A home after a second night that nothing disturbed; it is only read."""
    home = new_night()
    assert in_child(night, home) == 0
    return home


@pytest.fixture(scope="session")
def undisturbed(two_loads: Path) -> Content:
    """What a second night that nothing disturbed leaves."""
    return content(two_loads)
