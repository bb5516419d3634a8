"""The identity step: observations become persons."""

from collections.abc import Iterator

import dagster as dg

from pipelines import nightly
from pipelines.defs import layers
from pipelines.defs.centre import POOL, Centre
from pipelines.defs.model_assets import Models, table_key

READS = (("intermediate", "observation"), ("intermediate", "source_record"), ("staging", "stg_steward_decisions"))


def linkage_assets(models: Models) -> dg.AssetsDefinition:
    """The step that links, with one asset per table that models read of it."""
    tables = [source for source in models.manifest["sources"].values() if source["source_name"] == "linkage"]
    specs = [
        dg.AssetSpec(
            table_key(table),
            deps=[dg.AssetKey(list(path)) for path in READS],
            group_name=layers.LINKAGE,
            description=table["description"],
            owners=[layers.STEWARDS],
            kinds={"python", "duckdb"},
        )
        for table in tables
    ]

    @dg.multi_asset(name="link", specs=specs, pool=POOL)
    def link(centre: dg.ResourceParam[Centre]) -> Iterator[dg.MaterializeResult[None]]:
        """Links what the load brought and says what became of it."""
        with centre.doing("link"):
            counts = nightly.link(centre.settings, centre.open_load())
        numbers = {
            "observations": counts.observations,
            "pairs": counts.edges,
            "persons_created": counts.created,
            "merges": counts.merged,
            "splits": counts.split,
            "persons_touched": counts.touched,
            "pairs_compared": counts.compared,
            "blocks_capped": counts.capped,
            "links_yellow": counts.yellow,
            "links_red": counts.red,
            "mean_probability": counts.mean_probability,
        }
        yield from (dg.MaterializeResult(spec.key, metadata=numbers) for spec in specs)

    return link
