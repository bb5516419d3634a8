"""Which model of presence a load uses: the one that ships, until another is adopted.

Adopted models lie in the home, each in a folder of its name, and `models.jsonl` says from which load on each is used,
so that a past release re-derives by the model that it had.
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from pipelines.presence.model import FILES, SHIPPED, PresenceModel, load_model, version_of
from pipelines.presence.silence import CLASS_OF, LAST_DAY, band_of
from pipelines.storage.files import write_whole
from pipelines.storage.home import Home

TABLES = f"""CREATE SCHEMA IF NOT EXISTS presence;
{CLASS_OF};
CREATE TABLE IF NOT EXISTS presence.age (days INTEGER, band SMALLINT);
CREATE TABLE IF NOT EXISTS presence.curve (
  model_version VARCHAR, known_from_seq INTEGER, known_to_seq INTEGER, presence_class VARCHAR, ending VARCHAR,
  band SMALLINT, silent_band SMALLINT, probability DECIMAL(5, 4), lower DECIMAL(5, 4), upper DECIMAL(5, 4));
CREATE TABLE IF NOT EXISTS presence.model (
  model_version VARCHAR, known_from_seq INTEGER, known_to_seq INTEGER, apart DOUBLE);"""
LAID_OUT = "SELECT known_from_seq, model_version FROM presence.model ORDER BY ALL"


class NotAdoptedError(Exception):
    """A model cannot be adopted; the message says why."""


def adopted(home: Home) -> list[tuple[int, str]]:
    """Load from which on a model is used, and the model's version, in the order of adoption."""
    path = _register(home)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [(told["from_load"], told["version"]) for told in map(json.loads, lines)]


def lay_out(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Lets the build database have the curves of all models that the home has used, each with its loads."""
    connection.execute(TABLES)
    used = [(1, SHIPPED), *((load, _folder(home, version)) for load, version in adopted(home))]
    used = [one for one, after in zip(used, [*used[1:], (0, None)], strict=True) if one[0] != after[0]]
    if connection.execute(LAID_OUT).fetchall() == [(load, version_of(folder)) for load, folder in used]:
        return
    ends = [load for load, _ in used[1:]] + [None]
    days = np.arange(LAST_DAY + 1)
    connection.execute("DELETE FROM presence.age; DELETE FROM presence.curve; DELETE FROM presence.model")
    connection.register("age", pa.table({"days": days, "band": band_of(days)}))
    connection.execute("INSERT INTO presence.age FROM age")
    connection.unregister("age")
    for (load, folder), end in zip(used, ends, strict=True):
        model = load_model(folder)
        connection.register("curve", model.curve)
        connection.execute("INSERT INTO presence.curve SELECT $1, $2, $3, * FROM curve", [model.version, load, end])
        connection.execute(
            "INSERT INTO presence.model VALUES ($1, $2, $3, $4)", [model.version, load, end, model.apart]
        )
        connection.unregister("curve")


def adopt(home: Home, folder: Path, from_load: int) -> PresenceModel:
    """Uses the model in `folder` from a load on.

    Raises:
        NotAdoptedError: A model of that version is in use already.
    """
    model = load_model(folder)
    known = adopted(home)
    if model.version in {version for _, version in known} | {version_of()}:
        raise NotAdoptedError(f"a model named {model.version} is known already; train one under another name.")
    _keep(home, model.version, folder)
    _write_register(home, [*known, (from_load, model.version)])
    return model


def bring_adopted(old: Home, home: Home, as_of: int) -> None:
    """Lets a home that is made anew have the models that another one used up to a load."""
    used = [(load, version) for load, version in adopted(old) if load <= as_of]
    for _, version in used:
        _keep(home, version, _folder(old, version))
    if used:
        _write_register(home, used)


def _register(home: Home) -> Path:
    return home.build / "presence" / "models.jsonl"


def _folder(home: Home, version: str) -> Path:
    return home.build / "presence" / "models" / version


def _keep(home: Home, version: str, folder: Path) -> None:
    for name in FILES:
        write_whole(_folder(home, version) / name, (folder / name).read_bytes(), "presence.model")


def _write_register(home: Home, lines: list[tuple[int, str]]) -> None:
    text = "".join(json.dumps({"from_load": load, "version": version}) + "\n" for load, version in lines)
    write_whole(_register(home), text.encode("utf-8"), "presence.adopt")
