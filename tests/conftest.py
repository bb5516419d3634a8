"""How tests are shared out among workers (`make test`): what builds a costly home stays together, the longest first."""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
LONGEST_FIRST = ("laws", "cli", "dbt", "publication", "defs", "backup", "test_new_feed.py", "intake")
SHARE_A_HOME = ("laws", "cli", "dbt", "publication", "defs", "backup")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a folder that shares homes go to one worker, and of any other file too; long folders begin first."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=_rank)


def _group(item: pytest.Item) -> str:
    place = item.path.relative_to(TESTS)
    return place.parts[0] if place.parts[0] in SHARE_A_HOME else place.as_posix()


def _rank(item: pytest.Item) -> int:
    place = item.path.relative_to(TESTS).parts[0]
    return LONGEST_FIRST.index(place) if place in LONGEST_FIRST else len(LONGEST_FIRST)
