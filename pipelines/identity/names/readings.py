"""Readings: what parts of names may stand for, in the one small alphabet of the keys.

That alphabet has the vowels `a e i o u`, and of consonants `c` for ch, `x` for sh, `j` for zh and dzh, `h` for kh;
everything that passports write in several ways falls together in it. Where one spelling may mean several sounds (J, C,
X, Q, W, Ё, Ө, و) there is a reading for each, the usual one first, and a letter is read alike all through the word.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from anyascii import anyascii

from pipelines.identity.names.tables import endings, letters
from pipelines.identity.names.words import NO_LETTER, Words, any_of, are_in
from pipelines.identity.numbering import Places, expand

MOST_READINGS = 12
MOST_COMBINED = 4 * MOST_READINGS
INHERENT_A = re.compile("([\u0915-\u0939\u0958-\u095f]\u093c?)(?=[\u0915-\u0939\u0958-\u095f\u0902\u0903])")
ARTICLE, SILENT_HEH, FARSI_YEH, LONG_A, SHORTEST = "ال", "ه", "ی", "ا", 3
APART = chr(NO_LETTER)  # stands between what is never read as one letter
VOWELS, BEFORE_SOFT = any_of("aeiou"), any_of("aeou\0")
SOFT_I, SOFT_E, SILENT_H = map(ord, "ieh")


class Ways(NamedTuple):
    """How a part may be written, and the alphabet in which all of these are read; one way for most parts."""

    alphabet: str
    texts: tuple[str, ...]


def ways(part: str, script: str) -> Ways:
    """How a part in one script may be written: an Arabic article or last H may be cut, a last A of Sanskrit spoken.

    A last ی, which Persian papers write for ى too, may be an A: مصطفی is Mustafa.

    Args:
        part: As `scripts.plain` and `scripts.one_script` leave it.
        script: As `scripts.script_of` tells it.
    """
    if script in ("han", "hangul"):
        alphabet = "pinyin" if script == "han" else script
        return Ways(alphabet, (APART.join(_syllables(part, alphabet)),))
    if script == "armenian":
        return Ways(script, (anyascii(part).lower().replace("'", ""),))
    if script == "devanagari":
        spoken = anyascii(INHERENT_A.sub("\\1\u093e", part)).lower()
        return Ways("latin", (spoken, f"{spoken}a"))
    if script in ("georgian", "other"):
        return Ways("latin", (anyascii(part).lower().replace("`", ""),))
    if script != "arabic" or len(part) < SHORTEST:
        return Ways(script, (part,))
    has_article = part.startswith(ARTICLE) and len(part) >= len(ARTICLE) + SHORTEST
    bare = part.removeprefix(ARTICLE) if has_article else part
    spoken = f"{bare[:-1]}{LONG_A}" if bare.endswith(FARSI_YEH) else bare.removesuffix(SILENT_HEH)
    return Ways(script, tuple(dict.fromkeys((part, bare, spoken))))


def _syllables(part: str, alphabet: str) -> list[str]:
    syllables = [anyascii(each).lower() for each in part]
    is_surname_first = len(part) != 2 and len(part) < 4 and f"^{part[0]}" in letters()[alphabet]
    return [part[0], *syllables[1:]] if is_surname_first else syllables


@cache
def begun_by(letter: str, script: str) -> frozenset[str]:
    """The first letters of what may begin with a letter: an initial stands for a digraph too, Д for Дж."""
    alphabet = _alphabet(script)
    begun = [each for each in alphabet.known if each.removeprefix("^").startswith(letter)]
    return frozenset(option[0] for each in {letter, *begun} for option in alphabet.options(each) if option)


class Alphabet:
    """What the letters of one script stand for: several of them may be read as one letter.

    Attributes:
        known: Letters as written, then what they may stand for, the usual reading first.
        together: Those that are several letters, in the order in which they are looked for.
    """

    def __init__(self, script: str) -> None:
        self.known = dict(letters().get(script, {}))
        several = sorted((each for each in self.known if len(each) > 1), key=lambda each: (-len(each), each))
        self.together = [(each.removeprefix("^"), each.startswith("^")) for each in several]

    def options(self, written: str) -> tuple[str, ...]:
        """The readings of letters; of a letter that is in no table the one that is plain."""
        if written not in self.known:
            self.known[written] = (_plain_letter(written),)
        return self.known[written]


_alphabet = cache(Alphabet)


@cache
def _plain_letter(letter: str) -> str:
    text = re.sub("[^a-z]", "", anyascii(letter).lower())
    return "".join((letters()["latin"].get(each) or (each,))[0] if each in "wyxqc" else each for each in text)


def readings(words: Words, script: str) -> tuple[Places, Words]:
    """The readings of words of one script, at most `MOST_COMBINED` of each, the usual one first.

    Returns:
        Of each reading the place of its word, in the order of the words; and the readings, of which several of one word
        may be the same.
    """
    alphabet = _alphabet(script)
    of, segment, options = _segments(words, alphabet)
    numbers = np.array([len(each) for each in options], dtype=np.int64)
    stride, combined = _combinations(of, segment, numbers, words.size)
    word, combination = expand(combined)
    counts = np.bincount(of, minlength=words.size)
    row, within = expand(counts[word])
    at = (np.cumsum(counts) - counts)[word][row] + within
    choice = combination[row] // stride[at] % numbers[segment[at]]
    read = Words.of_texts(pa.array([text for each in options for text in each], pa.string()))
    sounds = read.take((np.cumsum(numbers) - numbers)[segment[at]] + choice)
    return word, _settled(Words(sounds.letters, row[sounds.of], len(word)))


def _segments(words: Words, alphabet: Alphabet) -> tuple[Places, Places, list[tuple[str, ...]]]:
    """What is read as one letter: of each its word and its number, and by number what it may stand for."""
    single, code = np.unique(words.letters, return_inverse=True)
    number_of = {chr(letter): place for place, letter in enumerate(single.tolist())}
    size = np.ones(len(words.letters), dtype=np.int64)
    is_first = words.before == NO_LETTER
    following = [words.letters]
    for _ in range(max((len(text) for text, _ in alphabet.together), default=1) - 1):
        following.append(Words(following[-1], words.of, words.size).after)
    initials = {text[0] for text, _ in alphabet.together}
    begun_by = {letter: np.flatnonzero(words.letters == ord(letter)) for letter in initials}
    first_by = {letter: places[is_first[places]] for letter, places in begun_by.items()}
    for text, is_initial in reversed(alphabet.together):
        found = (first_by if is_initial else begun_by)[text[0]]
        for place, letter in enumerate(text[1:], start=1):
            found = found[following[place][found] == ord(letter)]
        code[found], size[found] = number_of.setdefault(text, len(number_of)), len(text)
    begun = _begun(words, size)
    of, segment = words.of[begun], code[begun].astype(np.int64)
    initial = {place: f"^{text}" for text, place in number_of.items() if f"^{text}" in alphabet.known}
    turned = np.arange(len(number_of))
    turned[list(initial)] = [number_of.setdefault(text, len(number_of)) for text in initial.values()]
    is_begin = np.append(True, of[1:] != of[:-1])[: len(of)]
    segment[is_begin] = turned[segment[is_begin]]
    used, segment = np.unique(segment, return_inverse=True)
    written = list(number_of)
    return of, segment, [alphabet.options(written[each]) for each in used.tolist()]


def _begun(words: Words, size: Places) -> Places:
    """The places of letters at which something begins that is read as one, of so many letters."""
    lengths = words.lengths
    ends = np.cumsum(lengths)
    at, end = (ends - lengths)[lengths > 0], ends[lengths > 0]
    is_begun = np.zeros(len(words.letters), dtype=bool)
    while len(at):
        is_begun[at] = True
        at = at + size[at]
        at, end = at[at < end], end[at < end]
    return np.flatnonzero(is_begun)


def _combinations(of: Places, segment: Places, numbers: Places, size: int) -> tuple[Places, Places]:
    """Of each segment, how many combinations its word has before its reading changes; of each word, how many in all.

    The last segment that may be read in several ways changes with each combination, and the same one is read alike.
    """
    stride = np.ones(len(of), dtype=np.int64)
    combined = np.ones(size, dtype=np.int64)
    ambiguous = np.flatnonzero(numbers[segment] > 1)
    _, first, which = np.unique(
        of[ambiguous] * len(numbers) + segment[ambiguous], return_index=True, return_inverse=True
    )
    order = np.argsort(ambiguous[first])
    words, counts = of[ambiguous[first]][order], numbers[segment[ambiguous[first]]][order]
    strides = np.ones(len(first), dtype=np.int64)
    ends = np.searchsorted(words, words, side="right")
    back = ends - np.arange(len(words))
    for rank in range(1, int(back.max(initial=0)) + 1):
        at = np.flatnonzero(back == rank)
        strides[order[at]] = combined[words[at]]
        combined[words[at]] = np.minimum(combined[words[at]] * counts[at], MOST_COMBINED)
    stride[ambiguous] = strides[which]
    return stride, combined


def _once(words: Words) -> Words:
    """Words with doubled letters written once, but where the second one begins an ending: Берік-қызы, Азиз-зода."""
    is_kept = words.letters != words.before
    ends = np.cumsum(words.lengths)
    for ending in (each.ending for each in endings() if not each.becomes and each.ending[0] not in "aeiou"):
        found = ends[words.lengths > len(ending)] - len(ending)
        for place, letter in enumerate(ending):
            found = found[words.letters[found + place] == ord(letter)]
        is_kept[found] = True
    return words.keep(is_kept)


def _settled(words: Words) -> Words:
    """One spelling for what sounds alike: doubled letters, a soft E, a last H after a vowel."""
    words = _once(words)
    is_soft = (words.letters == SOFT_I) & (words.after == SOFT_E) & are_in(words.before, BEFORE_SOFT)
    words = _once(words.keep(~is_soft))
    is_silent = (words.letters == SILENT_H) & (words.after == NO_LETTER) & are_in(words.before, VOWELS)
    return words.keep(~is_silent)
