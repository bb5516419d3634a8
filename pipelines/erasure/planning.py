"""What is held of persons and where it lies, found once and written down before the first byte goes.

The plan names records, not values. It stands in `build/erasing.json` while an erasure runs: a run that was killed
leaves it, the next one does all of it again, and no load begins before.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from pipelines.audit import Look
from pipelines.storage.database import quoted
from pipelines.storage.files import write_whole
from pipelines.storage.home import Home

SHORTEST_NUMBER = 6
OWN = """CREATE OR REPLACE TEMP TABLE own AS
SELECT observation_id FROM linkage.person_observation GROUP BY observation_id
HAVING arg_max(person_id, known_from_seq) IN (SELECT unnest($persons))"""
# A record that says another person now is not this person's: of it only what it said before goes.
RECORDS = """CREATE OR REPLACE TEMP TABLE own_record AS
SELECT feed, record_id, bool_or(observation_id NOT IN (FROM own) AND known_to_seq IS NULL) AS is_anothers
FROM intermediate.source_record_history GROUP BY ALL HAVING bool_or(observation_id IN (FROM own))"""
# Ids that these alone ever bore go with them, as that of a person who was merged into one of theirs.
FORMER = """SELECT person_id FROM linkage.person_observation WHERE person_id IN (
  SELECT person_id FROM linkage.person_observation WHERE observation_id IN (FROM own))
GROUP BY person_id HAVING bool_and(observation_id IN (FROM own))"""
# Who else was believed to be the person of such a record, and between which loads; and, without loads, those whose own
# records were believed to be of whom goes.
SHARED = """SELECT DISTINCT link.person_id, greatest(record.known_from_seq, link.known_from_seq) AS first,
  least(record.known_to_seq, link.known_to_seq) AS past_last
FROM intermediate.source_record_history AS record JOIN own_record USING (feed, record_id)
JOIN linkage.person_observation AS link USING (observation_id)
WHERE (NOT is_anothers OR observation_id IN (FROM own)) AND link.person_id NOT IN (SELECT unnest($persons))
  AND greatest(record.known_from_seq, link.known_from_seq) < least(record.known_to_seq, link.known_to_seq)
UNION SELECT other.person_id, NULL, NULL
FROM linkage.person_observation AS link JOIN linkage.person_observation AS other USING (observation_id)
WHERE link.person_id IN (SELECT unnest($persons)) AND other.person_id NOT IN (SELECT unnest($persons))
ORDER BY ALL"""
# What is theirs alone by now: a stay may have been of two who were thought one, a case may be of several persons.
STAYS = """SELECT stay_id FROM registry.stay_history GROUP BY stay_id
HAVING bool_or(list_contains($persons, person_id))
  AND NOT bool_or(known_to_seq IS NULL AND NOT list_contains($persons, person_id))"""
CASES = """SELECT case_id FROM intermediate.case_event GROUP BY case_id HAVING bool_and(observation_id IN (FROM own))"""
DECISIONS = """INSERT INTO own_record
SELECT DISTINCT 'steward_decisions', record_id, false FROM raw.steward_decisions
WHERE (left_feed, left_record_id) IN (SELECT (feed, record_id) FROM own_record)
  OR (right_feed, right_record_id) IN (SELECT (feed, record_id) FROM own_record)"""
# A version whose standing has changed is in `raw` once for each.
ROWS = """SELECT DISTINCT '{feed}' AS feed, r.record_id, r.delivery_id, r.load_seq FROM raw.{feed} AS r
JOIN own_record AS o ON o.feed = '{feed}' AND o.record_id = r.record_id
WHERE NOT (o.is_anothers AND r.outcome = 'current' AND r.known_to_seq IS NULL)"""
NUMBERS = f"""SELECT list(DISTINCT number) FROM (
  SELECT unnest([iin, document_number]) AS number FROM intermediate.observation WHERE observation_id IN (FROM own)
) WHERE length(number) >= {SHORTEST_NUMBER}"""
HELD_BACK = """CREATE OR REPLACE TEMP TABLE own_held AS
SELECT k.feed, k.path, k.delivery_id, k.load_seq, q.row_ordinal, q.record_id
FROM read_parquet({files}, filename = true) AS q
JOIN intake.kept_file AS k ON q.filename = {build} || '/' || k.path AND k.kind = 'quarantine'
WHERE (k.feed, q.record_id) IN (SELECT (feed, record_id) FROM own_record WHERE NOT is_anothers)
  OR list_bool_or(list_transform({numbers}, lambda number: contains(CAST(q.raw AS VARCHAR), number)))"""
NOTHING_HELD = """CREATE OR REPLACE TEMP TABLE own_held (
  feed VARCHAR, path VARCHAR, delivery_id VARCHAR, load_seq INTEGER, row_ordinal BIGINT, record_id VARCHAR)"""
# Under every name under which it came.
LANDED = """SELECT DISTINCT feed, file_name FROM intake.delivery WHERE sha256 IN (
  SELECT sha256 FROM intake.delivery
  WHERE delivery_id IN (SELECT delivery_id FROM own_row UNION ALL SELECT delivery_id FROM own_held)
) ORDER BY ALL"""
COUNTS = """SELECT 'bronze', delivery_id, load_seq, count(*) FROM own_row GROUP BY ALL
UNION ALL SELECT 'quarantine', delivery_id, load_seq, count(*) FROM own_held GROUP BY ALL ORDER BY ALL"""
# A record of which nothing was ever accepted is known by its rows held back alone.
NEVER_ACCEPTED = """INSERT INTO own_record SELECT DISTINCT feed, record_id, false FROM own_held
WHERE record_id IS NOT NULL
  AND (feed, record_id) NOT IN (SELECT (feed, record_id) FROM intermediate.source_record_history)"""


class NoSuchPersonError(Exception):
    """Nothing is held of the person; the message says what may have happened."""


class UnfinishedErasureError(Exception):
    """An erasure was stopped before its end; the message says how to finish it."""


@dataclass(frozen=True)
class Plan:
    """What goes.

    Attributes:
        number: Hash that names the erasure, a function of the home's state and the persons.
        load_seq: The last load.
        persons: Their ids, and former ones of theirs.
        shared: Others with whom they were mixed up, with the loads from and before which these had such a record.
        observations: Observations that are theirs.
        stays: Their stays.
        cases: Their cases.
        records: Feed and record id, of records that are theirs alone.
        rows: Feed, record id and delivery of each version in bronze.
        bronze: Files of bronze that hold such rows, with the feed.
        quarantine: Files of quarantine, each with the rows that go.
        landed: Feed and file name of deliveries that hold them.
        counts: Kind, delivery, load and number of rows that go.
        purpose: Why, by its code.
        case: Number of the case.
        reason: Why, in words that name nobody.
        look: Line of the log of looks that asked for it.
    """

    number: str
    load_seq: int
    persons: list[str]
    shared: list[tuple[str, int | None, int | None]]
    observations: list[int]
    stays: list[str]
    cases: list[str]
    records: list[tuple[str, str]]
    rows: list[tuple[str, str, str]]
    bronze: list[tuple[str, str]]
    quarantine: list[tuple[str, list[int]]]
    landed: list[tuple[str, str]]
    counts: list[tuple[str, str, int, int]]
    purpose: str
    case: str
    reason: str
    look: int


def write(home: Home, plan: Plan) -> None:
    """Keeps the plan until the erasure is done."""
    write_whole(home.erasing, json.dumps(asdict(plan)).encode(), "erase.plan")


def read(home: Home) -> Plan | None:
    """The plan of an erasure that is not done; None where there is none."""
    if not home.erasing.exists():
        return None
    said: dict[str, Any] = json.loads(home.erasing.read_text(encoding="utf-8"))
    return Plan(**said)


def demand_none_unfinished(home: Home) -> None:
    """Refuses to go on over an erasure that was stopped.

    Raises:
        UnfinishedErasureError: One was.
    """
    if home.erasing.exists():
        raise UnfinishedErasureError(
            "an erasure was stopped before its end; readers keep the last generation. Run `mic erase --finish` first."
        )


def make(
    connection: duckdb.DuckDBPyConnection, home: Home, persons: list[str], why: Look, reason: str, look: int
) -> Plan:
    """Finds what is held of persons.

    Args:
        connection: The build database, between two loads.
        home: Where the files lie.
        persons: Their ids.
        why: The look that asked for it, with purpose and case.
        reason: Why.
        look: Line of the log of looks.

    Raises:
        NoSuchPersonError: Nothing is held of such persons.
    """
    _find(connection, home, persons)
    number_of = "/".join(persons)
    persons = sorted({*persons, *_column(connection, FORMER)})
    (load_seq, number) = connection.execute(
        "SELECT max(load_seq), left(sha256($1 || '/' || max(load_seq)), 16) FROM meta.load", [number_of]
    ).fetchall()[0]
    return Plan(
        number,
        load_seq,
        persons,
        shared=connection.execute(SHARED, {"persons": persons}).fetchall(),
        observations=_column(connection, "SELECT observation_id FROM own"),
        stays=_column(connection, STAYS, {"persons": persons}),
        cases=_column(connection, CASES),
        records=connection.execute(
            "SELECT feed, record_id FROM own_record WHERE NOT is_anothers ORDER BY ALL"
        ).fetchall(),
        rows=connection.execute("SELECT feed, record_id, delivery_id FROM own_row ORDER BY ALL").fetchall(),
        bronze=connection.execute(
            """SELECT DISTINCT feed, path FROM intake.kept_file SEMI JOIN own_row USING (feed, delivery_id, load_seq)
            WHERE kind = 'bronze' ORDER BY ALL"""
        ).fetchall(),
        quarantine=connection.execute(
            "SELECT path, list(row_ordinal ORDER BY row_ordinal) FROM own_held GROUP BY path ORDER BY path"
        ).fetchall(),
        landed=connection.execute(LANDED).fetchall(),
        counts=connection.execute(COUNTS).fetchall(),
        purpose=why.purpose,
        case=why.case,
        reason=reason,
        look=look,
    )


def _find(connection: duckdb.DuckDBPyConnection, home: Home, persons: list[str]) -> None:
    """Makes the temporary tables `own`, `own_record`, `own_row` and `own_held`."""
    connection.execute(OWN, {"persons": persons})
    connection.execute(RECORDS)
    if not connection.execute("FROM own LIMIT 1").fetchall():
        raise NoSuchPersonError(
            "nothing is held of them: they went into others, were erased, or never were. `mic find` gives ids."
        )
    connection.execute(DECISIONS)
    feeds = [feed for (feed,) in connection.execute("SELECT DISTINCT feed FROM own_record ORDER BY feed").fetchall()]
    parts = " UNION ALL ".join(ROWS.format(feed=feed) for feed in feeds)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE own_row AS {parts}")
    _find_held_back(connection, home)
    connection.execute(NEVER_ACCEPTED)


def _find_held_back(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Makes `own_held`: rows of quarantine of the records, or in whose text a number of the person stands."""
    paths = _column(connection, "SELECT DISTINCT path FROM intake.kept_file WHERE kind = 'quarantine'")
    (numbers,) = connection.execute(NUMBERS).fetchall()[0]
    named = {
        "files": f"[{', '.join(quoted(home.build / path) for path in paths)}]",
        "build": quoted(home.build),
        "numbers": f"[{', '.join(map(quoted, numbers or []))}]::VARCHAR[]",
    }
    connection.execute(HELD_BACK.format(**named) if paths else NOTHING_HELD)


def _column(connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any] | None = None) -> list[Any]:
    return sorted(value for (value,) in connection.execute(query, values or {}).fetchall() if value is not None)
