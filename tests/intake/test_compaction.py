"""Bronze of closed months in one file per feed: the same rows, whatever stopped the compaction."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.backup import back_up, mend
from pipelines.intake import agree, compact
from pipelines.intake.tables import refresh_raw
from pipelines.nightly import silent
from pipelines.replayed_files import Kept
from pipelines.storage import Home, faults, ledger
from pipelines.storage.ledger import LedgerBehindError
from tests.intake.intake_world import DAY, NOW, Centre, Row, sent, small_contract, visits

FEED = "visits"
TODAY = date(2026, 3, 31)
MONTHS = [datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 2, 5, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC)]
LOADS = 7


def delivered(chance: random.Random) -> list[Row]:
    """Some visits; keys repeat between deliveries, and a few rows are bad."""
    keys = chance.sample(range(30), 8)
    return visits(**{f"k{key}": chance.choice(["", "a", "b", "c"]) or None for key in keys})


def make_centre(folder: Path, seed: int = 1) -> Centre:
    """A centre with seven loads, two of January, three of February and two of the month at hand."""
    centre = Centre(folder, {FEED: small_contract(FEED)})
    chance = random.Random(seed)
    for number in range(LOADS):
        centre.load(sent(delivered(chance), feed=FEED, day=DAY + timedelta(days=number)))
        month = MONTHS[0 if number < 2 else 1 if number < 5 else 2]
        centre.connection.execute("UPDATE meta.load SET known_at = $1 WHERE load_seq = $2", [month, number + 1])
    return centre


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    centre = make_centre(tmp_path_factory.mktemp("loaded"))
    centre.close()
    return centre.home.root


@pytest.fixture
def reopened(loaded: Path, tmp_path: Path) -> Callable[[], Centre]:
    """Opens a copy of the centre, or what became of it."""

    def reopen() -> Centre:
        if not (tmp_path / "home").exists():
            shutil.copytree(loaded, tmp_path / "home")
        return Centre(tmp_path / "home", {FEED: small_contract(FEED)})

    return reopen


def rows(centre: Centre) -> list[tuple[object, ...]]:
    """All of `raw`, in an order of its own."""
    return centre.rows(f"FROM raw.{FEED} ORDER BY load_seq, delivery_id, record_id, known_from_seq")


def files(centre: Centre) -> list[str]:
    found = (centre.home.bronze / FEED).rglob("*.parquet")
    return sorted(path.relative_to(centre.home.bronze / FEED).as_posix().partition("/")[0] for path in found)


def compacted(centre: Centre) -> int:
    return compact(centre.connection, centre.home, centre.contracts, TODAY)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.faults) for seed in range(2, 7))])
def test_raw_says_the_same_after_compaction(seed: int, tmp_path: Path) -> None:
    centre = make_centre(tmp_path, seed)
    before = rows(centre)
    assert len(before) > 30
    assert compacted(centre) == 3
    assert rows(centre) == before
    assert files(centre) == ["load_seq=6", "load_seq=7", "loads-1-2.parquet", "loads-3-5.parquet"]
    assert compacted(centre) == 0
    centre.load(sent(delivered(random.Random(seed + 9)), feed=FEED, day=DAY + timedelta(days=20)))
    assert len(centre.rows(f"SELECT DISTINCT load_seq FROM raw.{FEED}")) == LOADS + 1
    centre.close()


def test_month_at_hand_is_left_alone(reopened: Callable[[], Centre]) -> None:
    centre = reopened()
    assert compact(centre.connection, centre.home, centre.contracts, date(2026, 1, 31)) == 0
    assert len(files(centre)) == LOADS
    centre.close()


def test_rows_lie_in_the_order_of_loads_so_that_one_load_is_found_by_statistics(reopened: Callable[[], Centre]) -> None:
    centre = reopened()
    compacted(centre)
    file = pq.ParquetFile(centre.home.bronze / FEED / "loads-3-5.parquet")
    loads = file.read(["load_seq"]).column(0).to_pylist()
    group = file.metadata.row_group(0)
    columns = [group.column(place) for place in range(group.num_columns)]
    (statistics,) = (column.statistics for column in columns if column.path_in_schema == "load_seq")
    assert loads == sorted(loads)
    assert (statistics.min, statistics.max) == (3, 5)
    centre.close()


POINTS = [
    "compact.fsync:1",
    "compact.rename:2",
    "compact.commit:2",
    "ledger.write:1",
    "ledger.fsync:2",
    "compact.remove:2",
]


@pytest.mark.parametrize(
    "point", ["compact.commit:1", *(pytest.param(point, marks=pytest.mark.faults) for point in POINTS)]
)
def test_compaction_stopped_anywhere_changes_nothing_and_is_finished_later(
    point: str, reopened: Callable[[], Centre]
) -> None:
    centre = reopened()
    before = rows(centre)
    faults.arm(f"{point}:io")
    with pytest.raises(OSError, match=point.partition(":")[0]):
        compacted(centre)
    faults.arm("")
    centre.close()
    centre = reopened()
    agree(centre.connection, centre.home, LOADS + 1)
    refresh_raw(centre.connection, centre.home, [centre.contracts[FEED]])
    assert rows(centre) == before
    compacted(centre)
    assert rows(centre) == before
    assert files(centre) == ["load_seq=6", "load_seq=7", "loads-1-2.parquet", "loads-3-5.parquet"]
    said = [entry["loads"] for entry in ledger.read(centre.home.ledger) if entry["what"] == "compact"]
    assert said == [[1, 2], [3, 5]]
    centre.close()


def test_database_older_than_a_compaction_is_refused(reopened: Callable[[], Centre], tmp_path: Path) -> None:
    centre = reopened()
    centre.connection.execute("CHECKPOINT build")
    shutil.copyfile(centre.home.database, tmp_path / "older.duckdb")
    compacted(centre)
    centre.close()
    shutil.copyfile(tmp_path / "older.duckdb", centre.home.database)
    centre = reopened()
    with pytest.raises(LedgerBehindError, match=r"loads-1-2\.parquet"):
        agree(centre.connection, centre.home, LOADS + 1)
    centre.close()


def test_rebuild_takes_every_delivery_out_of_the_compacted_file_though_it_was_stopped_once(
    reopened: Callable[[], Centre], tmp_path: Path
) -> None:
    centre, other = reopened(), Home(tmp_path / "other")
    query = f"SELECT * EXCLUDE (load_seq, outcome, known_from_seq, known_to_seq) FROM raw.{FEED} WHERE delivery_id = $1"
    entries = [entry for entry in ledger.read(centre.home.ledger) if entry["what"] == "delivery"]
    before = {entry["delivery_id"]: set(map(repr, centre.rows(query, entry["delivery_id"]))) for entry in entries}
    compacted(centre)
    other.prepare()
    kept = Kept(centre.home, other)
    faults.arm("rebuild.rename:1:full")
    with pytest.raises(OSError, match="rebuild"):
        kept.bring_bronze(centre.connection, entries[0], entries[0]["delivery_id"], entries[0]["rows_accepted"])
    faults.arm("")
    assert [path for path in other.bronze.rglob("*") if path.is_file()] == []
    for entry in entries:
        name = entry["delivery_id"]
        file = kept.bring_bronze(centre.connection, entry, name, entry["rows_accepted"])
        assert file.problem(other) == ""
        found = centre.rows("SELECT * FROM read_parquet($1, hive_partitioning = false)", str(other.build / file.path))
        assert set(map(repr, found)) == before[name]
    centre.close()


def test_damaged_compacted_file_is_put_back(reopened: Callable[[], Centre], tmp_path: Path) -> None:
    centre = reopened()
    compacted(centre)
    centre.close()
    back_up(centre.settings, tmp_path / "backups", NOW, silent)
    file = centre.home.bronze / FEED / "loads-1-2.parquet"
    file.unlink()
    assert mend(centre.settings, tmp_path / "backups") == [file]
