"""How good links are without a truth: each figure beside one that is counted otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelines.identity import load_model
from pipelines.identity.deduplicating import link_all
from pipelines.identity.estimating import count_insufficient, estimate
from pipelines.identity.measuring import most_error
from pipelines.simulation.identity_world import collapse, identity_records
from pipelines.storage import Home, open_memory
from tests.identity.conftest import Register, Seen, Verdict

IIN = "900101300017"
NAMED = {"surname": "Каримов", "given": "Рустам", "birth": "1988-03-17", "sex": "M", "citizenship": "UZB"}
LATIN = NAMED | {"surname": "KARIMOV", "given": "RUSTAM"}


def figures(register: Register, fewest: int = 1) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    """Value, bounds and count by measure and group."""
    estimate(register.connection, register.load_seq, load_model(), fewest)
    rows = register.connection.execute("FROM linkage_quality_rows").fetchall()
    found = {row[:3]: row[3:7] for row in rows}
    assert len(found) == len(rows), "one row per measure and group"
    return found


def test_pairs_found_without_their_iin_are_the_recall_and_a_namesake_by_iin_alone_is_not(register: Register) -> None:
    register.load(
        Seen(1, **NAMED, iin=IIN, document="A1"),
        Seen(2, **NAMED, iin=IIN, document="B9"),
        Seen(3, iin=IIN, surname="Li", given="Min", birth="1950-07-02", sex="F", citizenship="CHN"),
    )
    found = figures(register)
    value, lower, upper, counted = found["recall_without_iin", "all", "all"]
    assert (value, counted) == (pytest.approx(1 / 3), 3)
    assert lower == pytest.approx(1 - most_error(3, 2, 0.975)) and upper == pytest.approx(most_error(3, 1, 0.975))
    assert found["recall_without_iin", "citizenship", "UZB"][0] == pytest.approx(1 / 3)
    assert found["recall_without_iin", "citizenship", "CHN"][0] == 0


def test_precision_is_the_belief_of_the_model_and_certain_for_hard_evidence(register: Register) -> None:
    register.load(Seen(1, **NAMED), Seen(2, **LATIN))
    ((weight,),) = register.connection.execute("SELECT weight FROM linkage.pair").fetchall()
    found = figures(register)
    value, lower, upper, counted = found["precision", "all", "all"]
    assert (value, counted) == (pytest.approx(1 / (1 + 2**-weight)), 1)
    assert 0 <= lower < value < upper <= 1
    assert found["precision", "scripts", "cyrillic latin"][0] == pytest.approx(value)
    register.load(Seen(3, **NAMED, document="A1"), Seen(4, **LATIN, document="A1"))
    assert figures(register)["accepted_pairs", "all", "all"][0] > 2
    register.load(withdrawn=(1, 2))
    assert figures(register)["precision", "all", "all"] == (1, 1, 1, 1)


def test_stewards_are_held_against_what_the_linkage_says_by_itself(register: Register) -> None:
    register.load(Seen(1, **NAMED), Seen(2, **LATIN), Seen(3, surname="Li", given="Min", document="C1"))
    assert figures(register)["steward_agreement", "all", "all"] == (None, None, None, 0)
    register.load(Verdict(7, 1, 2, "different"), Verdict(8, 1, 3, "different"))
    found = figures(register)
    assert found["steward_agreement", "all", "all"][::3] == (0.5, 2)
    assert not [key for key in found if key[1] == "scripts"], "persons of a pair of scripts are those so linked"
    assert found["accepted_pairs", "all", "all"][0] == 0


def test_records_that_say_too_little_are_counted_as_records_also_where_a_steward_links_one(register: Register) -> None:
    register.load(*(Seen(n, surname="Li", given=f"M{n}", birth=None) for n in (1, 2, 4)), Seen(3, **NAMED))
    register.load(Verdict(9, 2, 3, "same"), withdrawn=(4,))
    figures(register)
    count_insufficient(register.connection, load_model())
    counted = "SELECT group_kind, value FROM linkage_quality_rows WHERE measure = 'records_identity_insufficient'"
    assert register.connection.execute(counted).fetchall() == [("all", 2)]


def test_small_groups_are_pooled_and_protection_is_no_group(register: Register) -> None:
    def born(number: int, citizenship: str | None) -> Seen:
        return Seen(number, document=f"A{number}00", birth=f"19{number}0-01-05", citizenship=citizenship)

    people = ["UZB", "UZB", "UZB", "TJK", "KGZ", "XXA", "XXB", None]
    register.load(*(born(number, code) for number, code in enumerate(people, start=1)))
    found = figures(register, fewest=2)
    told = {
        group: row[0] for (measure, kind, group), row in found.items() if (measure, kind) == ("persons", "citizenship")
    }
    assert told == {"UZB": 3, "_R": 3, "_U": 2}
    assert found["persons", "all", "all"][0] == 8
    assert not [key for key in figures(register, fewest=4) if key[1:] == ("citizenship", "UZB")]
    assert {kind for _, kind, _ in figures(register, fewest=1_000)} == {"all"}


def test_the_estimates_stand_beside_a_known_truth(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    with open_memory() as connection:
        connection.register("records", identity_records(1_500, 11))
        collapse(connection, "records")
        link_all(connection, home)
        estimate(connection, 1, load_model(), 200)
        found = {row[:3]: row[3:7] for row in connection.execute("FROM linkage_quality_rows").fetchall()}
        truth = connection.execute("""SELECT avg((a.person = b.person)::INT) FROM linkage.link_evidence
            JOIN truth AS a ON a.observation_id = left_observation_id
            JOIN truth AS b ON b.observation_id = right_observation_id""").fetchall()[0][0]
    assert found["precision", "all", "all"][0] == pytest.approx(truth, abs=0.01)
    value, lower, upper, counted = found["recall_without_iin", "all", "all"]
    assert counted > 200 and lower < value < upper
    assert {kind for _, kind, _ in found} == {"all", "citizenship", "sex", "scripts"}
