"""A home made anew of what was kept tells the same as the first."""

from __future__ import annotations

from pathlib import Path

from pipelines.comparing import compare
from pipelines.rebuilding import rebuild
from pipelines.verification import verify
from tests.laws.nights import in_child, settings_of


def rebuilt(home: Path, into: Path) -> None:
    """Rebuilds both loads and compares all that is kept of them."""
    settings = settings_of(home)
    assert [check.name for check in verify(settings) if not check.holds] == []
    again = rebuild(settings, 2, into)
    assert compare(settings, again).problems == []
    assert [check.name for check in verify(again) if not check.holds] == []


def test_an_untouched_home_holds_and_a_rebuild_tells_the_same(two_loads: Path, tmp_path: Path) -> None:
    assert in_child(rebuilt, two_loads, tmp_path / "again") == 0
