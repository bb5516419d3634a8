"""What is held of one person: the registry's rows, whose they are, how they were linked, and who looked at them.

Values are as kept; `showing` puts them into words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipelines.audit.chain import entries
from pipelines.persons.sections import (
    INTERNAL,
    Row,
    Section,
    read_rows,
    read_sections,
    without_asylum,
    without_asylum_codes,
)

ADULT = 18
LOOK = ("at", "who", "command", "purpose", "case_number")
SELVES = """WITH RECURSIVE self AS (
  SELECT $person AS person_id
  UNION SELECT other_person_id FROM registry.link_event JOIN self USING (person_id) WHERE event = 'merged'
) SELECT person_id FROM self WHERE person_id IS NOT NULL"""
HEIR = "SELECT person_id FROM registry.link_event WHERE event = 'merged' AND other_person_id = $person"
EVIDENCE = """SELECT * FROM registry.link_evidence
WHERE list_contains($spellings, left_observation_id) AND list_contains($spellings, right_observation_id) ORDER BY ALL"""
EVENTS = """SELECT event, load_seq, published_at AS known_at, decided_by = 'model' AS is_by_rule,
  CASE WHEN decided_by = 'model' THEN reason END AS reason
FROM registry.link_event LEFT JOIN meta.release_history USING (load_seq)
WHERE person_id = $person OR (event = 'split' AND other_person_id = $person) ORDER BY load_seq, event"""


class NobodyError(Exception):
    """There is no such person now; the message says what to do."""


class MinorError(Exception):
    """The statement of a minor goes to the guardian."""


@dataclass(frozen=True)
class Statement:
    """All that is held of a person.

    Attributes:
        person_id: The person.
        release: The row of `meta.release` from which it was gathered.
        with_asylum: Whether the parts about asylum are in it.
        sections: Its parts, those without rows too.
        open_queries: Looks by free query, of which the log does not say whom they showed.
    """

    person_id: str
    release: Row
    with_asylum: bool
    sections: list[Section]
    open_queries: int

    @property
    def rows(self) -> int:
        """Number of rows in all sections."""
        return sum(len(section.rows) for section in self.sections)


def gather(
    restricted: duckdb.DuckDBPyConnection,
    asylum: duckdb.DuckDBPyConnection | None,
    log: Path,
    person_id: str,
    today: date,
    to_guardian: bool = False,
    read_more: Callable[[list[Section]], list[Section]] = list,
) -> Statement:
    """Gathers what is held of a person.

    Args:
        restricted: The restricted file, in use.
        asylum: The asylum file, in use, where its key was given.
        log: The chain of looks.
        person_id: The person.
        today: Day on which it is made.
        to_guardian: Whether it goes to a guardian.
        read_more: Gives the sections of the registry back with more of them.

    Raises:
        NobodyError: Nobody has this id now.
        MinorError: The person is a minor, or may be one, and it does not go to a guardian.
    """
    _demand_person(restricted, person_id, today, to_guardian)
    sections = read_sections(restricted, person_id)
    sections = without_asylum(sections) if asylum is None else sections + read_sections(asylum, person_id)
    sections = read_more(sections)
    sections = without_asylum_codes(sections) if asylum is None else sections
    spellings = [row["observation_id"] for part in sections if part.name == "identity" for row in part.rows]
    sections.append(_listed("link_evidence", read_rows(restricted, EVIDENCE, spellings=spellings)))
    sections.append(_listed("link_event", read_rows(restricted, EVENTS, person=person_id)))
    selves = {row["person_id"] for row in read_rows(restricted, SELVES, person=person_id)}
    sections.append(Section("look", LOOK, list(_looks(log, selves))))
    release = read_rows(restricted, "SELECT * FROM meta.release")[0]
    queries = sum(entry.get("command") == "sql" for _, entry in entries(log))
    return Statement(person_id, release, asylum is not None, sections, queries)


def may_be_minor(birth_date: str, today: date) -> bool:
    """Whether somebody born then may be under eighteen; a partial date is taken as late as it may be."""
    latest = birth_date + "-12-31"[len(birth_date) - 4 :] if len(birth_date) < 10 else birth_date
    return latest > f"{today.year - ADULT:04d}{today.isoformat()[4:]}"


def _demand_person(restricted: duckdb.DuckDBPyConnection, person_id: str, today: date, to_guardian: bool) -> None:
    person = read_rows(restricted, "SELECT birth_date FROM registry.person WHERE person_id = $person", person=person_id)
    if not person:
        heirs = read_rows(restricted, HEIR, person=person_id)
        raise NobodyError(
            f"this person went into another one: ask for {heirs[-1]['person_id']}."
            if heirs
            else "nobody in the registry has this id; `mic find` gives ids."
        )
    if not to_guardian and person[0]["birth_date"] and may_be_minor(person[0]["birth_date"], today):
        raise MinorError("the person is a minor, or may be one: the statement goes to the guardian (--guardian).")


def _listed(name: str, rows: list[Row]) -> Section:
    return Section(name, tuple(column for column in (rows[0] if rows else ()) if column not in INTERNAL), rows)


def _looks(log: Path, selves: Set[str]) -> Iterator[Row]:
    """One row per look that named the person, or showed it, under this id or one that went into it."""
    looks = {entry["number"]: entry for _, entry in entries(log) if entry.get("what") == "look"}
    shown = {entry["look"]: entry.get("persons", []) for _, entry in entries(log) if entry.get("what") == "answer"}
    for number, look in looks.items():
        if not selves.isdisjoint([*look["asked"].get("persons", []), *shown.get(number, [])]):
            yield {column: look["case" if column == "case_number" else column] for column in LOOK}
