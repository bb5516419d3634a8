"""What each page of a site is made of, as a digest: a page that would come out the same is taken from the site before.

The digests lie beside the site. Where the words, the names of places or this package are others, all is made anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines.contracts.model import Label
from pipelines.labels import CATALOGUE, LANGUAGES
from pipelines.site.page import Page
from pipelines.site.wording import SEEDS

MADE_OF = "site.json"
PACKAGE = Path(__file__).parent
NAMES = ("district", "region", "country")


@dataclass(frozen=True)
class Standing:
    """A site that stands, or that is being made.

    Attributes:
        site: Its folder.
        made_of: Digest of each page, by its way from the folder of a language.
    """

    site: Path
    made_of: Mapping[str, str]

    def has(self, path: str, digest: str) -> bool:
        """Whether a page made of the same stands there in every language."""
        return self.made_of.get(path) == digest and all((self.site / one / path).is_file() for one in LANGUAGES)

    def keep(self) -> None:
        """Writes the digests beside the site."""
        self.site.with_name(MADE_OF).write_text(json.dumps(self.made_of, indent=1), encoding="utf-8")


def standing(site: Path | None) -> Standing:
    """The site that stands; without any page where there is none."""
    made_of = site.with_name(MADE_OF) if site else None
    if site is None or made_of is None or not made_of.is_file():
        return Standing(Path(), {})
    return Standing(site, json.loads(made_of.read_text(encoding="utf-8")))


def digests(pages: list[Page], made_on: date, contracted: Mapping[str, Label]) -> dict[str, str]:
    """One digest per page, of all that it is made of."""
    common = _common(contracted)
    return {page.path: _digest(common, repr(page.told), made_on.isoformat() if page.is_dated else "") for page in pages}


def _common(contracted: Mapping[str, Label]) -> str:
    """A digest of what every page is made of: the words, the names of places, feeds and hosts, and this package."""
    files = [*sorted(PACKAGE.rglob("*.py")), *sorted((PACKAGE / "borders").iterdir()), CATALOGUE]
    files += [SEEDS / f"{name}.csv" for name in NAMES]
    return _digest(*(hashlib.sha256(path.read_bytes()).hexdigest() for path in files), repr(sorted(contracted.items())))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
