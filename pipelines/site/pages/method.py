"""How the figures are made and what they do not tell; the words are those of the catalogue."""

from __future__ import annotations

from pipelines.site.markup import Raw, element, joined
from pipelines.site.page import Page
from pipelines.site.released import Released
from pipelines.site.wording import Wording

TOPICS = (
    "counted",
    "sure",
    "flow",
    "place",
    "category",
    "community",
    "protection",
    "revision",
    "links",
    "unknown",
)


def pages(_: Released) -> list[Page]:
    """The one page."""
    return [Page("method.html", "method", lambda wording: wording.words("site.section.method"), _body, ())]


def _body(wording: Wording) -> Raw:
    parts = [element("p", wording.words("site.method.lead"), class_="lead")]
    for topic in TOPICS:
        parts.append(element("h2", wording.words(f"site.method.{topic}")))
        parts.append(element("p", wording.words(f"site.method.{topic}.about")))
    return joined(parts)
