"""The envelope of an EDIFACT interchange: headers, trailers, references and control counts of PAXLST messages.

Whatever the envelope contradicts, the whole interchange is rejected: nobody can say what is missing from it. What a
passenger's segments mean does not belong here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.intake.delivery import RejectedError
from pipelines.intake.edifact_segments import Piece, Pieces, UnreadableError

RELEASES = ("02B", "17A")
TEST_INDICATOR = 10
# It may count the persons of several messages that together make one list, so it binds none of them.
CONTROL_TOTAL = "CNT"


@dataclass
class Message:
    """One passenger list.

    Attributes:
        reference: Its reference within the interchange.
        header: Segments before the first person.
        persons: Segments of each person.
    """

    reference: str
    header: list[Piece] = field(default_factory=list)
    persons: list[list[Piece]] = field(default_factory=list)


@dataclass(frozen=True)
class Interchange:
    """An interchange whose envelope holds: its reference and its messages."""

    reference: str
    messages: list[Message]


def opened(found: Pieces) -> Interchange:
    """Checks the envelope.

    Raises:
        RejectedError: It does not hold, a message is no PAXLST, or the interchange is a test.
    """
    envelope = _Envelope(found)
    reference = envelope.value(found.pieces[0], 4)
    if not reference:
        raise RejectedError("reference_missing", "the interchange header (UNB) names no interchange reference")
    if envelope.value(found.pieces[0], TEST_INDICATOR) == "1":
        raise RejectedError("test_interchange", "the interchange header (UNB) says that this is a test")
    last = next((place for place, piece in enumerate(found.pieces) if piece.tag == "UNZ"), None)
    if last is None:
        raise RejectedError("interchange_cut", "the interchange has no trailer (UNZ); send it again")
    if last < len(found.pieces) - 1:
        raise RejectedError("trailing_garbage", "segments follow the interchange trailer (UNZ); send one interchange")
    messages, parts = envelope.contents(found.pieces[1:last])
    envelope.agree(found.pieces[last], parts, reference)
    return Interchange(reference, messages)


def readable(found: Pieces, piece: Piece) -> list[list[str]]:
    """Words of a segment on which several persons depend.

    Raises:
        RejectedError: It cannot be read.
    """
    try:
        return found.words(piece.raw)
    except UnreadableError as error:
        message = f"segment {piece.number} cannot be read, and what follows hangs on it"
        raise RejectedError("segment_unreadable", message) from error


class _Envelope:
    """Walks through the segments between UNB and UNZ."""

    def __init__(self, found: Pieces) -> None:
        self._found = found

    def value(self, piece: Piece, element: int, component: int = 0) -> str:
        """A value of a service segment; empty where it has none."""
        words = readable(self._found, piece)
        return "".join(words[element][component : component + 1]) if element < len(words) else ""

    def agree(self, trailer: Piece, count: int, reference: str) -> None:
        """Refuses a trailer that says another count or reference than is there."""
        said, named = self.value(trailer, 0), self.value(trailer, 1)
        where = f"segment {trailer.number} ({trailer.tag})"
        if not re.fullmatch(r"\d{1,9}", said, re.ASCII) or int(said) != count:
            raise RejectedError("control_count_mismatch", f"{where} says another count than the {count} that are there")
        if named != reference:
            raise RejectedError("control_reference_mismatch", f"{where} names another reference than its header")

    def contents(self, pieces: list[Piece]) -> tuple[list[Message], int]:
        """The messages, and how many parts the interchange trailer has to count: groups where there are any."""
        walk = iter(pieces)
        messages: list[Message] = []
        groups = 0
        for piece in walk:
            if piece.tag == "UNG":
                groups += 1
                messages += self._group(piece, walk)
            elif piece.tag == "UNH":
                messages.append(self._message(piece, walk))
            else:
                raise _misplaced(piece)
        references = [message.reference for message in messages]
        if len(set(references)) < len(references):
            raise RejectedError("message_reference_twice", "two messages of the interchange bear one reference")
        return messages, groups or len(messages)

    def _group(self, header: Piece, walk: Iterator[Piece]) -> list[Message]:
        messages: list[Message] = []
        for piece in walk:
            if piece.tag == "UNE":
                self.agree(piece, len(messages), self.value(header, 4))
                return messages
            if piece.tag != "UNH":
                raise _misplaced(piece)
            messages.append(self._message(piece, walk))
        raise RejectedError("interchange_cut", f"the group of segment {header.number} has no trailer (UNE)")

    def _message(self, header: Piece, walk: Iterator[Piece]) -> Message:
        message = self._begun(header)
        has_transport = False
        for piece in walk:
            if piece.tag == "UNT":
                self.agree(piece, piece.number - header.number + 1, message.reference)
                if not has_transport:
                    raise RejectedError("flight_missing", f"the message of segment {header.number} has no flight (TDT)")
                return message
            if piece.tag in ("UNH", "UNG", "UNE"):
                break
            has_transport = has_transport or piece.tag == "TDT"
            if piece.tag == "NAD" and has_transport:
                message.persons.append([])
            if piece.tag != CONTROL_TOTAL:
                (message.persons[-1] if message.persons else message.header).append(piece)
        raise RejectedError("interchange_cut", f"the message of segment {header.number} has no trailer (UNT)")

    def _begun(self, header: Piece) -> Message:
        kind, version, release = (self.value(header, 1, component) for component in range(3))
        where = f"segment {header.number} (UNH)"
        if kind != "PAXLST":
            raise RejectedError("message_type_unknown", f"{where} announces another message than PAXLST")
        if version != "D" or not re.fullmatch(r"\d\d[AB]", release) or not RELEASES[0] <= release <= RELEASES[1]:
            raise RejectedError("message_version_unknown", f"{where} names a directory outside D.02B to D.17A")
        if not self.value(header, 0):
            raise RejectedError("reference_missing", f"{where} names no message reference")
        return Message(self.value(header, 0))


def _misplaced(piece: Piece) -> RejectedError:
    return RejectedError("segment_misplaced", f"segment {piece.number} stands outside any message")
