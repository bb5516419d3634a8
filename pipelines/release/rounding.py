"""Random rounding of public counts, keyed by the cell.

The same cell with the same count is rounded the same way in every run, and nobody without the key knows which way.
Rounding is unbiased: a count goes up with a probability in proportion to its distance from the lower multiple.
"""

from __future__ import annotations

import hashlib
import hmac

BASE = 10


def rounded(key: str, cell: str, count: int) -> int:
    """The multiple of ten that stands for `count` in the public cell called `cell`.

    Args:
        key: Secret of the release.
        cell: Name of the cell: table, period and dimensions.
        count: The true count, not negative.
    """
    digest = hmac.new(key.encode(), cell.encode(), hashlib.sha256).digest()
    draw = int.from_bytes(digest[:8], "big") / 2**64
    lower, rest = divmod(count, BASE)
    return BASE * (lower + (draw < rest / BASE))
