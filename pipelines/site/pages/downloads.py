"""The released files with their dictionary."""

from __future__ import annotations

from pipelines.labels import catalogue
from pipelines.site.markup import Figure, Raw, element, folded, joined, link, table
from pipelines.site.page import Page
from pipelines.site.released import Released
from pipelines.site.wording import Wording

RELEASE = "../../"
MACHINES = {
    "sdmx/structures.xml": "site.downloads.sdmx",
    "catalogue.jsonld": "site.downloads.dcat",
    "data/dictionary.json": "site.downloads.json",
}
FORMATS = {"data/{}.csv": "CSV", "data/{}.parquet": "Parquet", "sdmx/{}.csv": "SDMX-CSV", "sdmx/{}.xml": "SDMX-ML"}
CODES = "SELECT DISTINCT {column} AS code FROM '{table}.parquet' WHERE {column} IS NOT NULL ORDER BY code"
CODED = ("indicator", "direction", "category", "sex", "basis", "obs_status", "citizenship", "region")


def pages(released: Released) -> list[Page]:
    """The one page."""
    sizes = {name: len(released.ask(f"SELECT 1 FROM '{name}.parquet'").rows) for name in sorted(released.columns)}
    codes = {column: _codes(released, column) for column in CODED}

    tables = {f"data/{name}.{ending}" for name in sizes for ending in ("csv", "parquet")}
    files = sorted(tables | released.files)

    def body(
        wording: Wording,
        sizes: dict[str, int],
        codes: dict[str, list[str]],
        columns: dict[str, list[str]],
        files: list[str],
    ) -> Raw:
        return joined(
            [
                element("p", wording.words("site.downloads.lead"), class_="lead"),
                _files(wording, sizes, files),
                element("h2", wording.words("site.downloads.machines")),
                element("ul", *_for_machines(wording, files)),
                element("h2", wording.words("site.downloads.dictionary")),
                *(_columns(wording, name, columns[name]) for name in sizes),
                element("h2", wording.words("site.downloads.codes")),
                *(_meanings(wording, column, found) for column, found in codes.items() if found),
            ]
        )

    told = (sizes, codes, released.columns, files)
    return [Page("downloads.html", "downloads", lambda wording: wording.words("site.section.downloads"), body, told)]


def _codes(released: Released, column: str) -> list[str]:
    tables = [name for name, columns in released.columns.items() if column in columns]
    return sorted(
        {row["code"] for name in tables for row in released.ask(CODES.format(column=column, table=name)).rows}
    )


def _for_machines(wording: Wording, files: list[str]) -> list[Raw]:
    return [element("li", link(RELEASE + way, wording.words(key))) for way, key in MACHINES.items() if way in files]


def _files(wording: Wording, sizes: dict[str, int], known: list[str]) -> Raw:
    rows = []
    for name, size in sizes.items():
        ways = {way.format(name): words for way, words in FORMATS.items()}
        files = element(
            "span",
            *(joined([link(RELEASE + way, words), " "]) for way, words in ways.items() if way in known),
            class_="files",
        )
        about = wording.words(f"release.about.{name}")
        rows.append([wording.words(f"release.table.{name}"), files, Figure(wording.number(size)), about])
    # The files come before what is said of them, for a phone has room for two columns.
    headings: list[object] = [wording.words("site.column.table"), wording.words("site.column.files")]
    headings += [Figure(wording.words("site.column.rows")), wording.words("site.column.about")]
    return table(wording.words("site.section.downloads"), headings, rows)


def _columns(wording: Wording, name: str, columns: list[str]) -> Raw:
    rows = [[element("code", column), _meaning(wording, column)] for column in columns]
    headings = [wording.words("site.column.column"), wording.words("site.column.about")]
    title = f"{wording.words(f'release.table.{name}')} ({name})"
    return folded(title, table(title, headings, rows))


def _meaning(wording: Wording, column: str) -> str:
    return wording.words(
        next(key for key in (f"release.column.{column}", f"site.column.{column}") if key in catalogue())
    )


def _meanings(wording: Wording, column: str, codes: list[str]) -> Raw:
    rows = [[element("code", code), wording.value(column, code)] for code in codes]
    headings = [wording.words("site.column.code"), wording.words("site.column.about")]
    title = wording.words(f"site.column.{column}")
    return folded(title, table(title, headings, rows))
