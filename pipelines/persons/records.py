"""The records of a person as agencies delivered them, from the build database: what the registry does not repeat.

Permits, contracts, wages and addresses stand here alone. Only current versions are read; a version that was replaced is
kept in bronze and shown to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from pipelines.contracts import Contract
from pipelines.persons.sections import Section, masked, read_rows

PREFIX = "record."


def read_records(
    build: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], sections: list[Section]
) -> list[Section]:
    """One section per feed: the records that `source_link` names, with file and marks, third parties masked.

    Args:
        build: The build database, in use.
        contracts: All feeds; their columns are shown, of others the names alone.
        sections: What the registry holds of the person.
    """
    links = [row for part in sections if part.name == "source_link" for row in part.rows]
    feeds = sorted({str(row["feed"]) for row in links})
    named = {feed: [str(row["record_id"]) for row in links if row["feed"] == feed] for feed in feeds}
    return [_records(build, contracts[feed], records) for feed, records in named.items()]


def _records(build: duckdb.DuckDBPyConnection, contract: Contract, records: list[str]) -> Section:
    columns = [column.name for column in contract.columns]
    listed = ", ".join(f'raw."{column}"' for column in columns)
    query = f"""SELECT file_name, raw.business_date, {listed}, flags, nullif(map_keys(extra), []) AS further_columns
    FROM raw.{contract.feed} AS raw LEFT JOIN intake.delivery USING (delivery_id)
    WHERE list_contains($records, record_id) AND outcome = 'current' AND known_to_seq IS NULL ORDER BY ALL"""
    rows = read_rows(build, query, records=records)
    shown = ("file_name", "business_date", *columns, "flags", "further_columns")
    return Section(PREFIX + contract.feed, shown, masked(rows))
