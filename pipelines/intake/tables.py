"""The tables that intake keeps in the build database, and the views `raw.<feed>` over bronze."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from pipelines.contracts import ColumnType, Contract
from pipelines.intake.casting import bronze_columns
from pipelines.storage.database import quoted
from pipelines.storage.home import Home

TABLES = """
CREATE SCHEMA IF NOT EXISTS intake;
CREATE SCHEMA IF NOT EXISTS raw;
CREATE SCHEMA IF NOT EXISTS quality;
CREATE TABLE IF NOT EXISTS intake.delivery (
  delivery_id VARCHAR, feed VARCHAR, file_name VARCHAR, sha256 VARCHAR, business_date DATE, sequence INTEGER,
  kind VARCHAR, supersedes VARCHAR, created_at TIMESTAMPTZ, sender VARCHAR, encoding VARCHAR, delimiter VARCHAR,
  header VARCHAR[], read_path VARCHAR, rows_declared BIGINT, rows_in_file BIGINT, rows_accepted BIGINT,
  rows_quarantined BIGINT, rows_repeated BIGINT, state VARCHAR, reason VARCHAR, message VARCHAR, load_seq INTEGER,
  landed_at TIMESTAMPTZ, mark VARCHAR, replayed_in INTEGER[]
);
CREATE TABLE IF NOT EXISTS intake.standing (
  feed VARCHAR, record_id VARCHAR, delivery_id VARCHAR, outcome VARCHAR, known_from_seq INTEGER, known_to_seq INTEGER,
  line_number BIGINT
);
CREATE TABLE IF NOT EXISTS intake.changed_record (feed VARCHAR, record_id VARCHAR);
CREATE TABLE IF NOT EXISTS intake.parted_record (
  feed VARCHAR, record_id VARCHAR, known_from_seq INTEGER, known_to_seq INTEGER
);
CREATE TABLE IF NOT EXISTS quality.drift (
  feed VARCHAR, file_name VARCHAR, business_date DATE, kind VARCHAR, column_name VARCHAR, value VARCHAR,
  row_count BIGINT, delivery_id VARCHAR, load_seq INTEGER
);
CREATE TABLE IF NOT EXISTS intake.quarantine (
  delivery_id VARCHAR, feed VARCHAR, file_name VARCHAR, row_ordinal BIGINT, line_number BIGINT, record_id VARCHAR,
  reasons VARCHAR[], load_seq INTEGER, cleared_in INTEGER, replayed_in INTEGER
);
CREATE TABLE IF NOT EXISTS intake.kept_file (
  kind VARCHAR, feed VARCHAR, delivery_id VARCHAR, load_seq INTEGER, path VARCHAR, size BIGINT, sha256 VARCHAR
);
CREATE TABLE IF NOT EXISTS intake.tombstone (erasure VARCHAR, salt VARCHAR, hash VARCHAR);
CREATE TABLE IF NOT EXISTS intake.erased (
  erasure VARCHAR, kind VARCHAR, delivery_id VARCHAR, load_seq INTEGER, row_count BIGINT
);
CREATE TABLE IF NOT EXISTS intake.raw_view (feed VARCHAR PRIMARY KEY, digest VARCHAR);
CREATE TABLE IF NOT EXISTS intake.request (what VARCHAR, delivery_id VARCHAR);
CREATE OR REPLACE VIEW intake.standing_now AS
  SELECT * FROM intake.standing WHERE known_to_seq IS NULL;
CREATE OR REPLACE VIEW intake.ranking AS
  WITH ordered AS (
    SELECT feed, delivery_id, file_name, business_date, kind, supersedes, load_seq,
      row_number() OVER (PARTITION BY feed
        ORDER BY coalesce(created_at, CAST(business_date AS TIMESTAMPTZ)), business_date, sequence, sha256) AS rank
    FROM intake.delivery WHERE state = 'accepted'
  ), named AS (
    SELECT *, kind <> 'correction' AND rank > min(rank) OVER (PARTITION BY feed, file_name) AS is_reused FROM ordered
  )
  SELECT * EXCLUDE (is_reused), CASE WHEN is_reused THEN 'name_reused'
    WHEN EXISTS (FROM named e WHERE e.feed = o.feed AND e.supersedes = o.file_name AND NOT e.is_reused
      AND e.delivery_id <> o.delivery_id AND (e.file_name <> o.file_name OR e.rank > o.rank)
      AND NOT (o.supersedes IS NOT DISTINCT FROM e.file_name AND o.rank > e.rank)) THEN 'withdrawn' END AS fate
  FROM named o;
CREATE OR REPLACE VIEW intake.shift AS
  SELECT delivery_id, count(*) FILTER (outcome = 'repeat') AS repeated,
    count(*) FILTER (outcome IN ('record_id_reused', 'reused_cleared')) AS reused
  FROM intake.standing_now GROUP BY delivery_id;
CREATE OR REPLACE VIEW quality.delivery AS
  SELECT d.feed, d.file_name, d.sha256, d.business_date, d.sequence, d.kind, d.supersedes, d.created_at, d.sender,
    d.encoding, d.delimiter, d.read_path, d.rows_declared, d.rows_in_file,
    CASE WHEN r.fate = 'name_reused' THEN 0 ELSE d.rows_accepted - coalesce(s.repeated + s.reused, 0) END
      AS rows_accepted,
    CASE WHEN r.fate = 'name_reused' THEN 0 ELSE d.rows_quarantined + coalesce(s.reused, 0) END AS rows_quarantined,
    CASE WHEN r.fate = 'name_reused' THEN 0 ELSE d.rows_repeated + coalesce(s.repeated, 0) END AS rows_repeated,
    CASE WHEN r.fate = 'name_reused' THEN 'rejected' ELSE d.state END AS state,
    CASE WHEN r.fate = 'name_reused' THEN 'name_reused' ELSE d.reason END AS reason,
    d.message, d.load_seq, d.landed_at, d.delivery_id
  FROM intake.delivery d
  LEFT JOIN intake.shift s ON s.delivery_id = d.delivery_id AND d.state = 'accepted'
  LEFT JOIN intake.ranking r ON r.delivery_id = d.delivery_id AND d.state = 'accepted';
CREATE OR REPLACE VIEW quality.quarantine AS
  SELECT feed, file_name, line_number, record_id, reasons, load_seq, cleared_in AS cleared_seq, delivery_id
  FROM intake.quarantine WHERE replayed_in IS NULL
    AND delivery_id NOT IN (SELECT delivery_id FROM intake.ranking WHERE fate = 'name_reused')
  UNION ALL BY NAME
  SELECT s.feed, d.file_name, s.line_number, s.record_id, ['record_id_reused'] AS reasons, d.load_seq,
    CASE WHEN s.outcome = 'reused_cleared' THEN s.known_from_seq END AS cleared_seq, s.delivery_id
  FROM intake.standing_now s JOIN intake.delivery d ON d.delivery_id = s.delivery_id AND d.state = 'accepted'
  WHERE s.outcome IN ('record_id_reused', 'reused_cleared');
"""

LOAD_FOLDER = "load_seq="
HIVE = "hive_partitioning = true, hive_types = {'load_seq': INTEGER}, union_by_name = true"
PLAIN = "hive_partitioning = false, union_by_name = true"
SQL_TYPES = {
    ColumnType.date: "DATE",
    ColumnType.timestamp: "TIMESTAMP WITH TIME ZONE",
    ColumnType.integer: "BIGINT",
    ColumnType.decimal: "DOUBLE",
    ColumnType.boolean: "BOOLEAN",
    ColumnType.list: "VARCHAR[]",
}
OWN_TYPES = {
    "business_date": "DATE",
    "happened_on": "DATE",
    "flags": "VARCHAR[]",
    "normalised": "MAP(VARCHAR, VARCHAR)",
    "extra": "MAP(VARCHAR, VARCHAR)",
    "is_citizen_stripped": "BOOLEAN",
    "line_number": "BIGINT",
}


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes what is missing; running it again changes nothing."""
    connection.execute(TABLES)


def column_types(contract: Contract) -> dict[str, str]:
    """SQL type of every bronze column of a feed, by name."""
    own = {column.name: SQL_TYPES.get(column.type, "VARCHAR") for column in contract.columns}
    return {name: own.get(name) or OWN_TYPES.get(name, "VARCHAR") for name in bronze_columns(contract)}


def bronze_path(home: Home, feed: str, load_seq: int, name: str) -> Path:
    """Where the rows of a delivery lie; the load is part of the path, so that readers open only what they need."""
    return home.bronze / feed / f"load_seq={load_seq}" / f"{name}.parquet"


def refresh_raw(connection: duckdb.DuckDBPyConnection, home: Home, contracts: Iterable[Contract]) -> None:
    """Lets `raw.<feed>` of some feeds see exactly the bronze files that the ledger knows, all in one transaction.

    A file without its ledger row does not exist: it was being written when a run was killed. A view that says the
    same already is left alone; describing its columns costs more than a small delivery.
    """
    shown = dict(connection.execute("SELECT feed, digest FROM intake.raw_view").fetchall())
    files = bronze_files(connection, home)
    views = {contract.feed: _raw_view(contract, files[contract.feed]) for contract in contracts}
    digests = {feed: hashlib.sha256(view.encode()).hexdigest() for feed, view in views.items()}
    changed = [feed for feed, digest in digests.items() if shown.get(feed) != digest]
    if not changed:
        return
    connection.begin()
    for feed in changed:
        connection.execute(views[feed])
    connection.execute(
        "INSERT OR REPLACE INTO intake.raw_view SELECT unnest($1), unnest($2)",
        [changed, [digests[feed] for feed in changed]],
    )
    connection.commit()


def delivered_ids(connection: duckdb.DuckDBPyConnection, home: Home, feeds: Iterable[str]) -> dict[str, str]:
    """For each feed a relation of all its rows as `raw.<feed>` has them, by record, delivery and load alone.

    Their standing is not looked up for each, as the view does, nor are the other columns laid out.
    """
    files = bronze_files(connection, home)
    return {feed: _rows(files[feed], {"record_id": "VARCHAR", "delivery_id": "VARCHAR"}) for feed in feeds}


def raw_rows(connection: duckdb.DuckDBPyConnection, home: Home, contract: Contract, records: str) -> str:
    """A relation of the rows of `raw.<feed>` with a record id that `records` selects.

    Only files that hold one of them are read: the engine would lay out columns of all files for a few rows.
    """
    files = bronze_files(connection, home)[contract.feed]
    rows = delivered_ids(connection, home, [contract.feed])[contract.feed]
    holding = connection.execute(
        f"""SELECT DISTINCT path FROM intake.kept_file WHERE kind = 'bronze' AND delivery_id IN (
          SELECT delivery_id FROM {rows} AS b SEMI JOIN ({records}) AS wanted USING (record_id))"""
    ).fetchall()
    few = {home.build / path for (path,) in holding}
    return f"({_raw(contract, [file for file in files if file in few])} WHERE b.record_id IN ({records}))"


def _raw_view(contract: Contract, files: list[Path]) -> str:
    view = f"CREATE OR REPLACE VIEW raw.{contract.feed} AS {_raw(contract, files)}"
    meanings = {f"raw.{contract.feed}.{column.name}": quoted(column.meaning) for column in contract.columns}
    return ";\n".join([view, *(f"COMMENT ON COLUMN {name} IS {text}" for name, text in meanings.items())])


def _raw(contract: Contract, files: list[Path]) -> str:
    types = column_types(contract)
    columns = ", ".join(f"b.{name}" for name in types)
    return f"""SELECT {columns}, b.load_seq, coalesce(s.outcome, 'current') AS outcome,
          coalesce(s.known_from_seq, b.load_seq) AS known_from_seq, s.known_to_seq
        FROM {_rows(files, types)} AS b
        LEFT JOIN intake.standing AS s
          ON s.feed = {quoted(contract.feed)} AND s.record_id = b.record_id AND s.delivery_id = b.delivery_id"""


def _rows(files: list[Path], types: dict[str, str]) -> str:
    """A relation of all rows: files of one load have it in their path, compacted ones as a column.

    Columns that no file has yet, because the contract is newer than the last delivery, are empty.
    """
    small = [quoted(path) for path in files if path.parent.name.startswith(LOAD_FOLDER)]
    compacted = [quoted(path) for path in files if not path.parent.name.startswith(LOAD_FOLDER)]
    parts = [f"FROM read_parquet([{', '.join(small)}], {HIVE})"] if small else []
    parts += [f"FROM read_parquet([{', '.join(compacted)}], {PLAIN})"] if compacted else []
    if not files or not types.keys() <= set(pq.read_schema(files[-1]).names):
        empty = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in types.items())
        parts.append(f"SELECT {empty}, CAST(NULL AS INTEGER) AS load_seq WHERE false")
    return f"({' UNION ALL BY NAME '.join(parts)})"


def bronze_files(connection: duckdb.DuckDBPyConnection, home: Home) -> dict[str, list[Path]]:
    """Bronze files that the ledger knows, by feed, in the order of their loads; a feed may have none."""
    rows = connection.execute(
        """SELECT feed, path FROM intake.kept_file WHERE kind = 'bronze'
        GROUP BY feed, path ORDER BY feed, min(load_seq), path"""
    ).fetchall()
    files: dict[str, list[Path]] = defaultdict(list)
    for feed, path in rows:
        files[feed].append(home.build / path)
    return files


def load_folders(home: Home, feed: str) -> list[tuple[int, Path]]:
    """Folders of a feed's bronze that hold the files of one load, with its number."""
    found = (home.bronze / feed).glob(f"{LOAD_FOLDER}*")
    return sorted((int(path.name.removeprefix(LOAD_FOLDER)), path) for path in found)
