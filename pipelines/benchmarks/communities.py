"""Measuring communities on worlds whose truth is known: planted ones, and none at all.

The models are run as a night runs them, on places that `pipelines.simulation.community_world` draws.
"""

from __future__ import annotations

import csv
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines import modelling
from pipelines.benchmarks.processes import Measure, cost, in_process
from pipelines.settings import CHECKOUT, Settings
from pipelines.simulation.community_turns import Turn, turning
from pipelines.simulation.community_world import (
    COUNTRIES,
    NEVER,
    Clusters,
    CommunityWorld,
    Planted,
    members,
    planted,
    scattered,
    shuffled,
)
from pipelines.storage import Home, open_build
from pipelines.storage.keys import make_missing_keys

FIRST_MONTH = np.datetime64("2023-01", "M")
BEFORE = 24
DISTRICTS = CHECKOUT / "dbt_project" / "seeds" / "district.csv"
MODELS = "territory_link region district region_population counted_month+"
TABLES = """
    CREATE SCHEMA intermediate; CREATE SCHEMA quality; CREATE SCHEMA meta;
    CREATE TABLE intermediate.member_history AS FROM member;
    CREATE TABLE meta.load (load_seq INTEGER, known_at TIMESTAMPTZ);
    CREATE TABLE meta.modelled (selection VARCHAR, project VARCHAR);
    CREATE TABLE quality.delivery (feed VARCHAR, business_date DATE, state VARCHAR, rows_accepted BIGINT,
      load_seq INTEGER);"""
COVERED = """INSERT INTO quality.delivery
    VALUES ('border_crossings', ?, 'accepted', 0, 1), ('border_crossings', ?, 'accepted', ?, 1)"""
LIVES = """SELECT basis_value, region, district, formed_on, dissolved_on FROM intermediate.community_life
    WHERE basis = 'citizenship' AND district {} '_T' ORDER BY ALL"""
EVENTS = """SELECT event, basis_value, district, event_on FROM statistics.community_event_history
    WHERE known_to_seq IS NULL AND basis = 'citizenship' AND district <> '_T' AND NOT stood_before ORDER BY ALL"""
FINDINGS = "SELECT count(DISTINCT period), count(*) FROM intermediate.over_representation WHERE surprise >= threshold"
TESTED = """SELECT count(*), count(*) FILTER (surprise >= ln(20)), count(*) FILTER (surprise >= ln(100))
    FROM intermediate.over_representation"""
LARGE = 10**9
TURNS = ("formed", "grew", "shrank", "merged", "split", "dissolved")
# Growth is told once a quarter of a community's life.
NEAR = 2
KINDS = (
    ("60-199 persons, quotient 4 and more", 0, 200, 4, LARGE),
    ("200-999 persons, quotient 4 and more", 200, 1_000, 4, LARGE),
    ("1,000-5,000 persons, quotient 4 and more", 1_000, LARGE, 4, LARGE),
    ("all sizes, quotient from 2 to 4", 0, LARGE, 2, 4),
    ("all sizes, quotient below 2: no community", 0, LARGE, 0, 2),
)
Life = tuple[str, str, str, date, date | None]


def measure_communities(settings: Settings, world: CommunityWorld, shuffles: int) -> dict[str, list[Measure]]:
    """What is found of planted communities, what is found and false, what chance alone makes, and what it costs.

    Args:
        settings: Threads and memory that the centre may use.
        world: The world with communities.
        shuffles: Months without any, each of other people.
    """
    with tempfile.TemporaryDirectory(prefix="mic-bench-") as folder:
        home = replace(settings, home=Path(folder) / "planted", keys={})
        found = in_process(find_planted, home, world)
        turned = in_process(find_turns, replace(home, home=Path(folder) / "turning"), world)
        bare = replace(world, months=shuffles, misplaced=0.0)
        none = in_process(find_none, replace(home, home=Path(folder) / "shuffled"), bare)
    costs = [{"of": name} | cost(made) for name, made in (("planted", found), ("events", turned), ("shuffled", none))]
    planted_world: dict[str, list[Measure]] = found["answer"]
    return planted_world | {"events": turned["answer"], "chance": [none["answer"]], "cost": costs}


def districts(number: int) -> tuple[str, ...]:
    """Codes of real districts, spread over all regions."""
    with DISTRICTS.open(encoding="utf-8") as file:
        codes = [row["kato"] for row in csv.DictReader(file)]
    return tuple(codes[:: max(len(codes) // number, 1)][:number])


def find_planted(settings: Settings, world: CommunityWorld) -> dict[str, list[Measure]]:
    """Plants communities, looks for them, and compares."""
    truth = planted(world)
    people = [scattered(world), *(clusters for _, clusters in truth)]
    model(settings, members(world, people, month_starts(world.months)), world.months)
    told = [known for known, _ in truth]
    quotient = {known: true_quotient(world, people, known) for known in told}
    with open_build(settings) as build:
        lives: list[Life] = build.execute(LIVES.format("<>")).fetchall()
        regions: list[Life] = build.execute(LIVES.format("=")).fetchall()
    rows = [
        _compared(name, [one for one in told if low <= one.size < high and least <= quotient[one] < most], lives)
        for name, low, high, least, most in KINDS
    ]
    false = [life for life in lives if not any(is_same(one, life) for one in told)]
    wide = [life for life in regions if not any(is_same(one, life) for one in told)]
    found = [
        {"findings in": "districts", "number": len(lives), "false": len(false)},
        {"findings in": "regions", "number": len(regions), "false": len(wide)},
    ]
    return {"planted": rows, "found": found}


def find_turns(settings: Settings, world: CommunityWorld) -> list[Measure]:
    """Plants communities that turn in each way, and compares the events: those of a kind, of a place, near a month."""
    turns, people = turning(world)
    model(settings, members(world, [scattered(world), *people], month_starts(world.months)), world.months)
    with open_build(settings) as build:
        told = [(kind, state, place, month_of(day)) for kind, state, place, day in build.execute(EVENTS).fetchall()]
    return [_turned(kind, [turn for turn in turns if turn.event == kind], told) for kind in TURNS]


def _turned(kind: str, truth: list[Turn], told: list[tuple[str, str, str, int]]) -> Measure:
    of_kind = [one for one in told if one[0] == kind]
    late = [
        min(
            (month - turn.month for *who, month in of_kind if who[1:] == [turn.country, turn.district]),
            key=abs,
            default=None,
        )
        for turn in truth
    ]
    near = [abs(months) for months in late if months is not None and abs(months) <= NEAR]
    true = {(turn.country, turn.district) for turn in truth}
    return {
        "event": kind,
        "planted": len(truth),
        "found": len(near),
        "in_the_month": sum(months == 0 for months in near),
        "worst_months": max(near, default=None),
        "told": len(of_kind),
        "told_of_others": sum(one[1:3] not in true for one in of_kind),
    }


def find_none(settings: Settings, world: CommunityWorld) -> Measure:
    """Looks for communities where there are none."""
    model(settings, members(world, shuffled(world), month_starts(world.months)), world.months)
    with open_build(settings) as build:
        ((months, cells),) = build.execute(FINDINGS).fetchall()
        ((tested, at_20, at_100),) = build.execute(TESTED).fetchall()
    return {
        "shuffled months": world.months,
        "months with findings": months,
        "findings": cells,
        "cells of 50 and quotient 2": tested,
        "beyond_5_percent": at_20,
        "beyond_1_percent": at_100,
    }


def model(settings: Settings, table: pa.Table, months: int) -> None:
    """Lays the people of a world into a new home and runs the models of communities."""
    Home(settings.home).prepare()
    make_missing_keys(settings)
    with open_build(settings) as build:
        build.register("member", table)
        build.execute(TABLES)
        build.execute("INSERT INTO meta.load VALUES (1, now())")
        build.execute(COVERED, [month_end(0).replace(day=1), month_end(months - 1), len(table)])
    modelling.build(settings, MODELS, 1)


def month_starts(months: int) -> Any:
    """First days of the months from `BEFORE` months before the first one on, as days since 1970."""
    return (FIRST_MONTH + np.arange(-BEFORE, months + 1)).astype("datetime64[D]").astype(np.int64)


def month_end(month: int) -> date:
    """Last day of a month, counted from the first one."""
    last: date = ((FIRST_MONTH + month + 1).astype("datetime64[D]") - 1).item()
    return last


def month_of(day: date) -> int:
    """Number of the month of a day, counted from the first one."""
    return int(np.datetime64(day, "M").astype(int) - FIRST_MONTH.astype(int))


def is_same(truth: Planted, life: Life) -> bool:
    """Whether a finding is a planted community: the same people, the same place, at the same time."""
    country, region, district, formed_on, dissolved_on = life
    overlaps = month_of(formed_on) < truth.end and (dissolved_on is None or truth.first < month_of(dissolved_on))
    is_there = region[:2] == truth.district[:2] and district in ("_T", truth.district)
    return is_there and country == truth.country and overlaps


def true_quotient(world: CommunityWorld, people: list[Clusters], truth: Planted) -> float:
    """Location quotient of a planted community three months after it came, were every notification right."""
    month = min(max(truth.first, 0) + 3, truth.end - 1)
    country, place = COUNTRIES.index(truth.country), world.districts.index(truth.district)
    held = np.zeros(4)
    for part in people:
        size = np.where((part.first <= month) & (month < part.end), part.size, 0)
        of, here = part.country == country, part.district == place
        held += [size[of & here].sum(), size[here].sum(), size[of].sum(), size.sum()]
    return float(held[0] / held[1] * held[3] / held[2])


def _compared(name: str, truth: list[Planted], lives: list[Life]) -> Measure:
    pairs = [(one, [life for life in lives if is_same(one, life)]) for one in truth]
    met = [(one, found) for one, found in pairs if found]
    begins = [month_of(found[0][3]) - max(one.first, 0) for one, found in met]
    lasting = [found[-1][4] for one, found in met if one.end == NEVER]
    ended = [(one.end, found[-1][4]) for one, found in met if one.end != NEVER]
    ends = [month_of(told) - end for end, told in ended if told is not None]
    return {
        "planted": name,
        "number": len(truth),
        "found": len(met),
        "recall": round(len(met) / len(truth), 3) if truth else None,
        "begin_exact": sum(error == 0 for error in begins),
        "begin_worst_months": max(map(abs, begins), default=None),
        "begin_median_months": median(begins) if begins else None,
        "ends": len(ended),
        "end_exact": sum(error == 0 for error in ends),
        "end_not_told": len(ended) - len(ends),
        "end_worst_months": max(map(abs, ends), default=None),
        "end_told_of_lasting": sum(told is not None for told in lasting),
    }
