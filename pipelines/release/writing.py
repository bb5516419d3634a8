"""Writing the public release of the last closed month: protected, attacked, described, and swapped whole.

A release changes only when another month has closed, because the difference of two nights shows a person. It is
written beside as a folder of its own; `release` is a link to it. A night in which no month closed does nothing here.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines import identity, modelling, site
from pipelines.contracts import code_labels, load_contracts
from pipelines.release import catalogue, dcat, linkage, protecting, sdmx, standing, timetable, withholding
from pipelines.release.attacks import suite
from pipelines.release.designs import designs, published
from pipelines.settings import Settings
from pipelines.storage.database import quoted
from pipelines.storage.faults import passage
from pipelines.storage.files import point_link, sync_folder
from pipelines.storage.home import Home
from pipelines.storage.keys import derived_key
from pipelines.storage.loads import Load

PURPOSE = "release"
REPORT = "attack_report"
Tell = Callable[[str, int, int], None]
SCHEMA = pa.schema(
    [
        ("period", pa.string()),
        ("attack", pa.string()),
        ("tried", pa.int64()),
        ("measured", pa.float64()),
        ("allowed", pa.float64()),
        ("held", pa.bool_()),
    ]
)


class ReleaseRefusedError(Exception):
    """An attack on the release succeeded; the release that stands remains.

    Attributes:
        findings: What all attacks found.
    """

    def __init__(self, message: str, findings: list[suite.Finding]) -> None:
        super().__init__(message)
        self.findings = findings


@dataclass(frozen=True)
class Released:
    """What became of a release.

    Attributes:
        month: The last closed month; None where none has closed.
        folder: The folder of the new release; None where the release that stands is of that month already.
        findings: What the attacks found.
    """

    month: str | None
    folder: Path | None = None
    findings: list[suite.Finding] = field(default_factory=list)


def silent(what: str, done: int, total: int) -> None:
    """Progress for callers that show none."""


def release(
    connection: duckdb.DuckDBPyConnection, settings: Settings, load: Load, tell: Tell = silent, is_anew: bool = False
) -> Released:
    """Releases the last closed month, where the release that stands does not have it yet.

    Args:
        connection: The build database.
        settings: Where the centre lies.
        load: The load of which the release is made.
        tell: Told what is done, how much of it, and of how much.
        is_anew: Whether all months are told anew, after an error that was announced.

    Raises:
        OtherModelsError: The models were made by another version of the project.
        ReleaseRefusedError: An attack succeeded; the release that stands remains.
    """
    home = Home(settings.home)
    last = protecting.find_closed_months(connection)
    if not is_anew and catalogue.month_of(home.release) == (last or ""):
        return Released(last)
    modelling.demand_modelled(connection)
    standing.find(connection, home.release, is_anew)
    key = derived_key(settings, PURPOSE)
    protecting.lay_out_stock(connection)
    subtracted = tuple(design for design in designs() if design.attacked)
    others = [design for design in designs() if not design.attacked]
    for number, design in enumerate((*subtracted, *others)):
        if design is others[0]:  # the others are made of what is left of these
            withholding.withhold(connection, subtracted)
        protecting.protect(connection, design, key)
        standing.keep(connection, design, home.release)
        tell("release tables", number + 1, len(designs()))
    findings = suite.attack(suite.Attacked(connection, designs(), home.release))
    demand_withstood(findings, last)
    timetable.lay_out(connection)
    identity.estimate(connection, load.load_seq, identity.model_of(home, load.load_seq))
    _lay_out_linkage(connection, settings, last, key)
    _lay_out(connection, REPORT, SCHEMA, [(last, *_line(finding)) for finding in findings])
    beside = home.temporary / "release"
    shutil.rmtree(beside, ignore_errors=True)
    _write_files(connection, settings, beside, load)
    _write_site(settings, beside, load, tell)
    final = _settle(beside, home.generations / f"release-{load.load_seq}")
    point_link(home.release, final, "publish.release_link")
    return Released(last, final, findings)


def demand_withstood(findings: list[suite.Finding], month: str | None) -> None:
    """Refuses a release that an attack gets the better of.

    Raises:
        ReleaseRefusedError: One does.
    """
    lost = [finding for finding in findings if not finding.held]
    if lost:
        told = "; ".join(
            f"{one.attack} reached {one.measured:.4g} of {one.allowed:.4g} allowed in {one.tried} tries" for one in lost
        )
        raise ReleaseRefusedError(
            f"the release of {month} is refused, the one that stands remains: {told}. Raise the threshold of the table "
            "concerned in pipelines/release/designs.yml or leave it out there, then run `mic release`. The databases "
            "of the load are published all the same.",
            findings,
        )


def _line(finding: suite.Finding) -> tuple[str, int, float, float, bool]:
    return finding.attack, *finding.told, finding.allowed, finding.held


def _lay_out_linkage(connection: duckdb.DuckDBPyConnection, settings: Settings, last: str | None, key: str) -> None:
    """Makes `released_linkage_monthly`; shares of earlier months are those of the release that stands."""
    former = Home(settings.home).release / "data" / f"{linkage.TABLE}.parquet"
    before = str(former) if former.exists() else None
    lines = linkage.lines(connection, last, key, before) if last else []
    _lay_out(connection, linkage.TABLE, linkage.SCHEMA, lines)


def _lay_out(
    connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, lines: Iterable[tuple[object, ...]]
) -> None:
    """Makes a released table of a few lines."""
    table = pa.Table.from_pylist([dict(zip(schema.names, line, strict=True)) for line in lines], schema=schema)
    connection.register("lines", table)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE released_{name} AS FROM lines")
    connection.unregister("lines")


def _write_files(connection: duckdb.DuckDBPyConnection, settings: Settings, folder: Path, load: Load) -> None:
    data = folder / "data"
    data.mkdir(parents=True)
    tables = [*(design.name for design in published()), linkage.TABLE, timetable.TABLE, REPORT]
    for name in tables:
        write_table(connection, f"released_{name}", data / name)
    described = catalogue.describe(connection, settings, tables, load)
    _write_json(data / catalogue.DICTIONARY, described)
    titles = (catalogue.words_of("site.name"), catalogue.words_of("release.publisher"))
    _write_json(folder / dcat.CATALOGUE, dcat.catalogue(described, *titles))
    sdmx.write(connection, folder / "sdmx", described, published(), load.known_at)


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def _write_site(settings: Settings, folder: Path, load: Load, tell: Tell) -> None:
    """The pages; they are made of the released files, those of this release and of the one that stands."""
    before = Home(settings.home).release / "data"
    contracted = code_labels(load_contracts(settings.sources))

    def told(what: str, done: int, total: int) -> None:
        tell(f"site {what}", done, total)

    former = before if before.exists() else None
    site.build(folder / "data", folder / "site", load.known_at.date(), contracted, former, told)


def write_table(connection: duckdb.DuckDBPyConnection, relation: str, path: Path) -> None:
    """Writes one table twice: as Parquet, and as CSV that no spreadsheet runs."""
    columns = connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE {relation})").fetchall()
    safe = ", ".join(escaped_sql(name) if kind == "VARCHAR" else name for name, kind in columns)
    _copy(connection, f"FROM {relation} ORDER BY ALL", path.with_suffix(".parquet"), "FORMAT parquet")
    _copy(connection, f"SELECT {safe} FROM {relation} ORDER BY ALL", path.with_suffix(".csv"), "FORMAT csv, HEADER")


def escaped_sql(column: str) -> str:
    """A text column as no spreadsheet takes it for a formula, as SQL."""
    return f"if(regexp_matches({column}, '^[=+@\\t\\r-]'), '''' || {column}, {column}) AS {column}"


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path, options: str) -> None:
    connection.execute(f"COPY ({query}) TO {quoted(path)} ({options})")


def _settle(written: Path, final: Path) -> Path:
    """Moves the finished folder to its name, on the disk file by file before the rename."""
    passage("publish.release.fsync")
    for path in _below(written):
        path.chmod(0o755 if path.is_dir() else 0o644)
        sync_folder(path)
    written.chmod(0o755)
    sync_folder(written)
    passage("publish.release.rename")
    shutil.rmtree(final, ignore_errors=True)
    written.replace(final)
    sync_folder(final.parent)
    return final


def _below(folder: Path) -> Iterable[Path]:
    return sorted(folder.rglob("*"))
