"""How tests are shared out among workers (`make test`): what builds a costly home stays together, the longest first."""

from __future__ import annotations

from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.fault_plan import named_tests

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
OF_WHOLE_NIGHTS = (
    "laws/test_each_write.py",
    "laws/test_killed.py",
    "laws/test_killed_in_dagster.py",
    "laws/test_recovery.py",
    "laws/test_refusals.py",
    "laws/test_same_registry.py",
)


class HomeScheduling(LoadScopeScheduling):
    """Tests of a folder that shares homes go to one worker, and of any other file too.

    In the run of faults the tests of nights copy homes that one worker has made for all, and each has nights of its
    own: they are shared out one by one, the others as always. Groups by a mark are not kept by the versions of pytest
    and xdist in the lock.
    """

    def _split_scope(self, nodeid: str) -> str:
        place = Path(nodeid.partition("::")[0]).relative_to(TESTS.name)
        if place.as_posix() in OF_WHOLE_NIGHTS and _is_run_of_faults(self.config):
            return nodeid
        return place.parts[0] if place.parts[0] in SHARE_A_HOME else place.as_posix()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> HomeScheduling:
    """Shares tests out by the homes that they build."""
    return HomeScheduling(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long folders begin first; the run of faults has all tests of the plan, those too that every run has."""
    items.sort(key=_rank)
    if _is_run_of_faults(config):
        planned = {test for tests in named_tests().values() for test in tests}
        for item in items:
            path, _, function = item.nodeid.partition("[")[0].partition("::")
            if planned & {path, f"{path}::{function}"}:
                item.add_marker("faults")


def _is_run_of_faults(config: pytest.Config) -> bool:
    return str(config.option.markexpr) == "faults"


def _rank(item: pytest.Item) -> int:
    place = item.path.relative_to(TESTS).parts[0]
    return LONGEST_FIRST.index(place) if place in LONGEST_FIRST else len(LONGEST_FIRST)
