"""Copying a file so that its hash is known and no half of it ever has its name."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from pipelines.storage.faults import passage
from pipelines.storage.files import settle

PIECE = 1 << 20


def copy(source: Path, target: Path) -> str:
    """Copies a file with its mode and times, waits for the disk and returns its sha256."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = target.with_name(f".{target.name}.part")
    beside.unlink(missing_ok=True)
    about = source.stat()
    digest = hashlib.sha256()
    passage("backup.copy")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as reader, os.fdopen(handle, "wb") as writer:
        while piece := reader.read(PIECE):
            digest.update(piece)
            writer.write(piece)
    beside.chmod(about.st_mode & 0o777)
    os.utime(beside, ns=(about.st_atime_ns, about.st_mtime_ns))
    settle(beside, target, "backup")
    return digest.hexdigest()
