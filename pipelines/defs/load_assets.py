"""What taking in leaves beside the feeds: the load, its verdicts, and which records changed.

The days of the feeds end here: everything after works for the load as a whole.
"""

from collections.abc import Iterator, Mapping

import dagster as dg

from pipelines import accounts
from pipelines.contracts import Contract
from pipelines.defs import layers
from pipelines.defs.centre import POOL, Centre
from pipelines.defs.feed_assets import raw_key
from pipelines.defs.model_assets import LOAD, Models, table_key
from pipelines.storage import open_build

FILLED_BY_INTAKE = ("intake", "quality")
REPORTED = ("raw", "linkage")


def load_assets(models: Models, contracts: Mapping[str, Contract]) -> dg.AssetsDefinition:
    """The step that adds up, with one asset per table that intake keeps and models read."""
    feeds = [raw_key(feed) for feed in contracts]
    tables = [source for source in models.manifest["sources"].values() if fills(source)]
    specs = [
        dg.AssetSpec(
            table_key(table),
            deps=feeds,
            group_name=layers.TAKEN_IN,
            description=table["description"],
            owners=[layers.ENGINEERS],
            kinds={"duckdb"},
        )
        for table in tables
    ]

    @dg.multi_asset(name="add_up", specs=specs, can_subset=True, pool=POOL)
    def add_up(
        context: dg.AssetExecutionContext, centre: dg.ResourceParam[Centre]
    ) -> Iterator[dg.MaterializeResult[None]]:
        """Says what the open load has taken in so far."""
        with centre.doing("add up"):
            load = centre.open_load()
            with open_build(centre.settings) as connection:
                states = accounts.count_deliveries(connection, load.load_seq)
            wanting = centre.wanting()
        for key in sorted(context.selected_asset_keys):
            yield dg.MaterializeResult(key, metadata={"load": load.load_seq, **states, **wanting})

    return add_up


def kept_specs(models: Models) -> list[dg.AssetSpec]:
    """One per table that no step reports: models of presence, and keys of what is published by pseudonym."""
    return [
        dg.AssetSpec(
            table_key(source),
            group_name=layers.KEPT.get(source["source_name"], layers.ANALYSIS),
            description=source["description"],
            owners=[layers.ENGINEERS],
            kinds={"duckdb"},
        )
        for source in models.manifest["sources"].values()
        if source["source_name"] not in REPORTED and not fills(source)
    ]


def fills(source: Mapping[str, str]) -> bool:
    """Whether a source of the dbt project is a table that stands when everything is taken in."""
    return source["source_name"] in FILLED_BY_INTAKE or dg.AssetKey([source["source_name"], source["name"]]) == LOAD
