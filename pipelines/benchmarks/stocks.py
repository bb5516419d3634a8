"""How the expected stock of each day agrees with who was here, in the state and in its regions.

Apart from everybody are told those of whom any record tells by the last day, the fair measure of the whole, for nobody
else can be known, and those with a stay or a paper that has not lapsed, which is that of the model of departures.
Beside the share of days within the bar stands what chance alone would make of it.
"""

from __future__ import annotations

from datetime import timedelta

import duckdb
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from pipelines.benchmarks.processes import Measure

SETTLED_AFTER = 180
# How far from the truth the number of a day may lie.
BARS = {"state": 0.01, "region": 0.03}
Numbers = NDArray[np.float64]

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
CELLS = """SELECT period, {place} AS place, CAST(sum({truth}) AS DOUBLE) AS truth,
  CAST(sum({value}) AS DOUBLE) AS value, CAST(sum(lower) AS DOUBLE) AS lower, CAST(sum(upper) AS DOUBLE) AS upper,
  CAST(sum(counted.value) AS DOUBLE) AS expected, CAST(sum(variance) AS DOUBLE) AS variance
FROM {counted} AS counted
WHERE period BETWEEN $first AND $last AND ({place} <> '_U' OR {place} = 'all')
GROUP BY ALL HAVING sum({truth}) > 0 ORDER BY ALL"""


def judge_stocks(connection: duckdb.DuckDBPyConnection) -> list[Measure]:
    """One row per way of counting, truth and span of days.

    Args:
        connection: The build database, with the table `true_stay` of who was where.
    """
    for table in (STOCK, NOWCAST, PLACED):
        connection.execute(table)
    first, last = connection.execute("SELECT min(period), max(period) FROM compared").fetchall()[0]
    (since,) = connection.execute("SELECT min(period) FROM nowcast").fetchall()[0]
    later = first + timedelta(days=SETTLED_AFTER)
    counts = {
        "everybody": "everybody",
        "persons with any record": "recorded",
        "persons with a stay or a paper": "known",
    }
    settled = {f"from day {SETTLED_AFTER} on": (later, last), "last day": (last, last)}
    young = {f"until day {SETTLED_AFTER}": (first, later - timedelta(days=1))}
    recent = {"last fortnight": (since, last)}
    before = {f"from day {SETTLED_AFTER} until it": (later, since - timedelta(days=1))}
    ways = [
        ("expected", "state", "'all'", "compared", "value", settled | young | recent | before),
        ("nowcast", "state", "'all'", "nowcast", "value", {"last day": (last, last)} | recent),
        ("confirmed alone", "state", "'all'", "compared", "confirmed", settled),
        ("expected", "region", "region", "compared", "value", settled | young),
        ("unplaced shared out", "region", "region", "placed", "value", settled | young),
        ("confirmed alone", "region", "region", "compared", "confirmed", settled),
    ]
    found: list[Measure] = []
    for way, name, place, counted, value, days in ways:
        for words, truth in counts.items():
            query = CELLS.format(place=place, truth=truth, value=value, counted=counted)
            for when, (first_day, last_day) in days.items():
                cells = connection.execute(query, {"first": first_day, "last": last_day}).fetchnumpy()
                told: Measure = {"stock": way, "by": name, "of": words, "days": when}
                found.append(told | _errors(cells, BARS[name]))
    return found


def _errors(cells: dict[str, Numbers], bar: float) -> Measure:
    """How far the numbers of days and places lie from the truth.

    What chance alone leaves within the bar is told by the variance, as if the truth were drawn around the number.
    """
    truth, value, expected, variance = (cells[name] for name in ("truth", "value", "expected", "variance"))
    miss, chance = value - truth, np.sqrt(np.maximum(variance, 1e-9))
    of_model = np.where(truth < expected, expected - cells["lower"], cells["upper"] - expected)
    told = {
        "truth": truth.mean(),
        "bias_percent": 100 * miss.sum() / truth.sum(),
        "mean_error_percent": 100 * np.mean(abs(miss) / truth),
        "worst_percent": 100 * np.max(abs(miss) / truth),
        "days_within": np.mean(abs(miss) <= bar * truth),
        "days_within_by_chance": np.mean(2 * ndtr(bar * truth / chance) - 1),
        "within_bounds": np.mean((truth >= cells["lower"]) & (truth <= cells["upper"])),
        "within_both": np.mean(abs(truth - expected) <= np.sqrt(of_model**2 + 3.84 * variance)),
    }
    return {name: round(float(number), 4) for name, number in told.items()}
