"""From records to observations: distinct identity tuples, as the centre's own model makes them, with their truth."""

from __future__ import annotations

import duckdb

from pipelines.simulation.identity_world.writing import OBSERVED

COLLAPSED = """CREATE OR REPLACE TABLE collapsed AS
SELECT md5_number_lower(concat_ws(chr(31), {tuple})) AS observation_id, {columns},
  bool_and(iin_verified AND {agrees}) AS iin_verified,
  count(birth_date) + count(document_number) + count(iin) > 0 AS is_sufficient, 1::INTEGER AS first_load_seq,
  min(person) AS person, arg_min(citizenship_group, person) AS citizenship_group, min(script) AS script,
  arg_min(person_sex, person) AS person_sex, arg_min(is_twin, person) AS is_twin, count(*) AS records
FROM {records} GROUP BY observation_id ORDER BY observation_id"""

AGREES = """coalesce(starts_with(iin, replace(substr(birth_date, 3), '-', ''))
  AND (CAST(iin[7] AS INTEGER) + 1) // 2 + 17 = CAST(birth_date[:2] AS INTEGER), true)
  AND coalesce((sex = 'M') = (CAST(iin[7] AS INTEGER) % 2 = 1), true)"""


def collapse(connection: duckdb.DuckDBPyConnection, records: str) -> tuple[int, int]:
    """Makes `observation` (the columns of `intermediate.observation`) and `truth` of records.

    An IIN that contradicts the birth date or the sex beside it is not verified, as at intake.
    Where two persons are written alike to the letter, one observation stands for both, with the truth of the first.

    Args:
        connection: Where the two tables are made.
        records: What follows `FROM`: a table, a registered Arrow table or `read_parquet('…')`.

    Returns:
        Numbers of records and of observations.
    """
    parts = ", ".join(f"coalesce({column}, '')" for column in OBSERVED)
    columns = ", ".join(f"any_value({column}) AS {column}" for column in OBSERVED)
    connection.execute(COLLAPSED.format(tuple=parts, columns=columns, agrees=AGREES, records=records))
    connection.execute(
        f"""CREATE OR REPLACE TABLE observation AS
        SELECT observation_id, {", ".join(OBSERVED)}, iin_verified, is_sufficient, first_load_seq FROM collapsed"""
    )
    connection.execute(
        """CREATE OR REPLACE TABLE truth AS SELECT observation_id, CAST(person AS UBIGINT) AS person, script,
        citizenship_group, person_sex AS sex, is_twin FROM collapsed"""
    )
    rows, observations = connection.execute("SELECT sum(records), count(*) FROM collapsed").fetchall()[0]
    connection.execute("DROP TABLE collapsed")
    return int(rows), int(observations)
