"""Which version of a record stands: a function of the set of deliveries, never of their order of arrival.

Within a feed, deliveries have an intrinsic rank (`created_at`, business date, sequence, hash). For each record the
first version in that rank is its content; corrections replace it; an increment that says something else later is
`record_id_reused`, and `reused_cleared` once the record came again in a later correction or snapshot; the same content
again is a `repeat`; a delivery named in another's `supersedes` is `withdrawn`; a snapshot closes what it lacks
(`superseded`). Only records that several deliveries name, or whose delivery is not plainly accepted, need rows in
`intake.standing`; all others are current since their load.
"""

from __future__ import annotations

import duckdb

from pipelines.contracts import Contract
from pipelines.intake.casting import bronze_columns
from pipelines.intake.tables import delivered_ids
from pipelines.storage.database import quoted
from pipelines.storage.home import Home

NOT_CONTENT = ("delivery_id", "business_date", "happened_on", "flags", "normalised", "line_number")

RANKED = "CREATE OR REPLACE TEMP TABLE ranked AS FROM intake.ranking WHERE list_contains($1, feed)"

# Deliveries that lately fell, all rows of which are touched, and such as stand again.
REFATED = """CREATE OR REPLACE TEMP TABLE refated AS
SELECT feed, delivery_id FROM ranked r WHERE fate IS NOT NULL AND NOT EXISTS (
  FROM intake.standing s WHERE s.delivery_id = r.delivery_id AND s.outcome = r.fate AND s.known_to_seq IS NULL)
UNION SELECT r.feed, delivery_id FROM intake.standing s JOIN ranked r USING (delivery_id)
  WHERE s.known_to_seq IS NULL AND s.outcome IN ('withdrawn', 'name_reused') AND r.fate IS DISTINCT FROM s.outcome"""

NEW = "SELECT record_id FROM {rows} WHERE load_seq = $load"
OF_REFATED = """SELECT record_id FROM {rows} WHERE delivery_id IN (
    SELECT delivery_id FROM refated JOIN ranked USING (delivery_id) WHERE fate IS NOT NULL)
  UNION ALL SELECT record_id FROM intake.standing_now WHERE feed = {feed}
    AND outcome IN ('withdrawn', 'name_reused') AND delivery_id IN (SELECT delivery_id FROM refated)"""
TOUCHED = "SELECT {feed} AS feed, record_id, count(*) > 1 AS is_again FROM ({records}) GROUP BY record_id"

BEFORE = """SELECT {feed} AS feed, record_id FROM {rows}
WHERE load_seq <> $load AND record_id IN (SELECT record_id FROM touched WHERE feed = {feed})"""
EVER = "SELECT {feed} AS feed, record_id FROM {rows}"

CONTESTED = """CREATE OR REPLACE TEMP TABLE contested AS
SELECT feed, record_id FROM touched WHERE is_again
UNION SELECT feed, record_id FROM intake.standing_now SEMI JOIN touched USING (feed, record_id)
UNION SELECT feed, record_id FROM intake.standing_now
  WHERE feed IN (SELECT feed FROM ranked WHERE kind = 'snapshot')
UNION ({told_before})"""

VERDICTS = """CREATE OR REPLACE TEMP TABLE verdict AS
WITH ranked AS (FROM temp.ranked WHERE feed = '{feed}'
), contested AS (FROM temp.contested WHERE feed = '{feed}'
), version AS (
  SELECT b.record_id, b.delivery_id, r.rank, r.kind, b.load_seq, r.fate, {content} AS content,
    min(b.line_number) AS line_number
  FROM raw.{feed} b JOIN contested USING (record_id) JOIN ranked r USING (delivery_id) GROUP BY ALL
), segmented AS (
  SELECT *, (SELECT count(*) FROM ranked s WHERE s.kind = 'snapshot' AND s.fate IS NULL AND s.rank <= v.rank) AS segment
  FROM version v WHERE fate IS NULL
), placed AS (
  SELECT *, row_number() OVER within = 1 OR kind <> 'increment' AS sets_content FROM segmented
  WINDOW within AS (PARTITION BY record_id, segment ORDER BY rank)
), compared AS (
  SELECT *, lag(content) OVER setting AS content_before,
    list(content) FILTER (sets_content) OVER (PARTITION BY record_id, segment ORDER BY rank
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS contents_before
  FROM placed
  WINDOW setting AS (PARTITION BY record_id, segment, sets_content ORDER BY rank)
), judged AS (
  SELECT record_id, delivery_id, load_seq, line_number, rank, segment, CASE
    WHEN sets_content AND kind = 'correction' AND content_before = content THEN 'repeat'
    WHEN sets_content THEN 'current'
    WHEN list_contains(contents_before, content) THEN 'repeat'
    WHEN max(rank) FILTER (sets_content) OVER (PARTITION BY record_id) > rank THEN 'reused_cleared'
    ELSE 'record_id_reused' END AS outcome
  FROM compared
), last_word AS (
  SELECT *, outcome = 'current' AND (
    segment < (SELECT count(*) FROM ranked WHERE kind = 'snapshot' AND fate IS NULL)
    OR rank < max(rank) FILTER (outcome = 'current') OVER (PARTITION BY record_id, segment)) AS is_past
  FROM judged
)
SELECT record_id, delivery_id, load_seq, line_number, CASE WHEN is_past THEN 'superseded' ELSE outcome END AS outcome
FROM last_word
UNION ALL SELECT record_id, delivery_id, load_seq, line_number, fate FROM version WHERE fate IS NOT NULL"""

SETTLE = """
CREATE OR REPLACE TEMP TABLE before AS
  SELECT v.record_id, v.delivery_id, v.outcome, v.load_seq, v.line_number, s.outcome AS outcome_before,
    s.delivery_id IS NOT NULL AS is_written
  FROM verdict v
  LEFT JOIN intake.standing_now s ON s.feed = $feed AND s.record_id = v.record_id AND s.delivery_id = v.delivery_id;
UPDATE intake.standing SET known_to_seq = $load FROM before b
  WHERE standing.feed = $feed AND standing.known_to_seq IS NULL AND standing.record_id = b.record_id
    AND standing.delivery_id = b.delivery_id AND b.is_written AND b.outcome <> b.outcome_before;
INSERT INTO intake.standing
  SELECT $feed, record_id, delivery_id, 'current', load_seq, $load, NULL FROM before
  WHERE NOT is_written AND load_seq < $load AND outcome <> 'current'
  UNION ALL
  SELECT $feed, record_id, delivery_id, outcome, $load, NULL,
    CASE WHEN outcome IN ('record_id_reused', 'reused_cleared') THEN line_number END FROM before
  WHERE (is_written AND outcome <> outcome_before) OR (NOT is_written AND outcome <> 'current');
"""


def settle(connection: duckdb.DuckDBPyConnection, home: Home, contracts: list[Contract], load_seq: int) -> None:
    """Brings `intake.standing` of feeds up to what load `load_seq` delivered, all in the same statements.

    Work is in proportion to the records of the load; the record ids of the history are scanned once. Running it
    again for the same load gives the same rows, after `heal`.
    """
    rows = delivered_ids(connection, home, [contract.feed for contract in contracts])
    connection.execute(RANKED, [list(rows)])
    connection.execute(REFATED)
    refated = _feeds(connection, "refated")
    touched = [TOUCHED.format(feed=quoted(feed), records=_records(feed, rows[feed], feed in refated)) for feed in rows]
    connection.execute(f"CREATE OR REPLACE TEMP TABLE touched AS {_together(touched)}", {"load": load_seq})
    registers = _feeds(connection, "ranked WHERE kind = 'snapshot'")
    before = [(EVER if f in registers else BEFORE).format(feed=quoted(f), rows=rows[f]) for f in rows]
    parameters = {"load": load_seq} if set(rows) - registers else {}
    connection.execute(CONTESTED.format(told_before=_together(before)), parameters)
    contested = _feeds(connection, "contested")
    for contract in contracts:
        if contract.feed in contested:  # most feeds tell of new records alone
            _judge(connection, contract, load_seq)


def _records(feed: str, rows: str, is_refated: bool) -> str:
    """SQL for the ids of a feed's records that a load touches, each as often as it is named."""
    parts = [NEW, OF_REFATED] if is_refated else [NEW]
    return _together([part.format(rows=rows, feed=quoted(feed)) for part in parts])


def _together(selects: list[str]) -> str:
    return "\nUNION ALL ".join(selects)


def _feeds(connection: duckdb.DuckDBPyConnection, source: str) -> set[str]:
    return {feed for (feed,) in connection.execute(f"SELECT DISTINCT feed FROM {source}").fetchall()}


def _judge(connection: duckdb.DuckDBPyConnection, contract: Contract, load_seq: int) -> None:
    """Decides which versions of a feed's contested records stand, and writes what differs from before."""
    values = [f"b.{name}" for name in bronze_columns(contract) if name not in NOT_CONTENT]
    connection.execute(VERDICTS.format(feed=contract.feed, content=f"hash({', '.join(values)})"))
    for statement in SETTLE.strip().split(";\n"):
        known = {"feed": contract.feed, "load": load_seq}
        connection.execute(statement, {key: value for key, value in known.items() if f"${key}" in statement})


def heal(connection: duckdb.DuckDBPyConnection, load_seq: int) -> None:
    """Forgets what a killed run of this load had settled."""
    connection.execute("DELETE FROM intake.standing WHERE known_from_seq >= $1", [load_seq])
    connection.execute("UPDATE intake.standing SET known_to_seq = NULL WHERE known_to_seq >= $1", [load_seq])
    connection.execute(
        """DELETE FROM intake.standing s WHERE outcome = 'current' AND known_to_seq IS NULL AND known_from_seq = (
        SELECT load_seq FROM intake.delivery d WHERE d.delivery_id = s.delivery_id AND d.state = 'accepted')"""
    )


def list_changed(connection: duckdb.DuckDBPyConnection, load_seq: int) -> None:
    """Adds to `intake.changed_record` the records of feeds whose current version may differ since the last load.

    Those are the records of the load, which `settle` has just found, and those whose standing it changed.
    """
    connection.execute(
        """INSERT INTO intake.changed_record
        WITH moved AS MATERIALIZED (
          SELECT DISTINCT feed, record_id FROM intake.standing
          WHERE (known_from_seq = $load OR known_to_seq = $load) AND feed IN (SELECT feed FROM ranked)
        )
        SELECT feed, record_id FROM touched
        UNION ALL SELECT feed, record_id FROM moved
        ANTI JOIN (FROM touched SEMI JOIN moved USING (feed, record_id)) USING (feed, record_id)""",
        {"load": load_seq},
    )
