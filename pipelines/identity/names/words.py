"""Many short texts as one array of letters: what is done to a letter by its neighbours is done to all texts at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.identity.numbering import Flags, Places, expand

Letters = npt.NDArray[np.uint32]
ASCII = 128
NO_LETTER = 0


@dataclass(frozen=True)
class Words:
    """Texts, letter by letter.

    Attributes:
        letters: The letters of all texts, one text after the other.
        of: Of each letter the place of its text.
        size: How many texts there are; some may have no letter.
    """

    letters: Letters
    of: Places
    size: int

    @classmethod
    def of_texts(cls, texts: pa.Array) -> Words:
        """The letters of texts, none of which is unknown."""
        letters = np.frombuffer("".join(texts.to_pylist()).encode("utf-32-le"), dtype=np.uint32)
        lengths = pc.utf8_length(texts).to_numpy().astype(np.int64)
        return cls(letters, np.repeat(np.arange(len(texts)), lengths), len(texts))

    @cached_property
    def lengths(self) -> Places:
        """How many letters each text has."""
        return np.bincount(self.of, minlength=self.size)

    @cached_property
    def places(self) -> Places:
        """Of each letter its place in its text, from 0 on."""
        lengths = self.lengths
        return np.arange(len(self.of)) - (np.cumsum(lengths) - lengths)[self.of]

    @cached_property
    def before(self) -> Letters:
        """The letter before each letter, `NO_LETTER` at the beginning of a text."""
        found = np.zeros_like(self.letters)
        found[1:] = np.where(self.of[1:] == self.of[:-1], self.letters[:-1], NO_LETTER)
        return found

    @cached_property
    def after(self) -> Letters:
        """The letter after each letter, `NO_LETTER` at the end of a text."""
        found = np.zeros_like(self.letters)
        found[:-1] = np.where(self.of[1:] == self.of[:-1], self.letters[1:], NO_LETTER)
        return found

    def keep(self, kept: Flags) -> Words:
        """The texts without the letters that are not kept."""
        return Words(self.letters[kept], self.of[kept], self.size)

    def turned(self, table: Letters) -> Words:
        """The texts with each ASCII letter turned into what a table of `ASCII` letters has at its place."""
        turned = table[np.minimum(self.letters, ASCII - 1)]
        return Words(np.where(self.letters < ASCII, turned, self.letters), self.of, self.size)

    def once(self) -> Words:
        """The texts with doubled letters written once."""
        return self.keep(self.letters != self.before)

    def take(self, places: Places) -> Words:
        """The texts at some places, in the order of these."""
        lengths = self.lengths
        of, within = expand(lengths[places])
        return Words(self.letters[(np.cumsum(lengths) - lengths)[places][of] + within], of, len(places))

    def beside(self, others: Sequence[Words]) -> Words:
        """The texts, and others after them."""
        every = [self, *others]
        before = np.cumsum([0, *(each.size for each in every)]).tolist()
        of = np.concatenate([each.of + begin for each, begin in zip(every, before[:-1], strict=True)])
        return Words(np.concatenate([each.letters for each in every]), of, before[-1])

    def texts(self) -> pa.Array:
        """The texts as the engine takes them."""
        letters = pa.py_buffer(self.letters.tobytes().decode("utf-32-le").encode())
        widths = np.ones(len(self.letters), dtype=np.int64)
        for wider in (0x80, 0x800, 0x10000):
            widths += self.letters >= wider
        ends = np.zeros(self.size + 1, dtype=np.int32)
        ends[1:] = np.cumsum(np.bincount(self.of, weights=widths, minlength=self.size))
        return pa.StringArray.from_buffers(self.size, pa.py_buffer(ends), letters)


def any_of(letters: str) -> Flags:
    """A table of `ASCII` flags: whether a letter is one of these; all others are found at its last place."""
    return np.isin(np.arange(ASCII), [ord(letter) for letter in letters])


def are_in(letters: Letters, table: Flags) -> Flags:
    """Whether each letter is flagged in a table of `any_of`."""
    return np.asarray(table[np.minimum(letters, ASCII - 1)], dtype=bool)


def turning(one: str, other: str) -> Letters:
    """A table of `ASCII` letters that turns each letter of one text into that of the other and leaves the rest."""
    table = np.arange(ASCII, dtype=np.uint32)
    table[[ord(letter) for letter in one]] = [ord(letter) for letter in other]
    return table
