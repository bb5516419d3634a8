"""Worlds that the tests of the simulation deliver and look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines.settings import CHECKOUT
from pipelines.simulation import World, simulate

SMALL = World(persons=3_000, days=30, first_day=date(2026, 1, 1), seed=7)
SOURCES = CHECKOUT / "sources"


@dataclass(frozen=True)
class Simulated:
    """Where a world lies."""

    landing: Path
    truth: Path


def deliver(world: World, folder: Path) -> Simulated:
    """Delivers a world into a folder."""
    truth = simulate(world, SOURCES, folder / "landing", lambda feed, done, total: None)
    return Simulated(folder / "landing", truth.parent)
