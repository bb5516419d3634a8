"""Counting the persons of an EDIFACT interchange in its bytes, by separators alone.

The count shares no code with the reader of interchanges, so that the two can contradict each other. What a segment says
does not belong here.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

DEFAULTS = b":+.? '"
INKED = np.array([code not in b" \r\n" for code in range(256)])


def count_persons(content: bytes) -> int:
    """Name segments that follow the transport of their message: one for each passenger or member of a crew."""
    text = content.lstrip(b" \r\n")
    marks = text[3:9] if text.startswith(b"UNA") else DEFAULTS
    data = np.frombuffer(text[9:] if text.startswith(b"UNA") else text, dtype=np.uint8)
    if len(marks) < len(DEFAULTS) or not len(data):
        return 0
    starts = _starts(data, release=marks[3], terminator=marks[5])
    headers, transports, names = (_begins(data, starts, tag + marks[1:2]) for tag in (b"UNH", b"TDT", b"NAD"))
    order = np.arange(len(starts))
    last_header, last_transport = (np.maximum.accumulate(np.where(at, order, -1)) for at in (headers, transports))
    return int((names & (last_transport > last_header)).sum())


def _starts(data: npt.NDArray[np.uint8], release: int, terminator: int) -> npt.NDArray[np.int64]:
    """Place of the first character of each segment that has one; an odd run of release characters frees the next."""
    place = np.arange(len(data))
    plain = np.maximum.accumulate(np.where(data != release, place, -1))
    before = np.concatenate([[-1], plain[:-1]])
    ends = np.flatnonzero((data == terminator) & ((place - 1 - before) % 2 == 0))
    inked = np.flatnonzero(INKED[data])
    first = np.searchsorted(inked, np.concatenate([[0], ends + 1]))
    return np.asarray(inked[first[first < len(inked)]], dtype=np.int64)


def _begins(data: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], tag: bytes) -> npt.NDArray[np.bool_]:
    """Whether a tag and its separator stand at each start."""
    padded = np.concatenate([data, np.zeros(len(tag), dtype=np.uint8)])
    matches = [padded[starts + offset] == letter for offset, letter in enumerate(tag)]
    return np.asarray(np.logical_and.reduce(matches))
