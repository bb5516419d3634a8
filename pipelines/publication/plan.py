"""What is published where: read from the dbt manifest, `tables.yml` and `macros/`, never said twice.

Nothing here opens a database.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from pipelines.storage.database import quoted

FILES = ("restricted", "asylum", "aggregates", "analysis")
TABLES = Path(__file__).with_name("tables.yml")
MACROS = Path(__file__).with_name("macros")
HISTORY = "_history"


class PlanError(Exception):
    """A declaration of what is published contradicts itself; the message says which."""


@dataclass(frozen=True)
class Table:
    """One published table.

    Attributes:
        name: Schema and table in the published file.
        files: Files that hold it.
        query: SELECT on the build database that gives its rows.
        description: What one row is.
        columns: Meaning of each column, in the order of the columns.
    """

    name: str
    files: tuple[str, ...]
    query: str
    description: str
    columns: dict[str, str]

    @property
    def current_view(self) -> str | None:
        """Name of the view of what is known now, for a table of versions."""
        is_history = self.name.endswith(HISTORY) and "known_to_seq" in self.columns
        return self.name.removesuffix(HISTORY) if is_history else None


@dataclass(frozen=True)
class Macro:
    """One table macro of a published file.

    Attributes:
        name: Name.
        files: Files that hold it.
        parameters: Parameters, with their defaults.
        description: What it answers.
        example: A query that runs.
        sql: Its body; it names schema and table only.
    """

    name: str
    files: tuple[str, ...]
    parameters: tuple[str, ...]
    description: str
    example: str
    sql: str

    @property
    def signature(self) -> str:
        """How it is called."""
        return f"{self.name}({', '.join(self.parameters)})"


def tables(manifest: Path) -> list[Table]:
    """All published tables, by name.

    Args:
        manifest: dbt's manifest of the models that were run.

    Raises:
        PlanError: Two declarations give one file the same table, or one names an unknown file.
    """
    nodes: dict[str, dict[str, Any]] = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    found = [table for node in nodes.values() for table in _of_node(node)]
    found += _own_tables()
    places = [(file, table.name) for table in found for file in table.files]
    wrong = {f"{file}: {name}" for file, name in places if file not in FILES or places.count((file, name)) > 1}
    if wrong:
        raise PlanError(f"published twice, or to a file that does not exist: {', '.join(sorted(wrong))}")
    return sorted(found, key=lambda table: table.name)


@lru_cache(maxsize=1)
def macros() -> tuple[Macro, ...]:
    """All table macros, by name; each file of `macros/` is one."""
    found = []
    for path in sorted(MACROS.glob("*.yml")):
        entry: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        found.append(Macro(**entry | {key: tuple(entry[key]) for key in ("files", "parameters")}))
    return tuple(found)


@lru_cache(maxsize=1)
def _own_tables() -> tuple[Table, ...]:
    """The tables that no model of dbt is; a publication takes a fiftieth of its time to read the file."""
    own: dict[str, dict[str, Any]] = yaml.safe_load(TABLES.read_text(encoding="utf-8"))
    return tuple(_own(name, entry) for name, entry in own.items())


def _of_node(node: dict[str, Any]) -> list[Table]:
    """The tables that a model or seed is published as, files with the same name together."""
    places: dict[str, str] = node.get("config", {}).get("meta", {}).get("publish", {})
    columns = {name: " ".join(column["description"].split()) for name, column in node.get("columns", {}).items()}
    query = f"SELECT {', '.join(map(identifier, columns))} FROM build.{node['schema']}.{node.get('alias')}"
    return [
        Table(name, tuple(file for file, place in places.items() if place == name), query, _words(node), columns)
        for name in sorted(set(places.values()))
    ]


def _own(name: str, entry: dict[str, Any]) -> Table:
    meanings = {column: part["meaning"] for column, part in entry["columns"].items()}
    return Table(name, tuple(entry["files"]), _own_query(name, entry), _words(entry), meanings)


def _own_query(table: str, entry: dict[str, Any]) -> str:
    """Columns with a type say that nothing fills the table yet; else they are read from `from`."""
    columns: dict[str, dict[str, str]] = entry["columns"]
    if all("type" in part for part in columns.values()):
        empty = ", ".join(f"CAST(NULL AS {part['type']}) AS {identifier(column)}" for column, part in columns.items())
        return f"SELECT {empty} WHERE false"
    listed = ", ".join(f"{part.get('sql', identifier(name))} AS {identifier(name)}" for name, part in columns.items())
    relation = entry.get("from", table)
    where = f" WHERE {entry['where']}" if "where" in entry else ""
    return f"SELECT {listed} FROM {f'build.{relation}' if '.' in relation else relation}{where}"


def _words(entry: dict[str, Any]) -> str:
    return " ".join(str(entry["description"]).split())


def identifier(name: str) -> str:
    """A name as an SQL identifier, quoted because some are words of SQL."""
    return '"' + name.replace('"', '""') + '"'


def comment(kind: str, name: str, text: str) -> str:
    """The statement that says what a table, view, column or macro means."""
    return f"COMMENT ON {kind} {name} IS {quoted(text)}"
