"""Which records a steward keeps apart from others that say the very same of a person.

Linkage works on what records say of a person, and joins or parts these sayings, not records. Where a verdict
`different` stands on two records that say the same, there is nothing to part. The later of the two, by feed and record
id, is then a saying of its own (`intake.parted_record`, on known time) until the verdict is followed by another; all
others that say the same stay with the earlier one.
"""

from __future__ import annotations

import duckdb

from pipelines.contracts import Contract
from pipelines.intake.tables import raw_rows
from pipelines.storage.home import Home

FEED = "steward_decisions"
# What makes an observation, as in the macro `identity_columns`.
WORDS = (
    *("surname", "given_names", "patronymic", "full_name", "former_names", "surname_latin", "given_names_latin"),
    *("birth_date", "sex", "citizenship", "birth_country", "document_type", "document_number", "document_state", "iin"),
)
APART = """CREATE OR REPLACE TEMP TABLE apart AS
SELECT one, other FROM (
  SELECT least(ends[1], ends[2]) AS one, greatest(ends[1], ends[2]) AS other,
    arg_max(verdict, (decided_at, decision_id)) AS verdict
  FROM (SELECT *, [{'feed': left_feed, 'record_id': left_record_id}, {'feed': right_feed, 'record_id': right_record_id}]
    AS ends FROM raw.steward_decisions WHERE outcome = 'current' AND known_to_seq IS NULL
      AND verdict IN ('same', 'different'))
  GROUP BY ALL) WHERE verdict = 'different';
CREATE OR REPLACE TEMP TABLE judged AS
SELECT DISTINCT unnest([one.feed, other.feed]) AS feed, unnest([one.record_id, other.record_id]) AS record_id
FROM apart;
CREATE OR REPLACE TEMP TABLE said (feed VARCHAR, record_id VARCHAR, words VARCHAR)"""
NEWS = f"""FROM intake.changed_record WHERE feed = '{FEED}'
  OR (feed, record_id) IN (SELECT (feed, record_id) FROM judged) LIMIT 1"""
PART = """
CREATE OR REPLACE TEMP TABLE parted AS
SELECT DISTINCT other.feed AS feed, other.record_id AS record_id FROM apart
JOIN said AS first ON first.feed = one.feed AND first.record_id = one.record_id
JOIN said AS second ON second.feed = other.feed AND second.record_id = other.record_id
WHERE first.words = second.words;
UPDATE intake.parted_record SET known_to_seq = $load
WHERE known_to_seq IS NULL AND (feed, record_id) NOT IN (SELECT (feed, record_id) FROM parted);
INSERT INTO intake.parted_record SELECT feed, record_id, $load, NULL FROM parted
WHERE (feed, record_id) NOT IN (SELECT (feed, record_id) FROM intake.parted_record WHERE known_to_seq IS NULL);
INSERT INTO intake.changed_record SELECT feed, record_id FROM intake.parted_record
WHERE (known_from_seq = $load OR known_to_seq = $load)
  AND (feed, record_id) NOT IN (SELECT (feed, record_id) FROM intake.changed_record)
"""


def part(connection: duckdb.DuckDBPyConnection, home: Home, contracts: dict[str, Contract], load_seq: int) -> None:
    """Brings `intake.parted_record` up to the verdicts and records of a load, and adds to `intake.changed_record`.

    Records are looked up only where a verdict came or a judged record changed. Running it again for the same load
    gives the same rows.
    """
    connection.execute("DELETE FROM intake.parted_record WHERE known_from_seq >= $1", [load_seq])
    connection.execute("UPDATE intake.parted_record SET known_to_seq = NULL WHERE known_to_seq >= $1", [load_seq])
    if FEED not in contracts:
        return
    connection.execute(APART)
    if not connection.execute(NEWS).fetchall():
        return
    for (feed,) in connection.execute("SELECT DISTINCT feed FROM judged ORDER BY ALL").fetchall():
        if feed in contracts and contracts[feed].identity_block:
            connection.execute(_said(connection, home, contracts[feed]))
    for statement in PART.strip().split(";\n"):
        connection.execute(statement, {"load": load_seq} if "$load" in statement else {})


def _said(connection: duckdb.DuckDBPyConnection, home: Home, contract: Contract) -> str:
    """Statement that adds what the judged records of a feed say of a person."""
    words = ", ".join(f"coalesce({name}, '')" for name in WORDS)
    rows = raw_rows(connection, home, contract, f"SELECT record_id FROM judged WHERE feed = '{contract.feed}'")
    return f"""INSERT INTO said SELECT '{contract.feed}', record_id, concat_ws(chr(31), {words}) FROM {rows}
    WHERE outcome = 'current' AND known_to_seq IS NULL AND NOT is_citizen_stripped"""
