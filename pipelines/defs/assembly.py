"""All definitions of one centre, built afresh for given settings; nothing is kept between two builds."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from pipelines.contracts import load_contracts
from pipelines.defs import (
    feed_assets,
    feed_checks,
    jobs,
    linkage_assets,
    load_assets,
    model_assets,
    published_assets,
    registry_checks,
    release_job,
)
from pipelines.defs.centre import centre_resource
from pipelines.defs.sensors import failure_sensor, landing_sensor, lost_run_sensor
from pipelines.modelling.preparing import prepare_manifest
from pipelines.settings import Settings


def build(settings: Settings, manifest: Path | None = None) -> dg.Definitions:
    """The definitions for `settings`.

    Args:
        settings: Where the centre lies and which contracts it reads.
        manifest: A dbt manifest to use as it is; by default the project is parsed where it changed.
    """
    contracts = load_contracts(settings.sources)
    models = model_assets.read_models(manifest or prepare_manifest(settings))
    taken_in = feed_assets.raw_assets(contracts, settings.sources)
    added_up = load_assets.load_assets(models, contracts)
    linked = linkage_assets.linkage_assets(models)
    checks = [feed_checks.feed_checks(contracts), registry_checks.registry_checks()]
    before = published_assets.Whole(
        assets={*taken_in.keys, *added_up.keys, *linked.keys, *models.keys.values()},
        checks={key for judged in checks for key in judged.check_keys},
    )
    return dg.Definitions(
        assets=[
            *feed_assets.landing_specs(contracts),
            taken_in,
            added_up,
            *load_assets.kept_specs(models),
            *model_assets.modelled_assets(models),
            linked,
            published_assets.published_assets(models, before),
        ],
        asset_checks=checks,
        jobs=[jobs.nightly_job(), jobs.intake_job(contracts), release_job.release_job],
        schedules=[jobs.nightly_schedule(), release_job.release_schedule()],
        sensors=[landing_sensor(settings, contracts), lost_run_sensor(settings), failure_sensor(settings)],
        resources={"centre": centre_resource(settings)},
        executor=dg.in_process_executor,
    )
