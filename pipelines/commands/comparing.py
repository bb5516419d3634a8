"""The command that compares releases: `diff`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from pipelines.commands.console import say, say_json, say_table
from pipelines.settings import Settings

DAY = click.DateTime(["%Y-%m-%d"])
CAUSES = ("table", "indicator", "cause", "periods", "cells", "more", "less")
CHANGES = ("table", "period", "cell", "indicator", "before", "after", "why")
BY = ("citizenship", "region", "post_code")


@click.command(short_help="What two releases tell differently, and why.")
@click.argument("earlier", metavar="RELEASE")
@click.argument("later", metavar="RELEASE")
@click.option("--by", multiple=True, type=click.Choice(BY), help="Tell cells apart by this too; may be repeated.")
@click.option("--from", "first_day", type=DAY, help="First day, or month end, to list.")
@click.option("--to", "last_day", type=DAY, help="Last one to list.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def diff(
    settings: Settings,
    earlier: str,
    later: str,
    by: tuple[str, ...],
    first_day: datetime | None,
    last_day: datetime | None,
    as_json: bool,
) -> None:
    """Show what changed between two releases on the days that the earlier one covered, each figure with its causes.

    A release is named by the number of its load or by its name in meta.release_history. The changes of a figure by
    cause add up to the difference: late_delivery, correction, withdrawn, later_evidence, linked, unlinked, rule_change,
    regrouped, model_change, time_passed. It reads what is published and waits for no load.

    Example: mic diff 6 7 --by citizenship --from 2026-11-01
    """
    from pipelines.revisions import compare
    from pipelines.storage.sessions import open_published

    with open_published(settings, "aggregates") as connection:
        found = compare(connection, earlier, later, by)
    bounds = [moment.date() if moment else None for moment in (first_day, last_day)]
    rows = [row for row in found.changes if _lies_between(row["period"], *bounds)]
    if as_json:
        say_json(asdict(found) | {"changes": rows})
        return
    for name, release in (("from", found.earlier), ("to", found.later)):
        say(f"{name:<5}{release['release_id']}, load {release['load_seq']}, as of {release['as_of']}")
    if not rows:
        say("No figure of these days differs.")
        return
    say_table(CAUSES, [list(row.values()) for row in found.causes])
    say_table(CHANGES, [_told(row) for row in rows])


def _lies_between(period: Any, first: Any, last: Any) -> bool:
    return (first is None or period >= first) and (last is None or period <= last)


def _told(row: dict[str, Any]) -> list[Any]:
    causes = ", ".join(f"{cause} {change:+g}" for cause, change in row["causes"].items())
    return [*(row[name] for name in ("table_name", "period", "dimensions", "indicator", "before", "after")), causes]
