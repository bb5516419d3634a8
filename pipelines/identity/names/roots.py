"""Roots and skeletons: coarser keys of one reading.

A root is a reading without the endings that Russian offices, fathers' names and grammatical gender add, and without
the difference of vowels that scripts confuse (O and U, E and I). A sound is a root in which consonants that lose their
marks on the way (Ş to S, Ž to Z, Q to K, B to P) are one. A skeleton keeps classes of consonants alone and is for
finding candidates, not for judging them.
"""

from __future__ import annotations

from functools import cache, lru_cache

from pipelines.identity.names.tables import Ending, endings

CONFUSED_VOWELS = str.maketrans("oe", "ui")
SHORTEST = 3
REMEMBERED = 1 << 16  # spellings of one name share readings and roots: what they give is worked out once for most
LIKE_SOUNDS = str.maketrans("zxcjbgdh", "sssspktk")
CLASSES = str.maketrans(
    {
        **dict.fromkeys("aeiou", None),
        **dict.fromkeys("bpfv", "b"),
        **dict.fromkeys("dt", "t"),
        **dict.fromkeys("gkqh", "k"),
        **dict.fromkeys("szxcj", "s"),
        **dict.fromkeys("lr", "l"),
        **dict.fromkeys("mn", "n"),
    }
)


def once(text: str) -> str:
    """A text with doubled letters written once."""
    return "".join([letter for before, letter in zip("\0" + text, text, strict=False) if letter != before])


@cache
def _endings(letter: str) -> tuple[Ending, ...]:
    return tuple(each for each in endings() if each.ending[-1] == letter)


@lru_cache(REMEMBERED)
def root(reading: str) -> str:
    """The name inside a surname or patronymic: `janbulatova`, `janbolat` and `janbolatuli` have one root."""
    for each in _endings(reading[-1:]):
        if reading.endswith(each.ending) and len(reading) - len(each.ending) >= each.stem:
            reading = reading.removesuffix(each.ending) + each.becomes
            break
    return reading[: max(SHORTEST, len(reading.rstrip("ei")))].translate(CONFUSED_VOWELS)


@lru_cache(REMEMBERED)
def sound(key: str) -> str:
    """A root with consonants that lose their marks made one."""
    return once(key.replace("ts", "s").replace("dz", "s").replace("ng", "n").translate(LIKE_SOUNDS))


@lru_cache(REMEMBERED)
def skeleton(key: str) -> str:
    """Classes of consonants of a root, a first vowel as `a`; six at most."""
    first = "a" if key[:1] in "aeiou" else ""
    return first + once(key.replace("ng", "n").replace("ts", "s").translate(CLASSES))[:6]
