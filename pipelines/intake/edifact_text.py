"""PAXLST interchanges as text columns: one row per person on a passenger or crew list.

A person whose segments cannot be read is a bad record; the others are rows. EDIFACT knows no lines: the line of a row
is the number of the person's first segment in the interchange. How damaged an interchange may be is ruled in
`edifact_envelope`, what segments mean in `paxlst`.
"""

from __future__ import annotations

import hashlib
from functools import partial

import numpy as np
import pyarrow as pa

from pipelines.intake.container import unpacked_chunks
from pipelines.intake.delivery import Landed, Manifest, RejectedError, check_hash
from pipelines.intake.edifact_count import count_persons
from pipelines.intake.edifact_envelope import Interchange, Message, opened, readable
from pipelines.intake.edifact_segments import Piece, Pieces, UnreadableError, cut
from pipelines.intake.paxlst import COLUMNS, Values, flight_of, person_of
from pipelines.intake.text import BadRecord, Text, schema
from pipelines.lasting import uncollected

LARGEST = 256 << 20


@uncollected()
def read_edi(landed: Landed, manifest: Manifest) -> Text:
    """Reads an interchange.

    Raises:
        RejectedError: It is not the promised file, its envelope does not hold, or a segment on which several persons
            depend cannot be read.
    """
    if landed.path.stat().st_size > LARGEST:
        raise RejectedError("too_large", "the interchange is larger than 256 MiB; send one for each flight")
    digest = hashlib.sha256()
    content = b"".join(unpacked_chunks(landed.path, digest))
    check_hash(digest.hexdigest(), manifest.sha256.lower())
    found = cut(content)
    interchange = opened(found)
    text = Text(
        list(COLUMNS), "fast", iter(()), found.encoding, sha256=digest.hexdigest(), records=count_persons(content)
    )
    rows = _rows(found, interchange, manifest.business_date.isoformat(), text)
    if len(rows) + len(text.bad) != text.records:
        counted = f"the reader finds {len(rows) + len(text.bad)} persons, the counter {text.records}"
        raise RejectedError("counts_disagree", counted)
    text.batches = iter([_batch(rows)] if rows else [])
    text.raw_rows = partial(_raw_persons, found, interchange)
    return text


def _raw_persons(found: Pieces, interchange: Interchange, wanted: set[int]) -> dict[int, tuple[int, bytes]]:
    """Number of the first segment and segments as delivered of the persons with the given ordinals."""
    persons = (person for message in interchange.messages for person in message.persons)
    return {
        ordinal: (person[0].number, _raw(found, person))
        for ordinal, person in enumerate(persons, 1)
        if ordinal in wanted
    }


def _raw(found: Pieces, person: list[Piece]) -> bytes:
    return "".join(piece.raw + found.terminator for piece in person).encode(found.encoding)


def _rows(found: Pieces, interchange: Interchange, business_date: str, text: Text) -> list[tuple[int, int, Values]]:
    """Ordinal, segment number and values of each person that can be read; the others go to `text.bad`."""
    rows: list[tuple[int, int, Values]] = []
    ordinal = 0
    for message in interchange.messages:
        flight = _flight(found, message, business_date)
        for number, person in enumerate(message.persons, 1):
            ordinal += 1
            try:
                told = person_of([(piece.tag, piece.raw, found.words(piece.raw)) for piece in person], business_date)
            except UnreadableError:
                text.bad.append(BadRecord(ordinal, person[0].number, _raw(found, person), "segment_unreadable"))
            else:
                known = {"passenger_id": f"{interchange.reference}/{message.reference}/{number}"}
                rows.append((ordinal, person[0].number, known | flight | told))
    return rows


def _flight(found: Pieces, message: Message, business_date: str) -> Values:
    return flight_of([(piece.tag, readable(found, piece)) for piece in message.header], business_date)


def _batch(rows: list[tuple[int, int, Values]]) -> pa.RecordBatch:
    arrays = [pa.array([values.get(name) or None for _, _, values in rows], pa.string()) for name in COLUMNS]
    places = [pa.array(np.array([row[n] for row in rows], dtype=np.int64)) for n in (0, 1)]
    suspect = pa.array(np.ones(len(rows), dtype=bool))
    return pa.RecordBatch.from_arrays([*arrays, *places, suspect], schema=schema(len(COLUMNS)))
