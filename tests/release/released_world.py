"""A state of two months in memory, released by the designs that ship, with and without protection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.release import protecting
from pipelines.release.attacks import suite
from pipelines.release.designs import Design, designs
from pipelines.storage import open_memory

KEY = "secret of the tests"
RAW, SUPPRESSED = (
    "UPDATE judged_{} SET value = round(exact)",
    "UPDATE judged_{} SET value = round(exact) WHERE value > 0",
)
NOWHERE = Path("nowhere")

PERSONS = """
SELECT setseed(.5);
CREATE TABLE person AS
SELECT number, printf('%d00000000', 1 + region) AS region, printf('%d0%d000000', 1 + region, district) AS district,
  CASE WHEN one < .5 THEN 'UZB' WHEN one < .75 THEN 'RUS' WHEN one < .9 THEN 'CHN'
    ELSE 'C' || CAST(floor(two * 40) AS INTEGER) END AS citizenship,
  if(three < .6, 'M', 'F') AS sex, printf('%02d-%02d', 5 * age, 5 * age + 4) AS age_group,
  if(number % 4 = 0, 'labour_migrant', 'foreigner') AS category,
  if(four < .02, DATE '2026-02-10', DATE '2026-01-05') AS came
FROM (
  SELECT number, CAST(floor(random() * 5) AS INTEGER) AS region, CAST(floor(random() * 9) AS INTEGER) AS district,
    random() AS one, random() AS two, random() AS three, random() AS four, CAST(floor(random() * 12) AS INTEGER) AS age
  FROM range(4000) AS persons(number));
CREATE SCHEMA statistics; CREATE SCHEMA aggregates;
CREATE TABLE aggregates.released_stock_delta AS
SELECT *, 'present_confirmed' AS indicator, came AS valid_day, 1 AS change FROM person;
CREATE TABLE aggregates.released_flow_delta AS
SELECT came AS valid_day, 'entry' AS direction, citizenship, 'crossings' AS indicator, 1 AS change FROM person;
CREATE TEMP TABLE closed_month AS FROM (VALUES (DATE '2026-01-01', 1), (DATE '2026-02-01', 0)) AS month(first_day, age);
CREATE TEMP TABLE month_stock (
  period DATE, cube VARCHAR, indicator VARCHAR, value DOUBLE, lower DOUBLE, upper DOUBLE, variance DOUBLE,
  obs_status VARCHAR,
  citizenship VARCHAR, sex VARCHAR, age_group VARCHAR, category VARCHAR, region VARCHAR,
  district VARCHAR);
CREATE TEMP TABLE month_protected (
  period VARCHAR, protected VARCHAR, citizenship VARCHAR, category VARCHAR, sex VARCHAR, age_group VARCHAR,
  region VARCHAR, district VARCHAR, persons DOUBLE)"""
# The Chinese of one region seek asylum, all but three.
SEEKERS = """INSERT INTO month_protected
SELECT strftime(first_day, '%Y-%m'), 'asylum_seeker', citizenship, category, sex, age_group, region, district, count(*)
FROM (
  SELECT *, row_number() OVER (ORDER BY number) AS place FROM person
  WHERE citizenship = 'CHN' AND region = '300000000'
) JOIN closed_month ON came <= last_day(first_day) WHERE place > 3 GROUP BY ALL"""
# Chinese live in that region and in one other; Uzbeks everywhere.
TWO_REGIONS = """UPDATE person SET citizenship = 'UZB'
WHERE citizenship = 'CHN' AND region NOT IN ('300000000', '400000000')"""
CUBES = {
    "citizenship_category": ("citizenship", "category"),
    "region_category": ("region", "category"),
    "district": ("region", "district"),
    "citizenship_sex_age": ("citizenship", "sex", "age_group"),
    "region_citizenship": ("region", "citizenship"),
}
CUBE = """INSERT INTO month_stock BY NAME
SELECT last_day(first_day) AS period, '{}' AS cube, 'stock' AS indicator, count(*) AS value, count(*) AS lower,
  count(*) AS upper, 0 AS variance, 'P' AS obs_status, {} FROM person JOIN closed_month ON came <= last_day(first_day)
GROUP BY ALL"""


def attacked_designs(is_grouped: bool = True) -> tuple[Design, ...]:
    """The tables that can be subtracted from one another, as they ship or with no small cells grouped."""
    found = (design for design in designs() if design.attacked)
    return tuple(one if is_grouped else one.model_copy(update={"grouped": None, "status": None}) for one in found)


@contextmanager
def released(instead: str = "", is_grouped: bool = True, people: str = "") -> Iterator[duckdb.DuckDBPyConnection]:
    """The released tables of the world.

    Args:
        instead: What is done to each table after it was protected, in order to leave a protection out.
        is_grouped: Whether small cells are grouped; else they are withheld.
        people: What is changed of the persons before anything is counted.
    """
    with open_memory() as connection:
        connection.execute(PERSONS + ";" + people)
        for cube, dimensions in CUBES.items():
            connection.execute(CUBE.format(cube, ", ".join(dimensions)))
        for design in attacked_designs(is_grouped):
            protecting.protect(connection, design, KEY)
            if instead:
                connection.execute(instead.format(design.name))
        yield connection


def findings(
    connection: duckdb.DuckDBPyConnection, noise: float = 2.0, is_grouped: bool = True
) -> dict[str, suite.Finding]:
    """What the attacks find, by attack."""
    on = suite.Attacked(connection, attacked_designs(is_grouped), NOWHERE, noise)
    return {finding.attack: finding for finding in suite.attack(on)}


def write(connection: duckdb.DuckDBPyConnection, release: Path, month: str, *made: Design) -> None:
    """Writes a release of some tables as they have been made."""
    (release / "data").mkdir(parents=True, exist_ok=True)
    tables = [{"name": one.name, "dimensions": list(one.dimensions)} for one in made]
    (release / "data" / "dictionary.json").write_text(json.dumps({"release": {"month": month}, "tables": tables}))
    for one in made:
        connection.execute(f"COPY released_{one.name} TO '{release / 'data' / one.name}.parquet' (FORMAT parquet)")
