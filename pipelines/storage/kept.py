"""Files that are written once and kept: how large they were and what hash they had when they got their names.

The ledger and the database hold one `KeptFile` for each file of bronze and quarantine, so that a file that is missing,
cut or altered is found by its name.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipelines.storage.files import settle
from pipelines.storage.home import Home

READ_PER_NIGHT = 256_000_000


class DamagedFileError(Exception):
    """A kept file is missing or is not what was written."""


@dataclass(frozen=True)
class KeptFile:
    """One kept file.

    Attributes:
        path: Where it lies, below `build/`.
        size: Its bytes.
        sha256: Its hash.
    """

    path: str
    size: int
    sha256: str

    def problem(self, home: Home, is_read: bool = True) -> str:
        """What is wrong with the file as it lies there; empty where nothing is.

        Args:
            home: Where it lies.
            is_read: Whether to read it whole and compare its hash; its size is compared in any case.
        """
        path = home.build / self.path
        if not path.is_file():
            return f"{path} is missing"
        size = path.stat().st_size
        if size != self.size:
            return f"{path} has {size} bytes, the ledger says {self.size}"
        if is_read and sha256(path) != self.sha256:
            return f"{path} is altered: its hash is not the one in the ledger"
        return ""


def keep(home: Home, written: Path, final: Path, point: str) -> KeptFile:
    """Gives a finished file its name for good.

    Args:
        home: Where it is kept.
        written: The file, complete.
        final: Its name, below `build/`.
        point: Name of the passage for planted faults.
    """
    written.chmod(0o600)
    kept = KeptFile(final.relative_to(home.build).as_posix(), written.stat().st_size, sha256(written))
    settle(written, final, point)
    return kept


def sha256(path: Path) -> str:
    """The hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def demand_whole(home: Home, files: Iterable[KeptFile], turn: int) -> None:
    """Refuses to go on where a kept file is damaged.

    Every size is compared. What is read whole is limited: all files where they are small together, else a share of
    them, another one at each turn, so that every file has its turn.

    Args:
        home: Where they lie.
        files: The files.
        turn: Number of the load.

    Raises:
        DamagedFileError: A file is missing, cut or altered.
    """
    kept = list(files)
    shares = 1 + sum(file.size for file in kept) // READ_PER_NIGHT
    found = [file.problem(home, zlib.crc32(file.path.encode()) % shares == turn % shares) for file in kept]
    problems = sorted(filter(None, found))
    if problems:
        raise DamagedFileError(
            f"{len(problems)} kept files are damaged ({'; '.join(problems[:3])}). Nothing was loaded, readers keep the "
            "last generation: check the disk, then `mic restore FOLDER --mend` puts them back from a backup."
        )
