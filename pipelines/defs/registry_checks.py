"""The promises about the registry as a whole, as checks on its tables; critical ones stop publication."""

from collections.abc import Iterator

import dagster as dg

from expectations import PROMISES, Promise
from pipelines import nightly
from pipelines.defs.centre import POOL, Centre, told_plainly
from pipelines.defs.feed_checks import severity


def registry_checks() -> dg.AssetChecksDefinition:
    """The step that judges the registry."""
    tables = {promise.id: _key(promise) for promise in PROMISES}

    @dg.multi_asset_check(name="judge_registry", specs=[_spec(promise) for promise in PROMISES], pool=POOL)
    def judge_registry(centre: dg.ResourceParam[Centre]) -> Iterator[dg.AssetCheckResult]:
        """One result per promise."""
        with told_plainly("judge registry"):
            outcomes = nightly.judge_registry(centre.settings, centre.open_load())
        for outcome in outcomes:
            yield dg.AssetCheckResult(
                asset_key=tables[outcome.expectation],
                check_name=outcome.expectation,
                passed=outcome.success,
                severity=severity(outcome.severity),
                metadata={**outcome.metadata, "threshold": outcome.threshold},
                description=outcome.reason,
            )

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
