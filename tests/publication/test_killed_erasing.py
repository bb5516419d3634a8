"""An erasure killed at one step after the other, and finished, equals one that was never killed."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import duckdb
import pytest

from pipelines import erasure, nightly
from pipelines.backup import back_up
from pipelines.comparison import compare
from pipelines.erasure import UnfinishedErasureError
from pipelines.nightly import silent
from pipelines.storage import Home, ledger
from pipelines.storage.files import UNFINISHED
from pipelines.verification import verify
from tests.laws.nights import in_child
from tests.publication.published_world import settings_of
from tests.publication.test_erasing import canary_of, found_in

pytestmark = pytest.mark.faults
BEFORE_THE_PLAN = "erase.plan.rename:1"
FIRST = "erase.file.rename:2"
STEPS = (
    "erase.identity.fsync:1",
    "erase.identity.rename:1",
    "erase.commit:1",
    "erase.ledger.write:1",
    "erase.ledger.fsync:1",
    "erase.database.rename:1",
    "publish.link.rename:2",
    "erase.generation:2",
    "erase.landed:2",
    "erase.done:1",
)


def asked(home: Path, person: str, fault: str = "") -> None:
    """`mic erase`."""
    erasure.erase(settings_of(home, fault), [person], "court", "2026-118", "by the order of the court")


def finished(home: Path, fault: str = "") -> None:
    """`mic erase --finish`."""
    erasure.finish(settings_of(home, fault))


def demand_whole_and_shut(home: Path, backups: Path) -> None:
    """Readers find whole files; no load begins, and no backup keeps what is half erased."""
    for name in ("restricted", "asylum", "analysis", "aggregates"):
        assert (home / f"{name}.duckdb").resolve(strict=True).stat().st_size > 0
    with duckdb.connect(str(home / "aggregates.duckdb"), read_only=True) as reader:
        assert reader.execute("SELECT count(*) FROM meta.release").fetchall() == [(1,)]
    with pytest.raises(UnfinishedErasureError, match="--finish"):
        nightly.begin(settings_of(home))
    with pytest.raises(UnfinishedErasureError, match="--finish"):
        back_up(settings_of(home), backups, nightly.now(), silent)


def test_erasure_killed_at_each_step_and_finished_equals_one_never_killed(two_nights: Path, tmp_path: Path) -> None:
    person, plain, home = canary_of(two_nights), tmp_path / "plain", tmp_path / "home"
    for made in (plain, home):
        shutil.copytree(two_nights, made, symlinks=True)
    assert in_child(asked, plain, person) == 0
    shutil.copytree(Home(home).bronze, Home(home).build / f"{Home.COMPARED}killed" / "bronze")
    assert in_child(asked, home, person, f"{BEFORE_THE_PLAN}:kill") == -signal.SIGKILL
    assert erasure.finish(settings_of(home)) is None, "without a plan nothing has begun"
    assert in_child(asked, home, person, f"{FIRST}:kill") == -signal.SIGKILL
    for fault in STEPS:
        assert in_child(finished, home, f"{fault}:kill") == -signal.SIGKILL, f"{fault} was never passed"
        demand_whole_and_shut(home, tmp_path / "backups")
    assert in_child(finished, home) == 0
    assert compare(settings_of(plain), settings_of(home)).problems == []
    assert [check for check in verify(settings_of(home)) if not check.holds] == []
    assert [entry["what"] for entry in ledger.read(Home(home).ledger)].count("erase") == 1
    assert found_in(home, "*", tmp_path) == {}
    assert list(home.rglob(f"*{UNFINISHED}")) == []
