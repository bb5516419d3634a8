"""Measuring the expected stock beside the truth of a simulated year that loses exits and entries and reports late.

The shipped model knows nothing of this world, whose seed is another. Apart from everybody are told
those of whom any record tells by the last day, the fair measure of the whole, for nobody else can be known, and
those with a stay or a paper that has not lapsed, which is that of the model of departures.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from pipelines import nightly
from pipelines.benchmarks.even_hands import judge_control
from pipelines.benchmarks.open_stays import judge_open_stays
from pipelines.benchmarks.overstays import judge_overstays
from pipelines.benchmarks.processes import Measure, in_process
from pipelines.demonstration import lay, moment
from pipelines.settings import Settings
from pipelines.simulation import World, simulate
from pipelines.storage import Home, open_build
from pipelines.storage.database import quoted

Measures = tuple[list[Measure], list[Measure], list[Measure]]
SEED = 202
FIRST_DAY = date(2025, 1, 1)
DAYS = 365
# 5 % of exits and 2 % of entries are never recorded, 10 % of passages are reported late.
LOSSES = {"exit_not_recorded": 0.05, "entry_not_recorded": 0.02, "reported_late": 0.10}
SETTLED_AFTER = 180
# How far from the truth the number of a day may lie.
BARS = {"state": 0.01, "region": 0.03}

WHO = """CREATE TEMP TABLE who AS SELECT person_no, arg_max(person_id, records) AS person_id FROM (
  SELECT truth.person_no, link.person_id, count(*) AS records
  FROM read_parquet({records}) AS truth JOIN registry.source_link AS link USING (feed, record_id)
  WHERE link.person_id IS NOT NULL GROUP BY ALL) GROUP BY person_no"""
# Deaths and naturalisations are told by the registry: the truth about passages does not say them.
TRUE_STAYS = """CREATE TEMP TABLE true_stay AS
WITH ended AS (
  SELECT person_id, min(day) AS day FROM (
    SELECT person_id, died_on AS day FROM registry.stay WHERE died_on IS NOT NULL
    UNION ALL SELECT person_id, valid_from FROM registry.legal_status WHERE status = 'citizen') GROUP BY person_id
)
SELECT person.person_no, who.person_id, person.citizenship, left(home.kato, 2) || '0000000' AS region,
  CAST(home.lived_from AS DATE) AS first_day,
  least(CAST(home.lived_until AS DATE), coalesce(ended.day, DATE '9999-12-31')) AS gone_on,
  who.person_id IN (SELECT known.person_id FROM registry.stay AS known) AS has_stay
FROM read_parquet({dwellings}) AS home JOIN read_parquet({persons}) AS person USING (person_no)
LEFT JOIN who USING (person_no) LEFT JOIN ended USING (person_id)
WHERE person.citizenship <> 'KAZ'"""
STOCK = """CREATE TEMP TABLE compared AS
WITH truth AS (
  SELECT day.period, region, count(*) AS everybody, count(true_stay.person_id) AS recorded,
    count(*) FILTER (has_stay OR held.person_id IS NOT NULL) AS known
  FROM (SELECT DISTINCT period FROM statistics.stock_daily) AS day
  JOIN true_stay ON day.period >= first_day AND day.period < gone_on
  LEFT JOIN (
    SELECT person_id, max(coalesce(valid_to, DATE '9999-12-31')) AS valid_to FROM registry.validity_only
    GROUP BY person_id
  ) AS held ON held.person_id = true_stay.person_id AND day.period < held.valid_to
  GROUP BY ALL
), counted AS (
  SELECT period, region, sum(value) AS value, sum(lower) AS lower, sum(upper) AS upper,
    sum(variance) AS variance
  FROM statistics.stock_daily WHERE indicator = 'stock' GROUP BY ALL
), confirmed AS (
  SELECT period, region, sum(value) AS confirmed FROM statistics.stock_daily WHERE indicator = 'present_confirmed'
  GROUP BY ALL
)
SELECT period, region, coalesce(everybody, 0) AS everybody, coalesce(recorded, 0) AS recorded,
  coalesce(known, 0) AS known, coalesce(value, 0) AS value,
  coalesce(lower, 0) AS lower, coalesce(upper, 0) AS upper, coalesce(variance, 0) AS variance,
  coalesce(confirmed, 0) AS confirmed
FROM truth FULL JOIN counted USING (period, region) LEFT JOIN confirmed USING (period, region)"""
# The days of which late records and first signs are still to come, with how many of these are to be expected.
NOWCAST = """CREATE TEMP TABLE nowcast AS
SELECT truth.*, 'all' AS region, told.expected AS value, told.lower, told.upper, 0 AS variance
FROM quality.stock_nowcast AS told JOIN (
  SELECT period, sum(everybody) AS everybody, sum(recorded) AS recorded, sum(known) AS known FROM compared GROUP BY ALL
) AS truth USING (period)"""
# Whose place nobody knows live where those live whose place is known.
PLACED = """CREATE TEMP TABLE placed AS
SELECT * REPLACE (value * share AS value, lower * share AS lower, upper * share AS upper, variance * share AS variance)
FROM compared JOIN (
  SELECT period, sum(value) / sum(value) FILTER (region <> '_U') AS share FROM compared GROUP BY ALL
) AS whole USING (period)"""
ERRORS = """WITH cell AS (
  SELECT period, {place} AS place, sum({truth}) AS truth, sum({value}) AS value, sum(lower) AS lower,
    sum(upper) AS upper, sum(counted.value) AS expected, sum(variance) AS variance
  FROM {counted} AS counted
  WHERE period >= $first AND period <= $last AND ({place} <> '_U' OR {place} = 'all') GROUP BY ALL
)
SELECT avg(truth), 100 * sum(value - truth) / sum(truth), 100 * avg(abs(value - truth) / truth),
  100 * max(abs(value - truth) / truth), avg(CAST(abs(value - truth) <= {bar} * truth AS INTEGER)),
  avg(CAST(truth BETWEEN lower AND upper AS INTEGER)),
  avg(CAST(abs(truth - expected)
    <= sqrt(if(truth < expected, expected - lower, upper - expected) ^ 2 + 3.84 * variance) AS INTEGER))
FROM cell WHERE truth > 0"""


def measure_presence(settings: Settings, persons: int, seed: int = SEED, days: int = DAYS) -> Measures:
    """Measures of ways of counting the stock, of how chances are calibrated by group, and of how evenly control errs.

    Args:
        settings: Threads and memory that the centre may use.
        persons: Foreigners of the simulated state.
        seed: Which state is drawn.
        days: Length of its year.
    """
    with tempfile.TemporaryDirectory(prefix="mic-bench-") as folder:
        there = replace(settings, home=Path(folder) / "home", keys={})
        world = World(persons=persons, days=days, first_day=FIRST_DAY, seed=seed, movement=LOSSES)
        in_process(load_world, there, world, days)
        return judge_home(there, there.home / "truth")


def load_world(settings: Settings, world: World, days_per_load: int) -> None:
    """Simulates a world and loads it, so many days at a time, unpublished."""
    home = Home(settings.home)
    home.prepare()
    staging = settings.home / "staging" / "landing"
    simulate(world, settings.sources, staging, nightly.silent, settings.home / "truth")
    for done in range(days_per_load, world.days + days_per_load, days_per_load):
        last = world.first_day + timedelta(days=min(done, world.days) - 1)
        lay(staging, home.landing, last + timedelta(days=1))
        nightly.run_nightly(settings, clock=partial(moment, last), publishes=False)


def judge_home(settings: Settings, truth: Path) -> Measures:
    """The measures of a home that is loaded already, beside the truth of its world."""
    with open_build(settings, read_only=True) as connection:
        files = {name: quoted(truth / f"{name}.parquet") for name in ("persons", "dwellings")}
        connection.execute(WHO.format(records=quoted(truth / "record_truth.parquet")))
        connection.execute(TRUE_STAYS.format(**files))
        connection.execute(STOCK)
        connection.execute(NOWCAST)
        connection.execute(PLACED)
        first, last = connection.execute("SELECT min(period), max(period) FROM statistics.stock_daily").fetchall()[0]
        groups = judge_open_stays(connection, last)
        control = judge_overstays(connection, truth, last) + judge_control(connection, truth, last)
        return _stocks(connection, first, last), groups, control


def _stocks(connection: duckdb.DuckDBPyConnection, first: date, last: date) -> list[Measure]:
    (since,) = connection.execute("SELECT min(period) FROM nowcast").fetchall()[0]
    later = first + timedelta(days=SETTLED_AFTER)
    counts = {
        "everybody": "everybody",
        "persons with any record": "recorded",
        "persons with a stay or a paper": "known",
    }
    settled = {f"from day {SETTLED_AFTER} on": (later, last), "last day": (last, last)}
    recent = {"last fortnight": (since, last)}
    before = {f"from day {SETTLED_AFTER} until it": (later, since - timedelta(days=1))}
    ways = [
        ("expected", "state", "'all'", "compared", "value", settled | recent | before),
        ("nowcast", "state", "'all'", "nowcast", "value", {"last day": (last, last)} | recent),
        ("confirmed alone", "state", "'all'", "compared", "confirmed", settled),
        ("expected", "region", "region", "compared", "value", settled),
        ("unplaced shared out", "region", "region", "placed", "value", settled),
        ("confirmed alone", "region", "region", "compared", "confirmed", settled),
    ]
    names = (
        "truth",
        "bias_percent",
        "mean_error_percent",
        "worst_percent",
        "days_within",
        "within_bounds",
        "within_both",
    )
    found: list[Measure] = []
    for way, name, place, counted, value, days in ways:
        for words, truth in counts.items():
            for when, (first_day, last_day) in days.items():
                query = ERRORS.format(place=place, truth=truth, value=value, counted=counted, bar=BARS[name])
                row = connection.execute(query, {"first": first_day, "last": last_day}).fetchall()[0]
                told: Measure = {"stock": way, "by": name, "of": words, "days": when}
                found.append(told | {n: _rounded(v) for n, v in zip(names, row, strict=True)})
    return found


def _rounded(value: Any) -> float | None:
    return None if value is None else round(float(value), 4)
