"""One world of two loads, modelled once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dbt import (
    controlled_world,
    days_of_law,
    described_world,
    flown_world,
    later_world,
    law_world,
    ruleless_world,
)
from tests.dbt.modelled_world import World, crossing, permit, populate_first_night, populate_second_night


@pytest.fixture(scope="session")
def two_nights(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Load 1 with one person per case of pairing; load 2 corrects, withdraws and adds."""
    world = World(tmp_path_factory.mktemp("two_nights"))
    populate_first_night(world)
    world.load(1)
    world.first_night = world.rows(
        "SELECT * EXCLUDE (presence, presence_probability, known_from_seq, known_to_seq) "
        "FROM registry.stay ORDER BY ALL"
    )
    populate_second_night(world)
    world.load(2)
    return world


@pytest.fixture(scope="session")
def done_again(two_nights: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The two nights, the second of which was done once more; it is only read."""
    world = two_nights.copy(tmp_path_factory.mktemp("again") / "home")
    world.load(2)
    return world


@pytest.fixture(scope="session")
def made_anew(two_nights: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The two nights, modelled anew as one; it is only read."""
    world = two_nights.copy(tmp_path_factory.mktemp("anew") / "home")
    world.load(2, full_refresh=True)
    return world


@pytest.fixture(scope="session")
def later(two_nights: World, tmp_path_factory: pytest.TempPathFactory) -> dict[int, World]:
    """The two nights, and what each of four loads more left, by the load; they are only read."""
    folder, found = tmp_path_factory.mktemp("later"), {2: two_nights}
    for seq, bring in later_world.LOADS.items():
        found[seq] = found[seq - 1].copy(folder / str(seq))
        bring(found[seq])
        found[seq].load(seq)
    return found


@pytest.fixture(scope="session")
def grown_up(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A child of four who entered and never left, and a refugee, in one load."""
    world = World(tmp_path_factory.mktemp("grown_up"))
    world.deliver(
        1,
        "border_crossings",
        [
            crossing("1", "2026-01-10 10:00", "entry", "CHILD", birth_date="2021-06-15"),
            crossing("2", "2026-01-10 10:00", "entry", "KAND", citizenship="XXB", purpose="asylum"),
        ],
    )
    world.deliver(1, "residence_permits", [permit("d1", "KAND", "ata_zholy", "granted", "2026-01-20")])
    world.load(1)
    return world


@pytest.fixture(scope="session")
def described(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two years of a few persons, by how long they stay and on what paper, in one load."""
    world = World(tmp_path_factory.mktemp("described"))
    described_world.populate(world)
    world.load(1)
    return world


@pytest.fixture
def copied(two_nights: World, tmp_path: Path) -> World:
    """The two nights in a home of their own, to be changed by a test."""
    return two_nights.copy(tmp_path / "copy")


@pytest.fixture(scope="session")
def controlled(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A month of cases, centres, notifications, inspections; one case is annulled in load 2."""
    world = World(tmp_path_factory.mktemp("controlled"))
    controlled_world.populate(world)
    controlled_world.annul(world)
    return world


@pytest.fixture(scope="session")
def lawful(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The golden cases of the law of stay, in one load."""
    world = World(tmp_path_factory.mktemp("lawful"))
    law_world.populate(world)
    ruleless_world.populate(world)
    world.load(1)
    return world


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Persons drawn by number, and two flights of the years in which airports kept two clocks, in one load."""
    world = World(tmp_path_factory.mktemp("drawn"))
    days_of_law.populate(world)
    flown_world.populate_two_clocks(world)
    world.load(1)
    return world
