"""Values in the words of a statement."""

from __future__ import annotations

import pytest

from pipelines.labels import LANGUAGES, catalogue
from pipelines.persons import Words
from pipelines.presence.silence import TENURES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_way_of_having_stayed_is_told_in_words(language: str) -> None:
    assert [name for name in TENURES if not catalogue()[f"code.presence_tenure.{name}"][language]] == []


@pytest.mark.parametrize("nothing", [None, [], "_U"])
def test_what_is_not_known_is_no_code(nothing: object) -> None:
    assert Words("en", {}, {}).value("placement", "district", nothing) == "—"
