"""The project as dbt understands it, without a load's number: the same for every night and every home.

Parsing is dear. In one process it is done once; between processes dbt's own cache is kept with the project.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.modelling.calling import PROJECT, invoke, manifest_path
from pipelines.settings import Settings
from pipelines.storage import Home
from pipelines.storage.files import write_whole

FOLDERS = ("models", "macros", "seeds", "tests")
CACHE = PROJECT / "target" / "partial_parse.msgpack"


@dataclass(frozen=True)
class _Parsed:
    manifest: Any
    written: bytes


_PARSED: dict[str, _Parsed] = {}


def project_digest() -> str:
    """Changes with any file of the project."""
    digest = hashlib.sha256()
    for path in project_files():
        digest.update(str(path.relative_to(PROJECT)).encode() + b"\n" + path.read_bytes())
    return digest.hexdigest()


def project_files() -> list[Path]:
    """The files that dbt reads."""
    found = [path for folder in FOLDERS for path in (PROJECT / folder).rglob("*") if path.is_file()]
    return sorted([*found, *PROJECT.glob("*.yml")])


def parsed(settings: Settings) -> Any:
    """The parsed project; its manifest stands in the home afterwards."""
    key = project_digest()
    if key not in _PARSED:
        _PARSED.clear()
        _PARSED[key] = _parse(settings)
    path = manifest_path(settings)
    if not path.exists() or path.read_bytes() != _PARSED[key].written:
        write_whole(path, _PARSED[key].written, "modelling.manifest")
    return _PARSED[key].manifest


def _parse(settings: Settings) -> _Parsed:
    left = Home(settings.home).dbt_target / CACHE.name
    left.unlink(missing_ok=True)
    known = ["--partial-parse-file-path", str(CACHE)] if CACHE.exists() else []
    result = invoke(settings, ["parse", *known]).result
    if left.exists() and os.access(PROJECT, os.W_OK):
        _keep(left)
    return _Parsed(result, manifest_path(settings).read_bytes())


def _keep(left: Path) -> None:
    """Puts dbt's cache in the place of the kept one in one step, since several processes may do so at once."""
    CACHE.parent.mkdir(exist_ok=True)
    beside = CACHE.with_name(f"{CACHE.name}.{os.getpid()}")
    shutil.copyfile(left, beside)
    beside.replace(CACHE)
