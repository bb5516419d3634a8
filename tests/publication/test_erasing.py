"""A person who is erased is found nowhere, stays counted, and does not come back."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipelines import erasure
from pipelines.comparison import compare
from pipelines.rebuilding import rebuild, underivable
from pipelines.storage import Home, ledger, open_build, open_memory, published_file
from pipelines.storage.database import attach_file
from pipelines.verification import verify
from tests.publication.published_world import CANARY, NOTICE, crossing, deliver, night, opened, rows, settings_of
from tests.publication.test_canaries import found_by_sql, found_in_bytes, uncompressed

NAMED = ("surname", "given name", "document", "IIN", "address", "ethnicity", "kandas case", "wage")
COUNTS = """SELECT table_name, period, dimensions, indicator, value
FROM as_released((SELECT release_id FROM meta.release)) ORDER BY ALL"""
POINTS = ("erase.file.rename:2:io", "erase.commit:1:io", "erase.database.rename:1:full", "publish.link.rename:2:io")
LATER_POINTS = ("erase.landed:3:io", "erase.done:1:io")


def canary_of(home: Path) -> str:
    with opened(home, "restricted") as connection:
        query = f"SELECT DISTINCT person_id FROM registry.identity WHERE iin = '{CANARY['iin']}'"
        ((person,),) = rows(connection, query)
    return str(person)


def bystander_of(home: Path) -> str:
    """Somebody else, who goes in the same pass."""
    with opened(home, "restricted") as connection:
        query = f"SELECT min(person_id) FROM registry.identity WHERE person_id <> '{canary_of(home)}'"
        ((person,),) = rows(connection, query)
    return str(person)


def counts(home: Path) -> list[tuple[object, ...]]:
    with opened(home, "aggregates") as connection:
        return rows(connection, COUNTS)


def found_in(home: Path, files: str, folder: Path) -> dict[str, set[str]]:
    """Canaries by file: databases by their keys and as uncompressed bytes, Parquet by the engine, others as bytes."""
    settings, found = settings_of(home), {}
    for path in sorted(path for path in home.rglob(files) if path.is_file() and not path.is_symlink()):
        if path.suffix == ".duckdb":
            name = "restricted" if path.name == "mic.duckdb" else path.name.partition("-")[0]
            with open_memory() as connection:
                attach_file(connection, path, "looked", published_file(settings, name)[1], read_only=True)
                (folder / "copy.duckdb").unlink(missing_ok=True)
                seen = found_by_sql(connection, "looked") | found_in_bytes(uncompressed(connection, "looked", folder))
        elif path.suffix == ".parquet":
            with open_memory() as connection:
                connection.execute(f"CREATE TABLE looked AS FROM read_parquet('{path}')")
                seen = found_by_sql(connection, "memory")
        else:
            seen = found_in_bytes(path.read_bytes())
        if seen := seen & set(NAMED):
            found[path.relative_to(home).as_posix()] = seen
    return found


@pytest.fixture(scope="module")
def erased(two_nights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two nights without the canary; the erasure was stopped at one point after the other and finished."""
    home = tmp_path_factory.mktemp("erased") / "home"
    shutil.copytree(two_nights, home, symlinks=True)
    person, asked = canary_of(home), ("2026-118", "by the order of the court")
    with pytest.raises(erasure.HeldError, match="protection"):
        erasure.erase(settings_of(home), [person], "person_request", *asked)
    with pytest.raises(OSError):
        erasure.erase(settings_of(home, POINTS[0]), [person, bystander_of(home)], "court", *asked)
    with pytest.raises(erasure.UnfinishedErasureError, match="--finish"):
        night(home, 3)
    for fault in (*POINTS[1:], *LATER_POINTS):
        with pytest.raises(OSError):
            erasure.finish(settings_of(home, fault))
    done = erasure.finish(settings_of(home))
    assert done is not None and done.records >= 9
    assert erasure.finish(settings_of(home)) is None
    return home


def test_search_finds_the_person_before(two_nights: Path, tmp_path: Path) -> None:
    for files in (
        "build/mic.duckdb",
        "generations/restricted-1.duckdb",
        "build/bronze/border_crossings/**/*",
        "build/quarantine/**/*",
        "landing/**/*",
    ):
        assert found_in(two_nights, files, tmp_path), files


def test_erased_person_is_found_nowhere(erased: Path, tmp_path: Path) -> None:
    assert found_in(erased, "*", tmp_path) == {}


def test_counts_stay_and_everything_still_agrees(two_nights: Path, erased: Path) -> None:
    assert counts(erased) == counts(two_nights)
    assert [check for check in verify(settings_of(erased)) if not check.holds] == []


def test_the_log_tells_of_the_erasure_once(two_nights: Path, erased: Path) -> None:
    """However often it was stopped; the log keeps the ids of those who are gone, and nothing else of them."""
    gone = sorted([canary_of(two_nights), bystander_of(two_nights)])
    (erasure_entry,) = (entry for entry in ledger.read(Home(erased).ledger) if entry["what"] == "erase")
    told = "SELECT recipient, basis, hash, look_number FROM audit.disclosure WHERE recipient = 'nobody'"
    with opened(erased, "restricted") as connection:
        ((*said, look),) = rows(connection, told)
        named = rows(connection, f"SELECT person_id FROM audit.access WHERE number = {look} ORDER BY ALL")
    assert said == ["nobody", "court", erasure_entry["number"]]
    assert [person for (person,) in named] == gone


MEMBERS = """SELECT period, persons, members FROM (
  SELECT period, sum(persons) AS persons FROM intermediate.profile_month WHERE known_to_seq IS NULL GROUP BY period
) FULL JOIN (
  SELECT period, count(*) AS members FROM intermediate.counted_month JOIN intermediate.member_history
  ON known_to_seq IS NULL AND valid_from <= period AND coalesce(period < valid_to, true) GROUP BY period
) USING (period)"""


@pytest.fixture(scope="module")
def delivered_again(erased: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night after the erasure that delivers records of the person again."""
    home = tmp_path_factory.mktemp("again") / "home"
    shutil.copytree(erased, home, symlinks=True)
    own = crossing("E-9", "2026-01-01", "entry", "", **CANARY)
    held = crossing("E-10", "2026-01-31", "entry", "", **CANARY | {"event_at": "2026-01-31 at noon"})
    other = crossing("E-77", "2026-02-11", "entry", "DOC777")
    deliver(home, "border_crossings", date(2026, 2, 11), [own, held, other])
    night(home, 3)
    return home


def test_repeated_records_do_not_come_back(delivered_again: Path) -> None:
    with open_build(settings_of(delivered_again)) as connection:
        asked = "SELECT rows_accepted, rows_quarantined, rows_repeated FROM quality.delivery"
        assert rows(connection, f"{asked} WHERE business_date = '2026-02-11'") == [(1, 0, 2)]
        assert "surname" not in found_by_sql(connection, "build")
    assert [check for check in verify(settings_of(delivered_again)) if not check.holds] == []


@pytest.mark.faults
def test_members_of_months_are_counted_again_without_the_person(two_nights: Path, tmp_path: Path) -> None:
    home, told = tmp_path / "home", []
    shutil.copytree(two_nights, home, symlinks=True)
    for day, guests in ((11, {"ALMAS": 1971, "BOTA": 1988}), (12, {"DINA": 1999})):
        notices = [
            NOTICE
            | {"notification_id": guest, "surname": guest, "given_names": guest, "birth_date": f"{year}-03-05"}
            | {"document_number": f"{guest}1", "iin": "", "reported_at": f"2026-01-{day}T09:00:00+05:00"}
            for guest, year in guests.items()
        ]
        deliver(home, "stay_notifications", date(2026, 2, day), notices)
        night(home, day)
        with open_build(settings_of(home)) as connection:
            told.append(rows(connection, MEMBERS))
            asked = "SELECT person_id FROM registry.identity_history WHERE surname = 'ALMAS'"
            gone = rows(connection, asked)
        if gone:
            erasure.erase(settings_of(home), [str(gone[0][0])], "court", "2026-119", "by the order of the court")
    assert told == [[(date(2026, 1, 31), 2, 2)], [(date(2026, 1, 31), 2, 2)]]


def test_a_rebuild_can_say_what_it_cannot_derive_any_more(erased: Path) -> None:
    lost = underivable(Home(erased), 2)
    assert (lost["border_crossings"], lost["asylum_cases"], lost["residence_permits"]) == (2, 1, 0)


@pytest.mark.faults
def test_a_rebuild_after_an_erasure_agrees(delivered_again: Path, tmp_path: Path) -> None:
    rebuilt = rebuild(settings_of(delivered_again), 3, tmp_path / "rebuilt")
    assert compare(settings_of(delivered_again), rebuilt).problems == []


@pytest.mark.faults
@pytest.mark.parametrize("load", [1, 2])
def test_a_rebuild_to_a_load_before_the_erasure_holds_together(erased: Path, load: int, tmp_path: Path) -> None:
    """Of some feeds the erased persons' rows were all that these loads brought."""
    rebuilt = rebuild(settings_of(erased), load, tmp_path / "rebuilt")
    assert [check for check in verify(rebuilt) if not check.holds] == []


def test_holds_keep_a_person_until_they_end(two_nights: Path, tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    moment, person = datetime(2026, 3, 4, tzinfo=UTC), canary_of(two_nights)
    erasure.place(home, erasure.Hold(person, "litigation", "2026-7", "2026-03-31"), "clerk", moment)
    erasure.place(home, erasure.Hold(person, "audit", "2026-8"), "clerk", moment)
    with open_build(settings_of(two_nights), read_only=True) as connection:

        def held(day: date) -> list[str]:
            return [words for words in erasure.holds_of(connection, home, person, day) if "case 2026" in words]

        assert held(date(2026, 3, 31)) == ["litigation, case 2026-7", "audit, case 2026-8"]
        assert held(date(2026, 4, 1)) == ["audit, case 2026-8"]
        assert erasure.lift(home, person, "2026-8", "clerk", moment) == 1
        assert held(date(2026, 4, 1)) == []


def test_nobody_is_due_before_every_feed_has_reached_its_term(two_nights: Path) -> None:
    with open_build(settings_of(two_nights), read_only=True) as connection:
        home = Home(two_nights)
        assert erasure.due(connection, home, date(2030, 12, 31), 1000) == []
        late = erasure.due(connection, home, date(2031, 12, 31), 1000)
    assert {bool(one.held_by) for one in late} == {True, False}
    assert canary_of(two_nights) not in {one.person for one in late}
