"""The resource that every writing step takes: the settings, and the writer's lock for as long as the run lives.

The executor keeps all steps of a run in one process, so the lock is taken once, before the first step, and freed
after the last. `mic nightly` takes the same lock; neither can come between two steps of the other. Whoever gets it
first puts runs out of the way that were killed. Before it is freed, the page of the night is written.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from pipelines import accounts, alerts, nightly, reporting
from pipelines.defs.lost_runs import PURPOSE, end_lost_runs
from pipelines.labels import label
from pipelines.quality import Matter, grouped, read_matters
from pipelines.settings import Settings
from pipelines.storage import Home, LockHeldError, open_build, run_lock
from pipelines.storage.alive import signs_of_life
from pipelines.storage.loads import Load

POOL = "build_database"


class IncompleteRunError(Exception):
    """Publication was started without the steps before it."""


@dataclass(frozen=True)
class Centre:
    """The centre as a step sees it while its run holds the lock.

    Attributes:
        settings: Where it lies.
        failures: Steps of this run that failed, for the page of the night.
    """

    settings: Settings
    failures: list[Matter] = field(default_factory=list)

    @contextmanager
    def doing(self, step: str) -> Iterator[None]:
        """Turns an error of the block into a failure that says what happened and what to do, without a row's value."""
        try:
            yield
        except Exception as error:
            self.failures.append(reporting.failure(step, error))
            raise dg.Failure(
                f"{step}: {alerts.describe(error)}",
                metadata={"what_to_do": alerts.advise(error), "page": self.page},
                allow_retries=False,
            ) from None

    @property
    def page(self) -> dg.PathMetadataValue:
        """Where the page of the night lies, on the machine that runs the centre."""
        return dg.MetadataValue.path(reporting.page_path(self.settings))

    def wanting(self) -> dict[str, dg.MetadataValue[Any]]:
        """What wants a person, for those who look at an asset: how much, what, and the page that says it too."""
        with open_build(self.settings) as connection:
            matters = read_matters(connection)
        told = [
            [*(f"- {matter.said(alerts.LANGUAGE)}" for matter in group), f"\n{group[0].advice(alerts.LANGUAGE)}\n"]
            for group in grouped(matters)
        ]
        lines = [line for group in told for line in group]
        return {
            "wants_a_person": dg.MetadataValue.int(len(matters)),
            "what_to_do": dg.MetadataValue.md("\n".join(lines) or label("attention.none", alerts.LANGUAGE)),
            "page": self.page,
        }

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


def centre_resource(settings: Settings) -> dg.ResourceDefinition:
    """The resource `centre` for these settings."""

    @dg.resource(description="The centre's settings; holds the writer's lock while the run lives.")
    def centre(context: dg.InitResourceContext) -> Iterator[Centre]:
        home, run = Home(settings.home), context.run_id or "outside a run"
        try:
            lock = run_lock(home.lock, PURPOSE + run, settings.lock_wait_seconds)
            with signs_of_life(home.runs_alive / run), lock:
                if context.instance is not None:
                    end_lost_runs(context.instance, home, own=run)
                opened = Centre(settings)
                yield opened
                reporting.write_night(settings, opened.failures)
        except LockHeldError as error:
            raise dg.Failure(f"wait for the lock: {error}", metadata={"what_to_do": alerts.advise(error)}) from None

    return centre
