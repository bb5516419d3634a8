"""A wrong clock and a disk that fails change no content: what was refused then is taken in afterwards."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.storage import open_build
from tests.laws.small_home import NOW, SECOND, content, land, load, make_home, settings_of

AHEAD = [timedelta(days=1), timedelta(days=-1), timedelta(hours=1), timedelta(days=366 * 74)]
MOMENTS = [datetime(2028, 2, 29, 23, 30, tzinfo=UTC), datetime(2027, 2, 28, 18, 59, 59, tzinfo=UTC)]
DISK = ["ledger.write:1:readonly", "quarantine.rename:1:full"]
POINTS = ("bronze.fsync", "bronze.rename", "ledger.write", "ledger.fsync", "delivery.commit", "load.commit")
KINDS = ("io", "readonly", "files", "full")
MORE_DISK = sorted({f"{point}:1:{kind}" for point in POINTS for kind in KINDS} - set(DISK))


@pytest.fixture(scope="session")
def landed_again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one load, and a second delivery landed; the others are copies of it."""
    home = make_home(tmp_path_factory.mktemp("landed"))
    land(home, SECOND)
    return home


@pytest.fixture(scope="session")
def plain(landed_again: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two loads that nothing disturbed."""
    home = Path(shutil.copytree(landed_again, tmp_path_factory.mktemp("plain") / "home"))
    load(home)
    return home


@pytest.fixture
def home(landed_again: Path, tmp_path: Path) -> Path:
    """A copy for one test."""
    return Path(shutil.copytree(landed_again, tmp_path / "home"))


@pytest.fixture
def foreign_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's own time zone is a wrong one."""
    monkeypatch.setitem(os.environ, "TZ", "Pacific/Kiritimati")  # noqa: TID251 the fault under test
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def known_at(home: Path) -> list[datetime]:
    with open_build(settings_of(home), read_only=True) as connection:
        return [
            moment for (moment,) in connection.execute("SELECT known_at FROM meta.load ORDER BY load_seq").fetchall()
        ]


@pytest.mark.parametrize(
    "moment",
    [NOW + AHEAD[0], *(pytest.param(m, marks=pytest.mark.faults) for m in [*[NOW + a for a in AHEAD[1:]], *MOMENTS])],
)
def test_days_come_from_the_delivery_not_from_the_clock(moment: datetime, plain: Path, home: Path) -> None:
    load(home, moment=moment)
    assert content(home) == content(plain)


@pytest.mark.faults
@pytest.mark.usefixtures("foreign_zone")
def test_zone_of_the_machine_changes_nothing(plain: Path, home: Path) -> None:
    load(home)
    assert content(home) == content(plain)


def test_clock_that_went_back_never_makes_a_load_known_before_the_last(home: Path) -> None:
    load(home, moment=NOW - timedelta(days=3))
    first, second = known_at(home)
    assert second >= first


def test_delivery_refused_by_a_clock_that_was_behind_is_taken_in_when_it_is_right(plain: Path, home: Path) -> None:
    with open_build(settings_of(home)) as connection:
        connection.execute("UPDATE meta.load SET known_at = TIMESTAMPTZ '2020-01-01 00:00:00+00'")
    load(home, moment=datetime(2020, 1, 2, tzinfo=UTC))
    with open_build(settings_of(home), read_only=True) as connection:
        refused = connection.execute("SELECT reason FROM quality.delivery WHERE state = 'rejected'").fetchall()
    assert refused == [("future_date",)]
    load(home)
    assert content(home) == content(plain)


@pytest.mark.parametrize("fault", [*DISK, *(pytest.param(fault, marks=pytest.mark.faults) for fault in MORE_DISK)])
def test_load_that_the_disk_stopped_is_repeated_whole(fault: str, plain: Path, home: Path) -> None:
    with pytest.raises(OSError, match=fault.partition(":")[0]):
        load(home, fault)
    load(home)
    assert content(home) == content(plain)
