"""Starting work from the UI: days of a feed, days of all feeds, one table, the whole lineage. After the looks, by name.

Whatever is started waits for its turn: one run writes at a time, and none fails because another is under way.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pipelines.demonstration import lay
from pipelines.overview import look
from pipelines.settings import Settings
from pipelines.storage import Home
from tests.ui.conftest import DAYS, FIRST_DAY, MORE_DAYS

pytestmark = [pytest.mark.ui, pytest.mark.slow]

LAST_DAY = FIRST_DAY + timedelta(days=DAYS + MORE_DAYS - 1)
CHOSEN = f"[{FIRST_DAY + timedelta(days=DAYS)}...{LAST_DAY}]"
FEED = "/assets/raw/border_crossings"
PATIENCE_SECONDS = 600
BACKFILLS = "{ partitionBackfillsOrError { ... on PartitionBackfills { results { status numPartitions } } } }"
RUNS = "{ runsOrError { ... on Runs { results { status pipelineName } } } }"


@pytest.fixture(scope="module")
def landed(loaded: Settings) -> Iterator[Settings]:
    """Four more days have landed; as the ledger is younger than they, the sensor leaves them to us."""
    lay(loaded.home / "to_come", Home(loaded.home).landing, LAST_DAY + timedelta(days=1))
    os.utime(Home(loaded.home).ledger)
    yield loaded


def ask(page: Page, query: str) -> list[dict[str, Any]]:
    """What the UI would be told."""
    [found] = page.request.post("/graphql", data={"query": query}).json()["data"].values()
    results: list[dict[str, Any]] = found["results"]
    return results


def launch(page: Page, path: str, days: str, picture: Path) -> None:
    """Presses the button of a page, chooses days and launches."""
    page.goto(path)
    page.get_by_role("button", name="Materialize").first.click()
    chosen = page.locator("[role=dialog] input[type=text]").first
    chosen.fill(days)
    chosen.press("Enter")
    expect(page.get_by_text(f"{MORE_DAYS} partitions", exact=True).first).to_be_visible()
    page.screenshot(path=picture)
    page.get_by_role("button", name="Launch backfill").click()
    expect(page.locator("[role=dialog]")).to_have_count(0)


def wait_for(page: Page, query: str, count: int, state: str) -> list[dict[str, Any]]:
    """Waits until there are so many, and all have come to an end; the end must be a good one."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = ask(page, query)
        ended = [one for one in found if one["status"].startswith(("COMPLETED", "SUCCESS", "FAIL", "CANCEL"))]
        if len(found) >= count and len(ended) == len(found):
            assert {one["status"] for one in found} == {state}
            return found
        time.sleep(3)
    pytest.fail(f"not ended within {PATIENCE_SECONDS} seconds: {ask(page, query)}")


def test_days_of_one_feed_and_of_all_feeds_wait_for_their_turn(landed: Settings, page: Page, pictures: Path) -> None:
    launch(page, FEED, CHOSEN, pictures / "backfill_of_a_feed.png")
    launch(page, "/locations/pipelines.definitions/jobs/intake", CHOSEN, pictures / "backfill_of_a_job.png")
    backfills = wait_for(page, BACKFILLS, 2, "COMPLETED_SUCCESS")
    assert [one["numPartitions"] for one in backfills] == [MORE_DAYS, MORE_DAYS]
    assert len(wait_for(page, RUNS, 3, "SUCCESS")) == 3, "a night, and one run for each backfill, not one for each day"
    page.goto(f"{FEED}?view=partitions")
    expect(page.get_by_text(f"Materialized ({DAYS + MORE_DAYS})")).to_be_visible()
    page.screenshot(path=pictures / "backfilled_days.png")


def test_the_button_of_the_lineage_publishes(landed: Settings, page: Page, pictures: Path) -> None:
    assert look(landed).release["load_seq"] == 1
    launch(page, "/asset-groups", CHOSEN, pictures / "backfill_of_all.png")
    wait_for(page, BACKFILLS, 3, "COMPLETED_SUCCESS")
    release = look(landed).release
    assert (release["load_seq"], release["as_of"]) == (2, LAST_DAY)
    page.goto("/runs")
    expect(page.get_by_text("Success").first).to_be_visible()
    page.screenshot(path=pictures / "backfills.png")


def test_one_table_can_be_made_alone(landed: Settings, page: Page, pictures: Path) -> None:
    before = len(ask(page, RUNS))
    page.goto("/assets/registry/placement_history")
    page.get_by_role("button", name="Materialize").first.click()
    wait_for(page, RUNS, before + 1, "SUCCESS")
    page.screenshot(path=pictures / "one_table.png")
