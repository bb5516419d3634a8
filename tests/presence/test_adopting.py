"""A load looks up the curves of its model; a rebuilt home has the models of the old one."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc
import pytest

from pipelines import presence
from pipelines.presence.adopting import NotAdoptedError, adopt, adopted, bring_adopted
from pipelines.presence.model import PresenceModel, load_model, save_model
from pipelines.storage import Home, faults, open_memory

LOADS = """SELECT DISTINCT model_version, known_from_seq, model.known_to_seq, apart
FROM presence.curve JOIN presence.model USING (model_version, known_from_seq) ORDER BY known_from_seq"""


@pytest.fixture
def another(tmp_path: Path) -> Path:
    shipped = load_model()
    half = pc.multiply(shipped.curve["lower"], 0.5)
    curve = shipped.curve.set_column(shipped.curve.column_names.index("lower"), "lower", half)
    save_model(PresenceModel("own-1", 0.25, shipped.told, curve), tmp_path / "own-1")
    return tmp_path / "own-1"


def laid_out(home: Home) -> list[tuple[object, ...]]:
    with open_memory() as connection:
        presence.lay_out(connection, home)
        presence.lay_out(connection, home)
        return connection.execute(LOADS).fetchall()


def test_an_empty_home_uses_the_shipped_model(tmp_path: Path) -> None:
    assert laid_out(Home(tmp_path)) == [("pr-9", 1, None, 0.11)]


def test_an_adopted_model_counts_from_its_load_on(tmp_path: Path, another: Path) -> None:
    home = Home(tmp_path / "home")
    adopt(home, another, 3)
    assert laid_out(home) == [("pr-9", 1, 3, 0.11), ("own-1", 3, None, 0.25)]
    with pytest.raises(NotAdoptedError, match="known already"):
        adopt(home, another, 4)


@pytest.mark.parametrize("point", ["presence.model.rename:1", "presence.model.write:2", "presence.adopt.rename:1"])
def test_an_adoption_that_was_stopped_uses_the_model_before_and_is_done_again(
    point: str, tmp_path: Path, another: Path
) -> None:
    home = Home(tmp_path / "home")
    faults.arm(f"{point}:full")
    try:
        with pytest.raises(OSError, match=point.partition(":")[0]):
            adopt(home, another, 3)
    finally:
        faults.arm("")
    assert adopted(home) == []
    adopt(home, another, 3)
    assert adopted(home) == [(3, "own-1")]


def test_a_home_made_anew_has_the_models_of_its_loads(tmp_path: Path, another: Path) -> None:
    home = Home(tmp_path / "home")
    adopt(home, another, 3)
    for as_of, known in ((2, []), (3, [(3, "own-1")])):
        made = Home(tmp_path / f"as of {as_of}")
        bring_adopted(home, made, as_of)
        assert adopted(made) == known


def test_a_paper_says_more_than_the_purpose_of_the_entry(tmp_path: Path) -> None:
    asked = "SELECT presence.class_of(?, ?, 'UZB', NULL, NULL, DATE '2026-01-01', DATE '2026-01-01', DATE '2026-02-01')"
    with open_memory() as connection:
        presence.lay_out(connection, Home(tmp_path))
        found = [
            connection.execute(asked, [purpose, paper]).fetchall()[0][0].split(":")[0]
            for purpose in ("private", "study", "official")
            for paper in ("residence", "labour", None)
        ]
    assert found == ["permanent_residence", "work", "private", *["study"] * 3, "permanent_residence", "work", "other"]


def test_how_long_a_person_used_to_stay_says_more_than_when_the_last_sign_was_given(tmp_path: Path) -> None:
    asked = """SELECT presence.class_of('private', NULL, 'RUS', ?, NULL, DATE '2026-01-01',
      DATE '2026-01-01', CAST(? AS DATE))"""
    with open_memory() as connection:
        presence.lay_out(connection, Home(tmp_path))
        found = [
            connection.execute(asked, [usual_days, sign_on]).fetchall()[0][0].split(":")[2]
            for usual_days in (None, 3, 4, 20, 21)
            for sign_on in ("2026-01-02", "2026-02-01")
        ]
    assert found == ["new", "known", *["fleeting"] * 2, *["brief"] * 4, *["long"] * 2]


def test_a_number_tells_of_whoever_has_not_come_and_gone_for_days(tmp_path: Path) -> None:
    """From the day on which it is known; not of one who visits, who comes and goes with it as without it."""
    asked = """SELECT presence.class_of('private', NULL, 'RUS', ?, DATE '2026-02-01', DATE '2026-01-01',
      DATE '2026-01-01', CAST(? AS DATE))"""
    with open_memory() as connection:
        presence.lay_out(connection, Home(tmp_path))
        found = [
            connection.execute(asked, [usual_days, sign_on]).fetchall()[0][0].split(":")[2]
            for usual_days in (None, 3, 20, 21)
            for sign_on in ("2026-01-31", "2026-02-01")
        ]
    assert found == ["known", "numbered_known", *["fleeting"] * 2, *["brief"] * 2, "long", "numbered_long"]
