"""The release in SDMX 3.0: structures and data, from the dictionary and the released tables.

One structure file holds the agency, the code lists, the concepts and, for each table, a data structure and a dataflow.
Data are SDMX-CSV 2.0, written by the engine, and SDMX-ML 3.0. Names are English, as the writer takes one language only;
Kazakh and Russian stand as annotations of the same items. Attributes name all dimensions instead of the observation,
which is the same and is what every reader knows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from pipelines.release.designs import Design
from pipelines.storage.database import quoted

if TYPE_CHECKING:
    from pysdmx.model import Annotation, Code, Codelist, Component, ConceptScheme, DataStructureDefinition
    from pysdmx.model.message import Header

AGENCY, VERSION = "MIC", "1.0.0"
STRUCTURES = "structures.xml"
CONCEPTS = "CS_MIC"
TIME, VALUE = "TIME_PERIOD", "OBS_VALUE"
IDS = {"period": TIME, "value": VALUE}
WITHOUT_CODES = ("community_id", "delay_days")
MOST_ROWS_OF_XML = 200_000
Words = dict[str, str]


def write(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    described: dict[str, Any],
    designs: Iterable[Design],
    prepared: datetime,
) -> None:
    """Writes structures, and the data of tables that have any; a very large table is not written as XML.

    Args:
        connection: With the released tables.
        folder: Where to; it is made.
        described: The dictionary of the release.
        designs: Tables written, each with its dimensions.
        prepared: The moment that the release stands for.
    """
    from pysdmx.io import write_sdmx
    from pysdmx.io.format import Format
    from pysdmx.io.pd import PandasDataset

    folder.mkdir()
    lists = _codelists(described)
    written: list[Any] = [_agencies(), *lists.values(), _concepts(described)]
    for design in designs:
        structure = _structure(design, described, lists)
        written += [structure, _dataflow(design, described, structure)]
        query = (
            f"SELECT {', '.join(f'{name} AS {sdmx_id(name)}' for name in design.columns)} FROM released_{design.name}"
        )
        data = connection.execute(f"{query} ORDER BY ALL LIMIT {MOST_ROWS_OF_XML + 1}").df()
        if len(data):
            _write_csv(connection, folder / f"{design.name}.csv", design, query)
        if 0 < len(data) <= MOST_ROWS_OF_XML:
            one = PandasDataset(structure=structure.to_schema(), data=data.astype(object).where(data.notna(), None))
            path = folder / f"{design.name}.xml"
            write_sdmx(one, Format.DATA_SDMX_ML_3_0, str(path), header=_header(described, prepared))
    write_sdmx(written, Format.STRUCTURE_SDMX_ML_3_0, str(folder / STRUCTURES), header=_header(described, prepared))


def _header(described: dict[str, Any], prepared: datetime) -> Header:
    """A header for one file; the writer adds to it what is of that file."""
    from pysdmx.model import Organisation
    from pysdmx.model.message import Header

    return Header(id=f"MIC-{described['release']['load_seq']}", prepared=prepared, sender=Organisation(AGENCY))


def sdmx_id(column: str) -> str:
    """The identifier of a column."""
    return IDS.get(column, column.upper())


def _write_csv(connection: duckdb.DuckDBPyConnection, path: Path, design: Design, query: str) -> None:
    identity = f"'dataflow' AS STRUCTURE, '{AGENCY}:DF_{design.name.upper()}({VERSION})' AS STRUCTURE_ID, 'I' AS ACTION"
    connection.execute(
        f"COPY (SELECT {identity}, * FROM ({query}) ORDER BY ALL) TO {quoted(path)} (FORMAT csv, HEADER)"
    )


def _agencies() -> Any:
    from pysdmx.model import Agency, AgencyScheme

    centre = Agency(id=AGENCY, name="Migration information centre")
    return AgencyScheme(agency="SDMX", id="AGENCIES", version="1.0", name="Agencies", items=[centre])


def _in_other_languages(words: Words) -> list[Annotation]:
    from pysdmx.model import Annotation

    return [Annotation(id=language, title=words[language], type="NAME") for language in ("kk", "ru")]


def _code(code: str, words: Words) -> Code:
    from pysdmx.model import Code

    return Code(id=code, name=words["en"], annotations=_in_other_languages(words))


def _codelists(described: dict[str, Any]) -> dict[str, Codelist]:
    """A code list for each coded dimension, of the codes that occur, and for indicators."""
    from pysdmx.model import Codelist

    labels = {name: one["label"] for name, one in described["indicators"].items()}
    found = {name: codes for name, codes in described["codes"].items() if name not in (*WITHOUT_CODES, "state")}
    return {
        name: Codelist(
            id=f"CL_{name.upper()}",
            name=name.replace("_", " ").capitalize(),
            agency=AGENCY,
            version=VERSION,
            items=[_code(code, words) for code, words in codes.items()],
        )
        for name, codes in (found | {"indicator": labels}).items()
    }


def _concepts(described: dict[str, Any]) -> ConceptScheme:
    from pysdmx.model import Concept, ConceptScheme

    meanings = {column["name"]: column["meaning"] for table in described["tables"] for column in table["columns"]}
    items = [
        Concept(id=sdmx_id(name), name=words["en"], annotations=_in_other_languages(words))
        for name, words in meanings.items()
    ]
    return ConceptScheme(id=CONCEPTS, name="Concepts of the release", agency=AGENCY, version=VERSION, items=items)


def _structure(design: Design, described: dict[str, Any], lists: dict[str, Codelist]) -> DataStructureDefinition:
    from pysdmx.model import Components, DataStructureDefinition

    keys = (*design.dimensions, "indicator", "period")
    parts = [_component(name, lists, keys) for name in (*keys, "value", "lower", "upper", "obs_status")]
    words = _title(design, described)
    return DataStructureDefinition(
        id=f"DSD_{design.name.upper()}",
        name=words["en"],
        agency=AGENCY,
        version=VERSION,
        components=Components(parts),
        annotations=_in_other_languages(words),
    )


def _component(name: str, lists: dict[str, Codelist], keys: tuple[str, ...]) -> Component:
    from pysdmx.model import Component, DataType, ItemReference, Role

    roles = {"value": Role.MEASURE} | dict.fromkeys(("lower", "upper", "obs_status"), Role.ATTRIBUTE)
    role = roles.get(name, Role.DIMENSION)
    types = {"period": DataType.GREGORIAN_TIME_PERIOD} | dict.fromkeys(("value", "lower", "upper"), DataType.DOUBLE)
    return Component(
        id=sdmx_id(name),
        required=role == Role.DIMENSION or name == "obs_status",
        role=role,
        concept=ItemReference("Concept", AGENCY, CONCEPTS, VERSION, sdmx_id(name)),
        local_dtype=types.get(name, DataType.STRING),
        local_codes=lists.get(name),
        attachment_level=",".join(map(sdmx_id, keys)) if role == Role.ATTRIBUTE else None,
    )


def _dataflow(design: Design, described: dict[str, Any], structure: DataStructureDefinition) -> Any:
    from pysdmx.model import Dataflow

    words = _title(design, described)
    return Dataflow(
        id=f"DF_{design.name.upper()}",
        name=words["en"],
        agency=AGENCY,
        version=VERSION,
        structure=structure,
        annotations=_in_other_languages(words),
    )


def _title(design: Design, described: dict[str, Any]) -> Words:
    title: Words = next(table["title"] for table in described["tables"] if table["name"] == design.name)
    return title
