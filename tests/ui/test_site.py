"""The public site as a browser shows it: readable by all, silent, and the same on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from pipelines.contracts import load_contracts
from pipelines.labels import LANGUAGES
from pipelines.settings import CHECKOUT
from pipelines.site import build
from tests.site.released_world import Size, write_release
from tests.ui.conftest import QUIET

pytestmark = [pytest.mark.ui, pytest.mark.slow]

KINDS = (
    "index",
    "regions",
    "region/750000000",
    "citizenships",
    "citizenship/UZB",
    "communities",
    "community/c0001",
    "series",
    "statelessness",
    "quality",
    "linkage",
    "changes",
    "downloads",
)
Scheme = Literal["light", "dark"]
SCREENS: dict[str, tuple[int, int, Scheme]] = {"desk": (1280, 900, "light"), "phone": (390, 844, "dark")}
# By itself the examiner would ask for the style sheet once more, which a page from a file may not.
QUIETLY = {"preload": False}
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a made-up release."""
    folder = tmp_path_factory.mktemp("site")
    before = write_release(folder / "before", Size(months=5), shift=9)
    feeds = {name: contract.title for name, contract in load_contracts(CHECKOUT / "sources").items()}
    build(write_release(folder / "data", Size()), folder / "site", date(2016, 7, 1), feeds, before)
    return folder / "site"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A browser without a network."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture(params=SCREENS)
def window(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A window, and what it complains of or asks for that is no file."""
    width, height, scheme = SCREENS[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, offline=True)
    page, told = context.new_page(), list[str]()
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda asked: told.append(asked.url) if not asked.url.startswith("file:") else None)
    yield page, told
    context.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_has_no_serious_fault_of_access_and_asks_for_nothing(
    window: tuple[Page, list[str]], site: Path, kind: str, pictures: Path
) -> None:
    page, told = window
    for language in LANGUAGES:
        page.goto((site / language / f"{kind}.html").as_uri())
        name = f"{language}_{kind.replace('/', '_')}_{page.evaluate('innerWidth')}.png"
        page.screenshot(path=pictures / name, full_page=True)
        assert not page.evaluate(TOO_WIDE), (language, "the page is wider than the window")
        for summary in page.locator("summary").all():
            summary.click()
        faults = [
            (fault["id"], fault["nodes"][0]["html"][:200])
            for fault in Axe().run(page, options=QUIETLY).response["violations"]
            if fault["impact"] in ("serious", "critical")
        ]
        assert faults == [], language
    assert told == []


def test_the_choice_of_language_has_no_serious_fault_of_access(window: tuple[Page, list[str]], site: Path) -> None:
    page, told = window
    page.goto((site / "index.html").as_uri())
    assert [
        fault["id"] for fault in Axe().run(page, options=QUIETLY).response["violations"] if fault["impact"] != "minor"
    ] == []
    page.get_by_role("link", name="Open in English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Migration in figures: the last closed month")
    assert told == []


def test_months_are_moved_by_keyboard_and_communities_come_and_go(window: tuple[Page, list[str]], site: Path) -> None:
    page, told = window
    page.goto((site / "en" / "communities.html").as_uri())
    rows = page.locator("tbody tr:visible")
    slider = page.get_by_role("slider", name="Month")
    expect(page.locator("output")).to_contain_text("June 2016")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator("output")).to_have_text("January 2016: 2 communities, 0 new, 0 gone")
    expect(rows).to_have_count(2)
    page.keyboard.press("ArrowRight")
    expect(page.locator("output")).to_have_text("February 2016: 3 communities, 1 new, 0 gone")
    expect(rows).to_have_count(3)
    page.keyboard.press("End")
    expect(rows).to_have_count(1)
    assert told == []


def test_every_figure_of_a_region_is_that_of_the_month_chosen(window: tuple[Page, list[str]], site: Path) -> None:
    page, told = window
    page.goto((site / "en" / "regions.html").as_uri())
    unknown = page.get_by_role("row", name="unknown")
    expect(unknown).to_contain_text("135")
    page.get_by_role("slider", name="Month").focus()
    page.keyboard.press("Home")
    expect(unknown).to_have_text("unknown120108 – 135—")
    assert told == []


def test_a_region_of_the_map_is_reached_by_keyboard(window: tuple[Page, list[str]], site: Path) -> None:
    page, _ = window
    page.goto((site / "ru" / "regions.html").as_uri())
    page.locator('a[data-region="390000000"]').focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Костанайская область")
