"""The suite of a feed: what its contract says, and what every contract implies without saying it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.translations import Batch, build_expectation
from pipelines.contracts import Contract
from pipelines.contracts.model import Expectation

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

KNOWN_SHARE = 0.9


def build_feed_suite(batch: Batch) -> ExpectationSuite:
    """The suite for what one load brought of one feed; needs a Great Expectations context to exist."""
    from great_expectations import ExpectationSuite

    promises = (*implied(batch.contract), *batch.contract.expectations)
    return ExpectationSuite(
        name=batch.contract.feed,
        expectations=[build_expectation(batch, promise) for promise in promises],
    )


def implied(contract: Contract) -> tuple[Expectation, ...]:
    """What holds for every feed; a promise that the contract itself makes about a column is not doubled."""
    said = {(promise.type, promise.column) for promise in contract.expectations}
    promises = [*about_the_batch(), *about_columns(contract)]
    return tuple(promise for promise in promises if (promise.type, promise.column) not in said)


def about_the_batch() -> list[Expectation]:
    """Promises about the rows as a whole."""
    return [
        Expectation(
            type="rows_arrived",
            severity="critical",
            reason="The ledger says that rows were accepted; a check that sees none of them proves nothing.",
        ),
        Expectation(
            type="columns_as_promised",
            severity="critical",
            reason="Everything downstream reads the contract's columns by name and type.",
        ),
    ]


def about_columns(contract: Contract) -> list[Expectation]:
    """Promises that follow from how the columns are declared."""
    filled = [
        Expectation(
            type="share_not_null",
            column=column.name,
            arguments={"at_least": 1},
            severity="critical",
            reason="Intake holds back rows without a required value; one that is here came past it.",
        )
        for column in contract.columns
        if column.required
    ]
    bounded = [
        Expectation(
            type="values_between",
            column=column.name,
            arguments={"at_least": 1},
            severity="critical",
            reason="Intake holds back numbers outside the contract's bounds; one that is here came past it.",
        )
        for column in contract.columns
        if column.minimum is not None or column.maximum is not None
    ]
    coded = [
        Expectation(
            type="values_known",
            column=column.name,
            arguments={"at_least": KNOWN_SHARE},
            reason="An unknown code is accepted one by one; a tenth of them means that the code list changed.",
        )
        for column in contract.columns
        if column.codes
    ]
    return [*filled, *bounded, *coded]
