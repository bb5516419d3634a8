"""The public release by itself, and when it is tried: what a night does when a month has closed."""

import dagster as dg

from pipelines.defs.centre import POOL, Centre
from pipelines.release.running import release_last_load
from pipelines.storage.database import ZONE

RELEASE = "release_of_the_month"
RELEASE_BEGINS = "0 8 3 * *"


@dg.op(name="release", pool=POOL)
def release(context: dg.OpExecutionContext, centre: dg.ResourceParam[Centre]) -> None:
    """Protects, attacks and writes the release of the last closed month, where it does not stand yet."""
    with centre.doing("release"):
        done = release_last_load(centre.settings)
    measured = {finding.attack: finding.measured for finding in done.findings}
    context.add_output_metadata({"month": done.month or "none", "changed": done.folder is not None, **measured})


@dg.job(name=RELEASE, description="The public release of the last closed month, attacked before it is written.")
def release_job() -> None:
    """One step."""
    release()


def release_schedule() -> dg.ScheduleDefinition:
    """On the third morning of each month, when the nights have had time to close the last one."""
    return dg.ScheduleDefinition(
        name="every_month",
        job=release_job,
        cron_schedule=RELEASE_BEGINS,
        execution_timezone=ZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="On the third of each month at 08:00: the release that a night should have written, if none did.",
    )
