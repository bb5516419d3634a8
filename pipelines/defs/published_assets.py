"""What readers open: the four files and the public release. Publishing them commits the load."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import dagster as dg

from pipelines import accounts, nightly
from pipelines.defs import layers
from pipelines.defs.calendar import every_night
from pipelines.defs.centre import POOL, Centre, IncompleteRunError
from pipelines.defs.model_assets import Models
from pipelines.publication.headlines import headlines
from pipelines.storage import Home, open_build

FILES = {
    "restricted": (
        ("registry",),
        "The identified registry, encrypted; opened through `mic` alone, with purpose and case.",
    ),
    "asylum": (("registry",), "Asylum, refugee and refugee-return cases, encrypted with a key of its own."),
    "analysis": (
        ("analysis", "aggregates", "statistics", "quality"),
        "Pseudonymised persons and everything of `aggregates`, encrypted.",
    ),
    "aggregates": (
        ("aggregates", "statistics", "quality", "reference"),
        "Statistics, quality and reference; no row is a person.",
    ),
    "release": (("aggregates", "statistics", "reference"), "The public release, disclosure-controlled."),
}

RELEASE = "release"
BACKFILL = "dagster/backfill"


@dataclass(frozen=True)
class Whole:
    """All steps before publication.

    Attributes:
        assets: What they bring up to date.
        checks: What they judge.
    """

    assets: Collection[dg.AssetKey]
    checks: Collection[dg.AssetCheckKey]

    def demand(self, context: dg.AssetExecutionContext) -> None:
        """Refuses a run that leaves a step out, unless earlier runs of the same backfill did it.

        A generation of models that stand at different loads would be wrong without looking wrong.

        Raises:
            IncompleteRunError: A step is left out.
        """
        runs = [context.run, *_earlier_runs(context)]
        assets = {key for run in runs for key in run.asset_selection or self.assets}
        checks = {key for run in runs for key in _judged(run, self.checks)}
        if not (assets >= set(self.assets) and checks >= set(self.checks)):
            raise IncompleteRunError("Only a run of all steps with their checks may publish. Launch the job `nightly`.")


def _earlier_runs(context: dg.AssetExecutionContext) -> Sequence[dg.DagsterRun]:
    """Runs of the same backfill that succeeded: Dagster makes several where only some assets have days."""
    backfill = context.run.tags.get(BACKFILL)
    if backfill is None:
        return []
    done = dg.RunsFilter(tags={BACKFILL: backfill}, statuses=[dg.DagsterRunStatus.SUCCESS])
    runs: Sequence[dg.DagsterRun] = context.instance.get_runs(done)
    return runs


def _judged(run: dg.DagsterRun, checks: Collection[dg.AssetCheckKey]) -> Collection[dg.AssetCheckKey]:
    """The checks that a run asks for; where it names none, those of its assets, of all where it names none either."""
    if run.asset_check_selection is not None:
        return run.asset_check_selection
    chosen = run.asset_selection
    return checks if not chosen else [key for key in checks if key.asset_key in chosen]


def published_assets(models: Models, before: Whole) -> dg.AssetsDefinition:
    """The step that publishes, with one asset per file.

    Args:
        models: The dbt project.
        before: What a run must bring up to date and judge before it may publish.
    """
    specs = [
        dg.AssetSpec(
            ["published", name],
            deps=models.in_schemas(*schemas),
            group_name=layers.PUBLISHED,
            owners=[layers.ENGINEERS],
            description=description,
            kinds={"duckdb"} if name != RELEASE else {"parquet", "csv"},
            freshness_policy=every_night() if name != RELEASE else None,
        )
        for name, (schemas, description) in FILES.items()
    ]

    @dg.multi_asset(name="publish", specs=specs, pool=POOL)
    def publish(
        context: dg.AssetExecutionContext, centre: dg.ResourceParam[Centre]
    ) -> Iterator[dg.MaterializeResult[None]]:
        """Writes the generation, swaps the links, releases the month that has closed and commits the load."""
        with centre.doing("publish"):
            before.demand(context)
            load = centre.open_load()
            with open_build(centre.settings) as connection:
                outcomes = accounts.read_outcomes(connection, load.load_seq)
            public = Home(centre.settings.home).release
            released_before = public.resolve()
            rows, _ = nightly.publish(centre.settings, load, outcomes)
            wanting = centre.wanting()
            plotted = {"aggregates": headlines(centre.settings)}
        for name, count in rows.items():
            numbers = {"rows": count, "load": load.load_seq, **plotted.get(name, {})}
            yield dg.MaterializeResult(["published", name], metadata={**numbers, **wanting})
        # Reported though no month has closed: a backfill counts what it asked for and nobody reported as failed.
        changed = public.resolve() != released_before
        yield dg.MaterializeResult(["published", RELEASE], metadata={"load": load.load_seq, "changed": changed})

    return publish
