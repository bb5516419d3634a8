"""How the centre lays a delivery of its own into the landing: both files, or neither.

The manifest is on the disk first, under a name that nothing reads; then the data file, then the manifest gets its name.
A kill between two of these leaves a note of what was meant, which `finish` carries out or takes back.
"""

from __future__ import annotations

from pathlib import Path

from pipelines.intake.delivery import MANIFEST
from pipelines.storage import Home
from pipelines.storage.files import settle, sync_folder, write_whole

# Ends the name of a manifest whose data file is not known to lie there yet.
MEANT = ".mic-meant"


def lay(path: Path, content: bytes, manifest: bytes) -> None:
    """Lays a data file and its manifest down; the caller holds the run lock and has called `finish`.

    Args:
        path: The data file, whose name no delivery has had.
        content: What it holds.
        manifest: What the manifest holds.

    Raises:
        OSError: The system refused a write; neither file is there then.
    """
    meant = path.with_name(f".{path.name}{MANIFEST}{MEANT}")
    try:
        write_whole(meant, manifest, "laying.meant")
        write_whole(path, content, "laying.data")
        settle(meant, _named(meant), "laying.manifest")
    except OSError:
        for left in (_named(meant), path, meant):
            left.unlink(missing_ok=True)
        raise


def finish(home: Home) -> None:
    """Ends what a kill interrupted: a manifest whose data file lies there gets its name, another goes."""
    for meant in home.landing.glob(f"*/.*{MANIFEST}{MEANT}"):
        if _named(meant).with_name(_named(meant).name.removesuffix(MANIFEST)).exists():
            settle(meant, _named(meant), "laying.finish")
        else:
            meant.unlink()
            sync_folder(meant.parent)


def _named(meant: Path) -> Path:
    """The manifest under its name."""
    return meant.with_name(meant.name.removeprefix(".").removesuffix(MEANT))
