"""Readings: what a part of a name may stand for, in the one small alphabet of the keys.

That alphabet has the vowels `a e i o u`, and of consonants `c` for ch, `x` for sh, `j` for zh and dzh, `h` for kh;
everything that passports write in several ways falls together in it. Where one spelling may mean several sounds (J, C,
X, Q, W, Ё, Ө, و) there is a reading for each, the usual one first, and a letter is read alike all through the word.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import islice, product

from anyascii import anyascii

from pipelines.identity.names.roots import REMEMBERED, once
from pipelines.identity.names.tables import letters

MOST_READINGS = 12
INHERENT_A = re.compile("([\u0915-\u0939\u0958-\u095f]\u093c?)(?=[\u0915-\u0939\u0958-\u095f\u0902\u0903])")
SOFT = re.compile("(^|(?<=[aeou]))ie")
ARTICLE, SILENT_HEH, SHORTEST = "ال", "ه", 3
SILENT_H = ("ah", "eh", "ih", "oh", "uh")
MARKS = [chr(0xE000 + place) for place in range(256)]
VOWELS = str.maketrans(dict.fromkeys("aeiou"))


class Alphabet(dict[str, tuple[str, ...]]):
    """What the letters of one script stand for, those included that no table has.

    Attributes:
        pattern: Divides a text into letters that are read as one.
        several: Those that have several readings.
    """

    def __init__(self, script: str) -> None:
        super().__init__(letters().get(script, {}))
        together = sorted((each for each in self if len(each) > 1), key=lambda each: (-len(each), each))
        known = (("^" if each[0] == "^" else "") + re.escape(each.removeprefix("^")) for each in together)
        self.pattern = re.compile("|".join([*known, "."]), re.DOTALL)
        self.several = frozenset(each for each, options in self.items() if len(options) > 1)

    def __missing__(self, letter: str) -> tuple[str, ...]:
        """The one reading of a letter that is in no table; it is kept."""
        self[letter] = (_plain_letter(letter),)
        return self[letter]


_alphabet = cache(Alphabet)


def readings(part: str, script: str) -> list[str]:
    """All readings of a part in one script, at most `MOST_READINGS`, the usual one first.

    Args:
        part: As `scripts.plain` and `scripts.one_script` leave it.
        script: As `scripts.script_of` tells it.
    """
    if script in ("han", "hangul"):
        return _read(_syllables(part, script), "pinyin" if script == "han" else script)
    if script == "armenian":
        return _read([anyascii(part).lower().replace("'", "")], script)
    if script == "devanagari":
        spoken = anyascii(INHERENT_A.sub("\\1\u093e", part)).lower()
        return _united("latin", spoken, f"{spoken}a")
    if script in ("georgian", "other"):
        return _read([anyascii(part).lower().replace("`", "")], "latin")
    if script != "arabic" or len(part) < SHORTEST:
        return _read([part], script)
    has_article = part.startswith(ARTICLE) and len(part) >= len(ARTICLE) + SHORTEST
    bare = part.removeprefix(ARTICLE) if has_article else part
    return _united(script, part, bare, bare.removesuffix(SILENT_HEH))


def _united(script: str, *ways: str) -> list[str]:
    """Readings of all ways to write a part: an Arabic article or last H may be cut, a last A of Sanskrit spoken."""
    first, *others = dict.fromkeys(ways)
    found = dict.fromkeys(_read([first], script)[: MOST_READINGS - 2 * len(others)])
    for other in others:
        found |= dict.fromkeys(_read([other], script))
    return list(found)[:MOST_READINGS]


def _syllables(part: str, script: str) -> list[str]:
    known = letters()["pinyin" if script == "han" else script]
    syllables = [anyascii(each).lower() for each in part]
    is_surname_first = len(part) != 2 and len(part) < 4 and f"^{part[0]}" in known
    return [part[0], *syllables[1:]] if is_surname_first else syllables


def _read(pieces: list[str], script: str) -> list[str]:
    alphabet = _alphabet(script)
    segments = [segment for piece in pieces for segment in alphabet.pattern.findall(piece)]
    if segments and f"^{segments[0]}" in alphabet:
        segments[0] = f"^{segments[0]}"
    if alphabet.several.isdisjoint(segments):
        return [_settled("".join([alphabet[segment][0] for segment in segments]))]
    ambiguous = [segment for segment in dict.fromkeys(segments) if segment in alphabet.several]
    marks = dict(zip(ambiguous, MARKS, strict=False))
    marked = "".join([marks.get(segment) or alphabet[segment][0] for segment in segments])
    found: dict[str, None] = {}
    for picked in islice(product(*map(alphabet.__getitem__, ambiguous)), 4 * MOST_READINGS):
        text = marked
        for mark, read in zip(MARKS, picked, strict=False):
            text = text.replace(mark, read)
        found[_settled(text)] = None
    return list(found)[:MOST_READINGS]


@cache
def _plain_letter(letter: str) -> str:
    text = re.sub("[^a-z]", "", anyascii(letter).lower())
    return "".join((letters()["latin"].get(each) or (each,))[0] if each in "wyxqc" else each for each in text)


def _settled(text: str) -> str:
    """One spelling for what sounds alike: doubled letters, a soft E, a last H after a vowel."""
    text = once(text)
    if "ie" in text:
        text = once(SOFT.sub("e", text))
    return text[:-1] if text.endswith(SILENT_H) else text


@lru_cache(REMEMBERED)
def consonants(reading: str) -> str:
    """A reading without its vowels, as scripts write it that leave them out."""
    return reading.translate(VOWELS).removesuffix("h")
