"""One centre, parsed once; its definitions; and a tiny state that has landed in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from pipelines.defs.assembly import build
from pipelines.modelling.preparing import prepare_manifest
from pipelines.settings import Settings
from pipelines.simulation import World, simulate
from pipelines.storage import Home

FIRST_DAY = date(2026, 1, 5)


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dbt manifest of the checkout."""
    return prepare_manifest(
        Settings(home=tmp_path_factory.mktemp("parsed"), keys={"registry": "r", "asylum": "s", "analysis": "a"})
    )


def new_centre(folder: Path) -> Settings:
    """An empty centre; it does not wait for locks."""
    keys = {name: name * 4 for name in ("registry", "asylum", "analysis")}
    settings = Settings(home=folder / "home", keys=keys, threads=1, lock_wait_seconds=0)
    Home(settings.home).prepare()
    return settings


def land(settings: Settings) -> None:
    """Lays three days of a tiny state into the landing folders."""
    world = World(persons=40, days=3, first_day=FIRST_DAY)
    simulate(world, settings.sources, Home(settings.home).landing, lambda *_: None, settings.home / "truth")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A centre of a test's own."""
    return new_centre(tmp_path)


@pytest.fixture
def definitions(settings: Settings, manifest: Path) -> dg.Definitions:
    """The definitions of that centre."""
    return build(settings, manifest)


@pytest.fixture
def landed(settings: Settings) -> Settings:
    """The centre with three days of a tiny state in its landing folders."""
    land(settings)
    return settings


@pytest.fixture
def instance() -> dg.DagsterInstance:
    """Dagster's storage for one test, in memory."""
    return dg.DagsterInstance.ephemeral()
