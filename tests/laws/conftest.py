"""A state simulated once, and homes in which most of it is already loaded.

What only serves to be read or copied is made once for all workers, since a home of it takes a whole night.
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipelines.contracts import load_contracts
from pipelines.settings import CHECKOUT
from pipelines.storage import run_lock
from tests.laws.nights import (
    Content,
    arrive,
    content,
    copied,
    deliveries,
    in_child,
    make_deliveries,
    night,
    unpublished,
)

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
LONGEST_WAIT = 1800.0
MadeOnce = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def made_once(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    """Makes a folder by its name, or waits until another worker has made it. Nobody changes it afterwards."""
    own = tmp_path_factory.getbasetemp()
    common = (own.parent if hasattr(request.config, "workerinput") else own) / "made once"
    common.mkdir(exist_ok=True)

    def made(name: str, work: Callable[[Path], None]) -> Path:
        folder, whole = common / name, common / f"{name}.whole"
        with run_lock(common / f"{name}.lock", f"makes {name}", LONGEST_WAIT):
            if not whole.exists():
                shutil.rmtree(folder, ignore_errors=True)
                work(folder)
                whole.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def landed(made_once: MadeOnce) -> list[Path]:
    """All deliveries of the state that models read, by business date; of others the tests of intake tell the laws."""
    contracts = load_contracts(CHECKOUT / "sources")
    read = {feed for feed, contract in contracts.items() if contract.identity_block or feed in READ_TOO}
    made = deliveries(made_once("world", make_deliveries) / "landing")
    return [path for path in made if path.parent.name in read]


@pytest.fixture(scope="session")
def begun_home(landed: list[Path], made_once: MadeOnce) -> Path:
    """One committed load, and a second night's deliveries landed; it is only copied."""
    late = [path for path in landed if path.parent.name in LATE_FEEDS and any(day in path.name for day in LAST_DAYS)]

    def begin(home: Path) -> None:
        arrive([path for path in landed if path not in late], home)
        assert in_child(night, home) == 0
        arrive(late, home)

    return made_once("begun", begin)


@pytest.fixture
def new_night(begun_home: Path, tmp_path: Path) -> Iterator[Callable[[], Path]]:
    """Makes homes with one committed load and a second night's deliveries landed; they go with the test."""
    made: list[Path] = []

    def make() -> Path:
        made.append(copied(begun_home, tmp_path / f"home-{len(made)}"))
        return made[-1]

    yield make
    for home in made:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def two_loads(begun_home: Path, made_once: MadeOnce) -> Path:
    """A home after a second night that nothing disturbed; it is only read."""

    def load(home: Path) -> None:
        assert in_child(night, copied(begun_home, home)) == 0

    return made_once("two loads", load)


@pytest.fixture(scope="session")
def undisturbed(two_loads: Path) -> Content:
    """What a second night that nothing disturbed leaves."""
    return content(two_loads)


@pytest.fixture(scope="session")
def modelled_home(begun_home: Path, made_once: MadeOnce) -> Path:
    """A second night that was killed when all was made that is published, and no month is released; only copied."""

    def model(home: Path) -> None:
        copied(begun_home, home)
        shutil.rmtree((home / "release").resolve())
        (home / "release").unlink()
        assert in_child(night, home, "publish.fsync:1:kill") == -signal.SIGKILL

    return made_once("modelled", model)


@pytest.fixture(scope="session")
def home_at_once(landed: list[Path], made_once: MadeOnce) -> Path:
    """Everything taken in by one load; it is only read."""

    def load(home: Path) -> None:
        arrive(landed, home)
        assert in_child(unpublished, home) == 0

    return made_once("at once", load)


@pytest.fixture(scope="session")
def at_once(home_at_once: Path) -> Content:
    """What everything in one load leaves."""
    return content(home_at_once)
