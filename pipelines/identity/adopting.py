"""Which model a load uses: the one that ships, until another is adopted.

Adopted models lie beside the identity ledger, each in a folder of its name, and `models.jsonl` says from which load on
each is used, so that a rebuild links every load by the model that it had.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from pipelines.identity.model import SHIPPED, Model, load_model
from pipelines.storage.files import settle
from pipelines.storage.home import Home


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
    if model.version in {version for _, version in known} | {load_model().version}:
        raise NotAdoptedError(f"a model named {model.version} is known already; train one under another name.")
    if known and known[-1][0] > from_load:
        raise NotAdoptedError(f"another model is adopted from load {known[-1][0]} on, after load {from_load}.")
    kept = home.build / "identity" / "models" / model.version
    shutil.copytree(folder, kept, dirs_exist_ok=True)
    beside = home.temporary / "models.jsonl"
    lines = [*known, (from_load, model.version)]
    text = "".join(json.dumps({"from_load": load, "version": version}) + "\n" for load, version in lines)
    beside.write_text(text, encoding="utf-8")
    settle(beside, _register(home), "identity.adopt")
    return model
