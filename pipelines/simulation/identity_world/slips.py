"""Slips of typing: a key dropped, struck twice, struck too early, or the key beside it (`slips.csv`)."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

FILE = Path(__file__).with_name("slips.csv")
DROPPED, DOUBLED, EARLY, BESIDE = range(4)


@lru_cache(maxsize=1)
def _neighbours() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Letters in order, and the key beside each."""
    beside: dict[int, int] = {}
    with FILE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            keys = row["keys"]
            for one, next_one in zip(keys, keys[1:] + keys[-2], strict=True):
                beside[ord(one)] = ord(next_one)
                beside.setdefault(ord(one.upper()), ord(next_one.upper()))
    letters = sorted(beside)
    return np.array(letters, dtype=np.uint32), np.array([beside[letter] for letter in letters], dtype=np.uint32)


def mistyped(texts: pa.Array, rng: np.random.Generator) -> pa.Array:
    """The same texts with one slip in each, behind its first letter where it has more than two."""
    if not len(texts):
        return texts
    matrix, lengths = _letters(texts)
    count, width = matrix.shape
    place = np.arange(width)
    at = np.minimum(1 + (rng.random(count) * (lengths - 1)).astype(np.int64), np.maximum(lengths - 1, 0))[:, None]
    kind = np.where(lengths < 2, BESIDE, rng.integers(0, 4, count))[:, None]
    turned = at - (at == lengths[:, None] - 1) * (at > 0)
    source = np.select(
        [kind == DROPPED, kind == DOUBLED, kind == EARLY],
        [place + (place >= at), place - (place > at), place + (place == turned) * 1 - (place == turned + 1) * 1],
        np.broadcast_to(place, matrix.shape),
    )
    changed = np.take_along_axis(matrix, np.minimum(source, width - 1), axis=1)
    rows = np.flatnonzero(kind[:, 0] == BESIDE)
    changed[rows, at[rows, 0]] = _beside(changed[rows, at[rows, 0]])
    return pa.array(np.ascontiguousarray(changed).view(f"U{width}")[:, 0], mask=texts.is_null().to_numpy(False))


def _letters(texts: pa.Array) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """One row of code points per text, with room for one more at its end, and the lengths."""
    listed = np.array(texts.fill_null("").to_pylist(), dtype=str)
    width = max(1, listed.dtype.itemsize // 4)
    roomy = listed.astype(f"U{width + 1}")
    return roomy.view(np.uint32).reshape(len(listed), width + 1).copy(), np.char.str_len(listed).astype(np.int64)


def _beside(letters: NDArray[np.uint32]) -> NDArray[np.uint32]:
    known, beside = _neighbours()
    found = np.minimum(np.searchsorted(known, letters), len(known) - 1)
    return np.where(known[found] == letters, beside[found], letters)
