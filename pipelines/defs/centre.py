"""The resource that every writing step takes: the settings, and the writer's lock for as long as the run lives.

The executor keeps all steps of a run in one process, so the lock is taken once, before the first step, and freed
after the last. `mic nightly` takes the same lock; neither can come between two steps of the other.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import dagster as dg

from pipelines import accounts, alerts, nightly
from pipelines.settings import Settings
from pipelines.storage import Home, LockHeldError, open_build, run_lock
from pipelines.storage.loads import Load

POOL = "build_database"


class IncompleteRunError(Exception):
    """Publication was started without the steps before it."""


@dataclass(frozen=True)
class Centre:
    """The centre as a step sees it while its run holds the lock.

    Attributes:
        settings: Where it lies.
    """

    settings: Settings

    def open_load(self) -> Load:
        """The load that this run works for: the one that is open, else a new one.

        An open load is taken as it is: only taking in heals it, because only taking in puts back what healing removes.
        """
        if Home(self.settings.home).database.exists():
            with open_build(self.settings) as connection:
                load = accounts.find_open_load(connection)
            if load is not None:
                return load
        return nightly.begin(self.settings)


@contextmanager
def told_plainly(step: str) -> Iterator[None]:
    """Turns an error of the block into a failure that says what happened and what to do, without a value of a row."""
    try:
        yield
    except Exception as error:
        told, advice = alerts.describe(error), alerts.advise(error)
        raise dg.Failure(f"{step}: {told}", metadata={"what_to_do": advice}, allow_retries=False) from None


def centre_resource(settings: Settings) -> dg.ResourceDefinition:
    """The resource `centre` for these settings."""

    @dg.resource(description="The centre's settings; holds the writer's lock while the run lives.")
    def centre(context: dg.InitResourceContext) -> Iterator[Centre]:
        run = context.run_id or "outside a run"
        try:
            with run_lock(Home(settings.home).lock, f"Dagster run {run}", settings.lock_wait_seconds):
                yield Centre(settings)
        except LockHeldError as error:
            raise dg.Failure(f"wait for the lock: {error}", metadata={"what_to_do": alerts.advise(error)}) from None

    return centre
