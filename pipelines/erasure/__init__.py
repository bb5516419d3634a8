"""Forgetting a person, as the law demands it: down to the bytes, and so that nothing brings the person back.

`planning` finds what is held of a person and where, `holds` says what keeps it from being erased, `removing` removes
it step by step and can be stopped anywhere, `terms` says who is due. Counts that were published stay as they are.
"""

from pipelines.erasure.holds import HeldError, Hold, holds_of, lift, place
from pipelines.erasure.planning import NoSuchPersonError, Plan, UnfinishedErasureError, demand_none_unfinished
from pipelines.erasure.removing import Erased, erase, finish
from pipelines.erasure.terms import Due, due

__all__ = [
    "Due",
    "Erased",
    "HeldError",
    "Hold",
    "NoSuchPersonError",
    "Plan",
    "UnfinishedErasureError",
    "demand_none_unfinished",
    "due",
    "erase",
    "finish",
    "holds_of",
    "lift",
    "place",
]
