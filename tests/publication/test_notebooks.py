"""The notebooks of analysts run against a published home, and say what its files say."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from pipelines.settings import CHECKOUT
from pipelines.storage import open_memory
from pipelines.storage.database import quoted
from tests.publication.published_world import opened, rows, settings_of

PYTHON = CHECKOUT / ".venv-notebooks" / "bin" / "python"
NOTEBOOKS = CHECKOUT / "docs" / "notebooks"
# Runs a notebook cell by cell and prints what the cells hand on under the names asked for.
RUN = """import importlib.util, json, sys
path, names, *sys.argv[1:] = sys.argv[1:]
found = importlib.util.spec_from_file_location("notebook", path)
notebook = importlib.util.module_from_spec(found)
found.loader.exec_module(notebook)
_, handed_on = notebook.app.run()
print(json.dumps({name: handed_on[name] for name in names.split(",")}, default=str))"""


def run(name: str, asked: str, home: Path, key: Path | None = None) -> dict[str, Any]:
    """What the cells of a notebook hand on."""
    assert PYTHON.exists(), "the notebooks have an environment of their own: make .venv-notebooks/.ready"
    given = ["--key-file", str(key)] if key else []
    command = [str(PYTHON), "-c", RUN, str(NOTEBOOKS / f"{name}.py"), asked, "--home", str(home), *given]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr[-2000:]
    told: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return told


@pytest.fixture
def key(two_nights: Path, tmp_path: Path) -> Path:
    """The analyst's key in a file."""
    path = tmp_path / "analysis.key"
    path.write_text(settings_of(two_nights).keys["analysis"], encoding="utf-8")
    return path


def test_how_many_and_where_says_what_the_stock_says_and_stays_add_up_to_it(two_nights: Path, key: Path) -> None:
    told = run("how_many_and_where", "total,by_region,followed", two_nights, key)
    with opened(two_nights, "aggregates") as connection:
        day = "(SELECT max(period) FROM statistics.stock_daily)"
        ((stock,),) = rows(connection, f"SELECT sum(value) FROM stock_on({day})")
    assert stock > 0
    assert told["total"]["value"] == pytest.approx(stock)
    assert told["followed"] == pytest.approx(stock)
    assert sum(region["value"] for region in told["by_region"]) == pytest.approx(stock)


def test_how_sure_shows_the_stock_of_every_day(two_nights: Path, key: Path) -> None:
    told = run("how_sure", "stock,links", two_nights, key)
    with opened(two_nights, "aggregates") as connection:
        days = rows(connection, "SELECT count(DISTINCT period) FROM statistics.stock_daily")
        links = rows(
            connection, "SELECT measure FROM quality.linkage WHERE regexp_matches(measure, 'precision|recall|agree')"
        )
    assert [(len(told["stock"]),)] == days
    assert len(told["links"]) == len(links)


def test_life_of_a_community_says_that_there_is_none(two_nights: Path) -> None:
    assert run("life_of_a_community", "communities,months,events", two_nights) == {
        "communities": [],
        "months": [],
        "events": [],
    }


def test_life_of_a_community_shows_the_largest_one(two_nights: Path, tmp_path: Path) -> None:
    with open_memory() as connection:
        for name, path in (("published", two_nights / "aggregates.duckdb"), ("made", tmp_path / "aggregates.duckdb")):
            connection.execute(f"ATTACH {quoted(path)} AS {name}{' (READ_ONLY)' if name == 'published' else ''}")
        connection.execute("CREATE SCHEMA made.statistics")
        for table in ("community", "community_event"):
            connection.execute(f"CREATE TABLE made.statistics.{table} AS FROM published.statistics.{table} LIMIT 0")
        connection.execute(
            """INSERT INTO made.statistics.community BY NAME
            SELECT DATE '2026-01-31' AS period, community_id, 'citizenship' AS basis, 'UZB' AS basis_value,
              '750000000' AS region, '_T' AS district, indicator, value
            FROM (VALUES ('small', 'size', 120.0), ('large', 'size', 400.0), ('large', 'location_quotient', 3.0))
              AS told(community_id, indicator, value)"""
        )
        connection.execute(
            """INSERT INTO made.statistics.community_event BY NAME
            SELECT 'large' AS community_id, 'formed' AS event, DATE '2026-01-31' AS event_on"""
        )
    told = run("life_of_a_community", "communities,months,events", tmp_path)
    assert [community["community_id"] for community in told["communities"]] == ["large", "small"]
    assert {(month["indicator"], month["value"]) for month in told["months"]} == {
        ("size", 400.0),
        ("location_quotient", 3.0),
    }
    assert [(event["event"], event["event_on"]) for event in told["events"]] == [("formed", "2026-01-31")]
