"""What lies in the landing folders: data files and their manifests.

Nothing here reads a data file's content; a delivery is found, named and judged by its manifest alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from pipelines.contracts import TABLE_FORMATS, Cadence, Contract

MANIFEST = ".manifest.json"
FORMATS = (*TABLE_FORMATS, "edi")
LARGEST_MANIFEST = 1 << 20
BASIC_FORM = re.compile(r"\d{8}(T|$)")


class Manifest(BaseModel):
    """What the sender says of a data file; unknown members are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    feed: str
    business_date: date
    rows: Annotated[int, Field(ge=0, lt=1 << 62)]
    sha256: Annotated[str, Field(pattern="^[0-9a-fA-F]{64}$")]
    sequence: int | None = None
    sender: str | None = None
    created_at: datetime | None = None
    kind: Literal["increment", "correction", "snapshot"] | None = None
    supersedes: str | None = None
    encoding: str | None = None
    delimiter: str | None = None

    @field_validator("sequence", "sender", "created_at", "kind", "supersedes", "encoding", "delimiter", mode="before")
    @classmethod
    def _take_empty_for_absent(cls, told: object) -> object:
        """Templates of manifests leave optional members as empty text."""
        return None if told == "" else told

    @field_validator("business_date", "created_at", mode="before")
    @classmethod
    def _read_basic_form(cls, told: object) -> object:
        """Reads the basic form of ISO 8601, which pydantic takes for seconds since 1970."""
        return datetime.fromisoformat(told) if isinstance(told, str) and BASIC_FORM.match(told) else told

    def corrects_before(self, today: date, years: int | None) -> bool:
        """Whether it corrects a day more than `years` before it was made; before today, where it does not say when."""
        made = self.created_at.date() if self.created_at else today
        is_correction = self.kind == "correction" or self.supersedes is not None
        return (
            years is not None
            and is_correction
            and (made.year - years, made.month, made.day)
            > (
                self.business_date.year,
                self.business_date.month,
                self.business_date.day,
            )
        )


class RejectedError(Exception):
    """The delivery is rejected whole.

    Attributes:
        code: Reason code, kept in the ledger.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Landed:
    """One data file in a landing folder, with or without its manifest.

    Attributes:
        contract: The feed in whose folder it lies.
        name: File name as text; data, never a path.
        path: Where it lies.
        mark: Size and times of file and manifest; an unchanged mark has been judged already.
        has_manifest: Whether the sender has declared it complete.
        landed_at: When the manifest, or else the file, was written.
    """

    contract: Contract
    name: str
    path: Path
    mark: str
    has_manifest: bool
    landed_at: datetime

    @property
    def manifest_path(self) -> Path:
        """Where the manifest lies."""
        return self.path.with_name(self.path.name + MANIFEST)

    @property
    def format(self) -> str:
        """File format by its ending; empty where no feed uses it."""
        return next((kind for kind in FORMATS if self.name.endswith("." + kind)), "")

    def manifest(self) -> Manifest:
        """Reads and checks the manifest.

        Raises:
            RejectedError: It cannot be read, or contradicts the file's name or place.
        """
        check_regular(self.manifest_path)
        with self.manifest_path.open("rb") as handle:
            content = handle.read(LARGEST_MANIFEST + 1)
        if len(content) > LARGEST_MANIFEST:
            raise RejectedError("manifest_unreadable", "the manifest is larger than 1 MiB")
        try:
            manifest = Manifest.model_validate(json.loads(content))
        except (ValueError, ValidationError, RecursionError) as error:
            raise RejectedError("manifest_unreadable", f"the manifest cannot be used ({_place(error)})") from error
        self._agrees(manifest)
        return manifest if manifest.kind else manifest.model_copy(update={"kind": self._usual_kind})

    @property
    def _usual_kind(self) -> str:
        """What a delivery is whose manifest does not say: a register comes whole each time."""
        return "snapshot" if self.contract.cadence is Cadence.snapshot else "increment"

    def _agrees(self, manifest: Manifest) -> None:
        endings = "|".join(map(re.escape, self.contract.formats))
        match = re.fullmatch(rf"{self.contract.feed}_([0-9]{{8}})_([0-9]{{3}})\.({endings})", self.name)
        if manifest.feed != self.contract.feed:
            raise RejectedError("feed_mismatch", f"the manifest says feed {manifest.feed!r}")
        if match is None:
            raise RejectedError("bad_name", "the name is not <feed>_<YYYYMMDD>_<3 digits>.<format>")
        if match[1] != manifest.business_date.strftime("%Y%m%d"):
            raise RejectedError("manifest_mismatch", "business date of manifest and file name differ")
        if manifest.sequence is not None and manifest.sequence != int(match[2]):
            raise RejectedError("manifest_mismatch", "sequence of manifest and file name differ")
        senders = self.contract.senders
        if senders and manifest.sender not in senders:
            raise RejectedError("sender_unknown", "the sender is not among those of the feed's contract")

    @property
    def sequence(self) -> int:
        """Sequence number of the file name; 0 where the name has none."""
        match = re.search(r"_(\d{3})\.", self.name)
        return int(match[1]) if match else 0


def _place(error: Exception) -> str:
    """Where a manifest is wrong and how, without what it says."""
    if isinstance(error, ValidationError):
        found = error.errors()[0]
        return ".".join(str(part) for part in found["loc"]) + ": " + found["msg"]
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON, line {error.lineno}, column {error.colno}: {error.msg}"
    return "not JSON"


def delivery_id(feed: str, name: str, sha256: str) -> str:
    """The same for the same delivery for ever: feed, file name and hash."""
    return hashlib.sha256(f"{feed}\n{name}\n{sha256}".encode()).hexdigest()[:16]


def check_hash(found: str, promised: str) -> None:
    """Refuses a file that is not the one that its manifest describes.

    Raises:
        RejectedError: The hashes differ.
    """
    if found != promised:
        raise RejectedError("hash_mismatch", "the file is not the one that the manifest describes; send both again")


def scan(landing: Path, contract: Contract) -> list[Landed]:
    """One `Landed` per data file, and per manifest without a file, in a feed's landing folder, by name."""
    folder = landing / contract.feed
    if not folder.is_dir():
        return []
    entries = {path.name: path for path in folder.iterdir() if not path.name.startswith(".")}
    names = {name.removesuffix(MANIFEST) for name in entries}
    return [_landed(contract, folder / name, name in entries, name + MANIFEST in entries) for name in sorted(names)]


def _landed(contract: Contract, path: Path, has_file: bool, has_manifest: bool) -> Landed:
    marks = []
    newest = 0
    for present, which in ((has_file, path), (has_manifest, path.with_name(path.name + MANIFEST))):
        status = which.lstat() if present else None
        marks.append(f"{status.st_size}.{status.st_mtime_ns}" if status else "absent")
        newest = max(newest, status.st_mtime_ns if status else 0)
    landed_at = datetime.fromtimestamp(newest / 1e9, UTC)
    name = os.fsencode(path.name).decode("utf-8", errors="backslashreplace")
    return Landed(contract, name, path, "/".join(marks), has_manifest, landed_at)


def check_regular(path: Path) -> None:
    """Refuses what is not a plain file; links, pipes and devices are never opened.

    Raises:
        RejectedError: The file is missing or not a regular file.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError as error:
        message = "the manifest's data file is not there; lay it beside the manifest"
        raise RejectedError("file_missing", message) from error
    if not stat.S_ISREG(mode):
        raise RejectedError("not_a_regular_file", "links, pipes, devices and folders are not read")
