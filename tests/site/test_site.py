"""The site is whole: every page in three languages, every link leads somewhere, nothing is asked of a network."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from pipelines.labels import LANGUAGES, catalogue, label
from pipelines.release.attacks import suite
from pipelines.release.designs import published
from pipelines.site import build, maps
from pipelines.site.released import opened
from pipelines.site.wording import names
from pipelines.storage import open_memory
from tests.site.conftest import MACHINES, pages, parsed, rows
from tests.site.released_world import Size, altered, write_release

CODE = re.compile(r"<pre tabindex=\"0\"><code>(.*?)</code></pre>", re.DOTALL)
CYRILLIC = re.compile("[\u0400-\u04ff]")


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


def test_every_table_has_a_caption_and_names_its_columns_and_rows(released: Path) -> None:
    for path in pages(released):
        for table in parsed(path).iter("table"):
            assert table.findtext("caption"), path
            assert {cell.get("scope") for cell in table.findall("./thead/tr/th")} == {"col"}, path
            assert {row[0].get("scope") for row in table.findall("./tbody/tr")} <= {"row"}, path


def test_every_chart_tells_its_last_figures_to_those_who_do_not_see_it(released: Path) -> None:
    (stock,) = [picture.get("aria-label") for picture in parsed(released / "site" / "en" / "index.html").iter("svg")]
    assert stock == f"{label('site.front.stock', 'en')}: Jun 2016: 3,300"
    for path in pages(released):
        charts = [picture for picture in parsed(path).iter("svg") if picture.get("class") == "chart"]
        assert all(re.search(r"2016: \d", chart.get("aria-label") or "") for chart in charts), path


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
    first_row = "citizenship = 'UZB' AND period = '2016-01'"
    altered(
        second / "data", "stock_citizenship", f"SELECT * REPLACE (value + if({first_row}, 3, 0) AS value) FROM told"
    )
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
    assert known["cells"]["bounds _U"][0] == "108\u00a0– 135"
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


def test_a_table_of_a_stock_says_that_it_counts_people(released: Path) -> None:
    for language in LANGUAGES:
        for page in ("regions", "region/750000000", "citizenships", "citizenship/UZB"):
            heads = [row[1] for row in rows(released / "site" / language / f"{page}.html") if len(row) == 4]
            assert label("site.column.people", language) in heads, page


def test_a_withheld_figure_is_said_to_be_withheld(released: Path) -> None:
    told = rows(released / "site" / "en" / "statelessness.html")
    (city,) = [row for row in told if row[0] == "Shymkent city"]
    assert (city[2], city[4]) == ("—", label("code.obs_status.Q", "en"))


def test_a_month_that_a_table_leaves_out_is_said_to_have_closed(tmp_path: Path) -> None:
    data = write_release(tmp_path / "data", Size(months=3))
    kept = "FROM told WHERE period < '2016-03'"
    altered(data, "national_monthly", f"{kept} OR indicator <> 'stock'")
    for table in ("stock_region", "stock_citizenship", "stock_region_citizenship", "stock_sex_age"):
        altered(data, table, kept)
    build(data, tmp_path / "site", date(2016, 4, 1), {})
    for language, month in (("kk", "2016 жылғы наурыз"), ("ru", "март 2016 г."), ("en", "March 2016")):
        told = label("site.left_out", language).format(month=month)
        for page in ("index", "regions", "region/750000000", "citizenships", "citizenship/UZB", "series"):
            assert told in (tmp_path / "site" / language / f"{page}.html").read_text(encoding="utf-8"), page
        assert told in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
        front = (tmp_path / "site" / language / "index.html").read_text(encoding="utf-8")
        assert label("site.lead", language).format(month=month) in front
        assert label("site.gaps", language) in front


def test_a_community_whose_size_is_withheld_for_a_month_says_why_its_line_is_broken(tmp_path: Path) -> None:
    data = write_release(tmp_path / "data", Size(months=6))
    cell = "community_id = 'c0000' AND period = '2016-03' AND indicator = 'size'"
    altered(data, "community", f"SELECT * REPLACE (if({cell}, NULL, value) AS value) FROM told")
    build(data, tmp_path / "site", date(2016, 7, 1), {})
    pages_ = tmp_path / "site" / "kk" / "community"
    assert label("site.gaps", "kk") in (pages_ / "c0000.html").read_text(encoding="utf-8")
    assert label("site.gaps", "kk") not in (pages_ / "c0001.html").read_text(encoding="utf-8")


def test_a_release_of_which_nothing_is_left_out_says_nothing_of_it(released: Path) -> None:
    for path in pages(released, "en"):
        page = path.read_text(encoding="utf-8")
        assert "is left out for that month" not in page.replace(label("site.method.protection.about", "en"), ""), path
        assert label("site.gaps", "en") not in page, path


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
