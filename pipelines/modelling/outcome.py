"""What becomes of a dbt run: a result per node, or the error that names what failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_FAILED = ("error", "fail", "runtime error")


@dataclass(frozen=True)
class NodeResult:
    """What became of one model, seed or test.

    Attributes:
        name: Schema and name of a relation, the name alone of a test.
        kind: `model`, `seed`, `test` or `unit_test`.
        status: dbt's word: `success`, `pass`, `warn`, `skipped`, `error`, `fail`.
        seconds: Time it took.
        failures: Rows that break a test.
        message: First line of what dbt says; of a broken test, how many rows break it.
    """

    name: str
    kind: str
    status: str
    seconds: float
    failures: int
    message: str

    @property
    def has_failed(self) -> bool:
        """Whether it stops the night."""
        return self.status in _FAILED


class ModellingError(Exception):
    """A model or test failed; the message names it and says the first thing that went wrong.

    Attributes:
        results: What became of every node of the run; empty where dbt ended before any.
    """

    def __init__(self, message: str, results: Sequence[NodeResult] = ()) -> None:
        super().__init__(message)
        self.results = tuple(results)


class OtherModelsError(Exception):
    """The models that stand were made by another version of the project."""
