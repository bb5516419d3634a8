"""A home with one committed load, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.settings import Settings
from tests.intake.intake_world import KEYS, Centre, crossings, sent


def settings_of(home: Path, fault: str = "") -> Settings:
    """Settings of a home, keys included, so that homes can be copied."""
    return Settings(home=home, keys=KEYS, fault=fault, lock_wait_seconds=0.0, memory_limit="2GB", threads=1)


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home that the others are copies of."""
    centre = Centre(tmp_path_factory.mktemp("loaded"))
    rows = crossings("a")
    rows[3]["event_at"] = "soon"
    centre.load(sent(rows))
    centre.close()
    generation = centre.home.generations / "aggregates-1.duckdb"
    generation.write_bytes(b"a finished publication")
    (centre.home.root / "aggregates.duckdb").symlink_to("generations/aggregates-1.duckdb")
    (centre.home.audit / "access.jsonl").write_text('{"what":"find"}\n')
    (centre.home.keys / "registry.key").write_text("not to be backed up")
    return centre.home.root


@pytest.fixture
def new_home(loaded: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Makes copies of the home."""

    def make(name: str) -> Path:
        shutil.copytree(loaded, tmp_path / name, symlinks=True)
        return tmp_path / name

    return make
