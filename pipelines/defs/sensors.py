"""What starts or speaks by itself: intake of what has landed, an end for dead runs, a message when a run failed."""

from collections.abc import Collection
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import dagster as dg

from pipelines import alerts
from pipelines.defs.jobs import INTAKE
from pipelines.defs.lost_runs import TOLD, end_lost_runs
from pipelines.labels import label
from pipelines.landing_watch import find_arrivals
from pipelines.settings import Settings
from pipelines.storage import Home
from pipelines.storage.database import ZONE

LOOK_EVERY_SECONDS = 120
QUIET_SECONDS = 60
UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


def landing_sensor(settings: Settings, feeds: Collection[str]) -> dg.SensorDefinition:
    """Asks for one intake when new manifests have landed and no more came for a minute.

    The cursor is the time of the last manifest that was asked for, so each is asked for once, however its run ends;
    what an intake leaves, the night takes. While a run is under way nothing is asked, so runs do not pile up.
    """

    @dg.sensor(
        name="deliveries_landed",
        job_name=INTAKE,
        minimum_interval_seconds=LOOK_EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Takes in by day what has landed, so that an agency hears of a bad delivery the same day.",
    )
    def deliveries_landed(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        home = Home(settings.home)
        since = int(context.cursor) if context.cursor else _last_verdict(home)
        arrivals = find_arrivals(home.landing, feeds, since)
        if not arrivals.feeds:
            return dg.SkipReason("Nothing new has landed.")
        if datetime.now(UTC).timestamp() - arrivals.newest_ns / 1e9 < QUIET_SECONDS:
            return dg.SkipReason("Deliveries are still landing.")
        if context.instance.get_runs_count(dg.RunsFilter(statuses=UNDER_WAY)):
            return dg.SkipReason("A run is under way; what has landed waits for its end.")
        listed = ", ".join(f"{feed} {count}" for feed, count in arrivals.feeds.items())
        request = dg.RunRequest(run_key=f"landed-{arrivals.newest_ns}", tags={"landed": listed[:60]})
        return dg.SensorResult(run_requests=[request], cursor=str(arrivals.newest_ns))

    return deliveries_landed


def lost_run_sensor(settings: Settings) -> dg.SensorDefinition:
    """Shows a run as failed whose process is gone, within minutes of a restart of the machine or of the UI.

    Until then no other run starts, because one at a time is allowed.
    """

    @dg.sensor(
        name="runs_lost",
        minimum_interval_seconds=LOOK_EVERY_SECONDS // 2,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Shows runs as failed whose process was killed, so that the next one can begin.",
    )
    def runs_lost(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        lost = end_lost_runs(context.instance, Home(settings.home))
        return dg.SkipReason(f"Ended without a word: {', '.join(lost)}." if lost else "Every started run is alive.")

    return runs_lost


def failure_sensor(settings: Settings) -> dg.SensorDefinition:
    """Tells a person of every failed run, by the command and the mailbox of the settings."""

    @dg.run_failure_sensor(
        name="run_failed",
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Says in plain words what failed and what to do (MIC_ALERT_COMMAND, MIC_ALERT_MAILBOX).",
    )
    def run_failed(context: dg.RunFailureSensorContext) -> None:
        tell(settings, context)

    return run_failed


def tell(settings: Settings, context: dg.RunFailureSensorContext) -> None:
    """Sends the message about a failed run."""
    when = datetime.now(ZoneInfo(ZONE))
    failed = context.get_step_failure_events()
    step = failed[0].step_key or context.dagster_run.job_name if failed else context.dagster_run.job_name
    told, advice = _words(failed[0] if failed else context.failure_event)
    ways = alerts.alert(
        settings, f"The run '{context.dagster_run.job_name}' failed", alerts.compose(step, told, advice, when), when
    )
    context.log.info(
        f"told by {' and '.join(ways) or 'nobody: neither MIC_ALERT_COMMAND nor MIC_ALERT_MAILBOX is set'}"
    )


def _words(event: dg.DagsterEvent) -> tuple[str, str]:
    """What a failure says of itself; a run that ended without a word was killed."""
    usual = label(alerts.USUAL_ADVICE, alerts.LANGUAGE)
    failure = event.step_failure_data.user_failure_data if event.is_step_failure else None
    if failure is None or failure.description is None:
        return TOLD, label("advice.lost", alerts.LANGUAGE)
    advice = failure.metadata.get("what_to_do")
    return failure.description, str(advice.value) if advice else usual


def _last_verdict(home: Home) -> int:
    """When the centre last judged a delivery; what landed before then needs no run of its own."""
    return home.ledger.stat().st_mtime_ns if home.ledger.exists() else 0
