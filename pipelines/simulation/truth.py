"""What is true in the synthetic world, kept beside the landing for whoever measures the centre.

`persons` has one row per person, `stays` one per stay, `record_truth` one per delivered record of a person feed,
`planted` one per error that intake must notice, `communities` one per planted community, `dwellings` one per stay and
place.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from pipelines.simulation.calibration import Calibration
from pipelines.simulation.columns import Coded, Column, Dated, Moment, Numbered
from pipelines.simulation.communities import Communities
from pipelines.simulation.dwelling import Dwellings
from pipelines.simulation.movement import Posts, Stays, purposes
from pipelines.simulation.names import NameBook
from pipelines.simulation.places import Places
from pipelines.simulation.population import NEVER, Population
from pipelines.simulation.spelling import Style, identity

RECORDS = pa.schema([("feed", pa.string()), ("record_id", pa.string()), ("person_no", pa.int64())])
TEXT = pa.string()
PLANTED = pa.schema([("feed", TEXT), ("file", TEXT), ("line", pa.int64()), ("record_id", TEXT), ("kind", TEXT)])


class Truth:
    """The two tables that grow with the deliveries, written as they grow."""

    def __init__(self, folder: Path) -> None:
        """Opens the tables in `folder`, which is made where it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._records = pyarrow.parquet.ParquetWriter(folder / "record_truth.parquet", RECORDS, compression="zstd")
        self._planted = pyarrow.parquet.ParquetWriter(folder / "planted.parquet", PLANTED, compression="zstd")

    def __enter__(self) -> Self:
        """The tables are open already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes both tables; without it they cannot be read."""
        self._records.close()
        self._planted.close()

    def of_records(self, feed: str, record_id: pa.Array, person: np.ndarray) -> None:
        """Notes whose the records are; persons are numbered from 1."""
        feeds = pa.repeat(pa.scalar(feed), len(record_id))
        self._records.write_table(pa.table([feeds, record_id, pa.array(person + 1)], schema=RECORDS))

    def of_errors(self, feed: str, file: str, lines: np.ndarray, record_id: pa.Array, kinds: list[str]) -> None:
        """Notes which lines of a file, counted from 1 with the header, carry which error."""
        feeds, files = (pa.repeat(pa.scalar(text), len(lines)) for text in (feed, file))
        columns = [feeds, files, pa.array(lines, pa.int64()), record_id, pa.array(kinds, pa.string())]
        self._planted.write_table(pa.table(columns, schema=PLANTED))


def write_persons(
    folder: Path, calibration: Calibration, book: NameBook, people: Population, places: Places, first: int
) -> None:
    """One row per person: the identity as it is at the end of the world, family, kind of traveller and region."""
    everyone = np.arange(len(people))
    late = np.full(len(people), NEVER - 1)
    columns = identity(calibration, book, people, Style("native", latin=True), everyone, late)
    columns["family_no"] = pa.array(people.family + 1)
    columns["kind"] = Coded(pa.array(list(calibration.travellers)), people.kind).text(everyone)
    columns["region"] = Coded(places.region, people.home).text(everyone)
    document = {"first_document": people.document, "last_document": people.new_document}
    columns |= {name: Numbered(serial).text(everyone) for name, serial in document.items()}
    renewed = np.where(people.renewed_at < NEVER, people.renewed_at // 86_400 + first, NEVER)
    columns["document_renewed_on"] = Dated(renewed).text(everyone)
    table = pa.table({"person_no": pa.array(everyone + 1), **columns})
    pyarrow.parquet.write_table(table, folder / "persons.parquet", compression="zstd")


def write_stays(folder: Path, calibration: Calibration, posts: Posts, stays: Stays, first: int) -> None:
    """One row per stay: when it truly began and ended, and whether the border recorded it."""
    rows = np.arange(len(stays))
    local = np.zeros(len(stays), dtype=bool)
    table = pa.table(
        {
            "person_no": pa.array(stays.person + 1),
            "entered_at": Moment(stays.entered, first, local).text(rows),
            "left_at": Moment(stays.left, first, local).text(rows),
            "entry_recorded": pa.array(stays.entry_recorded),
            "exit_recorded": pa.array(stays.exit_recorded),
            "purpose": Coded(pa.array(purposes(calibration)), stays.purpose).text(rows),
            "entry_post": Coded(posts.code, stays.entry_post).text(rows),
            "exit_post": Coded(posts.code, stays.exit_post).text(rows),
        }
    )
    pyarrow.parquet.write_table(table, folder / "stays.parquet", compression="zstd")


def write_communities(
    folder: Path, calibration: Calibration, places: Places, communities: Communities, first: int
) -> None:
    """One row per planted community and district in which it lives: its size, and from when to when."""
    lived = [
        (number, one, place) for number, one in enumerate(communities.planted) for place in range(len(one.districts))
    ]
    rows = np.arange(len(lived))
    columns: dict[str, Column] = {
        "citizenship": Coded(
            pa.array(list(calibration.citizenships)), _numbers(one.citizenship for _, one, _ in lived)
        ),
        "kato": places.coded(_numbers(one.districts[place] for _, one, place in lived)),
        "begins_on": _dated((one.moves if place else one.begins for _, one, place in lived), first),
        "ends_on": _dated((min(one.ends, one.moves) if not place else one.ends for _, one, place in lived), first),
    }
    table = pa.table(
        {
            "community_no": pa.array(_numbers(number + 1 for number, _, _ in lived)),
            "size": pa.array(_numbers(one.size for _, one, _ in lived)),
            **{name: column.text(rows) for name, column in columns.items()},
        }
    )
    pyarrow.parquet.write_table(table, folder / "communities.parquet", compression="zstd")


def write_dwellings(folder: Path, places: Places, dwellings: Dwellings, stays: Stays, first: int) -> None:
    """One row per stay and place in it: the district in which the person truly lives, and since when."""
    order = np.lexsort((stays.entered, stays.person))
    begins = dwellings.at(stays.person[order], stays.entered[order])
    ends = dwellings.at(stays.person[order], stays.left[order] - 1)
    number = ends - begins + 1
    stay = np.repeat(order, number)
    home = np.repeat(begins, number) + np.arange(len(stay)) - np.repeat(np.cumsum(number) - number, number)
    last = np.concatenate([stay[1:] != stay[:-1], [True]])
    since = np.maximum(dwellings.since[home], stays.entered[stay])
    until = np.where(last, stays.left[stay], np.roll(since, -1))
    rows = np.arange(len(stay))
    table = pa.table(
        {
            "person_no": pa.array(stays.person[stay] + 1),
            "kato": places.coded(dwellings.district[home]).text(rows),
            "community_no": pa.array(dwellings.community[home] + 1, mask=dwellings.community[home] < 0),
            "lived_from": Dated(since // 86_400 + first).text(rows),
            "lived_until": Dated(until // 86_400 + first).text(rows),
        }
    )
    pyarrow.parquet.write_table(table, folder / "dwellings.parquet", compression="zstd")


def _numbers(values: Iterable[int]) -> np.ndarray:
    return np.fromiter(values, dtype=np.int64)


def _dated(days: Iterable[int], first: int) -> Dated:
    found = _numbers(days)
    return Dated(np.where(np.abs(found) == NEVER, NEVER, found + first))
