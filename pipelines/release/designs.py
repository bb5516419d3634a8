"""The designs of the released tables, as `designs.yml` has them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from pipelines.release.perturbing import BASE, BASE_OF_PROTECTED

DESIGNS = Path(__file__).with_name("designs.yml")
FIGURES = ("value", "lower", "upper")
OTHERS = "_O"


class Design(BaseModel):
    """One released table; the meaning of each field stands at the head of `designs.yml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    dimensions: tuple[str, ...]
    measure: str = Field(pattern="counts|ratios")
    query: str
    threshold: int = 0
    digits: dict[str, int] = Field(default_factory=dict)
    grouped: str | None = None
    decided_by: str | None = None
    status: str | None = None
    totals: tuple[str, ...] = ()
    attacked: bool = False
    protected: bool = False
    unnamed: tuple[str, ...] = ()
    published: bool = True
    grows: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the released table, in order."""
        return ("period", *self.dimensions, "indicator", *FIGURES, "obs_status")

    @property
    def is_perturbed(self) -> bool:
        """Whether its figures are perturbed counts, or are made of such."""
        return self.measure == "counts" or "released_" in self.query

    @property
    def guards(self) -> bool:
        """Whether its cells are of the stock of everybody, and must not tell of a protected group."""
        return self.attacked and self.decided_by == "stock"

    @property
    def named(self) -> tuple[str, ...]:
        """Dimensions that name a cell."""
        return tuple(name for name in self.dimensions if name not in self.unnamed)

    @property
    def subject(self) -> tuple[str, ...]:
        """Dimensions that say of what a figure is, without the name that new values of `grows` give it."""
        return tuple(name for name in self.dimensions if name != self.grows)

    @property
    def base(self) -> int:
        """Of what its counts are multiples."""
        return BASE_OF_PROTECTED if self.protected else BASE

    @property
    def beside(self) -> tuple[str, ...]:
        """What a small value is grouped within: the month and the other dimensions."""
        return ("period", *(name for name in self.dimensions if name != self.grouped))


@lru_cache(maxsize=1)
def designs() -> tuple[Design, ...]:
    """All designs, in the order of the file; a query may read what earlier designs released."""
    entries: dict[str, dict[str, object]] = yaml.safe_load(DESIGNS.read_text(encoding="utf-8"))
    return tuple(Design.model_validate({"name": name} | entry) for name, entry in entries.items())


def published() -> tuple[Design, ...]:
    """The designs of which a table is written."""
    return tuple(design for design in designs() if design.published)
