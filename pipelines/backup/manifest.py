"""The manifest of a backup: which files it holds, and how it is told from one that is damaged or unfinished.

Grain: one line per file, between a first line about the whole and a last line with the hash of all lines before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pipelines.storage.files import write_whole

NAME = "manifest.jsonl"
UNFINISHED = "unfinished"


class BackupError(Exception):
    """A backup cannot be made or used; the message says why and what to do."""


class NoSuchBackupError(Exception):
    """No finished backup is of the load that is named."""


@dataclass(frozen=True)
class BackedUpFile:
    """One file of a backup.

    Attributes:
        path: Where it lies, below the home and below the backup alike.
        size: Its bytes.
        modified_ns: When it was last changed in the home.
        sha256: Its hash.
    """

    path: str
    size: int
    modified_ns: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    Attributes:
        load_seq: Last committed load.
        made_at: When it was made, ISO 8601.
        code_version: Version of the code that made it.
        links: Targets of the published names.
        files: Its files by their path.
    """

    load_seq: int
    made_at: str
    code_version: str
    links: Mapping[str, str]
    files: Mapping[str, BackedUpFile] = field(default_factory=dict)


def write(folder: Path, manifest: Manifest) -> None:
    """Writes the manifest, which makes the backup whole."""
    head = {name: value for name, value in vars(manifest).items() if name != "files"}
    lines = [json.dumps(head), *(json.dumps(asdict(manifest.files[path])) for path in sorted(manifest.files))]
    content = "".join(f"{line}\n" for line in lines).encode()
    last = json.dumps({"files": len(manifest.files), "sha256": hashlib.sha256(content).hexdigest()})
    write_whole(folder / NAME, content + last.encode() + b"\n", "backup.manifest")


def read(folder: Path) -> Manifest:
    """Reads a manifest.

    Raises:
        BackupError: It is not there, or not as it was written.
    """
    path = folder / NAME
    if not path.exists():
        raise BackupError(f"{folder} is not a finished backup: it has no {NAME}. Choose another one.")
    *lines, last = path.read_bytes().splitlines(keepends=True)
    said = hashlib.sha256(b"".join(lines)).hexdigest()
    if not lines or last != json.dumps({"files": len(lines) - 1, "sha256": said}).encode() + b"\n":
        raise BackupError(f"{path} is damaged: its last line does not fit the others. Choose another backup.")
    files = [BackedUpFile(**json.loads(line)) for line in lines[1:]]
    return Manifest(**json.loads(lines[0]), files={file.path: file for file in files})


def finished(folder: Path) -> list[Path]:
    """Finished backups in a folder, the oldest first; their names begin with the moment at which they were made."""
    if not folder.exists():
        return []
    return sorted(path for path in folder.iterdir() if path.name != UNFINISHED and (path / NAME).exists())
