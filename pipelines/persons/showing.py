"""A statement in words of one language, as text or as a page that needs neither a network nor a server."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from pipelines.contracts import Contract
from pipelines.labels import catalogue, label
from pipelines.persons.records import PREFIX
from pipelines.persons.sections import OTHER_PARTY, THIRD_PARTIES, Row, Section
from pipelines.persons.statement import Statement
from pipelines.quality.page import STYLE
from pipelines.storage.database import ZONE

FORMATS = ("text", "html")
UNKNOWN = "_U"
WIDTH = 110
FEEDS = ("feed", "basis_feed")
SPELLINGS = ("observation_id", "left_observation_id", "right_observation_id")
PLACES = (
    *("region", "district", "kato", "destination_kato", "from_kato", "to_kato"),
    *("from_region", "from_district", "to_region", "to_district"),
)
COUNTRIES = (
    *("citizenship", "birth_country", "document_state", "origin_country", "residence_country"),
    *("from_citizenship", "to_citizenship", "from_country", "to_country"),
)
FEED_OF = {
    "kandas_case": "kandas_cases",
    "enforcement_case": "enforcement_cases",
    "refugee_case": "asylum_cases",
    "return_case": "return_cases",
    "residence_move": "residence_moves",
    "residence_change": "residence_moves",
    "labour_engagement": "labour_permits",
}
NAMED = {
    "SELECT code, {name} FROM reference.country": COUNTRIES,
    "SELECT post_code, {name} FROM reference.control_post": ("entry_post", "exit_post", "post_code"),
    """SELECT kato, name FROM (SELECT kato, {name} AS name, valid_from FROM reference.district
    UNION ALL SELECT kato, {name}, valid_from FROM reference.region) ORDER BY valid_from NULLS FIRST""": PLACES,
}
# What the parts of `presence_class` are.
PARTS_OF_CLASS = ("purpose", "presence_nation", "presence_tenure")
CLOCKS = """SELECT left(kato, 2), clock FROM reference.region
UNION ALL SELECT post_code, clock FROM reference.control_post AS post
JOIN reference.region ON left(post.kato, 2) = left(region.kato, 2)"""
# Columns that say where a moment of a row was, the nearest first.
PLACES_OF_MOMENTS = ("post_code", "kato")
CODES = "SELECT code_list, code, {name} FROM reference.code_label WHERE is_known ORDER BY code_list"


@dataclass(frozen=True)
class Words:
    """What codes and columns are called in one language.

    Attributes:
        language: One of the languages of the catalogue.
        codes: Words by code list or column, and code.
        clocks: Time zones by post, and by the first two digits of a territory.
    """

    language: str
    codes: Mapping[tuple[str, str], str]
    clocks: Mapping[str, str]

    def heading(self, key: str) -> str:
        """The catalogue's words for a key, or its last part where a later table has none yet."""
        return catalogue()[key][self.language] if key in catalogue() else key.rpartition(".")[2]

    def title(self, section: str) -> str:
        """What a section is called; records are called by their feed."""
        feed = section.removeprefix(PREFIX)
        return self.heading(f"statement.{section}") if feed == section else self.value("", "feed", feed)

    def clock(self, row: Row) -> str:
        """The zone whose clock the moments of a row are told by: that of its post or territory, else the capital's."""
        place = next((str(row[column]) for column in PLACES_OF_MOMENTS if row.get(column)), "")
        return self.clocks.get(place[:2] if place.isdigit() else place, ZONE)

    def value(self, section: str, column: str, value: Any, clock: str = ZONE) -> str:
        """A value in words, moments by a clock."""
        if value is None or value == [] or value == UNKNOWN:
            return "—"
        if isinstance(value, bool):
            return label(f"statement.{'yes' if value else 'no'}", self.language)
        if isinstance(value, list):
            return ", ".join(self.value(section, column, part, clock) for part in value)
        if isinstance(value, datetime):
            return value.astimezone(ZoneInfo(clock)).strftime("%Y-%m-%d %H:%M")
        if isinstance(value, float):
            return f"{value:.2f}"
        if column == "presence_class":
            return ", ".join(map(partial(self.value, section), PARTS_OF_CLASS, value.split(":")))
        if value == OTHER_PARTY and column in THIRD_PARTIES:
            return label(f"third_party.{column}", self.language)
        named = (self.codes.get((code_list, value)) for code_list in _lists(section, column))
        return next(filter(None, named), str(value))


def _lists(section: str, column: str) -> tuple[str, ...]:
    """Code lists that may name the codes of a column, the nearest first."""
    if section == "look":
        return ("access_purpose",) if column == "purpose" else ()
    feed = FEED_OF.get(section, section.removeprefix(PREFIX))
    compared = ("level",) if section == "link_evidence" else ()
    return (column, f"{feed}.{column}", section, f"any.{column}", *compared)


def read_words(aggregates: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], language: str) -> Words:
    """The words of one language: names of countries, places and posts, titles of feeds, labels of codes.

    Args:
        aggregates: The published file of statistics, whose reference tables name things.
        contracts: All feeds.
        language: One of the languages of the catalogue.
    """
    codes: dict[tuple[str, str], str] = {}
    for code_list, code, name in aggregates.execute(CODES.format(name=f"name_{language}")).fetchall():
        codes[code_list, code] = codes[f"any.{code_list.rpartition('.')[2]}", code] = name
    for query, columns in NAMED.items():
        named = aggregates.execute(query.format(name=f"name_{language}")).fetchall()
        codes |= {(column, code): name for code, name in named for column in columns if name}
    titles = {
        feed: f"{getattr(contract.title, language)} ({getattr(contract.agency, language)})"
        for feed, contract in contracts.items()
    }
    codes |= {(column, feed): title for feed, title in titles.items() for column in FEEDS}
    return Words(language, codes, dict(aggregates.execute(CLOCKS).fetchall()))


def show(statement: Statement, words: Words, form: str, made_at: datetime) -> str:
    """The statement as a document.

    Args:
        statement: What is held.
        words: The words of its language.
        form: `text` or `html`.
        made_at: When it was made.
    """
    notes = ["about", "rights"] if statement.with_asylum else ["about", "rights", "asylum_left_out"]
    notes += [] if statement.with_days else ["days_left_out"]
    told = [label(f"statement.{note}", words.language) for note in notes]
    told.append(label("statement.queries", words.language).format(count=statement.open_queries))
    release = statement.release
    head = {
        "person_id": statement.person_id,
        "made_at": made_at.astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%d %H:%M"),
        "known_until": f"{release['as_of']} ({release['release_id']})",
    }
    sections = [(part, _in_words(part, words, _spellings(statement))) for part in statement.sections]
    return (_page if form == "html" else _text)(words, head, told, sections)


Told = list[tuple[Section, list[dict[str, str]]]]


def _spellings(statement: Statement) -> dict[int, str]:
    seen = [row["observation_id"] for part in statement.sections if part.name == "identity" for row in part.rows]
    return {spelling: str(number) for number, spelling in enumerate(dict.fromkeys(seen), start=1)}


def _in_words(section: Section, words: Words, spellings: Mapping[int, str]) -> list[dict[str, str]]:
    def said(row: Row, column: str) -> str:
        value = row[column]
        if column in SPELLINGS:
            return spellings.get(value, str(value))
        return words.value(section.name, column, value, words.clock(row))

    filled = [column for column in section.columns if any(row[column] is not None for row in section.rows)]
    return [{words.heading(f"column.{column}"): said(row, column) for column in filled} for row in section.rows]


def _text(words: Words, head: dict[str, str], told: list[str], sections: Told) -> str:
    lines = [label("statement.title", words.language).upper(), ""]
    lines += [f"{words.heading(f'column.{name}')}: {value}" for name, value in head.items()]
    for section, rows in sections:
        lines += ["", f"{words.title(section.name)} ({len(rows)})"]
        for number, row in enumerate(rows, start=1):
            said = "; ".join(f"{name}: {value}" for name, value in row.items() if value != "—")
            lines += textwrap.wrap(said, WIDTH, initial_indent=f"{number:>3}. ", subsequent_indent="     ")
    for note in told:
        lines += ["", *textwrap.wrap(note, WIDTH)]
    return "\n".join(lines) + "\n"


def _page(words: Words, head: dict[str, str], told: list[str], sections: Told) -> str:
    title = escape(label("statement.title", words.language))
    parts = [f"<h1>{title}</h1>", *(f"<p>{escape(note)}</p>" for note in told)]
    parts += [f"<p>{escape(words.heading(f'column.{name}'))}: {escape(value)}</p>" for name, value in head.items()]
    for section, rows in sections:
        parts.append(f"<h2>{escape(words.title(section.name))} ({len(rows)})</h2>")
        if rows:
            names = "".join(f"<th>{escape(name)}</th>" for name in rows[0])
            cells = ("".join(f"<td>{escape(value)}</td>" for value in row.values()) for row in rows)
            parts.append(f"<table><tr>{names}</tr>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>")
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE.read_text(encoding='utf-8')}</style></head><body>{''.join(parts)}</body></html>\n"
    )
