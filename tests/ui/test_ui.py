"""Looking at the UI: layers, a feed with its days, columns, checks and plots, and a check that failed."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.ui, pytest.mark.slow]

LAYERS = ("1_border", "1_labour", "2_taken_in", "3_staging", "4_linkage", "5_registry", "6_statistics", "8_published")
FEED = "/assets/raw/border_crossings"


def look(page: Page, path: str, words: str, picture: Path) -> None:
    """Opens a page, waits until it shows some words, and keeps a picture."""
    page.goto(path)
    expect(page.get_by_text(words).first).to_be_visible()
    page.screenshot(path=picture)


def test_the_lineage_is_grouped_by_layers_and_families_of_feeds(page: Page, pictures: Path) -> None:
    look(page, "/asset-groups", "8_published", pictures / "layers.png")
    for layer in LAYERS:
        expect(page.get_by_text(layer, exact=True).first).to_be_visible()


def test_a_feed_shows_its_owner_its_columns_and_what_they_mean(page: Page, pictures: Path) -> None:
    look(page, FEED, "Machine-readable zone as read", pictures / "feed.png")
    expect(page.get_by_text("border-service-of-the-national-security-committee").first).to_be_visible()
    expect(page.get_by_text("build.raw.border_crossings").first).to_be_visible()


def test_deliveries_age_by_the_cadence_of_their_feed(page: Page, pictures: Path) -> None:
    look(page, "/assets/landing/border_crossings", "Fails if more than 3 days", pictures / "freshness.png")


def test_what_wants_a_person_is_with_what_is_published(page: Page, pictures: Path) -> None:
    look(page, "/assets/published/aggregates", "wants_a_person", pictures / "published.png")
    expect(page.get_by_text("night.html").first).to_be_visible()
    page.get_by_text("[Show Markdown]").first.click()
    expect(page.get_by_text("Ask the agency for the missing deliveries.").first).to_be_visible()
    page.screenshot(path=pictures / "what_to_do.png")


def test_a_promise_of_a_model_says_what_it_promises(page: Page, pictures: Path) -> None:
    path = "/assets/registry/placement_history?view=checks&checkDetail=never_overlaps_placement_history_"
    look(page, path, "The intervals of one person that hold now do not overlap.", pictures / "model_check.png")


def test_the_numbers_of_a_feed_are_plotted(page: Page, pictures: Path) -> None:
    look(page, FEED, "rows_accepted", pictures / "numbers.png")
    page.get_by_text("Plots", exact=True).first.click()
    expect(page.locator("canvas").first).to_be_visible()
    page.locator("canvas").first.scroll_into_view_if_needed()
    page.screenshot(path=pictures / "plots.png")


def test_what_is_present_unmatched_and_held_is_plotted(page: Page, pictures: Path) -> None:
    look(page, "/assets/published/aggregates", "persons_present", pictures / "headlines.png")
    page.get_by_text("Plots", exact=True).first.click()
    for name in ("persons_present", "present_confirmed", "held_in_centres"):
        expect(page.get_by_text(name, exact=True).first).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible()
    page.screenshot(path=pictures / "headline_plots.png")


def test_the_days_of_a_feed_are_filled(page: Page, pictures: Path) -> None:
    look(page, f"{FEED}?view=partitions", "Materialized (7)", pictures / "days.png")


def test_a_failed_check_says_what_is_wrong(page: Page, pictures: Path) -> None:
    look(page, f"{FEED}?view=checks&checkDetail=comes_on_time", "missing_deliveries", pictures / "failed_check.png")
    expect(page.get_by_text("Failed").first).to_be_visible()


def test_what_blocks_says_that_it_blocks(page: Page, pictures: Path) -> None:
    look(page, f"{FEED}?view=checks&checkDetail=no_critical_promise_broken", "blocking", pictures / "gate.png")


def test_the_schedule_and_the_sensors_are_on(page: Page, pictures: Path) -> None:
    look(page, "/automation", "every_night", pictures / "automation.png")
    for name in ("every_night", "every_month", "deliveries_landed", "runs_lost", "run_failed"):
        expect(page.get_by_text(name).first).to_be_visible()
    expect(page.locator("input[type=checkbox]:checked")).to_have_count(5)


def test_the_night_succeeded(page: Page, pictures: Path) -> None:
    look(page, "/runs", "nightly", pictures / "runs.png")
    expect(page.get_by_text("Success").first).to_be_visible()
