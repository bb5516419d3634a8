"""The project as dbt understands it, without a load's number: the same for every night and every home.

Parsing is dear. In one process it is done once; between processes dbt's own cache is kept with the project, and beside
it the manifest as dbt writes it, which costs half a second of each night.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pipelines.lasting import lasting
from pipelines.modelling.calling import PROJECT, invoke, manifest_path
from pipelines.modelling.sources import write_sources
from pipelines.settings import Settings
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


def prepare(settings: Settings) -> None:
    """Parses the project, so that the first run in this process need not."""
    write_sources(settings)
    parsed(settings)


def parsed(settings: Settings) -> Any:
    """The parsed project; its manifest stands in the home afterwards."""
    key = project_digest()
    if key not in _PARSED:
        _PARSED.clear()
        with lasting():
            _PARSED[key] = _parse(settings, key)
    path = manifest_path(settings)
    if not path.exists() or path.read_bytes() != _PARSED[key].written:
        write_whole(path, _PARSED[key].written, "modelling.manifest")
    return _PARSED[key].manifest


def _parse(settings: Settings, digest: str) -> _Parsed:
    known = ["--partial-parse-file-path", str(CACHE)] if CACHE.exists() else []
    kept = CACHE.with_name(f"manifest.{version('dbt-core')}.{digest}.json")
    written = read_whole(kept)
    with TemporaryDirectory() as folder:
        arguments = ["parse", *known, *(["--no-write-json"] if written else [])]
        result = invoke(settings, arguments, target=Path(folder)).result
        left, new = Path(folder) / CACHE.name, Path(folder) / "manifest.json"
        if os.access(PROJECT, os.W_OK):
            if left.exists():
                _keep(left, CACHE)
            if not written:
                for older in CACHE.parent.glob("manifest.*.json"):
                    older.unlink(missing_ok=True)
                _keep(new, kept)
        return _Parsed(result, written or new.read_bytes())


def read_whole(manifest: Path) -> bytes:
    """A manifest that is there and whole; nothing where it is neither.

    One that is cut was written by dbt when it was killed, or lay on a disk that was full or lost power. It is said, and
    made anew by whoever asked.
    """
    try:
        content = manifest.read_bytes()
        json.loads(content)
    except FileNotFoundError:
        return b""
    except ValueError:
        print(f"{manifest} is cut or damaged, as a kill may leave it; it is made anew.", file=sys.stderr)
        return b""
    return content


def _keep(left: Path, kept: Path) -> None:
    """Puts what dbt has written in its place in one step, since several processes may do so at once."""
    kept.parent.mkdir(exist_ok=True)
    beside = kept.with_name(f"{kept.name}.{os.getpid()}")
    shutil.copyfile(left, beside)
    beside.replace(kept)
