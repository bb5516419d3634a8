"""`mic release`: the public release of the last closed month."""

from __future__ import annotations

import click

from pipelines.commands.console import say, say_json, shown_progress
from pipelines.settings import Settings


@click.command(short_help="Write the public release of the last closed month.")
@click.option("--anew", "is_anew", is_flag=True, help="Tell all months anew, after an error that you announced.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@click.pass_obj
def release(settings: Settings, is_anew: bool, as_json: bool) -> None:
    """Protect, attack and write the public release, where a month has closed since the one that stands.

    Every night does the same after publishing. A release that an attack gets the better of is refused (exit code 1),
    and the one that stands remains. A month is told when it has closed and anew after one, six and seventeen months;
    in between its figures stand as they were told.

    Example: mic release
    """
    from pipelines.release.running import run_release

    with shown_progress() as progress:
        done = run_release(settings, progress, is_anew)
    if as_json:
        attacks = [
            {"attack": one.attack, "tried": one.tried, "measured": one.measured, "allowed": one.allowed}
            for one in done.findings
        ]
        say_json({"month": done.month, "folder": str(done.folder) if done.folder else None, "attacks": attacks})
    elif done.folder:
        say(f"{done.month} is released in {done.folder}; it withstands {len(done.findings)} attacks")
    elif done.month:
        say(f"{done.month} is released already; the next release is due when another month has closed")
    else:
        say("no month has closed yet")
