"""Rows of a person in the build database, found by the columns that tables have, and what is kept in their place.

Every table with a column that names a person, an observation, a stay, a case or a record is reached without being
listed, so that a new model is reached too. What was believed of somebody else while a record of theirs was that one's
goes too, where it is believed no more. Names that nobody else bears leave the dictionary.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from pipelines.erasure.planning import Plan
from pipelines.storage.kept import KeptFile

PERSONS = ("person_id", "left_person_id", "right_person_id", "other_person_id")
OBSERVATIONS = ("observation_id", "left_observation_id", "right_observation_id", "founder")
TABLES = """SELECT format('"{}"."{}"', schema_name, table_name), list(column_name) FROM duckdb_columns()
SEMI JOIN duckdb_tables() USING (database_name, schema_name, table_name)
WHERE database_name = 'build' GROUP BY ALL ORDER BY ALL"""
VERSIONS = """DELETE FROM intake.standing
WHERE (feed, record_id, delivery_id) IN (SELECT (feed, record_id, delivery_id) FROM gone_row);
DELETE FROM intake.quarantine WHERE (delivery_id, row_ordinal) IN (
  SELECT (delivery_id, CAST(row_ordinal AS BIGINT)) FROM gone_held JOIN intake.kept_file USING (path))"""
MIXED = """known_to_seq IS NOT NULL AND EXISTS (FROM gone_share AS g WHERE g.person_id = held.person_id
  AND held.known_from_seq >= g.first AND held.known_from_seq < g.past_last)"""
NAMES = """
DELETE FROM linkage.name_value_part WHERE value_id NOT IN (FROM borne);
DELETE FROM linkage.name_value WHERE value_id NOT IN (FROM borne);
DELETE FROM linkage.name_part WHERE part_id NOT IN (SELECT part_id FROM linkage.name_value_part);
DELETE FROM linkage.name_reading WHERE part_id NOT IN (SELECT part_id FROM linkage.name_part)"""
# A load adds to these what changed; with somebody missing on one side it would take away more than was added.
MEMBER_COUNTS = tuple(f'"intermediate"."{name}_month"' for name in ("cluster_size", "profile", "move"))
BORNE = """CREATE OR REPLACE TEMP TABLE borne AS
SELECT DISTINCT value_id FROM (SELECT unnest([surname, given, patronymic, former]) AS value_id FROM linkage.observed)
WHERE value_id IS NOT NULL"""
STONES = """INSERT INTO intake.tombstone
SELECT DISTINCT $number, $salt, sha256($salt || '/' || feed || '/' || record_id) FROM gone_record
WHERE sha256($salt || '/' || feed || '/' || record_id) NOT IN (SELECT hash FROM intake.tombstone)"""


def lay_out(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Makes the temporary tables `gone_record`, `gone_row`, `gone_held` and others of a plan."""
    _keep(connection, "gone_record", plan.records, ("feed", "record_id"))
    _keep(connection, "gone_row", plan.rows, ("feed", "record_id", "delivery_id"))
    _keep(connection, "gone_stay", [(stay,) for stay in plan.stays], ("stay_id",))
    _keep(connection, "gone_case", [(case,) for case in plan.cases], ("case_id",))
    connection.execute("CREATE OR REPLACE TEMP TABLE gone_share (person_id VARCHAR, first INTEGER, past_last INTEGER)")
    for share in plan.shared:
        connection.execute("INSERT INTO gone_share VALUES ($1, $2, $3)", list(share))
    _keep(connection, "gone_person", [(person,) for person in plan.persons], ("person_id",))
    held = [(path, str(ordinal)) for path, ordinals in plan.quarantine for ordinal in ordinals]
    _keep(connection, "gone_held", held, ("path", "row_ordinal"))
    _keep(connection, "gone_number", [(str(number),) for number in plan.observations], ("number",))
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE gone_observation AS SELECT CAST(number AS UBIGINT) AS id FROM gone_number"
    )


def delete_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """Deletes what the tables of `lay_out` name; what is gone already stays gone.

    Counts of members go as a whole; the next load counts them again.
    """
    for table, columns in connection.execute(TABLES).fetchall():
        conditions = _conditions(columns)
        if not table.startswith('"linkage"') and {"person_id", "known_from_seq", "known_to_seq"} <= set(columns):
            conditions.append(MIXED)
        if table in MEMBER_COUNTS:
            connection.execute(f"DELETE FROM {table}")
        elif conditions:
            connection.execute(f"DELETE FROM {table} AS held WHERE {' OR '.join(conditions)}")
    for statement in VERSIONS.split(";"):
        connection.execute(statement)
    connection.execute(BORNE)
    for statement in NAMES.strip().split(";"):
        connection.execute(statement)


def _conditions(columns: list[str]) -> list[str]:
    found = [f"{column} IN (FROM gone_person)" for column in PERSONS if column in columns]
    found += [f"{column} IN (FROM gone_observation)" for column in OBSERVATIONS if column in columns]
    found += ["stay_id IN (FROM gone_stay)"] if "stay_id" in columns else []
    found += ["case_id IN (FROM gone_case)"] if "case_id" in columns else []
    has_record = {"feed", "record_id"} <= set(columns)
    return found + (["(feed, record_id) IN (SELECT (feed, record_id) FROM gone_record)"] if has_record else [])


def note(
    connection: duckdb.DuckDBPyConnection,
    number: str,
    salt: str,
    counts: Sequence[Sequence[object]],
    files: Sequence[KeptFile],
) -> None:
    """Writes what stays of an erasure: tombstones, numbers of rows, and the new sizes and hashes of files.

    Args:
        connection: The build database.
        number: Names the erasure.
        salt: Of the home's tombstones.
        counts: Kind, delivery, load and number of rows.
        files: Files that were written anew.
    """
    connection.execute(STONES, {"number": number, "salt": salt})
    note_counts(connection, number, counts)
    for file in files:
        connection.execute("UPDATE intake.kept_file SET size = $size, sha256 = $sha256 WHERE path = $path", vars(file))


def note_counts(connection: duckdb.DuckDBPyConnection, number: str, counts: Sequence[Sequence[object]]) -> None:
    """Writes how many rows of which delivery an erasure took; again, it changes nothing."""
    connection.execute("DELETE FROM intake.erased WHERE erasure = $1", [number])
    for kind, delivery, load_seq, rows in counts:
        connection.execute(
            "INSERT INTO intake.erased VALUES ($1, $2, $3, $4, $5)", [number, kind, delivery, load_seq, rows]
        )


def _keep(
    connection: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Sequence[str]], columns: tuple[str, ...]
) -> None:
    arrays = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    table = pa.table({column: pa.array(part, pa.string()) for column, part in zip(columns, arrays, strict=True)})
    connection.register("laid_out", table)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM laid_out")
    connection.unregister("laid_out")
