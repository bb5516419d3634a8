"""The promises about the registry as a whole, as checks on its tables; critical ones stop publication."""

from collections.abc import Iterator

import dagster as dg

from expectations import PROMISES, Promise
from pipelines import nightly
from pipelines.defs.centre import POOL, Centre
from pipelines.defs.feed_checks import read_outcome


def registry_checks() -> dg.AssetChecksDefinition:
    """The step that judges the registry."""
    tables = {promise.id: _key(promise) for promise in PROMISES}

    @dg.multi_asset_check(
        name="judge_registry", specs=[_spec(promise) for promise in PROMISES], can_subset=True, pool=POOL
    )
    def judge_registry(
        context: dg.AssetCheckExecutionContext, centre: dg.ResourceParam[Centre]
    ) -> Iterator[dg.AssetCheckResult]:
        """One result per promise that the run asks for; all are judged, as the load keeps them together."""
        with centre.doing("judge registry"):
            outcomes = nightly.judge_registry(centre.settings, centre.open_load())
        for outcome in outcomes:
            if dg.AssetCheckKey(tables[outcome.expectation], outcome.expectation) in context.selected_asset_check_keys:
                yield read_outcome(outcome, tables[outcome.expectation], outcome.expectation)

    return judge_registry


def _spec(promise: Promise) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        promise.id,
        asset=_key(promise),
        description=promise.reason,
        blocking=promise.severity == "critical",
        metadata={"severity": promise.severity},
    )


def _key(promise: Promise) -> dg.AssetKey:
    return dg.AssetKey(promise.table.split("."))
