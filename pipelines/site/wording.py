"""How one language says things: labels, numbers, months, and the names of places and states."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from pipelines.contracts.model import Label
from pipelines.labels import catalogue, label
from pipelines.settings import CHECKOUT

SEEDS = CHECKOUT / "dbt_project" / "seeds"
NARROW_SPACE = "\u202f"
WHOLE_STATE = "000000000"
NO_STATE = ("_U", "_T", "_R", "_O")
STATES = ("citizenship", "birth_country", "basis_value")
DAYS = ("provisional_by", "revised_on", "final_on")
AGES = re.compile(r"(\d+)-(\d+)")


@cache
def names(seed: str, key: str, language: str) -> dict[str, str]:
    """Names of a reference list by code."""
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        return {row[key]: row[f"name_{language}"] for row in csv.DictReader(file)}


@dataclass(frozen=True)
class Wording:
    """The words of one language, on a page of some depth.

    Attributes:
        language: `kk`, `ru` or `en`.
        up: Way from the page to the folder of its language.
        contracted: Labels that stand in the contracts of feeds, by `code.<list>.<code>`.
    """

    language: str
    up: str = ""
    contracted: Mapping[str, Label] = field(default_factory=dict)

    def to(self, path: str) -> str:
        """Address of a page of the same language."""
        return self.up + path

    def words(self, key: str, **values: object) -> str:
        """The label of a key, with its blanks filled."""
        found = label(key, self.language)
        return found.format(**values) if values else found

    def code(self, kind: str, code: str) -> str:
        """The label of a code; one that has none is shown as it is."""
        for key in (f"code.{kind}.{code}", f"site.code.{code}", f"code.any.{code}"):
            if key in catalogue():
                return label(key, self.language)
            if key in self.contracted:
                return str(getattr(self.contracted[key], self.language))
        return code

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number as the language writes it; a missing one is a dash."""
        if value is None:
            return "—"
        written = f"{value:,.{digits}f}"
        if self.language == "en":
            return written
        return written.replace(",", NARROW_SPACE).replace(".", ",")

    def share(self, value: float | None, digits: int = 1) -> str:
        """A share in per cent."""
        return "—" if value is None else f"{self.number(100 * value, digits)}{NARROW_SPACE}%"

    def link_share(self, value: float | None) -> str:
        """A share of links: they are so many that a thousandth of a per cent tells, and no digit more than released."""
        if value is None:
            return "—"
        digits = len(f"{100 * value:.3f}".rstrip("0").partition(".")[2])
        return self.share(value, digits)

    def month(self, period: str) -> str:
        """A month, given as `YYYY-MM`, in words."""
        year, _, month = period.partition("-")
        return self.words("site.month", month=self.words(f"site.month.{int(month)}"), year=year)

    def short_month(self, period: str) -> str:
        """A month, given as `YYYY-MM`, where there is little room."""
        year, _, month = period.partition("-")
        name = self.words(f"site.month.{int(month)}")
        return self.words("site.short_month", month_name=name, month=int(month), year=year)

    def day(self, day: date) -> str:
        """A day as the language writes it."""
        name = self.words(f"site.month.{day.month}")
        return self.words("site.day", day=day.day, month=day.month, month_name=name, year=day.year)

    def value(self, column: str, value: str) -> str:
        """What a value of a dimension means."""
        if column in ("period", "month"):
            return self.month(value)
        if column in DAYS:
            return self.day(date.fromisoformat(value))
        if column == "age_group" and (ages := AGES.fullmatch(value)):
            return f"{int(ages[1])}–{int(ages[2])}"
        if column == "scripts":
            return " – ".join(self.code("script", script) for script in value.split())
        if column == "region":
            return self._region(value)
        if column == "district":
            return names("district", "kato", self.language).get(value) or self.code(column, value)
        if column in STATES and value not in NO_STATE:
            return names("country", "code", self.language).get(value) or self.code(
                "host_type" if column == "basis_value" else column, value
            )
        return self.code(column, value)

    def _region(self, code: str) -> str:
        if code == WHOLE_STATE:
            return self.words("site.whole_state")
        return names("region", "kato", self.language).get(code) or self.code("region", code)
