"""Measuring places and communities from end to end: a simulated state, delivered and loaded, beside its truth.

Communities whose places are given stand in `communities`; here a place is what the centre made of messages and papers.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import duckdb

from pipelines.benchmarks.presence import FIRST_DAY, SEED, WHO, load_world
from pipelines.benchmarks.processes import Measure, cost, in_process
from pipelines.settings import Settings
from pipelines.simulation import World
from pipelines.storage import open_build
from pipelines.storage.database import quoted

MISPLACED = {"misplaced": 0.1}
TURN_DAYS = 45
SMALLEST = 60
TRUTH = """CREATE TEMP TABLE true_place AS
SELECT person_id, left(kato, 2) AS region, left(kato, 4) AS district, CAST(lived_from AS DATE) AS valid_from,
  CAST(lived_until AS DATE) AS valid_to
FROM read_parquet({dwellings}) JOIN who USING (person_no)"""
PLACED = """CREATE TEMP TABLE told_place AS
SELECT person_id, left(region, 2) AS region, left(district, 4) AS district, region || district AS place, confidence,
  basis_feed, greatest(valid_from, $first) AS valid_from, least(coalesce(valid_to, $last), $last) AS valid_to
FROM registry.released_placement_history WHERE known_to_seq IS NULL AND region <> '_U' AND valid_from < $last
  AND coalesce(valid_to > $first, true)"""
COMPARED = """CREATE TEMP TABLE compared AS
SELECT told.basis_feed, told.confidence >= 0.6 AS is_vouched, told.region = lived.region AS is_region,
  told.district <> '_U' AS has_district, told.district = lived.district AS is_district,
  date_diff('day', greatest(told.valid_from, lived.valid_from), least(told.valid_to, lived.valid_to)) AS days
FROM told_place AS told JOIN true_place AS lived ON told.person_id = lived.person_id
  AND told.valid_from < lived.valid_to AND lived.valid_from < told.valid_to"""
SHARES = """SELECT coalesce(basis_feed, 'all') AS basis, CAST(sum(days) AS BIGINT) AS person_days,
  100 * sum(days) FILTER (is_region) / sum(days) AS region_percent,
  100 * sum(days) FILTER (is_district AND has_district) / sum(days) FILTER (has_district) AS district_percent
FROM compared GROUP BY GROUPING SETS ((), (basis_feed)) ORDER BY person_days DESC"""
CONTRADICTIONS = """SELECT
  (SELECT count(*) FROM told_place AS one JOIN told_place AS other ON one.person_id = other.person_id
   AND one.valid_from < other.valid_to AND other.valid_from < one.valid_to AND one.place < other.place),
  (SELECT count(*) FROM told_place WHERE district <> '_U' AND left(district, 2) <> region),
  (SELECT sum(date_diff('day', valid_from, valid_to)) FROM told_place) - (SELECT sum(days) FROM compared)"""
LIVES = """CREATE TEMP TABLE life AS
SELECT basis_value AS citizenship, left(region, 2) AS region, left(district, 4) AS district, formed_on, stood_before,
  dissolved_on
FROM intermediate.community_life WHERE basis = 'citizenship' AND names_it"""
PLANTED = """CREATE TEMP TABLE planted AS
SELECT citizenship, left(kato, 4) AS district, size, CAST(begins_on AS DATE) AS begins_on,
  CAST(ends_on AS DATE) AS ends_on
FROM read_parquet({communities})"""
MET = """CREATE TEMP TABLE met AS
SELECT planted.*, formed_on, stood_before, dissolved_on
FROM planted LEFT JOIN life ON planted.citizenship = life.citizenship AND planted.district = life.district
  AND coalesce(formed_on < ends_on, true) AND coalesce(begins_on < dissolved_on, true)
QUALIFY row_number() OVER (PARTITION BY planted.citizenship, planted.district, begins_on ORDER BY formed_on) = 1"""
FOUND = """SELECT count(*), count(formed_on),
  count(*) FILTER (formed_on IS NOT NULL AND begins_on IS NOT NULL),
  count(*) FILTER (abs(date_diff('day', begins_on, formed_on)) <= $near),
  count(*) FILTER (formed_on IS NOT NULL AND ends_on IS NOT NULL),
  count(*) FILTER (abs(date_diff('day', ends_on, dissolved_on)) <= $near)
FROM met WHERE size BETWEEN $low AND $high"""
FALSE = """SELECT district <> '_T', count(*), count(*) FILTER (NOT EXISTS (SELECT 1 FROM planted
  WHERE planted.citizenship = life.citizenship AND left(planted.district, 2) = life.region
  AND life.district IN ('_T', planted.district)))
FROM life GROUP BY ALL ORDER BY 1 DESC"""
SIZES = ((60, 99), (100, 199), (200, 999), (1_000, 5_000), (60, 5_000))


def measure_places(settings: Settings, world: World, days_per_load: int) -> dict[str, list[Measure]]:
    """How often the place of a person is the true one, and what is found of the planted communities.

    Args:
        settings: Threads and memory that the centre may use.
        world: The simulated state.
        days_per_load: How many of its days each load takes in.
    """
    with tempfile.TemporaryDirectory(prefix="mic-bench-") as folder:
        there = replace(settings, home=Path(folder) / "home", keys={})
        loaded = in_process(load_world, there, world, days_per_load)
        return judge_home(there, there.home / "truth") | {"cost": [cost(loaded)]}


def misplaced_world(persons: int, days: int, communities: int, largest: int) -> World:
    """A state in which a tenth of messages name another district; it plants as many communities as it can carry."""
    asked = {"most": communities, "sizes": (SMALLEST, largest), "of_persons": 1.0}
    return World(persons, days, FIRST_DAY, SEED, movement=MISPLACED, communities=asked)


def judge_home(settings: Settings, truth: Path) -> dict[str, list[Measure]]:
    """The measures of a home that is loaded already, beside the truth of its world."""
    with open_build(settings, read_only=True) as connection:
        files = {name: quoted(truth / f"{name}.parquet") for name in ("dwellings", "communities")}
        connection.execute(WHO.format(records=quoted(truth / "record_truth.parquet")))
        connection.execute(TRUTH.format(**files))
        first, last = connection.execute(
            "SELECT min(business_date), max(business_date) FROM quality.delivery WHERE feed = 'border_crossings'"
        ).fetchall()[0]
        connection.execute(PLACED, {"first": first, "last": last})
        connection.execute(COMPARED)
        connection.execute(LIVES)
        connection.execute(PLANTED.format(**files))
        connection.execute(MET)
        return {
            "places": _measures(connection, SHARES, ("placed by", "person_days", "region_percent", "district_percent")),
            "contradictions": _measures(
                connection, CONTRADICTIONS, ("at two places", "district not of the region", "person_days of no stay")
            ),
            "planted": _planted(connection),
            "found": _measures(connection, FALSE, ("in a district", "number", "false")),
        }


def _planted(connection: duckdb.DuckDBPyConnection) -> list[Measure]:
    names = ("number", "found", "begins", "begins_in_time", "ends", "ends_in_time")
    return [
        {"persons": f"{low:,}-{high:,}"} | measure
        for low, high in SIZES
        for measure in _measures(connection, FOUND, names, {"near": TURN_DAYS, "low": low, "high": high})
    ]


def _measures(
    connection: duckdb.DuckDBPyConnection, query: str, names: tuple[str, ...], given: dict[str, int] | None = None
) -> list[Measure]:
    rows = connection.execute(query, given or {}).fetchall()
    rounded = ([round(value, 2) if isinstance(value, float) else value for value in row] for row in rows)
    return [dict(zip(names, row, strict=True)) for row in rounded]
