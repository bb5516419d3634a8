"""The public release holds closed months alone, perturbed, and changes when a month closes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sdmx
from pysdmx.io import get_datasets, read_sdmx

from pipelines import nightly
from pipelines.labels import label
from pipelines.modelling import OtherModelsError
from pipelines.quality import Outcome
from pipelines.release import linkage
from pipelines.release.attacks import suite
from pipelines.release.catalogue import DICTIONARY, NAMED
from pipelines.release.designs import published
from pipelines.release.rounding import rounded
from pipelines.release.running import run_release
from pipelines.release.writing import escaped_sql
from pipelines.storage import open_build, open_memory
from tests.publication.published_world import add_load, night, opened, rows, settings_of

CYRILLIC = re.compile("[\u0400-\u04ff]")
NUMBERS = "SELECT period, indicator, direction, value FROM read_parquet('{}/release/data/national_monthly.parquet')"


def publish(home: Path) -> list[Outcome]:
    """Publishes a further load that brings nothing, and releases the month that has closed."""
    return nightly.publish(settings_of(home), add_load(home), [])[1]


def test_only_closed_months_are_released(two_nights: Path) -> None:
    with opened(two_nights, "aggregates") as connection:
        assert rows(connection, f"SELECT DISTINCT period FROM ({NUMBERS.format(two_nights)})") == [("2026-01",)]


def test_counts_below_the_threshold_are_withheld(two_nights: Path) -> None:
    with opened(two_nights, "aggregates") as connection:
        values = rows(connection, f"SELECT DISTINCT value FROM ({NUMBERS.format(two_nights)})")
    assert values == [(None,)]


def test_csv_says_the_same_as_parquet(two_nights: Path) -> None:
    with opened(two_nights, "aggregates") as connection:
        csv = f"FROM read_csv('{two_nights}/release/data/national_monthly.csv', all_varchar = true)"
        numbers = rows(connection, f"SELECT COLUMNS(*)::VARCHAR FROM ({NUMBERS.format(two_nights)}) ORDER BY ALL")
        assert rows(connection, f"SELECT period, indicator, direction, value {csv} ORDER BY ALL") == numbers


def test_release_stands_until_another_month_closes(two_nights: Path, third_generation: Path) -> None:
    page = Path("release", "site", "index.html")
    assert (third_generation / "release").readlink() == (two_nights / "release").readlink()
    assert (third_generation / page).read_bytes() == (two_nights / page).read_bytes()


def close_february(home: Path) -> None:
    with open_build(settings_of(home)) as connection:
        last = "FROM intake.delivery WHERE feed = 'border_crossings' ORDER BY business_date DESC LIMIT 1"
        connection.execute(f"INSERT INTO intake.delivery SELECT * REPLACE (DATE '2026-02-28' AS business_date) {last}")


def test_closed_month_is_refused_while_an_attack_succeeds_and_released_when_none_does(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    close_february(copied)
    standing = (copied / "release").readlink()
    monkeypatch.setitem(suite.LIMITS, "membership", 0.4)
    [refused] = publish(copied)
    assert (refused.success, refused.severity, refused.observed_value) == (False, "warning", 1)
    assert re.search(r"membership reached 0\.5.*Raise the threshold.*`mic release`", refused.reason)
    assert (copied / "release").readlink() == standing
    assert (copied / "aggregates.duckdb").resolve().name == "aggregates-3.duckdb"
    monkeypatch.undo()
    assert run_release(settings_of(copied)).month == "2026-02"
    assert run_release(settings_of(copied)).folder is None
    with opened(copied, "aggregates") as connection:
        months = f"SELECT DISTINCT period FROM ({NUMBERS.format(copied)}) ORDER BY 1"
        assert rows(connection, months) == [("2026-01",), ("2026-02",)]
        shown = " UNION ".join(
            f"SELECT value FROM read_parquet('{copied}/release/data/{name}.parquet') "
            "WHERE period = '2026-02' AND indicator = 'stock'"
            for name in ("national_monthly", "stock_region", "stock_category", "stock_citizenship")
        )
        ((value,),) = rows(connection, shown)
    assert value % 3 == 0
    assert value > 10


def test_models_of_another_version_are_not_released_until_a_night_has_made_them_anew(copied: Path) -> None:
    with open_build(settings_of(copied)) as connection:
        connection.execute("UPDATE meta.modelled SET project = 'another'")
    assert run_release(settings_of(copied)).folder is None, "what stands is told whatever the models are"
    close_february(copied)
    with pytest.raises(OtherModelsError, match="run `mic nightly`"):
        run_release(settings_of(copied))
    night(copied, 3)
    assert json.loads((copied / "release" / "data" / DICTIONARY).read_text())["release"]["month"] == "2026-02"


def test_dictionary_names_every_table_column_and_code_in_three_languages(two_nights: Path) -> None:
    data = two_nights / "release" / "data"
    told = json.loads((data / "dictionary.json").read_text(encoding="utf-8"))
    names = {path.stem for path in data.glob("*.parquet")}
    assert {table["name"] for table in told["tables"]} == names == {path.stem for path in data.glob("*.csv")}
    for table in told["tables"]:
        schema = pq.read_schema(data / f"{table['name']}.parquet")
        assert [column["name"] for column in table["columns"]] == schema.names
        assert all(set(column["meaning"]) == {"kk", "ru", "en"} for column in table["columns"])


def test_dictionary_gives_every_indicator_its_unit_and_its_definition_by_month(two_nights: Path) -> None:
    told = json.loads((two_nights / "release" / "data" / "dictionary.json").read_text(encoding="utf-8"))["indicators"]
    assert {"stock", "deliveries_expected", "deliveries_missing"} <= told.keys()
    assert [name for name, one in told.items() if not one["unit"] or not one["definition"]] == []
    assert "last day of a month" in told["stock"]["definition"]


def test_no_code_has_two_names(two_nights: Path) -> None:
    with opened(two_nights, "aggregates") as connection:
        twice = rows(connection, f"SELECT dimension, code FROM ({NAMED}) GROUP BY ALL HAVING count(*) > 1")
    assert twice == []


def test_codes_of_documents_of_no_state_are_named_in_kazakh_and_russian(two_nights: Path) -> None:
    with opened(two_nights, "aggregates") as connection:
        codes = rows(connection, "SELECT code FROM reference.special_code WHERE holder NOT IN ('state_variant')")
        named = {code: words for dimension, code, *words in rows(connection, NAMED) if dimension == "citizenship"}
    assert {("XXA",), ("XXB",), ("XXC",), ("XXX",), ("UNO",)} <= set(codes)
    assert [code for (code,) in codes if not all(map(CYRILLIC.search, named[code][:2]))] == []


def test_site_is_released_beside_the_files_and_shows_their_figures(two_nights: Path) -> None:
    with opened(two_nights, "aggregates") as connection:
        query = f"SELECT value FROM ({NUMBERS.format(two_nights)}) WHERE indicator = 'stock'"
        ((stock,),) = rows(connection, query)
    site = two_nights / "release" / "site"
    figure = f'<span class="value">{label("site.withheld", "en") if stock is None else f"{stock:,.0f}"}</span>'
    assert figure in (site / "index.html").read_text(encoding="utf-8")
    assert figure in (site / "en" / "index.html").read_text(encoding="utf-8")
    assert (site / "kk" / "linkage.html").exists()


def test_two_other_readers_take_structures_and_data_in_sdmx(two_nights: Path) -> None:
    folder, data = two_nights / "release" / "sdmx", two_nights / "release" / "data"
    structures: Any = sdmx.read_sdmx(folder / "structures.xml")
    dataflows = {flow.id for flow in read_sdmx(folder / "structures.xml", validate=True).get_dataflows()}
    assert dataflows == {f"DF_{design.name.upper()}" for design in published()} == set(structures.dataflow)
    for design in published():
        rows_released = pq.read_table(data / f"{design.name}.parquet").num_rows
        files = list(folder.glob(f"{design.name}.*"))
        assert len(files) == (2 if rows_released else 0)
        sizes = [len(one.data) for file in files for one in get_datasets(file, folder / "structures.xml")]
        assert sizes == [rows_released] * len(files), design.name
    read: Any = sdmx.read_sdmx(folder / "quality_coverage.xml", structure=structures.structure["DSD_QUALITY_COVERAGE"])
    assert len(read.data[0].obs) == pq.read_table(data / "quality_coverage.parquet").num_rows > 0


def test_catalogue_names_the_files_that_are_there(two_nights: Path) -> None:
    release = two_nights / "release"
    told = json.loads((release / "catalogue.jsonld").read_text(encoding="utf-8"))
    files = {
        part["dcat:downloadURL"]["@id"] for dataset in told["dcat:dataset"] for part in dataset["dcat:distribution"]
    }
    assert files == {f"data/{path.name}" for path in (release / "data").iterdir()} - {"data/dictionary.json"}


SHARES = """CREATE TABLE linkage_quality_rows AS
SELECT * FROM (VALUES ('precision', 'all', 'all', .9991234e0, .9989e0, .9995e0, 1234, 'fs'),
  ('precision', 'sex', 'F', .99, .9, 1.0, 99, 'fs'), ('persons', 'all', 'all', 5000.0, NULL, NULL, 5000, 'fs'))
  AS row(measure, group_kind, group_value, value, lower, upper, counted, model_version)"""


def test_shares_of_few_pairs_and_exact_counts_are_not_released() -> None:
    with open_memory() as connection:
        connection.execute(SHARES)
        ((*line, pairs, model),) = linkage.lines(connection, "2026-01", "key", None)
    assert (line, model) == (["2026-01", "precision", "all", "all", 0.999, 0.999, 1.0], "fs")
    assert pairs in {1230, 1240}


def test_figures_of_links_stand_as_released_when_a_month_is_added(tmp_path: Path) -> None:
    standing = tmp_path / "linkage_monthly.parquet"
    with open_memory() as connection:
        connection.execute(SHARES)
        first = linkage.lines(connection, "2026-01", "key", None)
        columns = zip(*first, strict=True)
        pq.write_table(pa.table([list(column) for column in columns], schema=linkage.SCHEMA), standing)
        connection.execute("UPDATE linkage_quality_rows SET value = .5, lower = .4, upper = .6")
        second = linkage.lines(connection, "2026-02", "key", str(standing))
    assert second[0] == first[0]
    assert [(month, value) for month, _, _, _, value, *_ in second] == [("2026-01", 0.999), ("2026-02", 0.5)]


def test_rounding_of_a_cell_is_always_the_same_and_unbiased_over_cells() -> None:
    cells = [f"cell {number}" for number in range(20_000)]
    values = [rounded("key", cell, 23) for cell in cells]
    assert values == [rounded("key", cell, 23) for cell in cells]
    assert set(values) == {20, 30}
    assert abs(sum(values) / len(values) - 23) < 0.2


def test_rounding_depends_on_the_key() -> None:
    cells = [f"cell {number}" for number in range(100)]
    assert [rounded("one", cell, 25) for cell in cells] != [rounded("other", cell, 25) for cell in cells]


def test_text_that_a_spreadsheet_would_run_is_escaped() -> None:
    with open_memory() as connection:
        texts = "(VALUES ('=1+1'), ('@sum'), ('-2'), ('2026-01')) AS row(text)"
        assert rows(connection, f"SELECT {escaped_sql('text')} FROM {texts}") == [
            ("'=1+1",),
            ("'@sum",),
            ("'-2",),
            ("2026-01",),
        ]
