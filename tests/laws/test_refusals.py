"""A night that may not go on says so, leaves what was published, and loses nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from pipelines.nightly import NotPublishedError, run_nightly
from pipelines.settings import CHECKOUT
from pipelines.storage import KeyMissingError, LockHeldError, run_lock
from pipelines.storage.ledger import LedgerBehindError
from tests.laws.nights import Content, clock, content, difference, in_child, night, settings_of


def refused(home: Path, sources: Path) -> None:
    """A night under other contracts, which must not be published."""
    with pytest.raises(NotPublishedError, match="border_crossings: share_not_null"):
        run_nightly(replace(settings_of(home), sources=sources), clock=clock)


def test_second_run_says_who_holds_the_lock(new_night: Callable[[], Path]) -> None:
    home = new_night()
    with run_lock(home / "build" / "lock", "a test"), pytest.raises(LockHeldError, match="a test"):
        night(home)


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """Contracts with a promise that nearly every night breaks."""
    sources = tmp_path / "sources"
    shutil.copytree(CHECKOUT / "sources", sources)
    contract = sources / "border_crossings" / "feed.yml"
    document = yaml.safe_load(contract.read_text(encoding="utf-8"))
    promise = {
        "type": "share_not_null",
        "column": "refusal_reason",
        "arguments": {"at_least": 0.99},
        "severity": "critical",
    }
    document["expectations"].append(promise | {"reason": "Planted: nearly nobody is refused."})
    contract.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return sources


def test_planted_failure_of_a_promise_stops_publication(new_night: Callable[[], Path], planted: Path) -> None:
    home = new_night()
    before = (home / "aggregates.duckdb").resolve().name
    assert in_child(refused, home, planted) == 0
    assert (home / "aggregates.duckdb").resolve().name == before


@pytest.mark.faults
def test_refused_night_is_run_again_once_the_promise_holds(
    new_night: Callable[[], Path], undisturbed: Content, planted: Path
) -> None:
    home = new_night()
    assert in_child(refused, home, planted) == 0
    assert in_child(night, home) == 0
    assert difference(content(home), undisturbed) == []


def test_missing_or_wrong_key_is_named_and_no_new_one_is_made(new_night: Callable[[], Path]) -> None:
    home = new_night()
    for keys, told in (({}, "no key for registry: set MIC_REGISTRY_KEY"), ({"registry": "another"}, "does not open")):
        with pytest.raises(KeyMissingError, match=told):
            run_nightly(replace(settings_of(home), keys=keys), clock=clock)
    assert list((home / "keys").iterdir()) == []


def test_database_that_lost_a_load_is_refused(new_night: Callable[[], Path]) -> None:
    home = new_night()
    with (home / "build" / "ledger.jsonl").open("a", encoding="utf-8") as ledger:
        ledger.write('{"what":"load","load":2,"known_at":"2026-04-02T00:00:00+00:00"}\n')
    with pytest.raises(LedgerBehindError, match="load 2"):
        night(home)
