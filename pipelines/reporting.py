"""What wants a person, written down when a run ends, however it ends.

`night.html` is for people and `night.json` for `mic status`; both hold the list of `quality.attention`, with the
failure of the run first. `mic nightly` and Dagster both end here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from pipelines import alerts
from pipelines.audit import check
from pipelines.contracts import load_contracts
from pipelines.quality import Matter, can_tell, read_matters, write_report
from pipelines.quality.attention import urgency
from pipelines.settings import Settings
from pipelines.storage import Home, open_build
from pipelines.storage.files import write_whole


@dataclass
class Course:
    """How far a run is.

    Attributes:
        step: The step that is under way.
    """

    step: str = "begin"


@dataclass(frozen=True)
class Left:
    """What the last run left for a person.

    Attributes:
        load_seq: The load that it worked for; 0 where the database could not tell.
        matters: What wants a person.
    """

    load_seq: int
    matters: list[Matter]


def page_path(settings: Settings) -> Path:
    """The page of the night."""
    return Home(settings.home).reports / "night.html"


@contextmanager
def reported(settings: Settings) -> Iterator[Course]:
    """Writes page and list when the block ends; an error of the block stands on them first and goes on."""
    course = Course()
    try:
        yield course
    except Exception as error:
        with suppress(OSError):  # a disk that takes nothing more is told by the error itself
            write_night(settings, [failure(course.step, error)])
        raise
    write_night(settings)


def failure(step: str, error: BaseException) -> Matter:
    """A failed step as a matter for a person."""
    return Matter("failed", {"step": step, "told": alerts.describe(error)}, alerts.advice_key(error))


def broken_log(settings: Settings) -> list[Matter]:
    """A log of looks at persons that is not whole as a matter for a person."""
    problems = check(Home(settings.home).access_log).problems
    return [Matter("looks", {"problems": str(len(problems))}, "attention.todo.looks")] if problems else []


def strays(settings: Settings) -> list[Matter]:
    """What lies in landing outside the folder of any feed: nobody reads it, and its sender believes it delivered."""
    landing = Home(settings.home).landing
    feeds = load_contracts(settings.sources).keys()
    entries = landing.iterdir() if landing.is_dir() else ()
    found = sorted(path.name for path in entries if path.name not in feeds and not path.name.startswith("."))
    names = [os.fsencode(name).decode("utf-8", errors="backslashreplace") for name in found]
    return [Matter("stray", {"name": name}, "attention.todo.stray") for name in names]


def write_night(settings: Settings, failures: Sequence[Matter] = ()) -> None:
    """Writes page and list; where a failure also keeps the database from telling more, the failures alone."""
    try:
        _write_whole_night(settings, failures)
    except Exception:
        if not failures:
            raise
        _write(settings, None, Left(0, [*failures]))


def _write_whole_night(settings: Settings, failures: Sequence[Matter]) -> None:
    if not Home(settings.home).database.exists():
        _write(settings, None, Left(0, [*failures]))
        return
    with open_build(settings) as connection:
        if not can_tell(connection):
            _write(settings, None, Left(0, [*failures]))
            return
        [(load_seq,)] = connection.execute("SELECT coalesce(max(load_seq), 0) FROM meta.load").fetchall()
        matters = sorted([*broken_log(settings), *strays(settings), *read_matters(connection)], key=urgency)
        _write(settings, connection, Left(load_seq, [*failures, *matters]))


def read_night(settings: Settings) -> Left | None:
    """What the last run left; nothing where none has ended in this home."""
    path = _list_path(settings)
    if not path.exists():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))
    return Left(told["load_seq"], [Matter(**matter) for matter in told["matters"]])


def _write(settings: Settings, connection: duckdb.DuckDBPyConnection | None, left: Left) -> None:
    write_report(connection, left.load_seq, left.matters, page_path(settings))
    write_whole(_list_path(settings), json.dumps(asdict(left), ensure_ascii=False).encode(), "report.list")


def _list_path(settings: Settings) -> Path:
    return Home(settings.home).reports / "night.json"
