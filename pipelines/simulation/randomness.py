"""Streams of random numbers that depend on the seed and on what they are for, never on the order of use."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, purpose: str, part: int = 0) -> np.random.Generator:
    """The random numbers of one purpose, and of one part of it such as a day."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode()), part])
