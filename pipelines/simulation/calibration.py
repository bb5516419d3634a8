"""Reading `calibration.yml`: the rates and shares of the synthetic state.

Numbers stand in the file with their sources; nothing here chooses one.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

FILE = Path(__file__).with_name("calibration.yml")


class Strict(BaseModel):
    """An unknown key in the file is a mistake of its author."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Citizenship(Strict):
    """How citizens of one state travel, are called and are documented; the first five are weights."""

    stayers: float
    travellers: float
    returnees: float = 0.0
    refuge: float = 0.0
    citizens: float = 0.0
    names: dict[str, float]
    via: str
    by_air: float
    visa: bool
    permit: bool
    alpha2: str
    prefixes: tuple[str, ...]
    digits: int


class Traveller(Strict):
    """How one kind of persons moves: share, medians of stay and absence, family and purposes.

    `mix` names the weights of citizenships, `fewest` the number of persons in the smallest world, `names` the list of
    names where it does not go by citizenship.
    """

    share: float
    fewest: int = 0
    mix: str
    names: str = ""
    inside: float
    stay: tuple[float, float]
    away: tuple[float, float]
    family: tuple[float, float, float, float]
    purposes: dict[str, float]


class Sender(Strict):
    """How one agency writes its files."""

    format: str
    delimiter: str = ","
    encoding: str = "utf-8"
    bom: bool = False


class Calibration(Strict):
    """All blocks of the file; each one names its source."""

    citizenships: dict[str, Citizenship]
    travellers: dict[str, Traveller]
    persons: dict[str, Any]
    movement: dict[str, float]
    errors: dict[str, float]
    posts: dict[str, tuple[str, ...]]
    variants: dict[str, list[tuple[str, str]]]
    papers: dict[str, Any]
    employment: dict[str, float]
    returnees: dict[str, Any]
    protection: dict[str, float]
    support: dict[str, Any]
    enforcement: dict[str, Any]
    moves: dict[str, Any]
    communities: dict[str, Any]
    senders: dict[str, Sender]


@lru_cache(maxsize=1)
def load_calibration() -> Calibration:
    """The calibration that ships with the package."""
    document: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    document.pop("name_sources")
    blocks = {name: block.get("values", block) for name, block in document.items()}
    return Calibration.model_validate(
        {name: {key: value for key, value in block.items() if key != "source"} for name, block in blocks.items()}
    )


def draw(rng: np.random.Generator, weights: list[float], size: int) -> NDArray[np.int64]:
    """One position in `weights` per drawn row, with the probability that its weight gives."""
    bounds = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.asarray(np.searchsorted(bounds, rng.random(size) * bounds[-1], side="right"), dtype=np.int64)
