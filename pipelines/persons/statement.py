"""What is held of one person: the registry's rows, whose they are, how they were linked, and who looked at them.

Values are as kept; `showing` puts them into words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from pipelines.audit.chain import entries
from pipelines.persons.days import count_days
from pipelines.persons.sections import (
    INTERNAL,
    TELLING_FEEDS,
    Row,
    Section,
    read_rows,
    read_sections,
    without_asylum,
    without_asylum_codes,
)

ADULT = 18
# Who looks for protection looks at somebody who asks for it.
TELLING_PURPOSE = "protection"
LOOK = ("at", "who", "command", "purpose", "case_number")
IDS = """WITH own AS (SELECT feed, record_id FROM registry.source_link WHERE person_id = $person),
once AS (
  SELECT DISTINCT person_id FROM registry.source_link_history JOIN own USING (feed, record_id)
  WHERE person_id IS NOT NULL
)
SELECT once.person_id FROM once JOIN registry.source_link_history AS past USING (person_id)
JOIN registry.source_link AS now ON now.feed = past.feed AND now.record_id = past.record_id
GROUP BY once.person_id HAVING bool_and(now.person_id IS NOT DISTINCT FROM $person)
UNION SELECT $person"""
HEIRS = """SELECT DISTINCT now.person_id FROM registry.source_link_history AS past
JOIN registry.source_link AS now USING (feed, record_id)
WHERE past.person_id = $person AND now.person_id <> $person AND NOT list_contains($unseen, past.feed)"""
HELD = """SELECT birth_date FROM registry.person WHERE person_id = $person AND person_id IN (
  SELECT person_id FROM registry.source_link WHERE NOT list_contains($unseen, feed))"""
EVIDENCE = """SELECT * FROM registry.link_evidence
WHERE list_contains($spellings, left_observation_id) AND list_contains($spellings, right_observation_id) ORDER BY ALL"""
# Without the asylum key an event is told only if each of its persons had a record that is shown by then.
EVENTS = """WITH own AS (
  FROM registry.link_event WHERE person_id = $person OR (event = 'split' AND other_person_id = $person)
), seen AS (
  SELECT person_id, min(known_from_seq) AS since FROM registry.source_link_history
  WHERE person_id IN (SELECT unnest([person_id, other_person_id]) FROM own) AND NOT list_contains($unseen, feed)
  GROUP BY person_id
)
SELECT event, load_seq, published_at AS known_at, decided_by = 'model' AS is_by_rule,
  CASE WHEN decided_by = 'model' THEN reason END AS reason
FROM own LEFT JOIN meta.release_history USING (load_seq)
LEFT JOIN seen AS one ON one.person_id = own.person_id LEFT JOIN seen AS other ON other.person_id = own.other_person_id
WHERE len($unseen) = 0
  OR coalesce(one.since <= load_seq AND (own.other_person_id IS NULL OR other.since <= load_seq), false)
ORDER BY load_seq, event"""


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
        with_days: Whether days used and left are in it.
    """

    person_id: str
    release: Row
    with_asylum: bool
    sections: list[Section]
    open_queries: int
    with_days: bool = True

    @property
    def rows(self) -> int:
        """Number of rows in all sections."""
        return sum(len(section.rows) for section in self.sections)


def gather(
    restricted: duckdb.DuckDBPyConnection,
    asylum: duckdb.DuckDBPyConnection | None,
    analysis: duckdb.DuckDBPyConnection | None,
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
        analysis: The analysts' file of the same generation, in use, where its key is at hand; it counts days.
        log: The chain of looks.
        person_id: The person.
        today: Day on which it is made.
        to_guardian: Whether it goes to a guardian.
        read_more: Gives the sections of the registry back with more of them.

    Raises:
        NobodyError: Nobody has this id now, or nothing but asylum tells of the person and its key was not given.
        MinorError: The person is a minor, or may be one, and it does not go to a guardian.
    """
    unseen = [] if asylum else list(TELLING_FEEDS)
    _demand_person(restricted, person_id, today, to_guardian, unseen)
    sections = read_sections(restricted, person_id)
    release = read_rows(restricted, "SELECT * FROM meta.release")[0]
    sections = without_asylum(sections) if asylum is None else sections + read_sections(asylum, person_id)
    if analysis:
        counted = count_days(restricted, analysis, person_id, release["as_of"], asylum is not None)
        sections.insert([part.name for part in sections].index("stay") + 1, counted)
    sections = read_more(sections)
    sections = without_asylum_codes(sections) if asylum is None else sections
    spellings = [row["observation_id"] for part in sections if part.name == "identity" for row in part.rows]
    sections.append(_listed("link_evidence", read_rows(restricted, EVIDENCE, spellings=spellings)))
    sections.append(_listed("link_event", events_of(restricted, person_id, unseen)))
    looks = _looks(log, ids_of(restricted, person_id))
    sections.append(Section("look", LOOK, [look for look in looks if asylum or look["purpose"] != TELLING_PURPOSE]))
    queries = sum(entry.get("command") == "sql" for _, entry in entries(log))
    return Statement(person_id, release, asylum is not None, sections, queries, analysis is not None)


def may_be_minor(birth_date: str, today: date) -> bool:
    """Whether somebody born then may be under eighteen; a partial date is taken as late as it may be.

    As in the age groups of the statistics, who was born on 29 February has the birthday of a common year on the 28th.
    """
    latest = birth_date + "-12-31"[len(birth_date) - 4 :] if len(birth_date) < 10 else birth_date
    is_end_of_february = (today.month, (today + timedelta(days=1)).day) == (2, 1)
    day = "-02-29" if is_end_of_february else today.isoformat()[4:]
    return latest > f"{today.year - ADULT:04d}{day}"


def ids_of(restricted: duckdb.DuckDBPyConnection, person_id: str) -> set[str]:
    """The ids under which the person was known: its own, and those of which every record is the person's now.

    An id whose records went to several persons, as when a merge was undone, told of others too and is none of them.
    """
    return {str(row["person_id"]) for row in read_rows(restricted, IDS, person=person_id)}


def events_of(restricted: duckdb.DuckDBPyConnection, person_id: str, unseen: list[str]) -> list[Row]:
    """One row per creation, merge or split of the person of which records of no unseen feed alone tell."""
    return read_rows(restricted, EVENTS, person=person_id, unseen=unseen)


def _demand_person(
    restricted: duckdb.DuckDBPyConnection, person_id: str, today: date, to_guardian: bool, unseen: list[str]
) -> None:
    person = read_rows(restricted, HELD, person=person_id, unseen=unseen)
    if not person:
        heirs = [str(row["person_id"]) for row in read_rows(restricted, HEIRS, person=person_id, unseen=unseen)]
        if len(heirs) == 1:
            raise NobodyError(f"this person went into another one: ask for {heirs[0]}.")
        raise NobodyError("nobody in the registry has this id now; `mic find` gives ids.")
    if not to_guardian and person[0]["birth_date"] and may_be_minor(person[0]["birth_date"], today):
        raise MinorError("the person is a minor, or may be one: the statement goes to the guardian (--guardian).")


def _listed(name: str, rows: list[Row]) -> Section:
    return Section(name, tuple(column for column in (rows[0] if rows else ()) if column not in INTERNAL), rows)


def _looks(log: Path, ids: Set[str]) -> Iterator[Row]:
    """One row per look that named the person, or showed it, under one of its ids."""
    looks = {entry["number"]: entry for _, entry in entries(log) if entry.get("what") == "look"}
    shown = {entry["look"]: entry.get("persons", []) for _, entry in entries(log) if entry.get("what") == "answer"}
    for number, look in looks.items():
        if not ids.isdisjoint([*look["asked"].get("persons", []), *shown.get(number, [])]):
            yield {column: look["case" if column == "case_number" else column] for column in LOOK}
