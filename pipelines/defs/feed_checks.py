"""Great Expectations' verdicts on each feed as checks on `raw/<feed>`, and whether the feed comes as it should.

The promises stand in the contracts and in `expectations/`. Promises are judged where a load brought something; one
gate per feed, which always has a result, stops the run where a critical promise is broken.
"""

from collections.abc import Iterator, Mapping

import dagster as dg

from expectations import implied
from pipelines import accounts, nightly
from pipelines.alerts import LANGUAGE
from pipelines.contracts import Contract
from pipelines.contracts.model import Expectation
from pipelines.defs.centre import POOL, Centre
from pipelines.defs.feed_assets import raw_key
from pipelines.quality import Matter, Outcome, blocking, read_matters
from pipelines.storage import open_build

COMES = "comes_on_time"
KEPT = "nothing_rejected_or_held"
LATE, REFUSED = ("late", "never"), ("held", "rejected")
GATE = "no_critical_promise_broken"


def feed_checks(contracts: Mapping[str, Contract]) -> dg.AssetChecksDefinition:
    """The step that judges what the load brought."""

    @dg.multi_asset_check(
        name="judge",
        specs=[spec for contract in contracts.values() for spec in _specs(contract)],
        can_subset=True,
        pool=POOL,
    )
    def judge(
        context: dg.AssetCheckExecutionContext, centre: dg.ResourceParam[Centre]
    ) -> Iterator[dg.AssetCheckResult]:
        """One result per promise of each feed that the load brought, and two per feed on its deliveries."""
        with centre.doing("judge"):
            load = centre.open_load()
            outcomes = nightly.judge(centre.settings, load)
            with open_build(centre.settings) as connection:
                standings, matters = accounts.read_punctuality(connection), read_matters(connection)
        results = [
            *map(_read_promise, outcomes),
            *(_read_gate(feed, outcomes) for feed in contracts),
            *(one for standing in standings for one in _read_standing(standing, matters)),
        ]
        yield from (result for result in results if _key(result) in context.selected_asset_check_keys)

    return judge


def promised(contract: Contract) -> tuple[Expectation, ...]:
    """What a feed promises, in so many words and by its columns."""
    return (*implied(contract), *contract.expectations)


def check_name(kind: str, column: str | None) -> str:
    """Name of the check of a promise: its type and its column."""
    return f"{kind}__{column}" if column else kind


def severity(word: str) -> dg.AssetCheckSeverity:
    """Dagster's severity for ours: `critical` stops publication, `warning` is shown."""
    return dg.AssetCheckSeverity.ERROR if word == "critical" else dg.AssetCheckSeverity.WARN


def read_outcome(outcome: Outcome, asset: dg.AssetKey, check: str) -> dg.AssetCheckResult:
    """An outcome as a check result: its numbers, the threshold, and words where it does not hold."""
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=check,
        passed=outcome.success,
        severity=severity(outcome.severity),
        metadata={**outcome.metadata, "threshold": outcome.threshold},
        description=said(outcome),
    )


def said(outcome: Outcome) -> str | None:
    """Words for a promise that does not hold: what was found, what was demanded, and why."""
    if outcome.success:
        return None
    found = "nothing" if outcome.observed_value is None else f"{outcome.observed_value:g}"
    return f"Found {found}, demanded {outcome.threshold}. {outcome.reason}"


def _specs(contract: Contract) -> list[dg.AssetCheckSpec]:
    key = raw_key(contract.feed)
    late = f"Deliveries come as their calendar says: {contract.cadence.value}, days of grace: {contract.grace_days}."
    return [
        dg.AssetCheckSpec(COMES, asset=key, description=late),
        dg.AssetCheckSpec(
            GATE, asset=key, description="What is broken here stops the run before it models anything.", blocking=True
        ),
        dg.AssetCheckSpec(KEPT, asset=key, description="No delivery was refused whole or waits for an operator."),
        *(
            dg.AssetCheckSpec(
                check_name(promise.type, promise.column),
                asset=key,
                description=promise.reason,
                metadata={"severity": promise.severity},
            )
            for promise in promised(contract)
        ),
    ]


def _read_promise(outcome: Outcome) -> dg.AssetCheckResult:
    return read_outcome(outcome, raw_key(outcome.feed), check_name(outcome.expectation, outcome.column_name))


def _read_gate(feed: str, outcomes: list[Outcome]) -> dg.AssetCheckResult:
    broken = [outcome for outcome in blocking(outcomes) if outcome.feed == feed]
    named = ", ".join(check_name(outcome.expectation, outcome.column_name) for outcome in broken)
    return dg.AssetCheckResult(
        asset_key=raw_key(feed),
        check_name=GATE,
        passed=not broken,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={"broken": len(broken), "judged": sum(outcome.feed == feed for outcome in outcomes)},
        description=f"Broken: {named}. Mend the delivery or the rule, and run the night again." if broken else None,
    )


def _read_standing(standing: accounts.Punctuality, matters: list[Matter]) -> Iterator[dg.AssetCheckResult]:
    own = [matter for matter in matters if matter.facts["feed"] == standing.feed]
    yield dg.AssetCheckResult(
        asset_key=raw_key(standing.feed),
        check_name=COMES,
        passed=not _of_kinds(own, LATE),
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"missing_deliveries": standing.missing_deliveries, "state": standing.state},
        description=_of_kinds(own, LATE),
    )
    yield dg.AssetCheckResult(
        asset_key=raw_key(standing.feed),
        check_name=KEPT,
        passed=not _of_kinds(own, REFUSED),
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"rejected": standing.rejected, "held": standing.held, "waiting": standing.waiting},
        description=_of_kinds(own, REFUSED),
    )


def _of_kinds(matters: list[Matter], kinds: tuple[str, ...]) -> str | None:
    """What happened and what to do, for the matters of some kinds."""
    told = [f"{one.said(LANGUAGE)} {one.advice(LANGUAGE)}" for one in matters if one.kind in kinds]
    return "\n".join(told) or None


def _key(result: dg.AssetCheckResult) -> dg.AssetCheckKey:
    if result.asset_key is None or result.check_name is None:
        raise ValueError("a check result names neither its asset nor its check")
    return dg.AssetCheckKey(result.asset_key, result.check_name)
