"""A demonstration: a synthetic state, delivered and loaded as if its last week were happening now.

The state is simulated into a folder beside the landing. Its deliveries are then moved into the landing on the nights
on which they would have arrived: all but the last week as one load, the last nights one by one.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from pipelines.intake.delivery import MANIFEST
from pipelines.nightly import Night, Progress, run_nightly
from pipelines.settings import Settings
from pipelines.simulation import World, simulate
from pipelines.storage import Home, run_lock
from pipelines.storage.database import ZONE
from pipelines.storage.files import write_whole

NIGHTLY_AT = clock_time(4)
MARK = "demonstration.json"
Shown = Callable[[str], AbstractContextManager[Progress]]


class HomeInUseError(Exception):
    """The home holds something that a demonstration must not touch."""


@dataclass
class Demonstration:
    """What a demonstration did.

    Attributes:
        persons: Foreigners of the synthetic state.
        seconds: Time of each part, by its name.
        cpu_seconds: Processor time of each part, which does not grow when others use the machine.
        nights: The loads, in order.
        on_the_way: Deliveries that would arrive after the last night.
    """

    persons: int
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    nights: list[Night] = field(default_factory=list)
    on_the_way: int = 0

    @property
    def needs_attention(self) -> bool:
        """Whether any night left something for an operator."""
        return any(night.needs_attention for night in self.nights)


def demonstrate(settings: Settings, world: World, nights: int, shown: Shown, fresh: bool = False) -> Demonstration:
    """Simulates, delivers and loads a state.

    Args:
        settings: The home, which must be empty or hold an earlier demonstration.
        world: The state wanted.
        nights: How many of its last days are loaded one by one.
        shown: Gives a progress to each part, by the part's name.
        fresh: Remove the earlier demonstration of this home first.

    Raises:
        HomeInUseError: The home holds deliveries or loads that are not of a demonstration.
    """
    home = Home(settings.home)
    clear(home, fresh)
    write_whole(home.root / MARK, json.dumps({"persons": world.persons, "seed": world.seed}).encode(), "demo", 0o644)
    staging = home.root / "demonstration"
    done = Demonstration(world.persons)
    with _timed(done, "simulate") as part, shown(part) as progress:
        simulate(world, settings.sources, staging / "landing", lambda feed, n, of: progress(f"simulate {feed}", n, of))
    last_day = world.first_day + timedelta(days=world.days - 1)
    for number in range(nights, -1, -1):
        day = last_day - timedelta(days=number)
        name = f"night of {day}" if number < nights else f"{world.days - nights} days to {day}"
        lay(staging / "landing", home.landing, day + timedelta(days=1))
        with _timed(done, name) as part, shown(part) as progress:
            done.nights.append(run_nightly(settings, progress=progress, clock=partial(moment, day)))
    done.on_the_way = sum(1 for _ in (staging / "landing").rglob(f"*{MANIFEST}"))
    return done


def clear(home: Home, fresh: bool) -> None:
    """Makes room for a demonstration, in a home that is empty or held one.

    Raises:
        HomeInUseError: It holds something else, or an earlier demonstration and `fresh` is not asked for.
    """
    is_ours = (home.root / MARK).exists()
    is_used = home.database.exists() or (home.landing.is_dir() and any(home.landing.rglob(f"*{MANIFEST}")))
    if is_used and not is_ours:
        raise HomeInUseError(
            f"{home.root} holds deliveries or loads that are not of a demonstration, and they stay as they are. "
            "Set MIC_HOME to another folder and run `mic demo` again."
        )
    if is_used and not fresh:
        raise HomeInUseError(f"{home.root} already holds a demonstration. Run `mic demo --fresh` to make it anew.")
    if is_ours:
        with run_lock(home.lock, "mic demo --fresh"):
            _remove(home)


def _remove(home: Home) -> None:
    for path in home.root.iterdir():
        if path.is_symlink():
            path.unlink()
    for folder in (home.landing, home.generations, home.root / "demonstration", home.build):
        shutil.rmtree(folder, ignore_errors=True)


def lay(staging: Path, landing: Path, until: date) -> int:
    """Moves what senders had finished by the night of `until` into the landing, data file first, manifest last."""
    moved = 0
    for manifest in sorted(staging.rglob(f"*{MANIFEST}")):
        created = datetime.fromisoformat(json.loads(manifest.read_text(encoding="utf-8"))["created_at"])
        if created.astimezone(ZoneInfo(ZONE)).date() > until:
            continue
        folder = landing / manifest.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        data = manifest.with_name(manifest.name.removesuffix(MANIFEST))
        data.replace(folder / data.name)
        manifest.replace(folder / manifest.name)
        moved += 1
    return moved


def moment(day: date) -> datetime:
    """When the night after `day` is loaded; never later than the clock says."""
    planned = datetime.combine(day + timedelta(days=1), NIGHTLY_AT, ZoneInfo(ZONE))
    return min(planned.astimezone(UTC), datetime.now(UTC))


@contextmanager
def _timed(done: Demonstration, part: str) -> Iterator[str]:
    began, used = time.monotonic(), time.process_time()
    yield part
    done.cpu_seconds[part] = round(time.process_time() - used, 1)
    done.seconds[part] = round(time.monotonic() - began, 1)
