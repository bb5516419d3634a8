"""The parts of a statement: one per table of a restricted file that names persons, with third parties masked.

A table that comes later gives a part by itself, so that nothing held is forgotten. Restricted attributes are shown,
since they are the person's own. Without the asylum officers' key nothing that tells of asylum is in any part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

Row = dict[str, Any]
FIRST = ["person", "identity", "stay", "person_category", "legal_status", "placement"]
LAST = ["source_link"]
# The pseudonym of this generation, which would open the analysts' file, and pairs of persons to be looked at.
LEFT_OUT = ["person_key", "identity_link", "link_event", "link_evidence"]
INTERNAL = ("person_id", "stay_id", "known_to_seq")
THIRD_PARTIES = (
    *("employer_bin", "employer_name", "host_id", "parent_ids", "family_id"),
    *("paid_by", "reservation", "further_segments"),
)
OTHER_PARTY = "*"
TABLES = """SELECT table_name FROM duckdb_columns()
WHERE database_name = current_database() AND schema_name = 'registry' AND column_name = 'person_id'
  AND NOT ends_with(table_name, '_history') AND NOT list_contains($left_out, table_name)
ORDER BY list_position($first, table_name) NULLS LAST, list_position($last, table_name) NULLS FIRST, table_name"""

ASYLUM_FEEDS = ("asylum_cases", "return_cases")
SUPPORT = "settlement_support"
# Whom these feeds alone tell of is nobody to who has not the asylum officers' key.
TELLING_FEEDS = (*ASYLUM_FEEDS, SUPPORT)
# What is worked out of all records, those about asylum too, tells of them by a gap or a day that nothing else explains.
WORKED_OUT = (
    *("category", "first_seen_on", "last_seen_on", "source_count", "departed_on", "presence", "presence_probability"),
    *("allowed_until", "rule_id", "ground", "overstay_days", "control_state", "days_in_window", "days_in_year"),
)
WORKED_OUT_TABLES = ("person", "person_category", "validity_only", "placement", "residence_change")
# Help to kandas is shown, and one of them may have had help as a refugee.
TELLING_COLUMNS = {f"record.{SUPPORT}": ("population", "case_id", "programme_id")}
# Visa-free days end where any paper covers the stay, a certificate of asylum too.
WORKED_OUT_STATUS = "visa_free"
HIDDEN = {"purpose": {"asylum": "other"}}


@dataclass(frozen=True)
class Section:
    """One part of a statement.

    Attributes:
        name: The table that it shows.
        columns: The columns shown, in order.
        rows: Its rows; in place of a third party stands `OTHER_PARTY`.
    """

    name: str
    columns: tuple[str, ...]
    rows: list[Row]


def read_sections(connection: duckdb.DuckDBPyConnection, person_id: str) -> list[Section]:
    """What a restricted file holds of a person now, one section per table that names persons."""
    names = connection.execute(TABLES, {"left_out": LEFT_OUT, "first": FIRST, "last": LAST}).fetchall()
    return [_section(connection, name, person_id) for (name,) in names]


def read_rows(connection: duckdb.DuckDBPyConnection, query: str, **values: Any) -> list[Row]:
    """One dictionary per row of a query."""
    found = connection.execute(query, values)
    columns = [column[0] for column in found.description or []]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def _section(connection: duckdb.DuckDBPyConnection, name: str, person_id: str) -> Section:
    rows = read_rows(
        connection, f"SELECT * FROM registry.{name} WHERE person_id = $person ORDER BY ALL", person=person_id
    )
    described = connection.execute(f"FROM registry.{name} LIMIT 0").description or []
    return Section(name, tuple(column[0] for column in described if column[0] not in INTERNAL), masked(rows))


def masked(rows: list[Row]) -> list[Row]:
    """The rows without third parties: `OTHER_PARTY` says that one is there."""
    return [row | {column: OTHER_PARTY for column in THIRD_PARTIES if row.get(column) is not None} for row in rows]


def without_asylum(sections: list[Section]) -> list[Section]:
    """The sections without what tells of asylum or of a refugee's return.

    Records of these feeds go, with what rests on them; what was worked out of all records goes for everybody, so that
    its absence tells nothing. Help with settlement is shown to those alone whose case as kandas is, since to others it
    comes as to refugees.
    """
    is_kandas = any(part.rows for part in sections if part.name == "kandas_case")
    feeds = {*ASYLUM_FEEDS} if is_kandas else {*ASYLUM_FEEDS, SUPPORT}
    return [
        Section(
            part.name,
            tuple(column for column in part.columns if column not in WORKED_OUT),
            [
                row
                for row in part.rows
                if feeds.isdisjoint((row.get("feed"), row.get("basis_feed"))) and row.get("status") != WORKED_OUT_STATUS
            ],
        )
        for part in sections
        if part.name not in WORKED_OUT_TABLES
    ]


def without_asylum_codes(sections: list[Section]) -> list[Section]:
    """The sections with no code that tells of asylum in a row that does not rest on it."""
    return [_without_codes(part, TELLING_COLUMNS.get(part.name, ())) for part in sections]


def _without_codes(part: Section, left_out: tuple[str, ...]) -> Section:
    columns = tuple(column for column in part.columns if column not in left_out)
    return Section(part.name, columns, [_plain(row) for row in part.rows])


def _plain(row: Row) -> Row:
    return row | {column: codes[row[column]] for column, codes in HIDDEN.items() if row.get(column) in codes}
