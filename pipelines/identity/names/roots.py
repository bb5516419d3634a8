"""Roots and skeletons: coarser keys of one reading.

A root is a reading without the endings that Russian offices, fathers' names and grammatical gender add, and without
the difference of vowels that scripts confuse (O and U, E and I). A sound is a root in which consonants that lose their
marks on the way (Ş to S, Ž to Z, Q to K, B to P) are one. A skeleton keeps classes of consonants alone and is for
finding candidates, not for judging them.
"""

from __future__ import annotations

import re

from pipelines.identity.names.tables import endings

CONFUSED_VOWELS = str.maketrans("oe", "ui")
TWICE = re.compile(r"(.)\1+")
LIGHT_END = re.compile("(?<=...)[ei]+$")
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


def root(reading: str) -> str:
    """The name inside a surname or patronymic: `janbulatova`, `janbolat` and `janbolatuli` have one root."""
    for each in endings():
        stem = reading.removesuffix(each.ending)
        if stem != reading and len(stem) >= each.stem:
            reading = stem + each.becomes
            break
    return LIGHT_END.sub("", reading).translate(CONFUSED_VOWELS)


def sound(key: str) -> str:
    """A root with consonants that lose their marks made one."""
    once = key.replace("ts", "s").replace("dz", "s").replace("ng", "n")
    return TWICE.sub(r"\1", once.translate(LIKE_SOUNDS))


def skeleton(key: str) -> str:
    """Classes of consonants of a root, a first vowel as `a`; six at most."""
    first = "a" if key[:1] in "aeiou" else ""
    classes = key.replace("ng", "n").translate(CLASSES)
    return first + TWICE.sub(r"\1", classes)[:6]
