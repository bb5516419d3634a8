"""Builds the site: every page in every language, from the released tables."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from pipelines.contracts.model import Label
from pipelines.labels import LANGUAGES
from pipelines.site import page
from pipelines.site.page import Page
from pipelines.site.pages import (
    changes,
    citizenships,
    communities,
    downloads,
    front,
    method,
    quality,
    regions,
    series,
    statelessness,
)
from pipelines.site.released import Released, opened
from pipelines.site.standing import Standing, digests, standing
from pipelines.site.wording import Wording

ASSETS = Path(__file__).with_name("assets")
SECTIONS = (front, regions, citizenships, communities, series, statelessness, quality, changes, method, downloads)
TOLD_EVERY = 50
Tell = Callable[[str, int, int], None]


def build(
    data: Path,
    site: Path,
    made_on: date,
    contracted: Mapping[str, Label],
    before: Path | None = None,
    tell: Tell = lambda *_: None,
) -> int:
    """Writes the site of a release.

    Args:
        data: The folder of the released Parquet files; nothing else is read but that of the release before.
        site: The folder to be written; it must not be there.
        made_on: Day of the release.
        contracted: Labels that stand in the contracts of feeds, by `code.<list>.<code>`.
        before: The same folder of the release before, for what has changed; pages that are made of the same are taken
            from the site beside it.
        tell: Told what is done, how much of it, and of how much.

    Returns:
        How many pages were made; the others stand as they stood.
    """
    with opened(data, before) as released:
        pages = _gathered(released, tell)
        summaries = {language: front.summary(Wording(language, "", contracted), released) for language in LANGUAGES}
    shutil.copytree(ASSETS, site / "assets")
    (site / "index.html").write_text(page.choice(summaries), encoding="utf-8")
    for language in LANGUAGES:
        for folder in {(site / language / found.path).parent for found in pages}:
            folder.mkdir(parents=True, exist_ok=True)
    former = standing(before.with_name(site.name) if before else None)
    return _write_pages(pages, former, site, made_on, contracted, tell)


def _write_pages(
    pages: list[Page],
    former: Standing,
    site: Path,
    made_on: date,
    contracted: Mapping[str, Label],
    tell: Tell,
) -> int:
    """Takes what stands in the former site, makes the other pages, and returns how many these are."""
    made = Standing(site, digests(pages, made_on, contracted))
    same = [found for found in pages if former.has(found.path, made.made_of[found.path])]
    anew = [found for found in pages if not former.has(found.path, made.made_of[found.path])]
    for found in same:
        for language in LANGUAGES:
            shutil.copyfile(former.site / language / found.path, site / language / found.path)
    for number, found in enumerate(anew):
        _write(found, site, made_on, contracted)
        if number % TOLD_EVERY == 0 or number == len(anew) - 1:
            tell("pages", number + 1, len(anew))
    made.keep()
    return len(anew)


def _gathered(released: Released, tell: Tell) -> list[Page]:
    """All pages, their questions asked."""
    found: list[Page] = []
    for number, section in enumerate(SECTIONS):
        found += section.pages(released)
        tell("questions", number + 1, len(SECTIONS))
    return found


def _write(found: Page, site: Path, made_on: date, contracted: Mapping[str, Label]) -> None:
    for language in LANGUAGES:
        wording = Wording(language, found.up, contracted)
        (site / language / found.path).write_text(page.document(found, wording, made_on), encoding="utf-8")
