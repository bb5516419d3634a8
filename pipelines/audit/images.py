"""The chain of looks as tables, for the files that are published; the chain itself stays what counts."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.audit.chain import Entry, Head, entries

LINES = pa.schema(
    [
        *((name, pa.int64()) for name in ("number", "look", "rows")),
        *((name, pa.string()) for name in ("what", "at", "who", "command", "purpose", "case")),
        *((name, pa.string()) for name in ("question", "delivery", "recipient", "basis", "document", "hash")),
        ("persons", pa.list_(pa.string())),
    ]
)
TABLES = """
CREATE OR REPLACE TEMP TABLE chain_line AS SELECT * REPLACE (CAST("at" AS TIMESTAMPTZ) AS "at") FROM laid_out;
CREATE OR REPLACE TEMP TABLE access_rows AS
WITH answer AS (FROM chain_line WHERE what = 'answer'),
named AS (
  SELECT number, unnest(persons) AS person_id FROM chain_line WHERE what = 'look'
  UNION SELECT look, unnest(persons) FROM answer
)
SELECT look.number, look."at", look.who, look.command, look.purpose, look."case" AS case_number, named.person_id,
  look.question, look.delivery, answer."rows" AS rows_answered, look.hash
FROM chain_line AS look LEFT JOIN named ON named.number = look.number LEFT JOIN answer ON answer.look = look.number
WHERE look.what = 'look' ORDER BY ALL;
CREATE OR REPLACE TEMP TABLE disclosure_rows AS
SELECT number, "at", recipient, basis, "rows", document AS hash, look AS look_number
FROM chain_line WHERE recipient IS NOT NULL ORDER BY number;
CREATE OR REPLACE TEMP TABLE access_count_rows AS
SELECT strftime("at" AT TIME ZONE 'UTC', '%Y-%m') AS period, purpose, command, count(*) AS looks
FROM chain_line WHERE what = 'look' GROUP BY ALL ORDER BY ALL;
"""


def lay_out(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Makes the temporary tables `access_rows`, `disclosure_rows` and `access_count_rows` of a chain.

    Lines that cannot be read are left out; `mic verify` names them.
    """
    connection.register("laid_out", pa.Table.from_pylist([_flat(*line) for line in entries(path)], LINES))
    connection.execute(TABLES)
    connection.unregister("laid_out")


def _flat(head: Head, entry: Entry) -> dict[str, object]:
    asked, disclosed = entry.get("asked", {}), entry.get("disclosed", {})
    named = {"persons": asked.get("persons") or entry.get("persons"), "document": disclosed.get("hash")}
    known = {name: value for name, value in (asked | disclosed | entry).items() if name in LINES.names}
    return known | named | {"number": head.count, "hash": head.hash}
