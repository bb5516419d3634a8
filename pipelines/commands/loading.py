"""Commands that load: `nightly`, `demo` and `simulate`."""

from __future__ import annotations

import functools
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.commands.console import Told, counted, say, say_json, shown_progress
from pipelines.commands.failures import ATTENTION, sentence
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.demonstration import Demonstration
    from pipelines.nightly import Night

DAY = click.DateTime(["%Y-%m-%d"])
FROM_ONE = click.IntRange(1)
LOOK = """
What to look at
  mic status                          the last load, what waits, what is late, what failed
  mic sql "FROM stock_on((SELECT as_of FROM meta.release)) LIMIT 20"
  duckdb {home}/aggregates.duckdb   the same by hand (`SELECT * FROM reference.macro` lists what there is)
  mic verify                          ledger, files, registry and publications against each other
  mic ui                              the Dagster UI on this machine
  {home}/build/reports/night.html     what wants a person after the last run, in Kazakh, Russian and English
  {home}/demonstration/truth/         the truth about the synthetic persons"""


@click.command(short_help="Load whatever has landed and publish.")
@click.option("--unpublished", is_flag=True, help="Commit the load and leave readers what they have; for a backfill.")
@click.option("--json", "as_json", is_flag=True, help="Print what the load did as JSON.")
@click.pass_obj
def nightly(settings: Settings, unpublished: bool, as_json: bool) -> None:
    """Load whatever has landed and publish it.

    More than MIC_LOAD_ROWS rows (two million) are taken in load by load, oldest business dates first, and published
    with the last. A run that was killed is resumed. Readers keep the last generation until the new one is complete.
    Where it fails, the sentence below also goes to the alert that MIC_ALERT_COMMAND or MIC_ALERT_MAILBOX names.

    Example: mic nightly --json
    """
    needs_attention, is_done = False, False
    while not is_done:
        night = _run(settings, publishes=not unpublished)
        if as_json:
            say_json(asdict(night))
        else:
            _say_night(night)
        needs_attention |= night.needs_attention
        is_done = not night.left
    if needs_attention:
        raise click.exceptions.Exit(ATTENTION)


def _run(settings: Settings, publishes: bool) -> Night:
    from pipelines.alerts import advise, alert, compose
    from pipelines.intake import Selection
    from pipelines.nightly import run_nightly
    from pipelines.overview import check_room

    at = ["free space"]
    try:
        check_room(settings, publishes)
        with shown_progress() as progress:

            def told(step: str, done: int, total: int) -> None:
                at[0] = step
                progress(step, done, total)

            return run_nightly(settings, Selection(most_rows=settings.load_rows), progress=told, publishes=publishes)
    except Exception as error:
        when = datetime.now(UTC)
        message = compose(at[0], sentence(error), advise(error), when)
        alert(settings, "The nightly load failed", message, when)
        raise


def _say_night(night: Night) -> None:
    say(f"load {night.load_seq}: deliveries {counted(night.deliveries)}; {night.checks_failed} checks failed")
    if night.linked is not None:
        linked = night.linked
        say(f"persons: {linked.created} created, {linked.merged} merged, {linked.split} split")
    if night.left:
        say(f"not published yet: the load is full, {night.left} deliveries are taken in by the next")
    else:
        say(f"published: {counted(night.published)} rows")
    if night.needs_attention:
        say("Look at `mic status`: something was rejected or held, or a check failed.")


@click.command(short_help="Make a synthetic state, load it, publish.")
@click.option("--persons", default=24_000, type=FROM_ONE, show_default=True, help="Foreigners of the state.")
@click.option(
    "--days",
    default=94,  # holds three ends of months in which communities can be seen, whatever the day
    type=FROM_ONE,
    show_default=True,
    help="Days that are simulated; the last one is yesterday.",
)
@click.option("--nights", default=7, show_default=True, help="Last days that are loaded one by one.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same state.")
@click.option("--last-day", type=DAY, help="Last simulated day, instead of yesterday.")
@click.option("--fresh", is_flag=True, help="Remove an earlier demonstration in this MIC_HOME first.")
@click.option("--json", "as_json", is_flag=True, help="Print the time of each part as JSON.")
@click.pass_obj
def demo(
    settings: Settings,
    persons: int,
    days: int,
    nights: int,
    seed: int,
    last_day: datetime | None,
    fresh: bool,
    as_json: bool,
) -> None:
    """Make a synthetic state, load it, publish, and say where to look.

    A home that holds anything but a demonstration is refused.

    Example: mic demo --persons 24000 --fresh
    """
    from pipelines.demonstration import demonstrate
    from pipelines.simulation import World

    if not 0 <= nights < days:
        raise click.UsageError("--nights must be smaller than --days: the days before them are loaded first.")
    until = last_day.date() if last_day else date.today() - timedelta(days=1)
    world = World(persons=persons, days=days, first_day=until - timedelta(days=days - 1), seed=seed)
    done = demonstrate(settings, world, nights, shown_progress, fresh)
    if as_json:
        say_json(asdict(done))
    else:
        _say_demo(settings, done)
    if done.needs_attention:
        raise click.exceptions.Exit(ATTENTION)


def _say_demo(settings: Settings, done: Demonstration) -> None:
    for part, seconds in done.seconds.items():
        say(f"{part:<28}{seconds:8.1f} s{done.cpu_seconds[part]:8.1f} s of processor")
    say(f"{'together':<28}{sum(done.seconds.values()):8.1f} s{sum(done.cpu_seconds.values()):8.1f} s of processor")
    states: dict[str, int] = {}
    for night in done.nights:
        for state, number in night.deliveries.items():
            states[state] = states.get(state, 0) + number
    say(f"\n{done.persons} synthetic foreigners; deliveries: {counted(states)}; {done.on_the_way} still on the way")
    say(LOOK.format(home=settings.home))


def _named(progress: Told, feed: str, done: int, total: int) -> None:
    progress(f"simulate {feed}", done, total)


@click.command(short_help="Write the deliveries of a synthetic state.")
@click.option("--persons", default=24_000, type=FROM_ONE, show_default=True, help="Foreigners of the state.")
@click.option("--days", default=90, type=FROM_ONE, show_default=True, help="Length of the world.")
@click.option("--first-day", type=DAY, default="2026-01-01", show_default=True, help="First business day.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same state.")
@click.option("--crossings-per-day", type=FROM_ONE, help="About how many passages a day.")
@click.option("--into", type=click.Path(path_type=Path), help="Folder for the deliveries, instead of the landing.")
@click.option("--truth", type=click.Path(path_type=Path), help="Folder for the truth; beside the deliveries otherwise.")
@click.pass_obj
def simulate(
    settings: Settings,
    persons: int,
    days: int,
    first_day: datetime,
    seed: int,
    crossings_per_day: int | None,
    into: Path | None,
    truth: Path | None,
) -> None:
    """Write the deliveries of a synthetic state, and the truth about it; nothing is loaded.

    Example: mic simulate --persons 2000 --days 14 --into /tmp/state/landing
    """
    from pipelines.simulation import World
    from pipelines.simulation import simulate as write_state
    from pipelines.storage import Home

    world = World(persons, days, first_day.date(), seed, crossings_per_day)
    landing = into or Home(settings.home).landing
    with shown_progress() as progress:
        named = functools.partial(_named, progress)
        found = write_state(world, settings.sources, landing, named, truth)
    say(f"deliveries: {landing}")
    say(f"truth:      {found.parent}")
