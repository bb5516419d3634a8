"""The released files with their dictionary."""

from __future__ import annotations

from pipelines.labels import catalogue
from pipelines.site.markup import Figure, Raw, element, folded, joined, link, table
from pipelines.site.page import Page
from pipelines.site.released import Released
from pipelines.site.wording import Wording

DATA = "../../data/"
FORMATS = (("csv", "CSV"), ("parquet", "Parquet"))
CODES = "SELECT DISTINCT {column} AS code FROM '{table}.parquet' WHERE {column} IS NOT NULL ORDER BY code"
CODED = ("indicator", "direction", "category", "sex", "basis", "obs_status", "citizenship", "region")


def pages(released: Released) -> list[Page]:
    """The one page."""
    sizes = {name: len(released.ask(f"SELECT 1 FROM '{name}.parquet'").rows) for name in sorted(released.columns)}
    codes = {column: _codes(released, column) for column in CODED}

    def body(wording: Wording) -> Raw:
        return joined(
            [
                element("p", wording.words("site.downloads.lead"), class_="lead"),
                _files(wording, sizes),
                element("h2", wording.words("site.downloads.dictionary")),
                *(_columns(wording, name, released.columns[name]) for name in sizes),
                element("h2", wording.words("site.downloads.codes")),
                *(_meanings(wording, column, found) for column, found in codes.items() if found),
            ]
        )

    return [Page("downloads.html", "downloads", lambda wording: wording.words("site.section.downloads"), body)]


def _codes(released: Released, column: str) -> list[str]:
    tables = [name for name, columns in released.columns.items() if column in columns]
    return sorted(
        {row["code"] for name in tables for row in released.ask(CODES.format(column=column, table=name)).rows}
    )


def _files(wording: Wording, sizes: dict[str, int]) -> Raw:
    rows = []
    for name, size in sizes.items():
        files = joined(joined([link(f"{DATA}{name}.{ending}", words), " "]) for ending, words in FORMATS)
        about = wording.words(f"release.about.{name}")
        rows.append([wording.words(f"release.table.{name}"), about, Figure(wording.number(size)), files])
    headings: list[object] = [wording.words("site.column.table"), wording.words("site.column.about")]
    headings += [Figure(wording.words("site.column.rows")), wording.words("site.column.files")]
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
