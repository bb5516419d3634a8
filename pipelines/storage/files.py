"""Durable writes: what stands here after a crash is either the old file or the whole new one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from pipelines.storage.faults import passage

# Ends the name of a small file until it is whole. No sender uses it, so that what a kill leaves is known as our own.
UNFINISHED = ".mic-part"


def sync_folder(folder: Path) -> None:
    """Makes a rename or removal in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def settle(written: Path, final: Path, point: str) -> None:
    """Moves a finished file to its name: fsync, rename, fsync of the folder.

    Args:
        written: The complete file, on the same file system.
        final: Its name; an existing file there is replaced.
        point: Name of the passage for planted faults.
    """
    passage(f"{point}.fsync")
    with written.open("rb+") as handle:
        os.fsync(handle.fileno())
    passage(f"{point}.rename")
    final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    written.replace(final)
    sync_folder(final.parent)


def write_whole(final: Path, content: bytes, point: str, mode: int = 0o600) -> None:
    """Writes a small file so that readers see the old content or the new, never a part.

    Each writer has a file of its own until the rename: of several at once the last one's content stands.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    passage(f"{point}.write")
    handle, name = tempfile.mkstemp(UNFINISHED, f".{final.name}.", final.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        beside.chmod(mode)
        settle(beside, final, point)
    finally:
        beside.unlink(missing_ok=True)


def point_link(link: Path, target: Path, point: str) -> None:
    """Points a symbolic link at `target` in one step; readers of the old target keep it."""
    beside = link.with_name(f".{link.name}.part")
    beside.unlink(missing_ok=True)
    beside.symlink_to(os.path.relpath(target, link.parent))
    passage(f"{point}.rename")
    beside.replace(link)
    sync_folder(link.parent)


def append_line(path: Path, line: str, point: str) -> None:
    """Appends one line and waits until it is on the disk."""
    passage(f"{point}.write")
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line.encode("utf-8") + b"\n")
        passage(f"{point}.fsync")
        os.fsync(handle)
    finally:
        os.close(handle)
