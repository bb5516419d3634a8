"""What a data steward decides: which records are one person, and which are two.

`queue` ranks what wants a look, `sampling` draws pairs to be judged without sight of the model's word, `judging` turns
a verdict on persons, or the undoing of a merge, into decisions on records, `delivering` lays them into the landing. A
decision outranks the model with the next load; nothing is linked or parted here.
"""

from pipelines.stewardship.delivering import Decision, TooManyDeliveriesError, deliver
from pipelines.stewardship.judging import (
    NoMergeError,
    NoSuchMergeError,
    NothingToDecideError,
    judge_persons,
    undo_merge,
)
from pipelines.stewardship.queue import ASYLUM_FEEDS, compared, pending, side_by_side
from pipelines.stewardship.sampling import Drawn, draw

__all__ = [
    "ASYLUM_FEEDS",
    "Decision",
    "Drawn",
    "NoMergeError",
    "NoSuchMergeError",
    "NothingToDecideError",
    "TooManyDeliveriesError",
    "compared",
    "deliver",
    "draw",
    "judge_persons",
    "pending",
    "side_by_side",
    "undo_merge",
]
