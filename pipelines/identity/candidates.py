"""Which pairs of observations are compared at all: those that share a blocking key.

A block of more living observations than the cap is left out, and told: too many share its key for it to say anything.
Whether a block is left out depends on what lives now, never on the order of arrival: a block that grows past the cap
loses the pairs that nothing else makes candidates, one that falls below it gets them back. Two that know their whole
birth dates are no candidates by the year alone, so that the pairs looked at grow with those whose dates are weak.
"""

from __future__ import annotations

import duckdb

MOST_IN_BLOCK = 2_000

TABLE = """CREATE TABLE IF NOT EXISTS linkage.capped_block (key UBIGINT, kind VARCHAR, size BIGINT,
  first_load_seq INTEGER)"""

# Keys are counted exactly only where so many share their first bits that one of them may be shared by too many.
LARGE = """CREATE OR REPLACE TEMP TABLE large AS
WITH hot AS (SELECT key >> 46 AS slot FROM linkage.key GROUP BY slot HAVING count(*) > $most)
SELECT key, max(kind) AS kind FROM linkage.key SEMI JOIN hot ON key >> 46 = slot
GROUP BY key HAVING count(*) > $most"""
BLOCKS = """CREATE OR REPLACE TEMP TABLE block AS
WITH touched AS (SELECT DISTINCT key FROM linkage.key SEMI JOIN reached USING (observation_id)),
met AS (FROM large SEMI JOIN touched USING (key))
SELECT key, kind, coalesce(living.size, 0) AS size, known.key IS NOT NULL AS was_capped
FROM (FROM met UNION SELECT key, kind FROM linkage.capped_block SEMI JOIN touched USING (key))
LEFT JOIN (
  SELECT key, count(*) AS size FROM linkage.key SEMI JOIN met USING (key)
  SEMI JOIN intermediate.source_record USING (observation_id) GROUP BY key
) AS living USING (key) LEFT JOIN (SELECT key FROM linkage.capped_block) AS known USING (key)"""
NO_BLOCK = "CREATE OR REPLACE TEMP TABLE block (key UBIGINT, kind VARCHAR, size BIGINT, was_capped BOOLEAN)"

CROSSED = (
    """DELETE FROM linkage.capped_block WHERE key IN (SELECT key FROM block WHERE size <= $most)""",
    """INSERT INTO linkage.capped_block
    SELECT key, kind, size, $load FROM block WHERE size > $most AND NOT was_capped""",
    """INSERT INTO reached SELECT DISTINCT observation_id FROM linkage.key
    SEMI JOIN (FROM block WHERE (size > $most) <> was_capped) USING (key) ANTI JOIN reached USING (observation_id)""",
    """CREATE OR REPLACE TEMP TABLE doubtful_pair AS
    SELECT left_observation_id, right_observation_id FROM linkage.pair WHERE left_observation_id IN (
      SELECT observation_id FROM linkage.key
      SEMI JOIN (FROM block WHERE size > $most AND NOT was_capped) USING (key))""",
    """DELETE FROM linkage.pair WHERE (left_observation_id, right_observation_id) IN (
      FROM doubtful_pair ANTI JOIN (
        SELECT left_observation_id, right_observation_id FROM doubtful_pair
        JOIN linkage.key AS a ON a.observation_id = left_observation_id
        JOIN linkage.key AS b ON b.key = a.key AND b.observation_id = right_observation_id
        WHERE NOT (a.kind = 'year' AND b.kind = 'year') AND a.key NOT IN (SELECT key FROM linkage.capped_block)
      ) AS met USING (left_observation_id, right_observation_id))""",
)

# Pairs that share a day and one name alone are not worth a look at all parts of both names in any order.
# A pair of two that are looked at is met once, but for blocks that are opened again.
PAIRS = """CREATE OR REPLACE TEMP TABLE candidate AS
WITH opened AS (SELECT DISTINCT key FROM block WHERE was_capped AND size <= $most),
usable AS (FROM linkage.key ANTI JOIN linkage.capped_block USING (key)),
fresh AS (
  FROM usable WHERE $everything OR first_load_seq = $load
  UNION ALL FROM usable SEMI JOIN opened USING (key) WHERE NOT $everything AND first_load_seq < $load
), met AS (
  SELECT a.observation_id AS a, b.observation_id AS b, a.kind <> 'day' AS is_close
  FROM fresh AS a JOIN linkage.key AS b ON b.key = a.key
    AND (a.observation_id < b.observation_id OR NOT $everything AND b.first_load_seq < $load)
  WHERE a.kind NOT IN ('year', 'weak') AND b.kind NOT IN ('year', 'weak')
  UNION ALL SELECT a.observation_id, b.observation_id, true
  FROM fresh AS a JOIN linkage.key AS b ON b.key = a.key WHERE a.kind = 'weak' AND b.kind IN ('year', 'weak')
  UNION ALL SELECT a.observation_id, b.observation_id, true
  FROM fresh AS a JOIN linkage.key AS b ON b.key = a.key
  WHERE a.kind = 'year' AND b.kind = 'weak' AND NOT $everything AND b.first_load_seq < $load
)
SELECT least(a, b) AS left_id, greatest(a, b) AS right_id, bool_or(is_close) AS is_close FROM met
WHERE a <> b GROUP BY ALL"""


def find_candidates(
    connection: duckdb.DuckDBPyConnection, load_seq: int, everything: bool = False, most: int = MOST_IN_BLOCK
) -> int:
    """Makes `candidate(left_id, right_id, is_close)`: pairs to compare in this load; keeps the list of capped blocks.

    Args:
        connection: With `reached(observation_id)`, what the load changed.
        load_seq: The load.
        everything: Look at all pairs again, not at those alone that this load makes comparable.
        most: The cap.

    Returns:
        How many blocks are capped.
    """
    connection.execute(LARGE, {"most": most})
    is_any = bool(connection.execute("SELECT 1 FROM large UNION ALL SELECT 1 FROM linkage.capped_block").fetchone())
    connection.execute(BLOCKS if is_any else NO_BLOCK)
    for statement in CROSSED if is_any else ():
        given = {"most": most, "load": load_seq}
        connection.execute(statement, {name: value for name, value in given.items() if f"${name}" in statement})
    connection.execute(PAIRS, {"load": load_seq, "most": most, "everything": everything})
    return int(connection.execute("SELECT count(*) FROM linkage.capped_block").fetchall()[0][0])
