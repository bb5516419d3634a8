"""The folders of a `MIC_HOME`."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from pipelines.storage.files import UNFINISHED


class UnfinishedRestoreError(Exception):
    """The home is being made from a backup and is not whole yet."""


def megabytes(size: int) -> int:
    """Whole megabytes, rounded up."""
    return -(-size // 1_000_000)


@dataclass(frozen=True)
class Home:
    """Paths below one `MIC_HOME`; every other module asks here where a thing lies."""

    RESTORING: ClassVar[str] = "restoring"
    COMPARED: ClassVar[str] = "verify-"

    root: Path

    @property
    def free_bytes(self) -> int:
        """Room on its disk, or on that of the nearest folder above it where the home is not there yet."""
        there = next(folder for folder in (self.root.absolute(), *self.root.absolute().parents) if folder.exists())
        return shutil.disk_usage(there).free

    @property
    def restoring(self) -> Path:
        """Files of a backup that are not verified yet; the home is whole when the folder is gone."""
        return self.root / self.RESTORING

    @property
    def landing(self) -> Path:
        """Where agencies lay deliveries, one folder per feed; the centre writes the decisions of its stewards alone."""
        return self.root / "landing"

    @property
    def build(self) -> Path:
        """The pipeline's own files."""
        return self.root / "build"

    @property
    def database(self) -> Path:
        """The encrypted build database."""
        return self.build / "mic.duckdb"

    @property
    def bronze(self) -> Path:
        """Typed rows of accepted deliveries, one Parquet file each."""
        return self.build / "bronze"

    @property
    def quarantine(self) -> Path:
        """Rows held back, raw text included, one Parquet file per delivery."""
        return self.build / "quarantine"

    @property
    def ledger(self) -> Path:
        """Every verdict and every committed load, one JSON line each."""
        return self.build / "ledger.jsonl"

    @property
    def erasing(self) -> Path:
        """The plan of an erasure that runs or was stopped; it is not there otherwise."""
        return self.build / "erasing.json"

    @property
    def holds(self) -> Path:
        """Words that persons are not to be erased, one JSON line each."""
        return self.build / "holds.jsonl"

    @property
    def lock(self) -> Path:
        """The file that one writing run holds."""
        return self.build / "lock"

    @property
    def temporary(self) -> Path:
        """Files of a running load; encrypted but for those that become kept files, which are in clear as those are."""
        return self.build / "tmp"

    @property
    def rebuilt(self) -> Path:
        """Where the database is made anew; a rebuild that was killed leaves it there."""
        return self.build / "rebuilt"

    @property
    def copies(self) -> list[Path]:
        """Copies of this home within it: what was killed while it rebuilt or compared leaves them."""
        return [self.rebuilt, *self.build.glob(f"{self.COMPARED}*")]

    @property
    def dagster(self) -> Path:
        """Dagster's storage."""
        return self.build / "dagster"

    @property
    def runs_alive(self) -> Path:
        """A file for each run of Dagster, which the run holds while it lives."""
        return self.dagster / "alive"

    @property
    def dbt_target(self) -> Path:
        """What dbt writes: manifest and run results."""
        return self.build / "dbt"

    @property
    def reports(self) -> Path:
        """Pages for the operator: results of the checks."""
        return self.build / "reports"

    @property
    def generations(self) -> Path:
        """Finished publications."""
        return self.root / "generations"

    @property
    def keys(self) -> Path:
        """Keys made here when none were given."""
        return self.root / "keys"

    @property
    def audit(self) -> Path:
        """Who looked at persons."""
        return self.root / "audit"

    @property
    def access_log(self) -> Path:
        """The chain of looks at persons, one JSON line each."""
        return self.audit / "access.jsonl"

    @property
    def release(self) -> Path:
        """The public release."""
        return self.root / "release"

    def prepare(self) -> None:
        """Makes the folders that the pipeline writes; private ones with mode 0700.

        Raises:
            UnfinishedRestoreError: A backup was not restored to its end.
        """
        if self.restoring.exists():
            raise UnfinishedRestoreError(
                f"{self.root} is being restored and is not whole: run `mic restore` with the same folder to its end."
            )
        self.root.mkdir(parents=True, exist_ok=True)
        self.landing.mkdir(exist_ok=True)
        self.generations.mkdir(exist_ok=True)
        for folder in (self.build, self.bronze, self.quarantine, self.temporary, self.dagster, self.keys, self.audit):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)

    def empty_temporary(self) -> None:
        """Removes what a killed run left: temporary files, and small ones that never got their names.

        The caller holds the lock. Of the folders that are written without it none holds persons.
        """
        shutil.rmtree(self.temporary, ignore_errors=True)
        self.temporary.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.build, self.reports, *self.landing.glob("*/")):
            for left in folder.glob(f".*{UNFINISHED}"):
                left.unlink(missing_ok=True)
