"""What must hold: promises about deliveries and about the registry, as Great Expectations suites.

A contract says a promise in its own words; `expectations.translations` turns it into an expectation that one
aggregate scan answers. Promises about the registry stand in `expectations.registry`. Conditions on single rows
are not here (the contract's rules, at intake), nor is the evaluation (`pipelines.quality`).

Importing this package does not import Great Expectations, which takes seconds: suites are built on request.
"""

from expectations.feeds import build_feed_suite, implied
from expectations.registry import PROMISES, Promise, build_registry_suite
from expectations.translations import TRANSLATIONS, Batch

__all__ = [
    "PROMISES",
    "TRANSLATIONS",
    "Batch",
    "Promise",
    "build_feed_suite",
    "build_registry_suite",
    "implied",
]
