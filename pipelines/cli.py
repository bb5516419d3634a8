"""The command `mic`: its options, its commands and how it ends.

Exit codes: 0 done, 1 failed, 2 wrong use, 3 done with rejected or held deliveries or failed checks.
"""

from __future__ import annotations

import click

from pipelines.commands.asking import sql
from pipelines.commands.comparing import diff
from pipelines.commands.erasing import erase, hold
from pipelines.commands.explaining import explain
from pipelines.commands.failures import Commands
from pipelines.commands.identifying import identity
from pipelines.commands.keeping import backup, compact, restore
from pipelines.commands.loading import demo, nightly, simulate
from pipelines.commands.mending import quarantine, rebuild
from pipelines.commands.persons import find, statement
from pipelines.commands.presence import presence
from pipelines.commands.rectifying import rectify
from pipelines.commands.releasing import release
from pipelines.commands.stewarding import review, unmerge
from pipelines.commands.watching import status, verify
from pipelines.commands.working import bench, ui
from pipelines.settings import Settings


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show tracebacks; they may quote rows, so never in a log that others read.")
@click.version_option(package_name="migration-information-centre", prog_name="mic")
@click.pass_context
def main(ctx: click.Context, debug: bool) -> None:
    """The migration information centre. MIC_HOME says where it keeps its data.

    Example: mic demo

    Exit codes: 0 done, 1 failed, 2 wrong use, 3 done with rejected or held deliveries or failed checks.
    """
    try:
        ctx.obj = Settings.from_environment()
    except ValueError as error:
        raise click.UsageError(f"{error}: mend the variable and run again.") from None


LOADING = (demo, nightly, release, simulate, rebuild, quarantine)
ASKING = (status, verify, sql, find, statement, explain, diff)
DECIDING = (review, unmerge, identity, presence)
FORGETTING = (erase, hold, rectify)
KEEPING = (backup, restore, compact, ui, bench)
for command in (*LOADING, *ASKING, *DECIDING, *FORGETTING, *KEEPING):
    main.add_command(command)
