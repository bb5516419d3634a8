"""A load from begin to publish: the steps, and all of them in a row.

`mic nightly` calls `run_nightly`; the Dagster assets call the same steps one by one. No step keeps a connection open
for the next, because dbt opens the database itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import duckdb

from pipelines import identity, modelling, presence, publication, quality, reporting
from pipelines.contracts import load_contracts
from pipelines.erasure.planning import demand_none_unfinished
from pipelines.intake import Intake, Selection, agree, compact, create_tables, heal, kept_files, states_of
from pipelines.release.running import release_closed_month
from pipelines.settings import Settings
from pipelines.stewardship.laying import finish as finish_deliveries
from pipelines.storage import Home, faults, open_build, read_key, run_lock
from pipelines.storage.database import ZONE
from pipelines.storage.kept import demand_whole
from pipelines.storage.keys import make_missing_keys
from pipelines.storage.loads import Load, commit_load, demand_layout, open_load

Progress = Callable[[str, int, int], None]
Clock = Callable[[], datetime]
STEPS = ("take in", "judge", "model", "link", "model facts", "judge registry", "publish")


class NotPublishedError(Exception):
    """A promise that stops publication was broken; the last generation stays."""


def silent(step: str, done: int, total: int) -> None:
    """Progress for callers that show none."""


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


@dataclass
class Night:
    """What a load did, in numbers alone.

    Attributes:
        load_seq: The load.
        deliveries: Number of deliveries judged, by state.
        left: Deliveries that wait for the next load, because this one is full.
        checks_failed: Broken promises that only warn.
        linked: What linking did.
        published: Rows published, by file.
    """

    load_seq: int
    deliveries: dict[str, int] = field(default_factory=dict)
    left: int = 0
    checks_failed: int = 0
    linked: identity.LinkCounts | None = None
    published: dict[str, int] = field(default_factory=dict)

    @property
    def needs_attention(self) -> bool:
        """Whether an operator should look: something was rejected or held, or a check failed."""
        return bool(self.deliveries.get("rejected") or self.deliveries.get("held") or self.checks_failed)


def local_day(moment: datetime) -> date:
    """The day of a moment in the centre's zone."""
    return moment.astimezone(ZoneInfo(ZONE)).date()


def begin(settings: Settings, clock: Clock = now) -> Load:
    """Opens the next load or resumes the open one, and removes what a killed run left of it."""
    faults.arm(settings.fault)
    home = Home(settings.home)
    home.prepare()
    demand_none_unfinished(home)
    make_missing_keys(settings)
    home.empty_temporary()
    finish_deliveries(home)
    with open_build(settings) as connection:
        demand_layout(connection)
        create_tables(connection)
        load = open_load(connection, home, clock(), settings.code_version)
        agree(connection, home, load.load_seq)
        demand_whole(home, kept_files(connection), load.load_seq)
        heal(connection, load.load_seq)
        presence.lay_out(connection, home)
    return load


@contextmanager
def _made_ready(settings: Settings) -> Iterator[None]:
    """Loads what judges and models beside the block, which leaves a core idle for the most part.

    What goes wrong with it is told when the block has ended.
    """

    def make_ready() -> None:
        quality.prepare()
        modelling.prepare(settings)

    with ThreadPoolExecutor(1) as beside:
        ready = beside.submit(make_ready)
        yield
    ready.result()


def take_in(
    settings: Settings, load: Load, selection: Selection, progress: Progress = silent
) -> tuple[dict[str, int], int]:
    """Takes in what has landed.

    Returns:
        The number of deliveries by state, with those that were judged before the load was resumed, and of those that
        wait for the next load because this one is full.
    """
    contracts = load_contracts(settings.sources)
    today = local_day(load.known_at)
    with open_build(settings) as connection:
        intake = Intake(connection, Home(settings.home), contracts, load.load_seq, today, progress)
        states = intake.run(selection)
        if load.is_resumed:
            states = states_of(Home(settings.home), load.load_seq)
        quality.refresh_freshness(connection, contracts, today)
    return states, intake.left


def judge(settings: Settings, load: Load) -> list[quality.Outcome]:
    """Judges what the load brought, feed by feed."""
    with open_build(settings) as connection:
        return quality.judge(connection, load_contracts(settings.sources), load.load_seq)


def model(settings: Settings, load: Load, select: str, progress: Progress = silent) -> list[modelling.NodeResult]:
    """Runs a part of the dbt project for the load."""

    def started(name: str) -> None:
        faults.passage("model.start")
        progress(f"model {name}", 0, 0)

    return modelling.build(settings, select, load.load_seq, progress=started)


def link(settings: Settings, load: Load) -> identity.LinkCounts:
    """Links what the load brought to persons."""
    home = Home(settings.home)
    model_used = identity.model_of(home, load.load_seq)
    with open_build(settings) as connection:
        counts = identity.link(connection, home, load.load_seq, read_key(settings, "registry"), model_used)
        identity.create_views(connection)
    return counts


def judge_registry(settings: Settings, load: Load) -> list[quality.Outcome]:
    """Judges the registry as a whole, before anything is published."""
    with open_build(settings) as connection:
        return quality.judge_registry(connection, load.load_seq)


def publish(
    settings: Settings, load: Load, outcomes: list[quality.Outcome], progress: Progress = silent
) -> tuple[dict[str, int], list[quality.Outcome]]:
    """Publishes the load, releases the month that has closed, if one has, and commits the load.

    A release that an attack gets the better of keeps nobody from the load: the release that stands remains, and every
    night tries again.

    Returns:
        Rows published, by file, and whether the release withstood the attacks, where one was due.

    Raises:
        NotPublishedError: A critical promise is broken; readers keep the last generation.
    """
    demand_promises(settings, load, outcomes)
    counts = publication.publish(settings, load)
    with open_build(settings) as connection:
        released = release_closed_month(connection, settings, load, progress)
        commit(connection, settings, load)
    return counts, released


def demand_promises(settings: Settings, load: Load, outcomes: list[quality.Outcome]) -> None:
    """Refuses to go on where a promise that stops publication is broken.

    Raises:
        NotPublishedError: One is; readers keep the last generation.
    """
    broken = quality.blocking(outcomes)
    if broken:
        named = "; ".join(f"{outcome.feed}: {outcome.expectation}" for outcome in broken[:5])
        raise NotPublishedError(
            f"load {load.load_seq} is not published, {len(broken)} promises are broken ({named}). Readers keep the "
            f"last generation. Look at {reporting.page_path(settings)}, mend the delivery or the rule, and run the "
            "night again."
        )


def commit(connection: duckdb.DuckDBPyConnection, settings: Settings, load: Load) -> None:
    """Makes the load final, and compacts the bronze of closed months."""
    home = Home(settings.home)
    commit_load(connection, home, load)
    compact(connection, home, load_contracts(settings.sources), local_day(load.known_at))


def compact_closed_months(settings: Settings, clock: Clock = now) -> int:
    """Compacts bronze of closed months, as every publication does; returns how many files became fewer.

    Raises:
        LockHeldError: Another run is writing.
    """
    home = Home(settings.home)
    with run_lock(home.lock, "mic compact", settings.lock_wait_seconds), open_build(settings) as connection:
        demand_layout(connection)
        return compact(connection, home, load_contracts(settings.sources), local_day(clock()))


def run_nightly(
    settings: Settings,
    selection: Selection | None = None,
    progress: Progress = silent,
    clock: Clock = now,
    publishes: bool = True,
) -> Night:
    """One load, from what has landed to what is published.

    A load that is full, and leaves deliveries to the next, is committed and not published.

    Args:
        settings: Where the centre lies.
        selection: Deliveries to take in; all by default.
        progress: Told each step and how far it is.
        clock: Gives the moment that the load stands for.
        publishes: Whether readers get a new generation; the loads of a backfill need none but the last.

    Raises:
        LockHeldError: Another run is writing.
        NotPublishedError: A critical promise is broken.
    """
    home = Home(settings.home)
    home.prepare()
    held = run_lock(home.lock, "mic nightly", settings.lock_wait_seconds)
    with held, reporting.reported(settings) as course:

        def told(step: str, done: int, total: int) -> None:
            course.step = step
            progress(step, done, total)

        load = begin(settings, clock)
        night = Night(load.load_seq)
        with _made_ready(settings):
            night.deliveries, night.left = take_in(settings, load, selection or Selection(), told)
        told("judge", 0, 1)
        outcomes = judge(settings, load)
        modelled = model(settings, load, modelling.BEFORE_LINKING, told)
        told("link", 0, 1)
        night.linked = link(settings, load)
        modelled += model(settings, load, modelling.AFTER_LINKING, told)
        told("judge registry", 0, 1)
        outcomes += judge_registry(settings, load)
        told("publish", 0, 1)
        if publishes and not night.left:
            night.published, released = publish(settings, load, outcomes, told)
            outcomes += released
        else:
            demand_promises(settings, load, outcomes)
            with open_build(settings) as connection:
                commit(connection, settings, load)
        night.checks_failed = sum(not one.success for one in outcomes) + sum(one.status == "warn" for one in modelled)
    return night
