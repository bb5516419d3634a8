"""One page of the site in one language: head, ways to the other pages and languages, content, foot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pipelines.labels import LANGUAGES, label
from pipelines.site.markup import Raw, element, joined, link
from pipelines.site.wording import Wording

MOVES = "data-time"
DATED = ("index", "changes", "downloads")
SECTIONS = (
    "index",
    "regions",
    "citizenships",
    "communities",
    "series",
    "statelessness",
    "quality",
    "changes",
    "method",
    "downloads",
)


@dataclass(frozen=True)
class Page:
    """A page, to be written in each language.

    Attributes:
        path: Its file, from the folder of a language.
        section: The section that it belongs to.
        title: Its heading.
        body: What stands below the heading, of the language and of what is told.
        told: All of the release that the page is made of; the same makes the same page.
    """

    path: str
    section: str
    title: Callable[[Wording], str]
    body: Callable[..., Raw]
    told: tuple[object, ...]

    @property
    def is_dated(self) -> bool:
        """Whether the page tells of the release itself and not of figures alone."""
        return self.section in DATED

    @property
    def up(self) -> str:
        """Way to the folder of the language."""
        return "../" * self.path.count("/")


def document(page: Page, wording: Wording, made_on: date) -> str:
    """The whole page; it asks for nothing outside the folder of the site.

    The day of the release stands on the pages that each release makes anew.
    """
    title = page.title(wording)
    whole = title if page.section == "index" else _titled(wording, title)
    head = [
        Raw('<meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>'),
        element("title", whole),
        Raw(f'<link rel="stylesheet" href="{page.up}../assets/site.css"/>'),
    ]
    told = page.body(wording, *page.told)
    if MOVES in told:
        head.append(Raw(f'<script src="{page.up}../assets/time.js" defer="defer"></script>'))
    content = [
        link("#content", wording.words("site.skip"), class_="skip"),
        element("header", _top(page, wording), _sections(page, wording)),
        element("main", element("h1", title), told, id="content", tabindex="-1"),
        element("footer", element("p", _foot(page, wording, made_on))),
    ]
    body = joined([element("head", *head), element("body", *content)])
    return f'<!DOCTYPE html>\n<html lang="{wording.language}">{body}</html>\n'


def choice(summaries: dict[str, Raw]) -> str:
    """The page on which a language is chosen; each part is written in its own.

    Args:
        summaries: What is told in each language.
    """
    parts = [
        element(
            "section",
            element("h2", label("site.title", language)),
            summaries[language],
            element("p", link(f"{language}/index.html", label("site.enter", language))),
            lang=language,
        )
        for language in LANGUAGES
    ]
    head = Raw(
        '<meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>'
        '<link rel="stylesheet" href="assets/site.css"/>'
    )
    names = [label("site.name", language) for language in LANGUAGES]
    name = " · ".join(names)
    heading = [element("span", words, lang=language) for words, language in zip(names, LANGUAGES, strict=True)]
    shown = joined([heading[0], *(joined([" · ", part]) for part in heading[1:])])
    main = element("main", element("h1", shown), element("div", *parts, class_="choice"))
    body = joined([element("head", element("title", name), head), element("body", main)])
    return f'<!DOCTYPE html>\n<html lang="kk">{body}</html>\n'


def _foot(page: Page, wording: Wording, made_on: date) -> str:
    day = [wording.words("site.released_on", day=wording.day(made_on))] if page.is_dated else []
    return " ".join([*day, wording.words("site.foot")])


def _titled(wording: Wording, title: str) -> str:
    return f"{title} · {wording.words('site.name')}"


def _top(page: Page, wording: Wording) -> Raw:
    languages = [
        element(
            "li",
            link(
                f"{page.up}../{language}/{page.path}",
                label("site.language", language),
                lang=language,
                hreflang=language,
                aria_current="true" if language == wording.language else None,
            ),
        )
        for language in LANGUAGES
    ]
    choice_ = element("nav", element("ul", *languages), class_="languages", aria_label=wording.words("site.languages"))
    return element(
        "div", link(wording.to("index.html"), wording.words("site.name"), class_="name"), choice_, class_="top"
    )


def _sections(page: Page, wording: Wording) -> Raw:
    entries = [
        element(
            "li",
            link(
                wording.to(f"{section}.html"),
                wording.words(f"site.section.{section}"),
                aria_current="page" if section == page.section else None,
            ),
        )
        for section in SECTIONS
    ]
    return element("nav", element("ul", *entries), aria_label=wording.words("site.sections"))
