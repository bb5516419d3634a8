"""Two homes whose people are drawn: one with planted communities, one in which chance alone places people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from zlib import crc32

import pyarrow as pa
import pytest

from pipelines.benchmarks.communities import districts, model, month_starts, true_quotient
from pipelines.settings import Settings
from pipelines.simulation.community_world import (
    CommunityWorld,
    Planted,
    members,
    planted,
    scattered,
    shuffled,
)
from pipelines.storage import open_build

REGIONS = ("100000000", "110000000", "150000000", "190000000", "230000000", "270000000")
GROUPS = {
    "Uyghur": (120, 10, 45, 60, 0, 300),
    "Dungan": (275, 135, 850, 0, 33, 895),
    "Tajik": (5, 5, 5, 0, 0, 5),
}
WORLD = CommunityWorld(persons=6_000, months=18, planted=9, districts=districts(30), seed=1)
CHANCE = CommunityWorld(persons=6_000, months=20, planted=0, districts=districts(30), misplaced=0.0, seed=4)


@dataclass(frozen=True)
class Home:
    """A modelled home, and what was planted there with its location quotient."""

    settings: Settings
    truth: dict[Planted, float]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query on the build database answers."""
        with open_build(self.settings) as build:
            return build.execute(query).fetchall()


def staying(people: list[dict[str, object]]) -> pa.Table:
    """Those people, of whom no more is known than what is told of each, in no known district from the first day on."""
    since = date(2023, 1, 1)
    dated = {"region_since": since, "district_since": since, "valid_from": since, "known_from_seq": 1}
    schema = members(CHANCE, shuffled(CHANCE)[:1], month_starts(1)).schema
    return pa.Table.from_pylist([{"district": "_U"} | dated | person for person in people], schema=schema)


def declared() -> pa.Table:
    """Persons of whom nothing is known but ethnicity and region, in numbers that another library has measured."""
    rows = [
        (region, group)
        for group, numbers in GROUPS.items()
        for region, number in zip(REGIONS, numbers, strict=True)
        for _ in range(number)
    ]
    listed = [
        {"person_id": f"E{number}", "region": region, "ethnicity": group, "cluster_key": 10**9 + number}
        for number, (region, group) in enumerate(rows)
    ]
    return staying(listed)


def crowd(region: str, citizenship: str, clusters: int, size: int) -> list[dict[str, object]]:
    """The persons of so many clusters of one size, all of one group and in one region."""
    names = [f"{region} {citizenship} {size} {number}" for number in range(clusters)]
    return [
        {"person_id": f"{name} {seat}", "region": region, "citizenship": citizenship, "cluster_key": key}
        for name, key in zip(names, map(crc32, map(str.encode, names)), strict=True)
        for seat in range(size)
    ]


@pytest.fixture(scope="session")
def crews_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Families of one group in a region and crews of it in others, and crews of another group, all in one region."""
    here, there, elsewhere = REGIONS[:3]
    families = crowd(here, "GEO", 40, 3) + crowd(elsewhere, "GEO", 10, 3) + crowd(elsewhere, "GEO", 6, 20)
    crews = crowd(there, "IND", 8, 25) + crowd(there, "RUS", 1, 25)
    others = crowd(here, "RUS", 60, 3) + crowd(there, "RUS", 60, 3) + crowd(elsewhere, "RUS", 900, 3)
    builders = crowd(here, "RUS", 10, 20) + crowd(elsewhere, "RUS", 30, 20)
    settings = Settings(home=tmp_path_factory.mktemp("crews"), memory_limit="2GB", threads=1)
    model(settings, staying(families + crews + others + builders), 1)
    return Home(settings, {})


@pytest.fixture(scope="session")
def planted_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """People scattered and in nine communities, and declared groups in six regions."""
    settings = Settings(home=tmp_path_factory.mktemp("planted"), memory_limit="2GB", threads=1)
    truth = planted(WORLD)
    people = [scattered(WORLD), *(clusters for _, clusters in truth)]
    table = pa.concat_tables([members(WORLD, people, month_starts(WORLD.months)), declared()])
    model(settings, table, WORLD.months)
    return Home(settings, {known: true_quotient(WORLD, people, known) for known, _ in truth})


@pytest.fixture(scope="session")
def chance_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Twenty months of other people each, whom chance places."""
    settings = Settings(home=tmp_path_factory.mktemp("chance"), memory_limit="2GB", threads=1)
    model(settings, members(CHANCE, shuffled(CHANCE), month_starts(CHANCE.months)), CHANCE.months)
    return Home(settings, {})
