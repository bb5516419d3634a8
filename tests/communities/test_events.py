"""From deliveries to the events of communities: each of the seven, through a whole night."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.storage import open_build
from tests.communities import events_world as world
from tests.publication.published_world import rows, settings_of

Event = tuple[Any, ...]
EVENTS = """SELECT event, event_on, size FROM statistics.community_event_history
  WHERE known_to_seq IS NULL AND basis = 'citizenship' AND basis_value = '{}' AND {} = '{}' AND {}
  ORDER BY event_on, event"""
STOOD = ("formed", date(2021, 12, 31))


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The year, loaded; nobody is shown it."""
    home = tmp_path_factory.mktemp("year")
    world.load(home)
    return home


def events(home: Path, group: str, kato: str) -> list[Event]:
    level = "region" if kato.endswith("0000000") else "district"
    wide = "district = '_T'" if level == "region" else "district <> '_T'"
    with open_build(settings_of(home), read_only=True) as connection:
        return rows(connection, EVENTS.format(group, level, kato, wide))


def test_one_forms_where_people_come(year: Path) -> None:
    assert events(year, "AFG", world.COMING) == [("formed", date(2022, 3, 31), 130)]


def test_one_grows_and_one_shrinks(year: Path) -> None:
    assert events(year, "KGZ", world.GROWING) == [(*STOOD, 120), ("grew", date(2022, 6, 30), 180)]
    assert events(year, "TJK", world.SHRINKING) == [(*STOOD, 200), ("shrank", date(2022, 6, 30), 110)]


def test_one_moves_into_another_and_one_of_two_halves_moves_away(year: Path) -> None:
    assert events(year, "CHN", world.LEFT) == [
        (*STOOD, 150),
        ("dissolved", date(2022, 7, 31), 150),
        ("merged", date(2022, 7, 31), 150),
    ]
    assert events(year, "CHN", world.TAKEN) == [(*STOOD, 160), ("grew", date(2022, 9, 30), 310)]
    assert ("split", date(2022, 5, 31), 120) in events(year, "TUR", world.WHOLE)
    assert events(year, "TUR", world.HALF) == [("formed", date(2022, 5, 31), 140)]


def test_one_dissolves_where_people_leave(year: Path) -> None:
    assert events(year, "IND", world.ENDING) == [(*STOOD, 130), ("dissolved", date(2022, 6, 30), 130)]


def test_a_border_neither_ends_nor_forms_the_community_that_comes_to_lie_behind_it(year: Path) -> None:
    drawn = ("territory", date(2022, 6, 8), 180)
    assert events(year, "GEO", world.FORMER_REGION) == [(*STOOD, 180), drawn]
    assert events(year, "GEO", world.REGION) == [drawn]
    assert events(year, "GEO", world.DISTRICT) == [drawn]
