"""The public site as a browser shows it: readable by all, silent, and the same on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

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
    "method",
    "downloads",
)
Scheme = Literal["light", "dark"]
SCREENS: dict[str, tuple[int, int, Scheme]] = {
    f"{screen}-{scheme}": (*size, scheme)
    for screen, size in {"desk": (1280, 900), "phone": (360, 740)}.items()
    for scheme in get_args(Scheme)
}
# A desk of 1280 at 400 per cent: nothing may go beyond the edge there, and so at 200 per cent.
ENLARGED = 320
# By itself the examiner would ask for the style sheet once more, which a page from a file may not.
QUIETLY = {"preload": False}
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
CUT = "[...document.querySelectorAll('.wide')].filter(t => t.scrollWidth > t.clientWidth).map(t => t.ariaLabel)"
OPEN = "document.querySelectorAll('details').forEach(part => { part.open = true })"
# What has the focus: its words, whether it stands in the window, and whether an edge is drawn about it.
FOCUSED = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  const edged = [at, ...at.querySelectorAll("path, circle")].map(part => getComputedStyle(part));
  return {
    tag: at.tagName, name: at.getAttribute("aria-label") || at.textContent,
    inside: box.left >= 0 && box.top >= 0 && box.right <= innerWidth + 1 && box.top < innerHeight,
    edged: edged.some(style => style.outlineStyle !== "none" && style.outlineWidth === "3px"
      || style.strokeWidth === "4px"),
  };
}"""
FOCUSABLE = "a[href], button, input, summary, [tabindex='0']"


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
def test_a_page_has_no_fault_of_access_and_asks_for_nothing(
    window: tuple[Page, list[str]], site: Path, kind: str, pictures: Path, request: pytest.FixtureRequest
) -> None:
    page, told = window
    for language in LANGUAGES:
        page.goto((site / language / f"{kind}.html").as_uri())
        name = f"{language}_{kind.replace('/', '_')}_{request.node.callspec.params['window']}.png"
        page.screenshot(path=pictures / name, full_page=True)
        page.evaluate(OPEN)
        assert not page.evaluate(TOO_WIDE), (language, "the page is wider than the window")
        if page.evaluate("innerWidth > 1000"):  # on a phone a table moves within its own frame
            assert page.evaluate(CUT) == [], (language, "a table is cut")
        assert faults(page) == [], language
    assert told == []


def faults(page: Page) -> list[tuple[str, str, str]]:
    """What axe finds, however small."""
    found: list[dict[str, Any]] = Axe().run(page, options=QUIETLY).response["violations"]
    return [(fault["id"], fault["impact"], fault["nodes"][0]["html"][:200]) for fault in found]


def test_every_kind_of_page_is_looked_at(site: Path) -> None:
    paths = [path.relative_to(site / "kk").with_suffix("") for path in (site / "kk").rglob("*.html")]
    assert {path.parts[0] for path in paths} == {kind.split("/")[0] for kind in KINDS}


def test_the_examiner_finds_a_fault_where_there_is_one(window: tuple[Page, list[str]], site: Path) -> None:
    page, _ = window
    page.goto((site / "kk" / "index.html").as_uri())
    page.evaluate("document.querySelector('h1').style.color = 'var(--line)'; document.body.append(new Image())")
    assert {found for found, *_ in faults(page)} >= {"color-contrast", "image-alt"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_goes_beyond_the_edge_of_a_page_that_is_enlarged(browser: Browser, site: Path, language: str) -> None:
    context = browser.new_context(viewport={"width": ENLARGED, "height": 225}, offline=True)
    page = context.new_page()
    for kind in KINDS:
        page.goto((site / language / f"{kind}.html").as_uri())
        page.evaluate(OPEN)
        assert not page.evaluate(TOO_WIDE), kind
    context.close()


def test_the_language_is_changed_on_the_page_where_one_is(window: tuple[Page, list[str]], site: Path) -> None:
    page, told = window
    for kind in KINDS:
        page.goto((site / "kk" / f"{kind}.html").as_uri())
        for language in ("ru", "en", "kk"):
            page.locator(f".languages a[lang={language}]").click()
            expect(page).to_have_url((site / language / f"{kind}.html").as_uri())
    assert told == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_walked_by_keyboard_in_its_order_and_shows_where_one_is(
    window: tuple[Page, list[str]], site: Path, kind: str
) -> None:
    page, _ = window
    page.goto((site / "kk" / f"{kind}.html").as_uri())
    parts = [part for part in page.locator(FOCUSABLE).all() if part.is_visible()]
    expected = [part.get_attribute("aria-label") or part.text_content() for part in parts]
    walked = []
    for _ in expected:
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        assert at["edged"], at
        assert at["inside"] or at["tag"] not in ("A", "BUTTON", "INPUT", "SUMMARY"), at
        walked.append(at["name"])
    assert walked == expected


def test_the_first_key_leads_past_the_head_of_the_page(window: tuple[Page, list[str]], site: Path) -> None:
    page, _ = window
    page.goto((site / "ru" / "regions.html").as_uri())
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Перейти к содержанию")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("slider", name="Месяц")).to_be_focused()


def test_the_choice_of_language_has_no_fault_of_access(window: tuple[Page, list[str]], site: Path) -> None:
    page, told = window
    page.goto((site / "index.html").as_uri())
    assert not page.evaluate(TOO_WIDE)
    assert faults(page) == []
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
