"""The shape of a feed contract.

A contract is one YAML file. Its grain: one `Contract` per feed, one `Column` per column that the agency may
send, one `Rule` per condition that a row must meet. Nothing here reads files or touches the database.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

TABLE_FORMATS = ("csv", "csv.gz", "csv.zst", "jsonl", "jsonl.gz", "parquet", "xlsx")
NAME = re.compile(r"^[a-z][a-z0-9_]*$")
TAKEN = (
    "record_id",
    "delivery_id",
    "business_date",
    "happened_on",
    "flags",
    "normalised",
    "extra",
    "is_citizen_stripped",
    "line_number",
    "load_seq",
    "outcome",
    "known_from_seq",
    "known_to_seq",
)


class Cadence(StrEnum):
    """How often the agency delivers; the freshness report counts missing deliveries by it."""

    daily = "daily"
    weekly = "weekly"
    monthly = "monthly"
    quarterly = "quarterly"
    yearly = "yearly"
    snapshot = "snapshot"
    as_decided = "as_decided"

    @property
    def days(self) -> int | None:
        """Days between two deliveries; `None` where nothing is due by the calendar."""
        return {"daily": 1, "weekly": 7, "monthly": 31, "quarterly": 92, "yearly": 366}.get(self.value)


class Marking(StrEnum):
    """Who may see a column: everybody, the identified registry, or the restricted files alone."""

    open = "open"
    personal = "personal"
    restricted = "restricted"


class ColumnType(StrEnum):
    """How text becomes a value; `pipelines.intake.casting` holds one cast for each member."""

    text = "text"
    code = "code"
    country = "country"
    kato = "kato"
    sex = "sex"
    iin = "iin"
    bin = "bin"
    date = "date"
    partial_date = "partial_date"
    timestamp = "timestamp"
    integer = "integer"
    decimal = "decimal"
    boolean = "boolean"
    list = "list"


class Strict(BaseModel):
    """Base of all contract parts: an unknown key is a mistake of the author, not an extension."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Label(Strict):
    """A name in the three languages of the centre."""

    kk: str
    ru: str
    en: str


def _in_every_language(name: object) -> object:
    """A name that an agency goes by everywhere, as a label."""
    return {"kk": name, "ru": name, "en": name} if isinstance(name, str) else name


class Column(Strict):
    """One column of a feed.

    Attributes:
        name: Name in the header of the delivery and in `raw.<feed>`.
        header: Name in the header, where intake's own columns of `raw.<feed>` have taken it; else empty.
        type: How the text is cast.
        meaning: What it says and how the agency fills it.
        required: The delivery is rejected without the column and the row is quarantined without the value.
        marking: Who may see it.
        codes: Known codes with their labels; an unknown code is accepted and flagged.
        aliases: Other header names by which the agency has sent it.
        fillers: Texts that clerks write where they have nothing to write; each reads as empty.
        on_paper: Whether it is read off a document by eye: Cyrillic letters that look like Latin ones are Latin, and a
            number that a spreadsheet has rounded holds the row back.
        max_length: Longest text that is believed; longer text is quarantined.
        minimum: Smallest number that is believed.
        maximum: Largest number that is believed.
    """

    name: Annotated[str, Field(pattern=NAME.pattern)]
    header: Annotated[str, Field(pattern=f"^$|{NAME.pattern}")] = ""
    type: ColumnType
    meaning: str
    required: bool = False
    marking: Marking = Marking.open
    codes: dict[str, Label] | None = None
    aliases: tuple[str, ...] = ()
    fillers: tuple[str, ...] = ()
    on_paper: bool = False
    max_length: int = 500
    minimum: float | None = None
    maximum: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _header_is_read(cls, given: dict[str, Any]) -> dict[str, Any]:
        names = [given["header"]] if given.get("header") else []
        return given | {"aliases": (*names, *given.get("aliases", ()))}

    @model_validator(mode="after")
    def _name_is_free(self) -> Self:
        if self.name in TAKEN:
            raise ValueError(
                f"intake gives raw.<feed> a column {self.name!r}; choose a name and say `header: {self.name}`"
            )
        return self

    @property
    def delivered_as(self) -> str:
        """Name in the header of the delivery."""
        return self.header or self.name


class Rule(Strict):
    """A condition on one row, written in DuckDB SQL over the typed columns.

    A row for which `holds` is false breaks the rule; NULL keeps it. `quarantine` holds the row back with the
    rule's id as its reason, `flag` lets it pass and notes the id.
    """

    id: Annotated[str, Field(pattern=NAME.pattern)]
    holds: str
    severity: Annotated[str, Field(pattern="^(quarantine|flag)$")] = "quarantine"
    reason: str


class Expectation(Strict):
    """A promise about a delivery as a whole, judged by Great Expectations after the load.

    Attributes:
        type: Name of a translation in `expectations/`.
        column: The column concerned, where there is one.
        arguments: What the translation takes.
        severity: `critical` stops publication, `warning` is shown.
        reason: Why it is believed.
    """

    type: Annotated[str, Field(pattern=NAME.pattern)]
    column: str | None = None
    arguments: dict[str, float | int | str | list[str]] = {}
    severity: Annotated[str, Field(pattern="^(critical|warning)$")] = "warning"
    reason: str


class Simulation(Strict):
    """What the synthetic state needs to know of a feed.

    Attributes:
        generator: Name of the generator in `pipelines.simulation` that fills this feed; empty where none does
            and records are drawn after the sample beside the contract, else from the column types.
        format: File format in which the simulator delivers.
        rows_per_delivery: Most rows drawn for one delivery of a feed that has no generator of its own.
    """

    generator: str = ""
    format: str = "csv"
    rows_per_delivery: int = 0


class Contract(Strict):
    """One feed: who sends it, what one row is, and what every column and row promises.

    Attributes:
        feed: Name of the feed and of its folder.
        title: Name for people.
        agency: Who delivers, for people; a name given once stands for every language.
        family: The subject under which pictures and lists show the feed, beside others of its kind.
        description: What one row is, what comes, what is left out and why.
        marking: Who may know that a person is in the feed at all; `restricted` where that alone tells of protection,
            ethnicity or offence.
        cadence: How often a delivery is due.
        grace_days: Days after the due date before a delivery counts as missing.
        record_id: The column, or columns joined by `|`, that identify a record for ever.
        event_time: The column that says when the fact happened; empty for registers without one.
        happened_on: SQL for the day of the fact, where `event_time` alone does not give it.
        place: The column that says where the event's clock hangs, a control post or a territory; it gives the zone
            of local times before all of Kazakhstan went over to one.
        identity_block: Whether the columns of `sources/identity_block.yml` are part of the feed.
        citizens: `strip` counts rows of Kazakhstan's citizens and drops their identity; `link` keeps them.
        senders: Names accepted in the manifest's `sender`; empty accepts any.
        encodings: Encodings that the agency may use.
        formats: Endings that its files may bear; every table format unless it says otherwise, an interchange (`edi`)
            only where it says so.
        announces: Whether rows tell what is to come. They then say who a person is, and never that anybody was seen.
        hold_share: Share of quarantined rows above which the whole delivery is held for an operator.
        corrected_for_years: Years back to which a correction is taken in by itself; one of an older day is held for an
            operator. Empty where the agency has named no such term.
        columns: The columns, identity block included.
        rules: Conditions on a row.
        expectations: Promises about a delivery.
        simulation: What the synthetic state needs to know.
    """

    feed: Annotated[str, Field(pattern=NAME.pattern)]
    title: Label
    agency: Annotated[Label, BeforeValidator(_in_every_language)]
    family: Annotated[str, Field(pattern=NAME.pattern)] = "other"
    description: str
    marking: Marking = Marking.open
    cadence: Cadence
    grace_days: int = 1
    record_id: tuple[str, ...]
    event_time: str = ""
    happened_on: str = ""
    place: str = ""
    identity_block: bool = False
    citizens: Annotated[str, Field(pattern="^(strip|link)$")] = "link"
    senders: tuple[str, ...] = ()
    encodings: tuple[str, ...] = ("utf-8", "windows-1251")
    formats: tuple[str, ...] = TABLE_FORMATS
    announces: bool = False
    hold_share: float = 0.2
    corrected_for_years: Annotated[int, Field(ge=1)] | None = None
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    simulation: Simulation = Simulation()

    @model_validator(mode="after")
    def _names_resolve(self) -> Self:
        names = [column.name for column in self.columns]
        doubled = {name for name in names if names.count(name) > 1}
        if doubled:
            raise ValueError(f"{self.feed}: columns declared twice: {sorted(doubled)}")
        for name in (*self.record_id, *filter(None, (self.event_time, self.place))):
            if name not in names:
                raise ValueError(f"{self.feed}: no column is called {name!r}")
        for expectation in self.expectations:
            if expectation.column is not None and expectation.column not in names:
                raise ValueError(f"{self.feed}: an expectation names the unknown column {expectation.column!r}")
        return self

    @property
    def event_day(self) -> str:
        """SQL for the day of the fact that a row tells; the business date for feeds without one.

        A moment becomes the calendar day at its place, by the macro `day_at`.
        """
        if self.happened_on or not self.event_time:
            return self.happened_on or "business_date"
        is_moment = self.column(self.event_time).type is ColumnType.timestamp
        return f"day_at({self.event_time}, {self.clock()})" if is_moment else self.event_time

    def clock(self, prefix: str = "") -> str:
        """SQL for the zone in which a row's local times are read; `prefix` stands before the column's name."""
        return f"clock_at({prefix}{self.place})" if self.place else "clock_at(NULL)"

    def column(self, name: str) -> Column:
        """The column called `name`; raises `KeyError` where the feed has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.feed} has no column {name!r}")
