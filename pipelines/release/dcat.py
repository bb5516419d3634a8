"""The release as a catalogue of data sets (DCAT 3, JSON-LD): one data set per table, with its files and its columns.

Addresses are relative to the file, because a release is read wherever it is copied to.
"""

from __future__ import annotations

from typing import Any

CATALOGUE = "catalogue.jsonld"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "csvw": "http://www.w3.org/ns/csvw#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
MEDIA = "https://www.iana.org/assignments/media-types/"
MONTHLY = "http://publications.europa.eu/resource/authority/frequency/MONTHLY"
MEDIA_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
TYPES = {"VARCHAR": "string", "BIGINT": "integer", "DOUBLE": "double", "DATE": "date", "BOOLEAN": "boolean"}
Words = dict[str, str]


def catalogue(described: dict[str, Any], title: Words, publisher: Words) -> dict[str, Any]:
    """The catalogue.

    Args:
        described: The dictionary of the release.
        title: Title of the whole.
        publisher: Name of the office that releases it.
    """
    return {
        "@context": CONTEXT,
        "@id": CATALOGUE,
        "@type": "dcat:Catalog",
        "dct:title": _told(title),
        "dct:issued": _day(described["release"]["released_on"]),
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": _told(publisher)},
        "dct:language": described["languages"],
        "dcat:dataset": [_dataset(table, described["release"]) for table in described["tables"]],
    }


def _dataset(table: dict[str, Any], release: dict[str, Any]) -> dict[str, Any]:
    return {
        "@id": f"#{table['name']}",
        "@type": "dcat:Dataset",
        "dct:identifier": table["name"],
        "dct:title": _told(table["title"]),
        "dct:description": _told(table["about"]),
        "dct:issued": _day(release["released_on"]),
        "dct:accrualPeriodicity": {"@id": MONTHLY},
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": _month(table["first_period"]),
            "dcat:endDate": _month(table["last_period"]),
        },
        "dcat:distribution": [_distribution(kind, path) for kind, path in table["files"].items()],
        "csvw:tableSchema": {"@type": "csvw:Schema", "csvw:column": [_column(column) for column in table["columns"]]},
    }


def _distribution(kind: str, path: str) -> dict[str, Any]:
    return {
        "@type": "dcat:Distribution",
        "dcat:downloadURL": {"@id": path},
        "dcat:mediaType": {"@id": MEDIA + MEDIA_TYPES[kind]},
    }


def _column(column: dict[str, Any]) -> dict[str, Any]:
    return {
        "@type": "csvw:Column",
        "csvw:name": column["name"],
        "csvw:datatype": TYPES[column["type"]],
        "dct:description": _told(column["meaning"]),
    }


def _told(words: Words) -> list[dict[str, str]]:
    return [{"@language": language, "@value": text} for language, text in words.items()]


def _day(day: str) -> dict[str, str]:
    return {"@type": "xsd:date", "@value": day}


def _month(month: str | None) -> dict[str, str] | None:
    return {"@type": "xsd:gYearMonth", "@value": month} if month else None
