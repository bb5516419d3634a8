"""The words of the site: whole in each language, without codes, without a language that is not the page's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from pipelines.labels import LANGUAGES, label
from pipelines.release.designs import published
from pipelines.site.pages import method
from pipelines.site.wording import Wording, names
from tests.site.conftest import pages, parsed

# Names of formats and tools, of the folder of the data, and of the standards of codes.
NAMES = {"SQL", "DuckDB", "CSV", "Parquet", "SDMX", "SDMX-CSV", "SDMX-ML", "DCAT", "JSON", "JSON-LD", "ISO", "alpha"}
NAMES |= {"data", "P", "A", "E", "Q", "H", "fs"}
# Tables bear the names of their files in the dictionary of columns.
TABLES = {design.name for design in published()} | {"linkage_monthly", "calendar", "attack_report"}
OF_KAZAKH = re.compile("\\w*[ӘІҢҒҮҰҚӨҺәіңғүұқөһ]\\w*")


def words(node: ElementTree.Element, language: str) -> Iterator[str]:
    """What a page says in its language: no queries, no names of columns, not the names of other languages."""
    if node.tag in ("pre", "code", "script") or node.get("lang", language) != language:
        return
    yield node.get("aria-label") or ""
    yield node.text or ""
    for part in node:
        yield from words(part, language)
        yield part.tail or ""


def said(path: Path, language: str) -> str:
    """All of it, one after the other."""
    return " ".join(words(parsed(path), language))


def test_no_kazakh_or_russian_page_has_english_words(released: Path) -> None:
    for language in ("kk", "ru"):
        for path in pages(released, language):
            latin = set(re.findall(r"[A-Za-z][A-Za-z_-]*", said(path, language)))
            assert {word.strip("-") for word in latin} - NAMES - TABLES == set(), path


def test_no_russian_page_has_kazakh_words_but_in_names_of_places(released: Path) -> None:
    places = " ".join([*names("region", "kato", "ru").values(), *names("district", "kato", "ru").values()])
    for path in pages(released, "ru"):
        assert set(OF_KAZAKH.findall(said(path, "ru"))) <= set(OF_KAZAKH.findall(places)), path


def test_no_english_page_has_words_in_cyrillic(released: Path) -> None:
    for path in pages(released, "en"):
        assert re.findall("[\u0400-\u04ff]+", said(path, "en")) == [], path


def test_no_page_shows_a_code_in_place_of_its_name(released: Path) -> None:
    for language in LANGUAGES:
        for path in pages(released, language):
            codes = set(
                re.findall(r"\b[a-z]+_[a-z_]+\b|\b_[A-Z]\b|\b\d{9}\b|\b[a-z]+\.[a-z_]+\b", said(path, language))
            )
            assert codes - TABLES == set(), path


def test_each_part_of_the_page_of_languages_says_of_which_language_it_is(released: Path) -> None:
    page = parsed(released / "site" / "index.html")
    assert [part.get("lang") for part in page.findall(".//h1/span")] == list(LANGUAGES)
    assert [part.get("lang") for part in page.iter("section")] == list(LANGUAGES)


def test_the_headline_says_who_is_counted(released: Path) -> None:
    for language in LANGUAGES:
        front = (released / "site" / language / "index.html").read_text(encoding="utf-8")
        choice = (released / "site" / "index.html").read_text(encoding="utf-8")
        assert f"<dt>{label('site.front.stock', language)}</dt>" in front
        assert f"<dt>{label('site.front.stock', language)}</dt>" in choice


def test_the_method_is_told_in_every_language(released: Path) -> None:
    for language in LANGUAGES:
        told = said(released / "site" / language / "method.html", language)
        assert all(label(f"site.method.{topic}.about", language) in told for topic in method.TOPICS)


def test_a_share_of_links_has_no_digit_more_than_is_released() -> None:
    written = Wording("en").link_share
    assert [written(share) for share in (1.0, 0.99, 0.9981, 0.99999, None)] == [
        "100\u202f%",
        "99\u202f%",
        "99.81\u202f%",
        "99.999\u202f%",
        "—",
    ]


def test_ages_are_written_as_people_write_them() -> None:
    assert [Wording("kk").value("age_group", group) for group in ("00-04", "05-09", "60-64", "_O")] == [
        "0–4",
        "5–9",
        "60–64",
        label("code.any._O", "kk"),
    ]


def test_scripts_are_named_in_the_language_of_the_page(released: Path) -> None:
    told = [(released / "site" / one / "linkage.html").read_text(encoding="utf-8") for one in LANGUAGES]
    for page, words in zip(told, ("кирилл – латын", "кириллица – латиница", "Cyrillic – Latin"), strict=True):
        assert f">{words}<" in page


def test_a_community_of_a_kind_of_host_is_named_in_the_language_of_the_page(released: Path) -> None:
    names = {"kk": "оқу орны", "ru": "учебное заведение", "en": "school or university"}
    for language, name in names.items():
        for page in ("communities.html", "community/c0001.html"):
            assert f">{name} · " in (released / "site" / language / page).read_text(encoding="utf-8")


def test_no_page_writes_a_day_or_a_month_as_machines_do(released: Path) -> None:
    for path in pages(released):
        shown = re.sub(r"<pre.*?</pre>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.search(r"\b20\d\d-\d\d", shown), path
    calendar = {one: (released / "site" / one / "changes.html").read_text(encoding="utf-8") for one in LANGUAGES}
    assert ">30.01.2026<" in calendar["kk"]
    assert ">30.01.2026<" in calendar["ru"]
    assert ">30 January 2026<" in calendar["en"]
