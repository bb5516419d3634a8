"""A new model on a published home: compared without a trace, adopted, used by the next night, rebuilt as it was."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.audit.chain import entries
from pipelines.comparison import compare
from pipelines.identity import load_model
from pipelines.identity.model import save_model
from pipelines.nightly import run_nightly
from pipelines.rebuilding import rebuild
from pipelines.storage import Home
from pipelines.storage.kept import sha256
from tests.persons.planted_world import WHY, mic
from tests.publication.published_world import opened, rows, settings_of

pytestmark = pytest.mark.slow
# Nothing but a shared IIN or steward's word weighs so much among the planted persons' papers.
STRICT = replace(load_model(), version="strict", accept=49.0)


@pytest.fixture
def own(home: Path, tmp_path: Path) -> Path:
    """A copy of the home, and a strict model beside it."""
    shutil.copytree(home, tmp_path / "own", symlinks=True)
    save_model(STRICT, tmp_path / "strict")
    return tmp_path / "own"


def persons(home: Path) -> dict[str, str]:
    with opened(home, "restricted") as connection:
        return dict(rows(connection, "SELECT feed || record_id, person_id FROM registry.source_link"))


def version(home: Path) -> str:
    with opened(home, "aggregates") as connection:
        return str(rows(connection, "SELECT model_version FROM meta.release")[0][0])


def files(home: Path) -> dict[str, str]:
    kept = (path for path in home.rglob("*") if path.is_file() and not path.is_symlink() and path.name != "lock")
    return {path.relative_to(home).as_posix(): sha256(path) for path in kept}


def compared(home: Path, *arguments: str) -> dict[str, Any]:
    result = mic(home, "identity", "compare", *arguments, "--json")
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def test_comparing_tells_what_the_next_night_then_does_and_leaves_no_trace(own: Path, tmp_path: Path) -> None:
    before, strict = files(own), str(tmp_path / "strict")
    told = compared(own, strict)
    assert files(own) == before
    assert "persons" not in told
    assert told["numbers"]["split"] > 0
    stood = persons(own)
    adopted = mic(own, "identity", "adopt", strict)
    assert adopted.exit_code == 0 and "from load 2 on" in adopted.stdout
    assert version(own) == load_model().version
    run_nightly(settings_of(own))
    now = persons(own)
    assert version(own) == "strict"
    assert len(set(now.values())) == told["numbers"]["persons_after"]
    assert set(stood.values()) < set(now.values()), "persons keep their ids, those parted from them get new ones"
    moved = [record for record in stood if now[record] != stood[record]]
    assert len(moved) == told["numbers"]["records_moved"] > 0
    with opened(own, "restricted") as connection:
        events = rows(connection, "SELECT event, model_version FROM registry.link_event WHERE load_seq = 2")
    assert ("split", "strict") in events
    again = rebuild(settings_of(own), 2, tmp_path / "again")
    assert compare(settings_of(own), again).problems == []
    assert persons(tmp_path / "again") == now and version(tmp_path / "again") == "strict"


def test_persons_are_named_for_a_purpose_alone_and_logged(own: Path, tmp_path: Path) -> None:
    strict, log = str(tmp_path / "strict"), Home(own).access_log
    count = len(list(entries(log)))
    assert mic(own, "identity", "compare", strict, "--show-persons").exit_code == 2
    assert len(list(entries(log))) == count
    told = compared(own, strict, "--show-persons", *WHY)
    look, answer = [entry for _, entry in entries(log)][count:]
    assert (look["what"], look["command"]) == ("look", "identity compare")
    assert answer["persons"] == [row["person_id"] for row in told["persons"]]
    assert set(answer["persons"]) <= set(persons(own).values())


def test_what_is_no_model_or_has_a_known_name_is_refused_in_words(own: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    save_model(load_model(), tmp_path / "same")
    for command in ("compare", "adopt"):
        nothing = mic(own, "identity", command, str(tmp_path / "empty"))
        assert nothing.exit_code == 1 and "no folder of a model" in nothing.stderr
        same = mic(own, "identity", command, str(tmp_path / "same"))
        assert same.exit_code == 1 and "name" in same.stderr and "unexpected" not in same.stderr
    small = mic(own, "identity", "train", "--name", "fs-3", "--out", str(tmp_path / "out"))
    assert small.exit_code == 1 and "train on a larger home" in small.stderr
    assert not (tmp_path / "out").exists()
