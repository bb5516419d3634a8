"""One site of a made-up release for all tests of this folder."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pipelines.contracts import code_labels, load_contracts
from pipelines.settings import CHECKOUT
from pipelines.site import build
from tests.site.released_world import Size, write_release

MACHINES = ("sdmx/structures.xml", "sdmx/stock_region.csv", "catalogue.jsonld", "data/dictionary.json")


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release: `data`, and the `site` made of it and of the release before."""
    folder = tmp_path_factory.mktemp("released")
    before = write_release(folder / "before", Size(months=5), shift=9)
    data = write_release(folder / "data", Size())
    (folder / "sdmx").mkdir()
    for way in MACHINES:
        (folder / way).write_text("for machines", encoding="utf-8")
    build(data, folder / "site", date(2016, 7, 1), code_labels(load_contracts(CHECKOUT / "sources")), before)
    return folder


@cache
def parsed(path: Path) -> ElementTree.Element:
    """The page as a tree; what is not well formed raises."""
    return ElementTree.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314 our own page


def pages(released: Path, language: str = "*") -> list[Path]:
    """The pages of a language, or of all."""
    return sorted((released / "site").glob(f"{language}/**/*.html"))


def rows(path: Path) -> list[list[str]]:
    """The cells of all tables of a page, row by row, in words."""
    return [["".join(cell.itertext()) for cell in row] for row in parsed(path).iter("tr")]
