"""What readers open: the four files and the public release. Publishing them commits the load."""

from collections.abc import Collection, Iterator

import dagster as dg

from pipelines import accounts, nightly
from pipelines.defs.centre import POOL, Centre, IncompleteRunError, told_plainly
from pipelines.defs.model_assets import Models
from pipelines.storage import Home, open_build

FILES = {
    "restricted": (
        ("registry",),
        "The identified registry, encrypted; opened through `mic` alone, with purpose and case.",
    ),
    "asylum": (("registry",), "Asylum, refugee and refugee-return cases, encrypted with a key of its own."),
    "analysis": (
        ("analysis", "aggregates", "statistics"),
        "Pseudonymised persons and everything of `aggregates`, encrypted.",
    ),
    "aggregates": (("aggregates", "statistics", "reference"), "Statistics, quality and reference; no row is a person."),
    "release": (("aggregates", "statistics", "reference"), "The public release, disclosure-controlled."),
}

RELEASE = "release"


def published_assets(models: Models, steps_before: Collection[dg.AssetKey]) -> dg.AssetsDefinition:
    """The step that publishes, with one asset per file.

    Args:
        models: The dbt project.
        steps_before: Assets that a run must bring up to date before it may publish.
    """
    specs = [
        dg.AssetSpec(
            ["published", name],
            deps=models.in_schemas(*schemas),
            group_name="published",
            description=description,
            kinds={"duckdb"} if name != RELEASE else {"parquet", "csv"},
            skippable=name == RELEASE,
        )
        for name, (schemas, description) in FILES.items()
    ]

    @dg.multi_asset(name="publish", specs=specs, pool=POOL)
    def publish(
        context: dg.AssetExecutionContext, centre: dg.ResourceParam[Centre]
    ) -> Iterator[dg.MaterializeResult[None]]:
        """Writes the generation, swaps the links and commits the load."""
        with told_plainly("publish"):
            _demand_all_steps(context, steps_before)
            load = centre.open_load()
            with open_build(centre.settings) as connection:
                outcomes = accounts.read_outcomes(connection, load.load_seq)
            public = Home(centre.settings.home).release
            released_before = public.resolve()
            rows = nightly.publish(centre.settings, load, outcomes)
        for name, count in rows.items():
            yield dg.MaterializeResult(["published", name], metadata={"rows": count, "load": load.load_seq})
        if public.resolve() != released_before:
            yield dg.MaterializeResult(["published", RELEASE], metadata={"load": load.load_seq})

    return publish


def _demand_all_steps(context: dg.AssetExecutionContext, steps_before: Collection[dg.AssetKey]) -> None:
    """A generation of models that stand at different loads would be wrong without looking wrong.

    A run without a selection runs its whole job.
    """
    chosen = context.run.asset_selection or frozenset()
    if chosen and not chosen >= set(steps_before):
        raise IncompleteRunError("Only a run of all steps may publish. Launch the job `nightly`.")
