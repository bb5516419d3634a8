"""Commands that answer about single persons: `find` and `statement`. Each look is logged before it is answered."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from pipelines.audit import Disclosure, Look, hashed, log
from pipelines.commands.console import say, say_table
from pipelines.commands.failures import Failure
from pipelines.commands.locking import locked_build
from pipelines.commands.looking import looks_at_persons
from pipelines.labels import LANGUAGES
from pipelines.settings import Settings
from pipelines.storage.database import ZONE

if TYPE_CHECKING:
    import duckdb

    from pipelines.contracts import Contract
    from pipelines.persons.sections import Section

BORN = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
IIN = re.compile(r"\d{12}", re.ASCII)
PERSON_ID = re.compile(r"[a-z2-7]{16}")


@click.command(short_help="Who it may be: persons by document, IIN, or name and birth date.")
@click.option("--document", default="", help="Number of a document.")
@click.option("--iin", default="", help="An IIN.")
@click.option("--name", default="", help="A name in any script, with --born.")
@click.option("--born", default="", help="Birth date: 1984, 1984-05 or 1984-05-17.")
@click.option("--most", default=20, show_default=True, type=click.IntRange(1, 100), help="Persons at most.")
@click.option(
    "--asylum-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with the asylum officers' key: whom records about asylum alone tell of is shown too.",
)
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@looks_at_persons
@click.pass_obj
def find(
    settings: Settings,
    document: str,
    iin: str,
    name: str,
    born: str,
    most: int,
    asylum_key: Path | None,
    form: str,
    as_json: bool,
    purpose: str,
    case: str,
) -> None:
    """Show persons who may be the one, the best fit first, as last published.

    The fit, 0 to 100, orders them and is no probability; who the person is, the officer decides. The look is logged
    first: what was asked as a keyed hash, who was shown by id. Whom records about asylum alone tell of is shown with
    the asylum officers' key alone.

    Example: mic find --name "Ли Мин" --born 1984-05-17 --purpose stay --case 2026-118
    """
    from pipelines.persons import COLUMNS, Question, find
    from pipelines.storage.sessions import open_published

    document, name = document.strip(), name.strip()
    if sum(map(bool, (document, iin, name))) != 1 or bool(name) != bool(born):
        raise click.UsageError("give one of --document, --iin, or --name with --born.")
    if born and not _is_birth_date(born):
        raise click.UsageError("--born takes 1984, 1984-05 or 1984-05-17.")
    if iin and not IIN.fullmatch(iin):
        raise click.UsageError("an IIN has twelve digits.")
    question = Question(document, iin, name, born)
    with ExitStack() as files:
        connection = files.enter_context(open_published(settings, "restricted"))
        if asylum_key:
            files.enter_context(opened_asylum(settings, asylum_key))
        logged = log(settings, Look("find", purpose, case, question=hashed(settings, str(question))))
        found = find(connection, question, most, with_asylum=asylum_key is not None)
    logged.answered(len(found), [str(row["person_id"]) for row in found])
    form = "json" if as_json else form
    rows = [[_cell(row[column], form) for column in COLUMNS] for row in found]
    if form == "table" and not rows:
        say("Nobody in the published registry fits. Try another paper, or the name with the birth date.")
    else:
        say_table(COLUMNS, rows, form)


def _is_birth_date(born: str) -> bool:
    if not BORN.fullmatch(born):
        return False
    try:
        date.fromisoformat(born + "-01" * (2 - born.count("-")))
    except ValueError:
        return False
    return True


def _cell(value: object, form: str) -> object:
    return "; ".join(map(str, value)) if isinstance(value, list) and form != "json" else value


@click.command(short_help="What is held of a person, for the person.")
@click.argument("person_id")
@click.option("--language", type=click.Choice(LANGUAGES), default="kk", show_default=True)
@click.option("--format", "form", type=click.Choice(["text", "html"]), default="text", show_default=True)
@click.option("--guardian", is_flag=True, help="It goes to the guardian of a minor.")
@click.option(
    "--asylum-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with the asylum officers' key: the parts about asylum are in it.",
)
@click.option("--records", is_flag=True, help="Each record whole, as delivered: permits, contracts, addresses.")
@looks_at_persons
@click.pass_obj
def statement(
    settings: Settings,
    person_id: str,
    language: str,
    form: str,
    guardian: bool,
    asylum_key: Path | None,
    records: bool,
    purpose: str,
    case: str,
) -> None:
    """Print what is held of a person, from whom it is, how it was linked, how many days are left, and who looked.

    Third parties are shown by their kind alone. The statement of a minor goes to the guardian. The look, and that the
    statement was handed out, are logged first. With --records it waits for a running load.

    Example: mic statement k3p5x2ka7dqm4hzt --language ru --purpose person_request --case 2026-118
    """
    from pipelines.contracts import load_contracts
    from pipelines.persons import MinorError, gather, read_words, show
    from pipelines.storage import Home
    from pipelines.storage.sessions import open_published

    demand_person_ids(person_id)
    made_at, contracts = datetime.now(UTC), load_contracts(settings.sources)
    read_more = partial(_with_records, settings, contracts) if records else list
    with ExitStack() as files:
        restricted = files.enter_context(open_published(settings, "restricted"))
        asylum = files.enter_context(opened_asylum(settings, asylum_key)) if asylum_key else None
        analysis = files.enter_context(_opened_beside(settings, restricted))
        logged = log(settings, Look("statement", purpose, case, persons=[person_id]))
        try:
            today = made_at.astimezone(ZoneInfo(ZONE)).date()
            access_log = Home(settings.home).access_log
            held = gather(restricted, asylum, analysis, access_log, person_id, today, guardian, read_more)
        except MinorError as error:
            raise click.UsageError(str(error)) from None
        with open_published(settings, "aggregates") as aggregates:
            words = read_words(aggregates, contracts, language)
    document = show(held, words, form, made_at)
    handed = Disclosure("guardian" if guardian else "person", purpose, hashlib.sha256(document.encode()).hexdigest())
    logged.answered(held.rows, disclosure=handed)
    sys.stdout.write(document)


def demand_person_ids(*person_ids: str) -> None:
    """Refuses what is not of the form of a person's id, so that no name or number comes into the log in its place."""
    if not all(PERSON_ID.fullmatch(person_id) for person_id in person_ids):
        raise click.UsageError(
            "a person is named by the registry's id, sixteen letters and digits; `mic find` gives it."
        )


def _with_records(settings: Settings, contracts: Mapping[str, Contract], sections: list[Section]) -> list[Section]:
    from pipelines.persons import read_records

    with locked_build(settings, "mic statement") as build:
        return [*sections, *read_records(build, contracts, sections)]


@contextmanager
def _opened_beside(
    settings: Settings, restricted: duckdb.DuckDBPyConnection
) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """The analysts' file of the same generation, whose persons the restricted one knows; none without its key."""
    from pipelines.publication.generations import generation_path
    from pipelines.storage import Home
    from pipelines.storage.keys import KeyMissingError, read_key
    from pipelines.storage.sessions import open_generation

    try:
        key = read_key(settings, "analysis")
    except KeyMissingError:
        yield None
        return
    (load_seq,) = restricted.execute("SELECT load_seq FROM meta.release").fetchall()[0]
    with open_generation(settings, generation_path(Home(settings.home), "analysis", load_seq), key) as connection:
        yield connection


@contextmanager
def opened_asylum(settings: Settings, key_file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The asylum file, opened by the key in a file."""
    import duckdb

    from pipelines.storage.keys import KeyMissingError
    from pipelines.storage.sessions import open_published

    key = key_file.read_text(encoding="utf-8").strip()
    try:
        with open_published(replace(settings, keys={**settings.keys, "asylum": key}), "asylum") as connection:
            yield connection
    except (duckdb.Error, KeyMissingError):
        raise Failure("the key of --asylum-key does not open the asylum file; nothing was shown.") from None
