"""Where an asset stands in the picture: the layers of the architecture, in the order in which data pass them.

Groups are layers, not schemas: schemas say who reads a table, and some lie on both sides of a layer. Feeds stand by
family, each with its deliveries and its rows. No asset depends on a later layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.contracts import Contract

TAKEN_IN, REFERENCE, LINKAGE, REGISTRY = "2_taken_in", "3_reference", "4_linkage", "5_registry"
STATISTICS, ANALYSIS, PUBLISHED = "6_statistics", "7_analysis", "8_published"
BY_FOLDER = {
    "sources": "3_staging",
    "records": "3_records",
    "touched": REGISTRY,
    "rights": REGISTRY,
    "cases": REGISTRY,
    "released": STATISTICS,
    "reference": REFERENCE,
    "presence": STATISTICS,
    "registry": REGISTRY,
    "statistics": STATISTICS,
    "quality": STATISTICS,
    "aggregates": STATISTICS,
    "analysis": ANALYSIS,
}
KEPT = {"presence": REFERENCE}
ENGINEERS, STEWARDS = "team:data-engineers", "team:data-stewards"


def of_feed(contract: Contract) -> str:
    """The layer of a feed's deliveries and rows."""
    return f"1_{contract.family}"


def of_node(node: Mapping[str, Any]) -> str:
    """The layer of a dbt model, by the nearest folder that has one; lists are reference, what is new is statistics."""
    folders = node["fqn"][1:-1]
    if not folders:
        return REFERENCE
    return next((BY_FOLDER[folder] for folder in reversed(folders) if folder in BY_FOLDER), STATISTICS)
