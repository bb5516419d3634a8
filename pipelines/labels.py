"""The catalogue of words that people read: one key, three languages.

Words of a feed stand in its contract; everything else that a page or a table shows stands in `labels.yml`.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

LANGUAGES = ("kk", "ru", "en")
CATALOGUE = Path(__file__).with_name("labels.yml")


class LabelMissingError(KeyError):
    """The catalogue lacks a key or a language; the message says which."""


@lru_cache(maxsize=1)
def catalogue() -> dict[str, dict[str, str]]:
    """All labels, by key and language."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where PyYAML has it: ten times as fast
    labels: dict[str, dict[str, str]] = yaml.load(CATALOGUE.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506
    return labels


def label(key: str, language: str) -> str:
    """The words for `key` in one of `LANGUAGES`.

    Raises:
        LabelMissingError: The catalogue does not have them.
    """
    try:
        return catalogue()[key][language]
    except KeyError:
        raise LabelMissingError(f"{CATALOGUE.name} has no {key!r} in {language!r}; add it") from None
