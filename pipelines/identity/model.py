"""The frozen model: what each level of agreement weighs, how common names are, and from which weight on two are one.

A model is a folder: `model.json` (version, prior, thresholds, m and u of every level) and `frequency.csv` (how common
the roots of names were where it was trained). Weights are in bits: log2 of how much likelier a level is between two
observations of one person than between two of different ones. Nothing here looks at data.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import lru_cache
from math import log2
from pathlib import Path
from typing import Any

from pipelines.identity.levels import LEVELS

SHIPPED = Path(__file__).parent / "models" / "fs-3"
FILES = ("model.json", "frequency.csv")


class UnreadableModelError(ValueError):
    """A folder holds no model that this code can use; the message says why."""


@dataclass(frozen=True)
class Model:
    """One frozen model.

    Attributes:
        version: Its name, as releases and ledgers quote it.
        prior: Bits for one person before anything is compared: log2 odds that two observations drawn at random are.
        accept: Weight in bits from which two observations are one person.
        review: Weight from which a pair that is not accepted is shown to a steward.
        chances: Field, then level, then (m, u): its share among pairs of one person and among others.
        likeness: Role, then log2 of the chance that two names drawn at random share their root.
        frequency: (Role, root), then log2 of the share of names with this root.
        trained_on: What it was trained on, in words and numbers.
    """

    version: str
    prior: float
    accept: float
    review: float
    chances: dict[str, tuple[tuple[float, float], ...]]
    likeness: dict[str, float]
    frequency: dict[tuple[str, str], float]
    trained_on: dict[str, Any]

    def weights(self, field: str) -> list[float]:
        """Bits of each level of a field."""
        return [round(log2(m / u), 3) for m, u in self.chances[field]]


def load_model(folder: Path = SHIPPED) -> Model:
    """Reads a model; that which ships, once in a process.

    Raises:
        UnreadableModelError: It is no model, or its levels are not those that the code compares.
    """
    return _shipped() if folder == SHIPPED else _read(folder)


@lru_cache(maxsize=1)
def _shipped() -> Model:
    return _read(SHIPPED)


def _read(folder: Path) -> Model:
    if missing := [name for name in FILES if not (folder / name).is_file()]:
        raise UnreadableModelError(f"{folder} is no folder of a model: it has no {' and no '.join(missing)}.")
    told = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    chances = {
        field: tuple((told["levels"][field][name]["m"], told["levels"][field][name]["u"]) for name in names)
        for field, names in LEVELS.items()
        if set(told["levels"].get(field, ())) == set(names)
    }
    if set(chances) != set(LEVELS):
        raise UnreadableModelError(f"the model in {folder} has other levels than this code compares; train it again.")
    with (folder / "frequency.csv").open(encoding="utf-8", newline="") as file:
        frequency = {(row["role"], row["root"]): float(row["log2_share"]) for row in csv.DictReader(file)}
    return Model(
        told["version"],
        told["prior"],
        told["accept"],
        told["review"],
        chances,
        told["likeness"],
        frequency,
        told["trained_on"],
    )


def save_model(model: Model, folder: Path) -> None:
    """Writes a model for `load_model`."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {
        "version": model.version,
        "trained_on": model.trained_on,
        "prior": round(model.prior, 3),
        "accept": model.accept,
        "review": model.review,
        "likeness": {role: round(value, 3) for role, value in model.likeness.items()},
        "levels": {
            field: {
                name: {"m": float(f"{m:.6g}"), "u": float(f"{u:.6g}")}
                for name, (m, u) in zip(names, model.chances[field], strict=True)
            }
            for field, names in LEVELS.items()
        },
    }
    (folder / "model.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    with (folder / "frequency.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("role", "root", "log2_share"))
        writer.writerows((role, root, f"{share:.2f}") for (role, root), share in sorted(model.frequency.items()))
