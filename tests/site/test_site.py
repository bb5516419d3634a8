"""The site is whole: every page in three languages, every link leads somewhere, nothing is asked of a network."""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pyarrow.parquet as pq
import pytest

from pipelines.labels import LANGUAGES, catalogue, label
from pipelines.release.attacks import suite
from pipelines.release.designs import published
from pipelines.site import build, maps
from pipelines.site.charts import Point, Series, lines, ticks
from pipelines.site.released import opened
from pipelines.site.wording import names
from pipelines.storage import open_memory
from tests.site.conftest import MACHINES
from tests.site.released_world import Size, write_release

CODE = re.compile(r"<pre tabindex=\"0\"><code>(.*?)</code></pre>", re.DOTALL)
CYRILLIC = re.compile("[\u0400-\u04ff]")


@cache
def parsed(path: Path) -> ElementTree.Element:
    """The page as a tree; what is not well formed raises."""
    return ElementTree.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314 our own page


def pages(released: Path, language: str = "*") -> list[Path]:
    return sorted((released / "site").glob(f"{language}/**/*.html"))


def test_made_up_release_has_the_columns_of_the_designs(released: Path) -> None:
    found = {design.name: pq.read_schema(released / "data" / f"{design.name}.parquet").names for design in published()}
    assert found == {design.name: list(design.columns) for design in published()}


def test_every_attack_on_a_release_has_a_name() -> None:
    assert {f"site.attack.{attack}" for attack in suite.LIMITS} <= catalogue().keys()


def test_every_page_stands_in_every_language(released: Path) -> None:
    told = {
        language: {path.relative_to(released / "site" / language) for path in pages(released, language)}
        for language in LANGUAGES
    }
    assert told["kk"] == told["ru"] == told["en"]
    assert {"index.html", "linkage.html", "region/750000000.html", "citizenship/UZB.html", "community/c0001.html"} <= {
        path.as_posix() for path in told["kk"]
    }
    for language in LANGUAGES:
        assert {parsed(path).get("lang") for path in pages(released, language)} == {language}


def test_every_page_is_well_formed_and_names_nothing_twice(released: Path) -> None:
    for path in [released / "site" / "index.html", *pages(released)]:
        tree = parsed(path)
        assert len(tree.findall(".//h1")) == 1, path
        ids = [node.get("id") for node in tree.iter() if node.get("id")]
        assert len(ids) == len(set(ids)), path


def test_every_link_leads_to_a_file_of_the_release(released: Path) -> None:
    for path in [released / "site" / "index.html", *pages(released)]:
        ids = {node.get("id") for node in parsed(path).iter()}
        for node in parsed(path).iter():
            address = node.get("href") or node.get("src")
            if address and address.startswith("#"):
                assert address[1:] in ids, (path, address)
            elif address:
                assert (path.parent / address).resolve().is_file(), (path, address)


def test_files_for_machines_are_linked_from_the_downloads(released: Path) -> None:
    links = {node.get("href") for node in parsed(released / "site" / "en" / "downloads.html").iter("a")}
    assert {f"../../{way}" for way in MACHINES} <= links


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.html")}


def test_pages_that_tell_the_same_are_taken_from_the_site_before_and_the_site_is_that_made_anew(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        write_release(folder / "data", Size(months=3))
    table = second / "data" / "stock_citizenship.parquet"
    with open_memory() as connection:
        connection.execute(f"CREATE TABLE figure AS SELECT * REPLACE (value + 3 AS value) FROM '{table}' LIMIT 1")
        connection.execute(f"INSERT INTO figure FROM '{table}' OFFSET 1")
        connection.execute(f"COPY figure TO '{table}'")
    every = build(first / "data", first / "site", date(2016, 4, 2), {})
    made = build(second / "data", second / "site", date(2016, 5, 2), {}, first / "data")
    (first / "site.json").unlink()
    assert build(second / "data", tmp_path / "anew" / "site", date(2016, 5, 2), {}, first / "data") == every
    assert 4 <= made < every / 2
    assert contents(second / "site") == contents(tmp_path / "anew" / "site") != contents(first / "site")


def test_no_page_style_or_script_names_another_place(released: Path) -> None:
    for path in (released / "site").rglob("*.*"):
        assert not re.search(r"https?:|//[a-z]|@import|url\(", path.read_text(encoding="utf-8").replace("\n// ", "")), (
            path
        )


def test_the_site_can_read_nothing_but_the_released_files(tmp_path: Path) -> None:
    data = write_release(tmp_path / "data", Size(months=1, communities=0))
    secret = tmp_path / "secret.parquet"
    secret.write_bytes((data / "flow.parquet").read_bytes())
    with opened(data) as release:
        assert release.ask("SELECT count(*) AS n FROM 'flow.parquet'").rows[0]["n"] > 0
        for query in (f"FROM '{secret}'", f"ATTACH '{tmp_path / 'other.duckdb'}'", f"FROM '{data / 'flow.csv'}'"):
            with pytest.raises(duckdb.PermissionException):
                release.ask(query)
        with pytest.raises(duckdb.InvalidInputException):
            release.ask("SET enable_external_access = true")


def test_a_query_shown_runs_in_the_folder_of_the_data(released: Path) -> None:
    shown = {
        unescape(query) for path in pages(released, "en") for query in CODE.findall(path.read_text(encoding="utf-8"))
    }
    assert len(shown) > 50
    with open_memory() as connection:
        connection.execute(f"SET file_search_path = '{released / 'data'}'")
        empty = [query for query in shown if not connection.execute(query).fetchall()]
    assert [
        query for query in empty if "clerical" not in query and "recall" not in query and "steward" not in query
    ] == []


def test_a_figure_is_the_released_one_with_its_bounds(released: Path) -> None:
    front = (released / "site" / "en" / "index.html").read_text(encoding="utf-8")
    assert "3,300" in front
    assert label("site.between", "en").format(lower="3,270", upper="3,336") in front


def test_no_page_writes_a_day_or_a_month_as_machines_do(released: Path) -> None:
    for path in pages(released):
        shown = re.sub(r"<pre.*?</pre>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.search(r"\b20\d\d-\d\d", shown), path
    calendar = {one: (released / "site" / one / "changes.html").read_text(encoding="utf-8") for one in LANGUAGES}
    assert ">30.01.2026<" in calendar["kk"]
    assert ">30.01.2026<" in calendar["ru"]
    assert ">30 January 2026<" in calendar["en"]


def test_scripts_are_named_in_the_language_of_the_page(released: Path) -> None:
    told = [(released / "site" / one / "linkage.html").read_text(encoding="utf-8") for one in LANGUAGES]
    for page, words in zip(told, ("кирилл – латын", "кириллица – латиница", "Cyrillic – Latin"), strict=True):
        assert f">{words}<" in page


def test_a_community_of_a_kind_of_host_is_named_in_the_language_of_the_page(released: Path) -> None:
    names = {"kk": "оқу орны", "ru": "учебное заведение", "en": "school or university"}
    for language, name in names.items():
        for page in ("communities.html", "community/c0001.html"):
            assert f">{name} · " in (released / "site" / language / page).read_text(encoding="utf-8")


def test_pairs_beside_a_share_are_written_as_a_number(released: Path) -> None:
    page = (released / "site" / "en" / "linkage.html").read_text(encoding="utf-8")
    assert ">1,230<" in page
    assert "123,000" not in page


def test_a_table_of_one_month_says_which(released: Path) -> None:
    for page in ("series", "statelessness", "linkage"):
        captions = parsed(released / "site" / "en" / f"{page}.html").findall(".//caption")
        assert any((caption.text or "").endswith(": June 2016") for caption in captions), page


def test_every_figure_beside_the_map_moves_through_the_months(released: Path) -> None:
    page = parsed(released / "site" / "en" / "regions.html")
    (known,) = [json.loads(script.text or "") for script in page.iter("script") if script.text]
    shown = {cell.get("data-cell"): cell.text for cell in page.iter("td")}
    assert shown == {name: months[-1] for name, months in known["cells"].items()}
    assert known["cells"]["value _U"] == ["120", "123", "126", "129", "132", "135"]
    assert known["cells"]["bounds _U"][0] == "108 – 135"
    assert len(set(known["cells"]["per_1000 750000000"])) == len(known["summaries"])


def test_colours_of_the_map_go_by_the_share_of_the_population_and_not_by_counts(released: Path) -> None:
    page = parsed(released / "site" / "en" / "regions.html")
    (known,) = [json.loads(script.text or "") for script in page.iter("script") if script.text]
    codes = sorted(maps.shapes().paths)
    assert all(known["values"][code] == known["cells"][f"per_1000 {code}"] for code in codes)
    shares = [float(known["values"][code][-1]) for code in codes]
    counts = [int(known["cells"][f"value {code}"][-1]) for code in codes]
    classes = [known["classes"][code][-1] for code in codes]
    assert [one for _, one in sorted(zip(shares, classes, strict=True))] == sorted(classes)
    assert [one for _, one in sorted(zip(counts, classes, strict=True))] != sorted(classes)


def test_an_axis_of_shares_that_are_all_one_ends_at_one() -> None:
    assert ticks(1.0, 1.0)[-1] == pytest.approx(1.0)
    assert ticks(0.0, 0.0)[0] == 0.0


def test_no_month_below_a_chart_stands_under_the_figures_beside_it_or_beyond_its_edge() -> None:
    points = [Point(f"2026-{month:02}", 40.0, None, None) for month in range(2, 7)]
    drawn = lines("Crossings", [Series("entry", points)], lambda value: f"{value:.0f}", lambda period: period)
    assert {month: anchor for anchor, month in re.findall(r'text-anchor="(\w+)">(2026-\d+)<', drawn)} == {
        "2026-02": "start",
        "2026-04": "middle",
        "2026-06": "end",
    }


def test_a_withheld_figure_is_said_to_be_withheld(released: Path) -> None:
    page = parsed(released / "site" / "en" / "statelessness.html")
    rows = [["".join(cell.itertext()) for cell in row] for row in page.findall(".//tr")]
    (city,) = [row for row in rows if row[0] == "Shymkent city"]
    assert city[3:] == ["—", label("code.obs_status.Q", "en")]


def test_what_was_revised_is_listed_with_its_reason(released: Path) -> None:
    page = parsed(released / "site" / "ru" / "changes.html")
    rows = [["".join(cell.itertext()) for cell in row] for row in page.findall(".//tr")]
    stock = [
        row
        for row in rows
        if row[-1] == label("site.reason.revised", "ru") and row[3:5] == ["3\u202f009", "3\u202f000"]
    ]
    assert len(stock) == 6
    assert not any(label("site.reason.month_closed", "ru") in row for row in rows if len(row) == 6)


def test_the_page_of_changes_says_how_many_changed_of_how_many_and_why_by_three(released: Path) -> None:
    for language in LANGUAGES:
        page = parsed(released / "site" / language / "changes.html")
        assert label("site.changes.steps", language) in ["".join(part.itertext()) for part in page.iter("p")]
    english = (released / "site" / "en" / "changes.html").read_text(encoding="utf-8")
    listed = len(parsed(released / "site" / "en" / "changes.html").findall(".//table")[1].findall("./tbody/tr"))
    months = re.findall(r"\w+ 2016: (\d+) of (\d+) figures changed", english)
    assert sum(int(changed) for changed, _ in months) == listed
    assert all(int(changed) <= int(known) for changed, known in months)


def test_a_release_without_communities_says_so(tmp_path: Path) -> None:
    data = write_release(tmp_path / "data", Size(months=2, communities=0))
    build(data, tmp_path / "site", date(2016, 3, 1), {})
    for language in LANGUAGES:
        page = (tmp_path / "site" / language / "communities.html").read_text(encoding="utf-8")
        assert label("site.communities.none", language) in page
    assert not (tmp_path / "site" / "kk" / "community").exists()


def test_a_release_before_any_month_has_closed_says_so(tmp_path: Path) -> None:
    build(write_release(tmp_path / "data", Size(months=0)), tmp_path / "site", date(2016, 1, 3), {})
    assert label("release.none", "kk") in (tmp_path / "site" / "kk" / "index.html").read_text(encoding="utf-8")
    stateless = (tmp_path / "site" / "kk" / "statelessness.html").read_text(encoding="utf-8")
    assert label("site.statelessness.none", "kk") in stateless


def test_the_map_draws_every_region_of_today_and_english_names_are_in_latin_letters() -> None:
    drawn = set(maps.shapes().paths)
    assert len(drawn) == 20
    assert drawn <= set(names("region", "kato", "kk"))
    english = "".join([*names("region", "kato", "en").values(), *names("district", "kato", "en").values()])
    assert not CYRILLIC.search(english)
    assert set(maps.shapes().middles) == maps.CITIES


def test_a_city_bears_the_name_that_people_use() -> None:
    russian = names("district", "kato", "ru")
    assert russian["352400000"] == "Темиртау"
    assert [name for name in russian.values() if re.search(r"Г\.\s?А\.", name, re.IGNORECASE)] == []


def test_classes_of_the_map_hold_all_values() -> None:
    cuts = maps.bounds([3.0, 9.0, 9.0, 12.0, 30.0, 60.0, 90.0])
    assert cuts == sorted(cuts)
    assert [maps.class_of(value, cuts) for value in (3.0, 90.0)] == [0, len(cuts) - 1]
