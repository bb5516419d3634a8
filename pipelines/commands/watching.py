"""Commands that look and change nothing: `status` and `verify`."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.commands.console import counted, say, say_json, shown_progress
from pipelines.commands.failures import FAILED
from pipelines.labels import LANGUAGES, label
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.overview import Overview


@click.command(short_help="Last load, what waits, what is late, what failed.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of the sentences.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def status(settings: Settings, language: str, as_json: bool) -> None:
    """Say how the centre stands and what wants a person, without waiting for a running load.

    Example: mic status --language kk
    """
    from pipelines.overview import look

    overview = look(settings)
    if as_json:
        say_json(overview.as_dict(language))
    else:
        _say_overview(overview, language)


def _say_overview(overview: Overview, language: str) -> None:
    from pipelines.quality import grouped

    release = overview.release
    room = f"({overview.free_bytes // 1_000_000} MB free)"
    is_there = Path(overview.home).is_dir()
    say(f"home           {overview.home} {room if is_there else '(no such folder yet; is MIC_HOME right?)'}")
    if release:
        published = f"{release['published_at']:%Y-%m-%d %H:%M}"
        say(f"last load      {release['load_seq']}, as of {release['as_of']}, published {published}")
        say(f"generation     {release['release_id']}, code {release['code_version']}")
    elif overview.is_restoring:
        say("last load      none: this home is being restored and is not whole; run `mic restore` again, to its end")
    else:
        say("last load      none is published yet: run `mic demo` or `mic nightly`")
    say(f"looks logged   {overview.looks.count} lines, head {overview.looks.hash}")
    say(f"identity       {overview.identity.count} lines, head {overview.identity.hash}")
    say(f"writing now    {overview.writer or 'nobody'}")
    if overview.killed:
        say(f"was killed     {overview.killed}: run it again, it goes on where it stopped")
    say(f"landed, new    {overview.landed_new} files")
    say(f"deliveries     {counted(overview.deliveries)}")
    say(f"\n{label('attention.title' if overview.matters else 'attention.none', language)}")
    for group in grouped(overview.matters):
        for matter in group:
            say(f"  {matter.said(language)}")
        say(f"      {group[0].advice(language)}")


@click.command(short_help="Ledger, hashes, files, registry and publications against each other.")
@click.option("--rebuild", "with_rebuild", is_flag=True, help="Replay all loads too, and compare.")
@click.option("--head", default="", metavar="HASH", help="Head of the log of looks that was kept elsewhere.")
@click.option("--count", type=click.IntRange(min=0), help="Number of its lines then.")
@click.option("--identity-head", default="", metavar="HASH", help="Head of the identity ledger, kept elsewhere.")
@click.option("--json", "as_json", is_flag=True, help="Print the checks as JSON.")
@click.pass_obj
def verify(
    settings: Settings, with_rebuild: bool, head: str, count: int | None, identity_head: str, as_json: bool
) -> None:
    """Check that ledger, files, database, registry, publications and the log of looks tell the same.

    Nothing is changed. Exit code 1 where they do not. The log of looks and the identity ledger are chains of hashes,
    which show by themselves that a line was changed, moved, put in or taken out; that the end was cut, or all of it
    written anew, shows only beside a head that was kept elsewhere, as `mic status` prints them.

    Example: mic verify --count 212 --head 5f0c…
    """
    from pipelines.overview import look
    from pipelines.storage import Home
    from pipelines.storage.sessions import NotPublishedYetError
    from pipelines.verification import verify as run_checks

    release = look(settings).release
    if not release:
        raise NotPublishedYetError(f"{settings.home} has no load to verify. Run `mic demo` or `mic nightly` first.")
    with shown_progress() as progress:
        checks = run_checks(settings, progress, head, count, identity_head)
    if with_rebuild:
        from pipelines.comparison import compare
        from pipelines.rebuilding import rebuild

        beside = tempfile.TemporaryDirectory(dir=settings.home / "build", prefix=Home.COMPARED)
        with beside as folder, shown_progress() as progress:
            checks.append(compare(settings, rebuild(settings, release["load_seq"], Path(folder) / "home", progress)))
    if as_json:
        say_json([asdict(check) | {"holds": check.holds} for check in checks])
    else:
        for check in checks:
            say(f"{'holds' if check.holds else 'BROKEN':<7} {check.name} ({check.looked_at})")
            for problem in check.problems[:5]:
                say(f"        {problem}")
    if not all(check.holds for check in checks):
        raise click.exceptions.Exit(FAILED)
