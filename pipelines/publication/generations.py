"""Generations: finished files by load, the links that readers open, and the removal of old ones."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from pipelines.publication.file import PublicationError, log_of
from pipelines.storage.files import point_link, settle
from pipelines.storage.home import Home, megabytes

KEPT = 3
MODES = {"restricted": 0o600, "asylum": 0o600, "analysis": 0o640, "aggregates": 0o644}
NUMBERED = re.compile(r"(?P<name>[a-z]+)-(?P<load>\d+)(\.duckdb)?")


def generation_path(home: Home, name: str, load_seq: int) -> Path:
    """Where the file of a generation lies."""
    return home.generations / f"{name}-{load_seq}.duckdb"


def settle_generation(home: Home, name: str, written: Path, load_seq: int) -> Path:
    """Moves a finished file among the generations; a log that a reader left beside its name goes first."""
    final = generation_path(home, name, load_seq)
    log_of(final).unlink(missing_ok=True)
    written.chmod(MODES[name])
    settle(written, final, "publish")
    return final


def swap(home: Home, name: str, target: Path) -> None:
    """Points the published name at a finished file."""
    link = home.root / f"{name}.duckdb"
    log_of(link).unlink(missing_ok=True)
    point_link(link, target, "publish.link")


def demand_space(home: Home) -> None:
    """Refuses to begin where the disk cannot hold another generation.

    Raises:
        PublicationError: It cannot.
    """
    current = [link.resolve() for link in home.root.glob("*.duckdb") if link.exists()]
    needed = 2 * sum(path.stat().st_size for path in current)
    free = home.free_bytes
    if free < needed:
        raise PublicationError(
            f"a publication needs {megabytes(needed)} MB free on the disk of {home.root} and has {megabytes(free)}. "
            "Readers keep the last generation: free some space, then run the night again."
        )


def remove_old(home: Home) -> None:
    """Leaves the last three generations of each name, and whatever a link points at."""
    linked = {link.resolve() for link in home.root.iterdir() if link.is_symlink()}
    by_name: dict[str, list[tuple[int, Path]]] = {}
    for path in home.generations.iterdir():
        found = NUMBERED.fullmatch(path.name)
        if found:
            by_name.setdefault(found["name"], []).append((int(found["load"]), path))
    for numbered in by_name.values():
        for _, path in sorted(numbered)[:-KEPT]:
            if path.resolve() not in linked:
                _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        log_of(path).unlink(missing_ok=True)
        path.unlink()
