"""Which model a load uses: the one that ships, until another is adopted.

Adopted models lie beside the identity ledger, each in a folder of its name, and `models.jsonl` says from which load on
each is used, so that a rebuild links every load by the model that it had.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from pipelines.identity.model import FILES, SHIPPED, Model, load_model
from pipelines.storage.files import write_whole
from pipelines.storage.home import Home

VERSION = re.compile(r"[a-z0-9][a-z0-9.-]{0,31}")


class NotAdoptedError(Exception):
    """A model cannot be adopted; the message says why."""


def _register(home: Home) -> Path:
    return home.build / "identity" / "models.jsonl"


def adopted(home: Home) -> list[tuple[int, str]]:
    """Load from which on a model is used, and the model's version, in the order of adoption."""
    path = _register(home)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [(told["from_load"], told["version"]) for told in map(json.loads, lines)]


def folder_of(home: Home, load_seq: int) -> Path:
    """Folder of the model that a load uses."""
    in_use = [version for from_load, version in adopted(home) if from_load <= load_seq]
    return home.build / "identity" / "models" / in_use[-1] if in_use else SHIPPED


def model_of(home: Home, load_seq: int) -> Model:
    """The model that a load uses."""
    return load_model(folder_of(home, load_seq))


def adopt(home: Home, folder: Path, from_load: int) -> Model:
    """Uses the model in `folder` from a load on.

    Raises:
        NotAdoptedError: A model of that version is in use, or loads up to that one are made already.
    """
    model = load_model(folder)
    known = adopted(home)
    if not VERSION.fullmatch(model.version):
        raise NotAdoptedError("a model's name is up to 32 small letters, digits, dots and hyphens; train it under one.")
    if model.version in {version for _, version in known} | {load_model().version}:
        raise NotAdoptedError(f"a model named {model.version} is known already; train one under another name.")
    if known and known[-1][0] > from_load:
        raise NotAdoptedError(f"another model is adopted from load {known[-1][0]} on, after load {from_load}.")
    _keep(home, model.version, folder)
    _write_register(home, [*known, (from_load, model.version)])
    return model


def bring_adopted(old: Home, home: Home, as_of: int) -> None:
    """Lets a home that is made anew have the models that another one used up to a load."""
    used = [(from_load, version) for from_load, version in adopted(old) if from_load <= as_of]
    for _, version in used:
        _keep(home, version, old.build / "identity" / "models" / version)
    if used:
        _write_register(home, used)


def _keep(home: Home, version: str, folder: Path) -> None:
    kept = home.build / "identity" / "models" / version
    for name in FILES:
        write_whole(kept / name, (folder / name).read_bytes(), "identity.model")


def _write_register(home: Home, lines: list[tuple[int, str]]) -> None:
    text = "".join(json.dumps({"from_load": load, "version": version}) + "\n" for load, version in lines)
    write_whole(_register(home), text.encode("utf-8"), "identity.adopt")
