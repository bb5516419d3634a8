"""Segments of an EDIFACT interchange: separators, character set, and the words of each segment.

A segment of data without a release character is split at its separators, which gives the words that pydifact gives
character by character; service segments and all others are read by pydifact. Each is read by itself: so a damaged one
spoils nothing but itself, and the letters `'UNA` in a name are not taken for new separators. What segments mean does
not belong here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from pydifact.control.characters import Characters
from pydifact.exceptions import EDISyntaxError
from pydifact.parser import Parser
from pydifact.segments import Segment, SegmentFactory
from pydifact.tokenizer import Tokenizer

from pipelines.intake.delivery import RejectedError

BLANKS = " \r\n"
DEFAULTS = ":+.? '"
# ISO 9735: the character sets that a state on our borders may write names in.
CHARSETS = {
    "UNOA": "ascii",
    "UNOB": "ascii",
    "UNOC": "iso8859-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOY": "utf-8",
    "UNOW": "utf-8",
}
SYNTAX_VERSIONS = "1234"
SERVICE = "UN"
UPPER_CONTROLS = re.compile("[\x80-\x9f]")


class UnreadableError(Exception):
    """pydifact finds no segment in the text."""


class Piece(NamedTuple):
    """A segment as delivered: its number in the interchange from 1, its tag, its text without the terminator."""

    number: int
    tag: str
    raw: str


@dataclass(frozen=True)
class Pieces:
    """An interchange cut into segments.

    Attributes:
        encoding: Python's name of the character set that the interchange header names.
        terminator: Character that ends a segment.
        pieces: Segments in order; the service string advice is none.
        words: Words of a segment's text: `words(text)[element][component]`.
    """

    encoding: str
    terminator: str
    pieces: list[Piece]
    words: Callable[[str], list[list[str]]]


def cut(content: bytes) -> Pieces:
    """Cuts an interchange into segments.

    Raises:
        RejectedError: It is no interchange, ends inside a segment, or is not in the character set that it names.
    """
    body = content.lstrip(BLANKS.encode())
    advised = body.startswith(b"UNA")
    characters = _characters(body[3:9].decode("latin-1") if advised else DEFAULTS)
    body = body[9:] if advised else body
    words = _words_by(characters)
    charset, encoding = _charset(body, characters, words)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"the interchange says {charset}, byte {error.start} of its segments is none of that character set"
        raise RejectedError("charset_mismatch", message) from error
    if encoding.startswith("iso") and UPPER_CONTROLS.search(text):
        raise RejectedError("charset_mismatch", f"the interchange says {charset} and has control characters of it")
    return Pieces(encoding, characters.segment_terminator, _pieces(text, characters), words)


def _characters(marks: str) -> Characters:
    used = [mark for place, mark in enumerate(marks) if place in (0, 1, 3, 5)]
    if len(marks) < 6 or len(set(used)) < 4 or any(mark.isalnum() or not "!" <= mark <= "~" for mark in used):
        raise RejectedError("separators_unusable", "the service string advice names no four separators of their own")
    return Characters.from_str(marks)


def _charset(body: bytes, characters: Characters, words: Callable[[str], list[list[str]]]) -> tuple[str, str]:
    """Character set by the interchange header, which is in ASCII whatever follows."""
    header = body[: body.find(characters.segment_terminator.encode())].decode("latin-1").strip(BLANKS)
    if not header.startswith("UNB" + characters.data_separator):
        raise RejectedError("not_edifact", "the file does not begin with an interchange header (UNB)")
    try:
        syntax = words(header)[0]
    except UnreadableError as error:
        raise RejectedError("segment_unreadable", "segment 1 (UNB) cannot be read") from error
    if syntax[0] not in CHARSETS or "".join(syntax[1:2])[:1] not in tuple(SYNTAX_VERSIONS):
        message = "the interchange header names a syntax other than UNOA to UNOE, UNOW, UNOY in version 1 to 4"
        raise RejectedError("syntax_unknown", message)
    return syntax[0], CHARSETS[syntax[0]]


def _pieces(text: str, characters: Characters) -> list[Piece]:
    between = characters.data_separator
    *parts, rest = _parted(text, characters.segment_terminator, characters.escape_character)
    raws = filter(None, (part.lstrip(BLANKS) for part in parts))
    pieces = [Piece(number, raw.partition(between)[0], raw) for number, raw in enumerate(raws, 1)]
    if rest.strip(BLANKS):
        raise RejectedError("interchange_cut", f"the file ends inside segment {len(pieces) + 1}; send it again")
    return pieces


def _parted(text: str, end: str, free: str) -> list[str]:
    """A text between its terminators; an odd run of release characters before one makes it a letter like others."""
    parts = text.split(end)
    if free not in text:
        return parts
    whole: list[str] = []
    begun = ""
    for part in parts:
        begun += part
        if (len(begun) - len(begun.rstrip(free))) % 2:
            begun += end
        else:
            whole.append(begun)
            begun = ""
    return [*whole, begun.removesuffix(end)] if begun else whole


def _words_by(characters: Characters) -> Callable[[str], list[list[str]]]:
    """How the words of a segment's text are read, once where several persons have the same one; see `_words`."""
    free, between, within = characters.escape_character, characters.data_separator, characters.component_separator

    @lru_cache(maxsize=1 << 14)
    def words(raw: str) -> list[list[str]]:
        if free in raw or raw.startswith(SERVICE):
            return _words(raw, characters)
        tag, *elements = raw.split(between)
        tag = tag.rstrip(within)
        if not elements or len(tag) != 3 or not tag.isalnum() or not tag.isupper():
            raise UnreadableError("no tag, or a tag and nothing else")
        return [element.rstrip(within).split(within) for element in elements]

    return words


def _words(raw: str, characters: Characters) -> list[list[str]]:
    """Elements behind the tag, each as its components; empty ones at an element's end are left out.

    Raises:
        UnreadableError: pydifact finds no segment.
    """
    try:
        tokens = Tokenizer().get_tokens(raw + characters.segment_terminator, characters)
        (found,) = Parser(characters=characters).convert_tokens_to_raw_segments(tokens)
        tag, *elements = found
        if isinstance(tag, list) or not elements:
            raise UnreadableError("a tag in parts, or a tag and nothing else")
        segment: Segment = SegmentFactory.create_segment(tag, *elements, validate=False)
    except (EDISyntaxError, ValueError) as error:
        raise UnreadableError(type(error).__name__) from error
    return [element if isinstance(element, list) else [element] for element in segment.elements]
