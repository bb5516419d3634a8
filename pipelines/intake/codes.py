"""Codes and clocks by which deliveries are read, from the reference lists that dbt seeds too."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import duckdb

from pipelines.contracts import Column, ColumnType, Contract
from pipelines.settings import CHECKOUT
from pipelines.storage.database import quoted

COUNTRIES = CHECKOUT / "dbt_project" / "seeds" / "country.csv"
SUCCESSORS = CHECKOUT / "dbt_project" / "seeds" / "country_successor.csv"
REGIONS = CHECKOUT / "dbt_project" / "seeds" / "region.csv"
SPELLINGS = CHECKOUT / "pipelines" / "intake" / "country_spelling.csv"
POSTS = CHECKOUT / "sources" / "control_posts" / "real.csv"


def load_country_codes(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the macro `country_of(alias)`: the three letters of a state by any spelling of its code, or NULL.

    Alpha-2, the three digits of ISO 3166-1 and some Cyrillic spellings are accepted besides alpha-3 and the ICAO
    codes; `D` is Germany's code in passports. The spellings are an enumeration: a join would slice all other columns.
    """
    countries = _rows(COUNTRIES)
    spelled = {(row["code"], row["code"]) for row in countries} | {(row["alpha2"], row["code"]) for row in countries}
    spelled |= {(row["spelling"], row["code"]) for row in _rows(SPELLINGS)} | {("D", "DEU")}
    forms = {(f, code) for alias, code in spelled if alias for f in (alias, alias.lower(), alias.capitalize())}
    found: dict[str, str] = {}
    for form, code in sorted(forms):
        found.setdefault(form, code)
    aliases, codes = _listed(found), _listed(found.values())
    # Nearly all come as three letters, and the engine copies a list of all codes for each vector that asks it.
    connection.execute(
        f"""DROP TYPE IF EXISTS temp.country_alias; CREATE TEMP TYPE country_alias AS ENUM ({aliases});
        DROP TYPE IF EXISTS temp.country_code;
        CREATE TEMP TYPE country_code AS ENUM ({_listed(form for form, code in found.items() if form == code)});
        SET VARIABLE country_codes = [{codes}];
        CREATE OR REPLACE TEMP MACRO country_of(alias) AS CASE
          WHEN TRY_CAST(alias AS country_code) IS NOT NULL THEN alias WHEN alias IS NOT NULL THEN
            getvariable('country_codes')[enum_code(TRY_CAST(alias AS country_alias)) + 1] END"""
    )


def of_the_day(contract: Contract, there: list[Column]) -> str:
    """SQL for all columns of a row, codes of states being those of the day of the fact, or of the birth."""
    days = {"citizenship": "happened_on", "document_state": "happened_on", "birth_country": "birth_date_first"}
    named = {column.name for column in there} if contract.identity_block else set()
    valid = [f"code_on({name}, {day}) AS {name}" for name, day in days.items() if name in named]
    return f"* REPLACE ({', '.join(valid)})" if valid else "*"


def record_id(contract: Contract) -> str:
    """SQL for the record id: its columns as delivered, but one spelling for a state, a day, a number and a moment."""
    return " || '|' || ".join(f"coalesce({_spelled(contract.column(name))}, '')" for name in contract.record_id)


def _spelled(column: Column) -> str:
    """A moment stands at UTC+5, the clock of the whole country, so that one told with its offset keeps its text."""
    told = f"t_{column.name}"
    if column.type is ColumnType.country:
        return column.name
    if column.type in (ColumnType.date, ColumnType.integer):
        return f"coalesce(CAST({column.name} AS VARCHAR), {told})"
    if column.type is ColumnType.timestamp:
        at_home = f"timezone('UTC', {column.name}) + INTERVAL 5 HOURS"
        return f"coalesce(replace(CAST({at_home} AS VARCHAR), ' ', 'T') || '+05:00', {told})"
    return told


def marks(contract: Contract, there: list[Column]) -> dict[str, str]:
    """Conditions by mark: papers of a state that is no more prove no present citizenship.

    Which of its successors a person belongs to, if any, is for a person to find out, and often a lead to statelessness.
    """
    columns = {column.name for column in there} if contract.identity_block else set()
    named = {"citizen_of_former_state": "citizenship", "document_of_former_state": "document_state"}
    return {mark: f"NOT state_stands({name}, happened_on)" for mark, name in named.items() if name in columns}


def load_former_states(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the macros `code_on(code, day)` and `state_stands(code, day)`.

    The first gives the code that a state of another name or code then has on the day; a state that has several
    successors, or is part of another now, keeps its own. The second says whether the code's state is there on the day.
    """
    ends = {r["code"]: r["valid_to"] for r in _rows(COUNTRIES) if r["kind"] == "dissolved" and r["valid_to"]}
    same = {r["code"]: r["successor"] for r in _rows(SUCCESSORS) if r["is_same_state"] == "true" and r["code"] in ends}
    ended = " ".join(f"WHEN {quoted(code)} THEN DATE '{day}'" for code, day in sorted(ends.items()))
    became = " ".join(f"WHEN {quoted(code)} THEN {quoted(new)}" for code, new in sorted(same.items()))
    connection.execute(
        f"""CREATE OR REPLACE TEMP MACRO state_stands(code, day) AS
          CASE WHEN list_contains([{_listed(sorted(ends))}], code) THEN day < CASE code {ended} END ELSE true END;
        CREATE OR REPLACE TEMP MACRO code_on(code, day) AS
          CASE WHEN list_contains([{_listed(sorted(same))}], code) AND NOT state_stands(code, day)
            THEN CASE code {became} END ELSE code END"""
    )


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(map(quoted, codes))


def load_clocks(connection: duckdb.DuckDBPyConnection) -> None:
    """Sets the variable `clock`: the time zone of every region (two digits) and of every post of the public list.

    The list stands for the posts of the years before one zone; the delivered register would make a moment depend on
    which of two deliveries came first.
    """
    clocks = {row["kato"][:2]: row["clock"] for row in _rows(REGIONS)}
    clocks |= {row["post_code"]: clocks[row["kato"][:2]] for row in _rows(POSTS) if row["kato"][:2] in clocks}
    connection.execute(f"SET VARIABLE clock = MAP([{_listed(clocks)}], [{_listed(clocks.values())}])")


def _rows(path: Path) -> list[dict[str, str]]:
    """Rows of a small list by column; the engine would first look through it for what it is."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
