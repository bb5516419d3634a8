"""The command that puts a record right by right of the person: `rectify`."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from pipelines.audit import Look, account, log
from pipelines.commands.console import say, say_json
from pipelines.commands.locking import locked_build
from pipelines.commands.looking import looks_at_persons
from pipelines.settings import Settings


@click.command(short_help="Correct a record by right of the person.")
@click.argument("feed")
@click.argument("record_id")
@click.option(
    "--set", "changes", multiple=True, required=True, metavar="COLUMN=VALUE", help="What is right; repeat it."
)
@click.option("--reason", required=True, help="Why, in words that name nobody; kept with the correction.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@looks_at_persons
@click.pass_obj
def rectify(
    settings: Settings,
    feed: str,
    record_id: str,
    changes: tuple[str, ...],
    reason: str,
    as_json: bool,
    purpose: str,
    case: str,
) -> None:
    """Correct RECORD_ID of FEED: a delivery with the corrected record, in effect with the next load.

    What was believed before stays in history; who corrected it, when, for which case and why stands in the log and in
    the delivery. A later correction by the agency holds over it, so tell the agency. Values are written as in the feed.

    Example: mic rectify border_crossings E-17 --set birth_date=1984-05-17 --reason "passport shown" --purpose
    person_request --case 2026-118
    """
    from pipelines.contracts import load_contracts
    from pipelines.stewardship.rectifying import person_of
    from pipelines.stewardship.rectifying import rectify as lay_down
    from pipelines.storage import Home

    contracts = load_contracts(settings.sources)
    if feed not in contracts or not all("=" in change for change in changes):
        raise click.UsageError("name a feed of reference.feed_column, and --set COLUMN=VALUE.")
    values = dict(change.split("=", 1) for change in changes)
    with locked_build(settings, "mic rectify") as build:
        person = person_of(build, feed, record_id)
        look = Look("rectify", purpose, case, persons=[person] if person else [], delivery=feed)
        logged = log(settings, look)
        said = {"by": account(), "case": case, "reason": reason}
        home = Home(settings.home)
        path = lay_down(build, home, contracts[feed], record_id, values, said, datetime.now(UTC))
    logged.answered(1)
    if as_json:
        say_json({"delivery": path})
    else:
        say(f"the corrected record lies in {path}; it is in effect with the next load: run `mic nightly`.")
