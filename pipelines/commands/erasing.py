"""Commands that forget: `erase` and `hold`. Each is logged before anything is done."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from pipelines.audit import Look, account, log
from pipelines.commands.console import say, say_json, say_table
from pipelines.commands.locking import locked_build
from pipelines.commands.looking import CASE, PURPOSE, looks_at_persons, purpose_and_case
from pipelines.commands.persons import demand_person_ids
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.erasure import Erased

DAY = click.DateTime(["%Y-%m-%d"])
LEFT = """Not reached by this command: backups and homes made from them or by `mic rebuild` (they hold the person until
they go), landed files that were never accepted, what agencies keep, readers who have an older generation open, and
blocks that the disk has not overwritten."""


@click.command(short_help="Erase a person, or those who are due, down to the bytes.")
@click.argument("person_id", required=False)
@click.option("--reason", help="Why, in words that name nobody; kept in the ledger.")
@click.option("--due", is_flag=True, help="List persons of whom every feed has reached its term of retention.")
@click.option("--all", "is_all", is_flag=True, help="With --due: erase those listed whom nothing holds, in one pass.")
@click.option("--most", default=100, show_default=True, type=click.IntRange(1, 10_000), help="Persons listed at most.")
@click.option("--finish", "is_finished", is_flag=True, help="Finish an erasure that was stopped.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@PURPOSE
@CASE
@click.pass_obj
def erase(
    settings: Settings,
    person_id: str | None,
    reason: str | None,
    due: bool,
    is_all: bool,
    most: int,
    is_finished: bool,
    as_json: bool,
    purpose: str | None,
    case: str | None,
) -> None:
    """Erase PERSON_ID: bronze, quarantine, landed files, identity, database and all kept generations; counts stay.

    A stay that goes on, a case of protection and holds keep a person; the order of a court outranks them. A repeated
    delivery does not bring the records back. Stopped anywhere, it is finished with --finish, and no load begins before.
    `--due --all --reason …` erases those whom `--due` lists and nothing holds; terms are not compared with acts.

    Example: mic erase k3p5x2ka7dqm4hzt --purpose person_request --case 2026-118 --reason "asked for, granted"
    """
    from pipelines.erasure import erase as remove
    from pipelines.erasure import finish

    if is_finished + due + bool(person_id) != 1 or bool(reason) != bool(person_id or is_all) or (is_all and not due):
        raise click.UsageError("give PERSON_ID with --reason, or --due, or --due --all with --reason, or --finish.")
    done = finish(settings) if is_finished else None
    if not is_finished:
        purpose, case = purpose_and_case(purpose, case)
        persons = _due(settings, Look("erase", purpose, case), most, as_json, is_all) if due else [str(person_id)]
        demand_person_ids(*persons)
        done = remove(settings, persons, purpose, case, str(reason)) if persons and reason else None
    _say_done(done, as_json, is_asked=not due or is_all)


def _say_done(done: Erased | None, as_json: bool, is_asked: bool) -> None:
    if done is None:
        if is_asked:
            say("Nothing was to be erased.")
    elif as_json:
        say_json(asdict(done))
    else:
        say(f"erasure {done.number}: {done.records} records, {done.rows} rows, {done.landed} landed files are gone.")
        say(LEFT)


def _due(settings: Settings, look: Look, most: int, as_json: bool, is_all: bool) -> list[str]:
    """Those who are due and whom nothing holds; lists all who are due, but for JSON of the erasure itself."""
    from pipelines.erasure import due
    from pipelines.storage import Home

    logged = log(settings, look)
    with locked_build(settings, "mic erase --due") as build:
        found = due(build, Home(settings.home), datetime.now(UTC).date(), most)
    logged.answered(len(found), [one.person for one in found])
    if not (is_all and as_json):
        rows = [[one.person, one.since, one.held_by] for one in found]
        say_table(["person_id", "due_since", "held_by"], rows, "json" if as_json else "table")
    return [one.person for one in found if not one.held_by]


@click.command(short_help="Keep a person from being erased, or end that.")
@click.argument("person_id")
@click.option("--kind", type=click.Choice(["litigation", "asylum", "investigation", "audit"]), help="Why it is held.")
@click.option("--until", type=DAY, help="Last day of the hold; it stays until it is lifted otherwise.")
@click.option("--lift", "is_lifted", is_flag=True, help="End the holds that this case placed.")
@looks_at_persons
@click.pass_obj
def hold(
    settings: Settings,
    person_id: str,
    kind: str | None,
    until: datetime | None,
    is_lifted: bool,
    purpose: str,
    case: str,
) -> None:
    """Place a hold on PERSON_ID, so that it is not erased; with --lift, end the holds of the same case.

    Example: mic hold k3p5x2ka7dqm4hzt --kind litigation --until 2027-12-31 --purpose court --case 2026-118
    """
    from pipelines.erasure import Hold, lift, place
    from pipelines.storage import Home

    if bool(kind) == is_lifted:
        raise click.UsageError("give --kind to place a hold, or --lift to end it.")
    demand_person_ids(person_id)
    logged = log(settings, Look("hold", purpose, case, persons=[person_id]))
    moment, home = datetime.now(UTC), Home(settings.home)
    with locked_build(settings, "mic hold"):
        if kind:
            place(home, Hold(person_id, kind, case, f"{until:%Y-%m-%d}" if until else ""), account(), moment)
            number = 1
        else:
            number = lift(home, person_id, case, account(), moment)
    logged.answered(number)
    say(f"{number} holds {'lifted' if is_lifted else 'placed'}.")
