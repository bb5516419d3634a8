"""From notifications to communities: who is counted, what late data revise, and that nights add up to one build."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.publication.plan import macros
from tests.dbt.modelled_world import World, notification

PLACE, OTHER_PLACE, THIRD_PLACE, FOURTH_PLACE = "314000000", "194000000", "434400000", "351000000"
JANUARY, FEBRUARY, MARCH, APRIL, MAY = (
    date(2026, month, day) for month, day in ((1, 31), (2, 28), (3, 31), (4, 30), (5, 31))
)
COLUMNS = "* EXCLUDE (known_from_seq, known_to_seq)"
NOW = f"SELECT {COLUMNS} FROM statistics.{{}} WHERE known_to_seq IS NULL ORDER BY ALL"
AT_LOAD_1 = f"""SELECT {COLUMNS} FROM statistics.community_month_history
    WHERE known_from_seq <= 1 AND coalesce(known_to_seq > 1, true) ORDER BY ALL"""
CELLS = "SELECT * FROM intermediate.community_cell ORDER BY ALL"
TIES = "SELECT * FROM intermediate.community_tie ORDER BY ALL"
COUNTS = ("cluster_size_month", "profile_month", "move_month")
COUNTED = f"SELECT {COLUMNS} FROM intermediate.{{}} WHERE known_to_seq IS NULL ORDER BY ALL"
KYRGYZ = f"""basis = 'citizenship' AND basis_value = 'KGZ' AND district = '{PLACE}' AND known_to_seq IS NULL"""


def guests(
    name: str, number: int, kato: str, citizenship: str, since: str, until: str, per_host: int = 2
) -> list[dict[str, Any]]:
    """One notification for each of so many guests, some to a host."""
    return [
        notification(
            f"{name}{guest}",
            f"{name}{guest}",
            f"{since} 12:00",
            kato=kato,
            citizenship=citizenship,
            birth_country=citizenship,
            stay_from=since,
            stay_until=until,
            host_type="person",
            host_id=f"{name} host {guest // per_host}",
        )
        for guest in range(number)
    ]


@pytest.fixture(scope="module")
def late_data(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A community of 110 that load 1 sees from February on, refugees beside it; load 2 tells of 60 more in January."""
    world = World(tmp_path_factory.mktemp("late_data"))
    since, until = "2026-01-03", "2027-01-01"
    first = [
        *guests("a", 150, OTHER_PLACE, "UZB", since, until),
        *guests("b", 150, THIRD_PLACE, "RUS", since, until),
        *guests("d", 40, PLACE, "RUS", since, until),
    ]
    later = [
        *guests("c", 110, PLACE, "KGZ", "2026-02-10", until),
        *guests("r", 60, PLACE, "XXB", "2026-02-10", until),
    ]
    world.deliver(1, "stay_notifications", first, date(2026, 1, 4))
    world.deliver(1, "stay_notifications", later, MAY)
    world.load(1)
    world.first_night = world.rows(NOW.format("community_month_history"))
    world.deliver(2, "stay_notifications", guests("e", 60, PLACE, "KGZ", "2026-01-20", "2026-02-25"), date(2026, 6, 2))
    world.load(2)
    return world


def test_refugees_are_in_no_figure(late_data: World) -> None:
    ((persons, everyone),) = late_data.rows(
        "SELECT persons, place_persons FROM intermediate.community_cell WHERE period = DATE '2026-05-31' "
        f"AND basis = 'citizenship' AND basis_value = 'KGZ' AND district = '{PLACE}'"
    )
    assert (persons, everyone) == (110, 150)


def test_late_data_revise_the_day_on_which_a_community_was_first_seen(late_data: World) -> None:
    formed = "SELECT DISTINCT formed_on, stood_before FROM statistics.community_month_history WHERE "
    assert late_data.rows(formed + KYRGYZ) == [(JANUARY, True)]
    assert late_data.rows(formed + KYRGYZ.replace("known_to_seq IS NULL", "known_from_seq = 1")) == [(FEBRUARY, False)]
    assert late_data.rows(AT_LOAD_1) == late_data.first_night


def test_its_life_is_a_series_of_events(late_data: World) -> None:
    events = late_data.rows(f"SELECT event, event_on FROM statistics.community_event_history WHERE {KYRGYZ} ORDER BY 2")
    assert events == [("formed", JANUARY), ("grew", APRIL)]


def test_nights_add_up_to_one_build(late_data: World, tmp_path: Path) -> None:
    """People move, come late, of a month before all others too, and go; the last night is broken off and done again."""
    nightly = late_data.copy(tmp_path / "nightly")
    moved = [
        guest | {"notification_id": f"m{guest['notification_id']}"}
        for guest in guests("c", 60, FOURTH_PLACE, "KGZ", "2026-04-05", "2027-01-01", per_host=3)
    ]
    early = guests("g", 130, THIRD_PLACE, "TJK", "2025-12-03", "2026-03-05")
    nightly.deliver(3, "stay_notifications", moved, date(2026, 6, 3))
    nightly.deliver(3, "stay_notifications", early, date(2025, 12, 10))
    nightly.load(3)
    for number in range(20):
        nightly.withdraw(4, "stay_notifications", f"d{number}")
    later = guests("h", 70, PLACE, "RUS", "2026-01-10", "2027-01-01")
    nightly.deliver(4, "stay_notifications", later, date(2026, 6, 4))
    nightly.load(4)
    nightly.load(4)
    assert {tie for (tie,) in nightly.rows("SELECT DISTINCT tie FROM intermediate.community_tie")} == {"basis", "place"}
    queries = [CELLS, TIES, *map(NOW.format, ("community_month_history", "community_event_history"))]
    queries += map(COUNTED.format, COUNTS)
    found = [nightly.rows(query) for query in queries]
    nightly.load(4, full_refresh=True)
    assert [nightly.rows(query) for query in queries] == found


def test_a_load_computes_only_the_months_that_it_touches(late_data: World, tmp_path: Path) -> None:
    third = late_data.copy(tmp_path / "third")
    third.deliver(3, "stay_notifications", guests("f", 3, PLACE, "KGZ", "2026-05-20", "2027-01-01"), date(2026, 6, 3))
    third.load(3)
    assert third.rows("SELECT period FROM intermediate.touched_month") == [(MAY,)]
    third.load(4)
    assert third.rows("SELECT period FROM intermediate.touched_month") == []


@pytest.mark.parametrize(
    ("basis", "size", "hosts", "shown"),
    [
        ("citizenship", 50, 5, (50, "P")),
        ("citizenship", 49, 5, (None, "Q")),
        ("citizenship", 170, 4, (None, "Q")),
        ("ethnicity", 99, 30, (None, "Q")),
        ("ethnicity", 104, 30, (100, "P")),
    ],
)
def test_a_month_of_few_is_withheld_outside_the_restricted_file(
    late_data: World, tmp_path: Path, basis: str, size: int, hosts: int, shown: tuple[int | None, str]
) -> None:
    home = late_data.copy(tmp_path / "few")
    told = f"basis = '{basis}', size = {size}, hosts = {hosts}"
    home.execute(f"UPDATE statistics.community_month_history SET {told} WHERE {KYRGYZ}")
    sizes = "SELECT DISTINCT value, obs_status FROM aggregates.released_community_history WHERE indicator = 'size' AND "
    assert home.rows(sizes + KYRGYZ.replace("citizenship", basis, 1)) == [shown]


def test_communities_on_a_day_are_those_of_the_month_end_before(late_data: World, tmp_path: Path) -> None:
    home = late_data.copy(tmp_path / "asked")
    home.execute("CREATE VIEW statistics.community_history AS FROM aggregates.released_community_history")
    (macro,) = [one for one in macros() if one.name == "communities_on"]
    home.execute(f"CREATE MACRO communities_on({', '.join(macro.parameters)}) AS TABLE {macro.sql}")
    asked = "SELECT basis, value FROM communities_on(DATE '{}', '{}'{}) WHERE basis_value = 'KGZ' ORDER BY ALL"
    both = [("birth_country", 170), ("citizenship", 170)]
    assert home.rows(asked.format("2026-03-15", "district", "")) == both
    assert home.rows(asked.format("2026-03-15", "region", "")) == both
    assert home.rows(asked.format("2026-03-15", "district", ", known_seq := 1")) == [
        ("birth_country", 110),
        ("citizenship", 110),
    ]
    assert home.rows(asked.format("2026-09-15", "district", "")) == []
