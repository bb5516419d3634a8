"""What agencies promise: feed contracts read from `sources/<feed>/feed.yml`.

Everything that depends on a feed (types, casts, quarantine reasons, expectations, dbt sources, Dagster
assets, the data dictionary, the simulator's columns) derives from the objects of this package.
"""

from pipelines.contracts.model import TABLE_FORMATS, Cadence, Column, ColumnType, Contract, Marking, Rule
from pipelines.contracts.registry import code_labels, load_contract, load_contracts

__all__ = [
    "TABLE_FORMATS",
    "Cadence",
    "Column",
    "ColumnType",
    "Contract",
    "Marking",
    "Rule",
    "code_labels",
    "load_contract",
    "load_contracts",
]
