"""How tests are shared out among workers (`make test`): what builds a costly home stays together, the longest first."""

from __future__ import annotations

from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

TESTS = Path(__file__).parent
LONGEST_FIRST = (
    "dbt",
    "publication",
    "identity",
    "stewardship",
    "laws",
    "communities",
    "release",
    "defs",
    "intake",
    "persons",
    "cli",
    "test_new_feed.py",
    "simulation",
    "contracts",
    "backup",
)
SHARE_A_HOME = ("laws", "cli", "dbt", "publication", "persons", "defs", "backup", "communities")


class HomeScheduling(LoadScopeScheduling):
    """Tests of a folder that shares homes go to one worker, and of any other file too.

    In the run of faults each test has nights of its own, which cost more than the home that they begin with: it is
    shared out by files alone. Groups by a mark are not kept by the versions of pytest and xdist in the lock.
    """

    def _split_scope(self, nodeid: str) -> str:
        place = Path(nodeid.partition("::")[0]).relative_to(TESTS.name)
        shares = place.parts[0] in SHARE_A_HOME and self.config.option.markexpr != "faults"
        return place.parts[0] if shares else place.as_posix()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> HomeScheduling:
    """Shares tests out by the homes that they build."""
    return HomeScheduling(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long folders begin first."""
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    place = item.path.relative_to(TESTS).parts[0]
    return LONGEST_FIRST.index(place) if place in LONGEST_FIRST else len(LONGEST_FIRST)
