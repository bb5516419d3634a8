"""Measuring the expected stock beside the truth of a simulated year that loses exits and entries and reports late.

The shipped model knows nothing of this world, whose seed is another. What is said of days, of open stays and of
overstays is judged in `stocks`, `open_stays`, `overstays` and `even_hands`.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from pipelines import modelling, nightly, presence
from pipelines.benchmarks.even_hands import judge_control
from pipelines.benchmarks.open_stays import judge_open_stays
from pipelines.benchmarks.overstays import judge_overstays
from pipelines.benchmarks.processes import Measure, in_process
from pipelines.benchmarks.stocks import judge_stocks
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
# What follows from the curves of the model and from how the stays of a home begin and end.
CHANCES = "standing_odds gone_odds unheard_share weighed_curve"

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


def measure_presence(
    settings: Settings, persons: int, seed: int = SEED, days: int = DAYS, kept: Path | None = None
) -> Measures:
    """Measures of ways of counting the stock, of how chances are calibrated by group, and of how evenly control errs.

    Args:
        settings: Threads and memory that the centre may use.
        persons: Foreigners of the simulated state.
        seed: Which state is drawn.
        days: Length of its year.
        kept: Folder in which loaded years stay; nothing is kept where it is not given. Of a year that stands there the
            chances alone are made anew, by the code and the model of today: identities and stays are as they were.
    """
    world = World(persons=persons, days=days, first_day=FIRST_DAY, seed=seed, movement=LOSSES)
    with nullcontext(kept) if kept else tempfile.TemporaryDirectory(prefix="mic-bench-") as folder:
        there = replace(settings, home=Path(folder) / f"{seed}-{persons}-{days}", keys={})
        finished = there.home / "loaded"
        if finished.exists():
            make_chances_anew(there)
        else:
            shutil.rmtree(there.home, ignore_errors=True)
            in_process(load_world, there, world, days)
            finished.touch()
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
        while nightly.run_nightly(settings, clock=partial(moment, last), publishes=False).left:
            continue


def make_chances_anew(settings: Settings) -> None:
    """Makes the chances of a loaded home anew, by the code and the shipped model of today."""
    with open_build(settings) as connection:
        presence.lay_out(connection, Home(settings.home))
        (last,) = connection.execute("SELECT max(load_seq) FROM meta.load").fetchall()[0]
    modelling.build(settings, CHANCES, last, full_refresh=True)


def judge_home(settings: Settings, truth: Path) -> Measures:
    """The measures of a home that is loaded already, beside the truth of its world."""
    with open_build(settings, read_only=True) as connection:
        files = {name: quoted(truth / f"{name}.parquet") for name in ("persons", "dwellings")}
        connection.execute(WHO.format(records=quoted(truth / "record_truth.parquet")))
        connection.execute(TRUE_STAYS.format(**files))
        stocks = judge_stocks(connection)
        (last,) = connection.execute("SELECT max(period) FROM statistics.stock_daily").fetchall()[0]
        groups = judge_open_stays(connection, last)
        control = judge_overstays(connection, truth, last) + judge_control(connection, truth, last)
        return stocks, groups, control
