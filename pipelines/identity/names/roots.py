"""Roots and skeletons: coarser keys of readings.

A root is a reading without the endings that Russian offices, fathers' names and grammatical gender add, and without
the difference of vowels that scripts confuse (O and U, E and I): `janbulatova`, `janbolat` and `janbolatuli` have one
root. A sound is a root in which consonants that lose their marks on the way (Ş to S, Ž to Z, Q to K, B to P) are one. A
skeleton keeps classes of consonants alone and is for finding candidates, not for judging them.
"""

from __future__ import annotations

import numpy as np

from pipelines.identity.names.tables import endings
from pipelines.identity.names.words import Words, any_of, are_in, turning

SHORTEST, MOST_CLASSES = 3, 6
CONFUSED_VOWELS = turning("oe", "ui")
LIKE_SOUNDS = turning("zxcjbgdh", "sssspktk")
CLASSES = turning("bpfvdtgkqhszxcjlrmn", "bbbbttkkkksssssllnn")
VOWELS, LIGHT = any_of("aeiou"), any_of("ei")
A, D, G, H, N, S, T, Z = map(ord, "adghnstz")


def roots(readings: Words) -> Words:
    """The root of each reading; a last H after a vowel, which readings do not keep, is not kept before an ending."""
    stems = _without_endings(readings)
    is_bare = (stems.letters == H) & (stems.after == 0) & are_in(stems.before, VOWELS) & (stems.places >= SHORTEST)
    stems = stems.keep(~is_bare)
    places, is_heavy = stems.places, ~are_in(stems.letters, LIGHT)
    stay = np.zeros(stems.size, dtype=np.int64)
    stay[stems.of[is_heavy]] = places[is_heavy] + 1  # of a text the last letter is written last
    return stems.keep(places < np.maximum(stay, SHORTEST)[stems.of]).turned(CONFUSED_VOWELS)


def _without_endings(readings: Words) -> Words:
    """The readings with the longest ending that leaves enough cut off, or put in another's place."""
    lengths, letters = readings.lengths, readings.letters.copy()
    ends = np.cumsum(lengths)
    stay, is_open = lengths.copy(), np.ones(readings.size, dtype=bool)
    for each in endings():
        size = len(each.ending)
        found = np.flatnonzero(is_open & (lengths >= size + each.stem))
        for back, letter in enumerate(reversed(each.ending), start=1):
            found = found[readings.letters[ends[found] - back] == ord(letter)]
        is_open[found] = False
        stay[found] += len(each.becomes) - size
        for place, letter in enumerate(each.becomes):
            letters[ends[found] - size + place] = ord(letter)
    return Words(letters, readings.of, readings.size).keep(readings.places < stay[readings.of])


def sounds(keys: Words) -> Words:
    """Roots with consonants that lose their marks made one."""
    letters, before, after = keys.letters, keys.before, keys.after
    is_lost = (letters == T) & (after == S) | (letters == D) & (after == Z) | (letters == G) & (before == N)
    return keys.keep(~is_lost).turned(LIKE_SOUNDS).once()


def skeletons(keys: Words) -> Words:
    """Classes of consonants of roots, a first vowel as `a`, and six others at most."""
    letters = keys.letters
    is_lost = (letters == T) & (keys.after == S) | (letters == G) & (keys.before == N)
    is_vowel, is_first = are_in(letters, VOWELS), keys.places == 0
    kept = keys.turned(CLASSES).keep(~is_lost & (~is_vowel | is_first))
    begins = are_in(kept.letters, VOWELS)
    kept = Words(np.where(begins, np.uint32(A), kept.letters), kept.of, kept.size).once()
    has_first = np.bincount(kept.of, weights=kept.letters == A, minlength=kept.size)
    return kept.keep(kept.places < (MOST_CLASSES + has_first)[kept.of])


def bones(readings: Words) -> Words:
    """Readings without their vowels, as scripts write them that leave them out, and without a last H."""
    kept = readings.keep(~are_in(readings.letters, VOWELS))
    return kept.keep((kept.letters != H) | (kept.after != 0))
