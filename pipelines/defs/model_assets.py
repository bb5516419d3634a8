"""The dbt models, before and after linking.

Names, descriptions, columns and lineage come from the manifest; an asset's key is its schema and table. What their
tests promise stands in `model_checks`.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets

from pipelines import modelling, nightly
from pipelines.defs import layers
from pipelines.defs.centre import POOL, Centre
from pipelines.defs.model_checks import check_spec, read_test
from pipelines.modelling import ModellingError, NodeResult

LOAD = dg.AssetKey(["meta", "load"])


class KeysAreNames(DagsterDbtTranslator):
    """Keys from schemas, groups from layers: `registry.stay` is the asset `registry/stay`."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Schema and table as the database knows them."""
        return table_key(dbt_resource_props)

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer."""
        return layers.of_node(dbt_resource_props)

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str]:
        """Who mends a model."""
        return [layers.ENGINEERS]

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The words of the model's page; its SQL stands in the repository."""
        return str(dbt_resource_props.get("description") or "")

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """As the manifest tells it; what reads feeds, or nothing, waits until everything is taken in.

        Else a backfill of the whole lineage would start piece by piece, as feed after feed is reported.
        """
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = manifest["nodes"].get(unique_id)
        reads_models = node and any(parent in manifest["nodes"] for parent in manifest["parent_map"][unique_id])
        return spec if node is None or reads_models else spec.replace_attributes(deps=[*spec.deps, LOAD])

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetCheckSpec | None:
        """A test as a check of the table that it is about."""
        return check_spec(manifest, unique_id, asset_spec.key, table_key)


@dataclass(frozen=True)
class Models:
    """The dbt project as its manifest tells it.

    Attributes:
        manifest: The manifest.
        keys: Asset key of each model and seed, by `schema.name` as results call it, parents first.
    """

    manifest: Mapping[str, Any]
    keys: Mapping[str, dg.AssetKey]

    def in_schemas(self, *schemas: str) -> list[dg.AssetKey]:
        """The assets of some schemas."""
        return sorted(key for key in self.keys.values() if key.path[0] in schemas)


def table_key(node: Mapping[str, Any]) -> dg.AssetKey:
    """The key of a model, seed or source."""
    if node["resource_type"] == "source":
        return dg.AssetKey([node["source_name"], node["name"]])
    return dg.AssetKey([node["schema"], node["alias"]])


def read_models(path: Path) -> Models:
    """Reads a manifest."""
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    nodes = manifest["nodes"]
    order = TopologicalSorter(manifest["parent_map"]).static_order()
    built = [nodes[name] for name in order if name in nodes and nodes[name]["resource_type"] in ("model", "seed")]
    return Models(manifest, {f"{node['schema']}.{node['name']}": table_key(node) for node in built})


def modelled_assets(models: Models) -> list[dg.AssetsDefinition]:
    """The two dbt steps of a load."""
    return [
        _step(models, "model_before_linking", modelling.BEFORE_LINKING),
        _step(models, "model_after_linking", modelling.AFTER_LINKING),
    ]


def _step(models: Models, name: str, select: str) -> dg.AssetsDefinition:
    names = {key: relation.partition(".")[2] for relation, key in models.keys.items()}

    @dbt_assets(manifest=models.manifest, select=select, name=name, dagster_dbt_translator=KeysAreNames(), pool=POOL)
    def step(
        context: dg.AssetExecutionContext, centre: dg.ResourceParam[Centre]
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        """Runs the chosen models with their tests and reports each, also where one of them stops the step.

        Views and seeds that stand unchanged are reported too: Dagster skips what depends on an unreported table.
        """
        chosen = " ".join(sorted(names[key] for key in context.selected_asset_keys))
        with centre.doing(name.replace("_", " ")):
            try:
                results = nightly.model(centre.settings, centre.open_load(), chosen if context.is_subset else select)
            except ModellingError as error:
                yield from _report(models, context, error.results, [])
                raise
        yield from _report(models, context, results, models.keys)

    return step


def _report(
    models: Models, context: dg.AssetExecutionContext, results: Collection[NodeResult], standing: Collection[str]
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """The relations that are up to date and the tests that gave an answer, as far as the run asks for them."""
    built = {one.name: one.seconds for one in results if one.status == "success"}
    seconds = dict.fromkeys(standing, 0.0) | built
    checks = {check.name: check for check in context.selected_asset_check_keys}
    for name, key in models.keys.items():
        if name in seconds and key in context.selected_asset_keys:
            yield dg.MaterializeResult(key, metadata={"seconds": seconds[name]})
    yield from (read_test(one, checks[one.name]) for one in results if one.name in checks and one.status != "skipped")
