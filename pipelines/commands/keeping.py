"""Commands that keep: `backup`, `restore` and `compact`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from pipelines.commands.console import say, say_json, shown_progress
from pipelines.settings import Settings

FOLDER = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))


@click.command(short_help="Copy the home to another disk.")
@FOLDER
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help="Afterwards remove all but the newest N backups.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@click.pass_obj
def backup(settings: Settings, folder: Path, keep: int | None, as_json: bool) -> None:
    """Copy the home, without its keys, into a new folder below FOLDER.

    Files that have not changed since the last backup there are hard links to it. A backup that was interrupted is
    taken up again; one that is not finished is never used. Keep the keys elsewhere: without them it cannot be opened.

    Example: mic backup /mnt/backups --keep 14
    """
    from pipelines.backup import back_up

    with shown_progress() as progress:
        done = back_up(settings, folder, datetime.now(UTC), progress, keep)
    if as_json:
        say_json(asdict(done))
    else:
        size = done.copied_bytes // 1_000_000
        say(f"{done.path}: up to load {done.load_seq}, {done.files} files, {done.copied} of them copied ({size} MB)")


@click.command(short_help="Make one bronze file of each closed month's.")
@click.pass_obj
def compact(settings: Settings) -> None:
    """Put the bronze files of each feed and closed month into one; the same rows, opened faster.

    Every night does so after publishing; by hand it is wanted only after a large history was loaded.

    Example: mic compact
    """
    from pipelines.nightly import compact_closed_months
    from pipelines.storage import Home
    from pipelines.storage.sessions import NotPublishedYetError

    if not Home(settings.home).database.exists():
        raise NotPublishedYetError(f"no load has run in {settings.home} yet. Run `mic demo` or `mic nightly` first.")
    say(f"{compact_closed_months(settings)} files fewer")


@click.command(short_help="Make a home from a backup.")
@FOLDER
@click.option("--load", "load_seq", type=click.IntRange(min=1), metavar="SEQ", help="Take the newest backup of SEQ.")
@click.option("--mend", "is_mended", is_flag=True, help="Only put damaged files of a standing home back.")
@click.option("--json", "as_json", is_flag=True, help="Print what was restored as JSON.")
@click.pass_obj
def restore(settings: Settings, folder: Path, load_seq: int | None, is_mended: bool, as_json: bool) -> None:
    """Make MIC_HOME from the newest backup in FOLDER, or from FOLDER where it is a backup itself.

    Every file is compared with its hash first.

    MIC_HOME must be new, or hold nothing but the folder `keys` with the keys of the backed-up home. With --mend it
    stays as it is, but for files of bronze and quarantine that are missing or not what the ledger says: these come
    back from the newest backup that still has them.

    Example: mic restore /mnt/backups
    """
    from pipelines.backup import mend
    from pipelines.backup import restore as make_home

    if is_mended:
        mended = mend(settings, folder)
        say_json([str(path) for path in mended]) if as_json else say(f"{len(mended)} files were put back")
        return
    with shown_progress() as progress:
        found = make_home(settings, folder, progress, load_seq)
    if as_json:
        about = {name: value for name, value in vars(found).items() if name != "files"}
        say_json(about | {"files": len(found.files), "home": settings.home})
    else:
        say(f"{settings.home} stands as of load {found.load_seq} ({len(found.files)} files), backed up {found.made_at}")
        say("Run `mic verify`, then go on with `mic nightly`.")
