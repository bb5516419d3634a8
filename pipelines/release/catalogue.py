"""What the release says of itself to machines: a dictionary of its tables, columns, indicators and codes.

`data/dictionary.json` is read by the site, by the structures of SDMX and by whoever loads the files; the month that it
names is the month that the release stands for.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from pipelines import labels
from pipelines.contracts import code_labels, load_contracts
from pipelines.release.designs import designs
from pipelines.settings import Settings
from pipelines.storage.loads import Load

DICTIONARY = "dictionary.json"
Words = dict[str, str]
NAMED = """
SELECT 'region' AS dimension, kato AS code, name_kk AS kk, name_ru AS ru, name_en AS en FROM reference.region
UNION ALL SELECT 'district', kato, name_kk, name_ru, name_en FROM reference.district
UNION ALL SELECT 'citizenship', code, name_kk, name_ru, name_en FROM reference.country"""

# Where several tables carry an indicator, the words of the one by month: `statistics.stock`, not `stock_daily`.
DEFINED = """SELECT indicator, arg_min(unit, table_name), arg_min(definition, table_name)
FROM reference.indicator GROUP BY indicator"""


def month_of(release: Path) -> str | None:
    """The last month of a release, empty where it has none; None where no release stands there."""
    told = _told(release)
    return (told["release"]["month"] or "") if told else None


def tables_of(release: Path) -> dict[str, tuple[str, ...]]:
    """The tables of a release and their dimensions; none where no release stands there."""
    return {table["name"]: tuple(table["dimensions"]) for table in _told(release).get("tables", [])}


def _told(release: Path) -> dict[str, Any]:
    path = release / "data" / DICTIONARY
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return told


def describe(
    connection: duckdb.DuckDBPyConnection, settings: Settings, tables: list[str], load: Load
) -> dict[str, Any]:
    """All that the release says of itself.

    Args:
        connection: The build database, with the released tables.
        settings: Where the centre lies.
        tables: Names of the released tables.
        load: The load of which the release is made.
    """
    closed = connection.execute("SELECT strftime(first_day, '%Y-%m') FROM closed_month ORDER BY 1").fetchall()
    months = [month for (month,) in closed]
    described = [_table(connection, name) for name in tables]
    return {
        "release": {
            "month": months[-1] if months else None,
            "months": months,
            "released_on": load.known_at.date().isoformat(),
            "load_seq": load.load_seq,
        },
        "languages": list(labels.LANGUAGES),
        "tables": described,
        "indicators": _indicators(connection, described),
        "codes": _codes(connection, settings, described),
    }


def _table(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, Any]:
    design = next((one for one in designs() if one.name == name), None)
    columns = connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE released_{name})").fetchall()
    period = "month" if columns[0][0] == "month" else "period"
    span = f"SELECT count(*), min({period}), max({period}) FROM released_{name}"
    ((rows, first, last),) = connection.execute(span).fetchall()
    return {
        "name": name,
        "title": words_of(f"release.table.{name}"),
        "about": words_of(f"release.about.{name}"),
        "files": {"parquet": f"data/{name}.parquet", "csv": f"data/{name}.csv"},
        "dimensions": list(design.dimensions) if design else [],
        "threshold": design.threshold if design else None,
        "perturbed": design is not None and design.is_perturbed,
        "columns": [
            {"name": column, "type": kind, "meaning": words_of(f"release.column.{column}")} for column, kind in columns
        ],
        "rows": rows,
        "first_period": first,
        "last_period": last,
    }


def words_of(key: str) -> Words:
    """The label in all languages."""
    return {language: labels.label(key, language) for language in labels.LANGUAGES}


def _indicators(connection: duckdb.DuckDBPyConnection, tables: list[dict[str, Any]]) -> dict[str, Any]:
    """Label of each released indicator, and its unit and definition where the register of indicators has them."""
    defined = {name: (unit, definition) for name, unit, definition in connection.execute(DEFINED).fetchall()}
    found: dict[str, Any] = {}
    for name in sorted(_distinct(connection, tables, "indicator")):
        unit, definition = defined.get(name, (None, None))
        found[name] = {"label": words_of(f"code.indicator.{name}"), "unit": unit, "definition": definition}
    return found


def _distinct(connection: duckdb.DuckDBPyConnection, tables: list[dict[str, Any]], column: str) -> set[str]:
    parts = [
        f"SELECT DISTINCT {column} FROM released_{table['name']}"
        for table in tables
        if any(one["name"] == column for one in table["columns"])
    ]
    return {code for (code,) in connection.execute(" UNION ".join(parts)).fetchall()} if parts else set()


def _codes(
    connection: duckdb.DuckDBPyConnection, settings: Settings, tables: list[dict[str, Any]]
) -> dict[str, dict[str, Words]]:
    """Labels of the codes that occur, by dimension; a code that has none is its own label."""
    known = _known_codes(connection, settings)
    dimensions = {name for table in tables for name in table["dimensions"]} | {"obs_status", "state"}
    return {
        dimension: {
            code: known.get(dimension, {}).get(code) or known["any"].get(code) or dict.fromkeys(labels.LANGUAGES, code)
            for code in sorted(_distinct(connection, tables, dimension))
        }
        for dimension in sorted(dimensions)
    }


def _known_codes(connection: duckdb.DuckDBPyConnection, settings: Settings) -> dict[str, dict[str, Words]]:
    contracted = {key: words.model_dump() for key, words in code_labels(load_contracts(settings.sources)).items()}
    known: dict[str, dict[str, Words]] = {}
    for dimension, code, kk, ru, en in connection.execute(NAMED).fetchall():
        known.setdefault(dimension, {})[code] = {"kk": kk, "ru": ru, "en": en}
    for key, words in (contracted | labels.catalogue()).items():
        if key.startswith("code.") and key.count(".") == 2:
            _, code_list, code = key.split(".")
            known.setdefault(code_list, {})[code] = words
    known["basis_value"] = known["host_type"] | known["citizenship"]
    return known
