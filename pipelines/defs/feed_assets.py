"""Two assets per feed: `landing/<feed>`, what the agency delivers, and `raw/<feed>`, what was taken in.

One step takes in all chosen feeds, because deciding which version of a record stands opens the database once. A new
feed folder appears here by itself.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import dagster as dg

from pipelines import accounts, nightly
from pipelines.contracts import Contract, Marking
from pipelines.defs import layers
from pipelines.defs.calendar import BUSINESS_DAYS, chosen_days, freshness, has_partition
from pipelines.defs.centre import POOL, Centre
from pipelines.intake import Selection
from pipelines.intake.tables import column_types
from pipelines.overview import check_room
from pipelines.storage import open_build

KINDS = {"jsonl": "json", "xlsx": "excel", "edi": "edifact"}


def raw_key(feed: str) -> dg.AssetKey:
    """The asset of a feed's rows, named as the view in the database."""
    return dg.AssetKey(["raw", feed])


def landing_key(feed: str) -> dg.AssetKey:
    """The asset of a feed's deliveries, named as their folder."""
    return dg.AssetKey(["landing", feed])


def landing_specs(contracts: Mapping[str, Contract]) -> list[dg.AssetSpec]:
    """One per feed: delivered by its agency, so it is fresh when the agency delivered, not when a run looked."""
    return [
        dg.AssetSpec(
            landing_key(contract.feed),
            group_name=layers.of_feed(contract),
            description=f"{contract.title.en}: deliveries of {contract.agency.en}, {contract.cadence.value}.",
            owners=[owner(contract)],
            kinds={file_kind(contract)},
            freshness_policy=freshness(contract),
            metadata={
                "agency": contract.agency.en,
                "cadence": contract.cadence.value,
                "grace_days": contract.grace_days,
            },
        )
        for contract in contracts.values()
    ]


def raw_assets(contracts: Mapping[str, Contract], sources: Path) -> dg.AssetsDefinition:
    """The step that takes in, with one asset per feed."""

    @dg.multi_asset(
        name="take_in",
        specs=[_raw_spec(contract, sources / contract.feed) for contract in contracts.values()],
        partitions_def=BUSINESS_DAYS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        can_subset=True,
        pool=POOL,
    )
    def take_in(
        context: dg.AssetExecutionContext, centre: dg.ResourceParam[Centre]
    ) -> Iterator[dg.MaterializeResult[None]]:
        """Opens or resumes the load and takes in the chosen feeds and days."""
        feeds, days = {key.path[-1] for key in context.selected_asset_keys}, chosen_days(context)
        with centre.doing("take in"):
            check_room(centre.settings)
            load = nightly.begin(centre.settings)
            nightly.take_in(centre.settings, load, Selection(feeds, days))
            with open_build(centre.settings) as connection:
                taken = [day for day in accounts.read_days(connection, load.load_seq, days) if day.feed in feeds]
        for day in taken:
            _report_day(context, day, days is not None)
        for feed in sorted(feeds):
            numbers = accounts.add_up(taken, feed)
            if numbers["deliveries"]:
                context.log_event(dg.AssetMaterialization(landing_key(feed), metadata=numbers))
            yield dg.MaterializeResult(
                raw_key(feed), metadata={} if days is not None else {**numbers, "load": load.load_seq}
            )

    return take_in


def file_kind(contract: Contract) -> str:
    """The kind of file that the agency sends, by the name for which Dagster has a picture."""
    extension = contract.simulation.format.partition(".")[0]
    return KINDS.get(extension, extension)


def owner(contract: Contract) -> str:
    """The agency as a team of Dagster."""
    return "team:" + re.sub(r"[^a-z0-9]+", "-", contract.agency.en.lower()).strip("-")


def column_schema(contract: Contract) -> dg.TableSchema:
    """The columns that the agency fills, with their types in the database; what not everybody may see is marked."""
    types = column_types(contract)
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                types[column.name].lower(),
                description=column.meaning,
                constraints=dg.TableColumnConstraints(nullable=not column.required),
                tags={} if column.marking is Marking.open else {column.marking.value: ""},
            )
            for column in contract.columns
        ]
    )


def _raw_spec(contract: Contract, folder: Path) -> dg.AssetSpec:
    readme = folder / "README.md"
    page = readme.read_text(encoding="utf-8") if readme.exists() else contract.description
    return dg.AssetSpec(
        raw_key(contract.feed),
        deps=[landing_key(contract.feed)],
        group_name=layers.of_feed(contract),
        description=f"{contract.description} Every accepted version of a row is here, with when it was current.",
        owners=[owner(contract)],
        kinds={"parquet", "duckdb"},
        metadata={
            "agency": contract.agency.en,
            "cadence": contract.cadence.value,
            "title": " · ".join((contract.title.kk, contract.title.ru, contract.title.en)),
            "contract": dg.MetadataValue.path(str(folder / "feed.yml")),
            "readme": dg.MetadataValue.md(page),
            "dagster/column_schema": column_schema(contract),
            "dagster/table_name": f"build.raw.{contract.feed}",
        },
    )


def _report_day(context: dg.AssetExecutionContext, day: accounts.Day, is_chosen: bool) -> None:
    """Gives a day's numbers to its partition: to the run's own where it was chosen, else to one filled on the way."""
    if is_chosen:
        context.add_asset_metadata(day.numbers, raw_key(day.feed), day.business_date.isoformat())
    elif has_partition(day.business_date):
        context.log_event(
            dg.AssetMaterialization(raw_key(day.feed), metadata=day.numbers, partition=day.business_date.isoformat())
        )
