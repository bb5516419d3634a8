"""Ethnicity, faith, and what implies them or tells of protection, are out of reach of who is one person.

Shown twice: by permuting them over a register of several feeds, and by what the engine and the code can reach at all.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from pipelines.contracts import load_contracts
from pipelines.contracts.model import Column, Marking
from pipelines.identity import link, load_model
from pipelines.modelling import build
from pipelines.modelling.outcome import ModellingError
from pipelines.settings import CHECKOUT
from pipelines.storage import Home, open_build
from tests.dbt.modelled_world import World, crossing, notification, permit
from tests.identity.conftest import Register, Seen

IIN = "900101300017"
MODELS = "observation source_record_history source_record stg_steward_decisions"
# What tells of ethnicity, faith, protection or conduct, and the values that it takes turns in.
PERMUTED: dict[str, list[Any]] = {
    "purpose": ["asylum", "treatment", "tourism", "ethnic_return", "study"],
    "ethnicity": ["Kazakh", "Uyghur", None, "Dungan", "Tajik"],
    "arrival_reason": ["repatriation", None, "family", "work", "study"],
    "permit_type": ["ata_zholy", "temporary_residence", "permanent_residence", "status_determination", "ata_zholy"],
    "host_type": ["centre", "hotel", "person", None, "employer"],
    "address": ["Mosque St 1", "Church St 2", None, "Hotel", "Centre"],
    "event": ["applied", "granted", "refused", "lapsed", "applied"],
    "needs": [["housing"], None, ["language"], ["work"], []],
}
FEEDS = (
    "border_crossings",
    "stay_notifications",
    "residence_permits",
    "kandas_cases",
    "asylum_cases",
    "residence_moves",
)
NAMES = [
    {"surname": "Каримов", "given_names": "Рустам", "birth_date": "1988-03-17"},
    {"surname": "KARIMOV", "given_names": "RUSTAM", "birth_date": "1988-03-17"},
    {"surname": "Нурмагамбетова", "given_names": "Айгерим", "birth_date": "1990-11-02"},
    {"surname": "Li", "given_names": "Min", "birth_date": "1990-11-02", "iin": IIN},
    {"surname": "Li", "given_names": "Min", "birth_date": "1990-11-02", "iin": "901102300015"},
]
RELATION = re.compile(r"\b(?:raw|staging|intermediate|registry|statistics|quality|intake|meta)\.\w+")
READ = {
    "intermediate.observation",
    "intermediate.source_record",
    "intermediate.source_record_history",
    "staging.stg_steward_decisions",
    "raw.steward_decisions",
    "meta.load",
}
# Words that restricted columns share with the linkage's own language. Of the relations above only records have one such
# column, `event`; the values that are permuted hold it.
OWN_WORDS = {"kind", "event", "article", "population"}

Linked = dict[str, list[tuple[Any, ...]]]


def told(turn: int, number: int, *columns: str) -> dict[str, Any]:
    """What record `number` says of those columns when all values have moved on by `turn` records."""
    return {name: PERMUTED[name][(number + turn) % len(PERMUTED[name])] for name in columns}


def laid(world: World, turn: int) -> World:
    """Five persons' papers in six feeds; `turn` says who has which of the permuted values."""
    given: dict[str, list[dict[str, Any]]] = {feed: [] for feed in FEEDS}
    crossings, notices, permits, returnees, seekers, movers = given.values()
    for n, name in enumerate(NAMES):
        person = name | {"sex": "M", "citizenship": "UZB"}
        crossings.append(crossing(f"c{n}", "2026-01-02 10:00", "entry", f"A{n}0", **person | told(turn, n, "purpose")))
        hosted = told(turn, n, "host_type", "address")
        notices.append(notification(f"n{n}", f"A{n % 3}0", "2026-01-03 10:00", **person | hosted))
        paper = told(turn, n, "permit_type")["permit_type"]
        permits.append(permit(f"p{n}", f"B{n}7", paper, "granted", "2026-01-04", **person))
        case = {"event_id": f"k{n}", "case_id": f"K{n}", "event_on": "2026-01-05", "document_number": f"B{n}7"}
        returnees.append(person | case | told(turn, n, "event", "ethnicity", "arrival_reason"))
        seekers.append(person | case | {"document_number": f"A{n}0"} | told(turn, n, "event", "needs"))
        card = {"card_id": f"m{n}", "direction": "immigration", "moved_on": "2026-01-06", "document_number": None}
        movers.append(person | card | told(turn, n, "ethnicity"))
    for feed, rows in given.items():
        world.deliver(1, feed, rows)
    return world


def linked(world: World) -> Linked:
    """Everything that the linkage makes of the first load."""
    made = build(world.settings, MODELS, 1)
    assert made
    with open_build(world.settings) as connection:
        for table in ("person_observation", "touched_person", "link_event"):
            connection.execute(f"DROP TABLE linkage.{table}")
        link(connection, Home(world.settings.home), 1, "secret", load_model())
        tables = ("observed", "key", "pair", "link_evidence", "identity_link", "person_observation", "link_event")
        found = {name: connection.execute(f"FROM linkage.{name} ORDER BY ALL").fetchall() for name in tables}
        records = "SELECT feed, record_id, observation_id FROM intermediate.source_record ORDER BY ALL"
        return found | {"record": connection.execute(records).fetchall()}


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> Linked:
    return linked(laid(World(tmp_path_factory.mktemp("straight")), 0))


def is_protected(column: Column) -> bool:
    """Whether a column is restricted, or some of its values tell of ethnicity or protection."""
    return column.marking is Marking.restricted or column.name in ("permit_type", "host_type", "purpose", "address")


def identity_columns(world: World) -> set[str]:
    """The columns of the identity block."""
    feeds = [{column.name for column in each.columns} for each in world.contracts.values() if each.identity_block]
    return set.intersection(*feeds)


def bared(world: World) -> World:
    """Raw tables with the identity block and intake's own columns, and nothing else that a feed about persons says."""
    block = identity_columns(world)
    with open_build(world.settings) as connection:
        for contract in world.contracts.values():
            for column in contract.columns if contract.identity_block else ():
                if column.name not in block:
                    connection.execute(f"ALTER TABLE raw.{contract.feed} DROP COLUMN {column.name}")
    return world


def texts() -> dict[str, list[str]]:
    """SQL and other texts of the linkage's code by file, without what documents it."""
    found = {}
    for path in (CHECKOUT / "pipelines" / "identity").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        said = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        found[path.relative_to(CHECKOUT).as_posix()] = [str(node.value) for node in said if id(node) not in prose]
    return found


def test_who_is_one_person_does_not_change_when_protected_values_are_permuted(straight: Linked, tmp_path: Path) -> None:
    assert len(straight["link_evidence"]) > 5 and straight["identity_link"], "there must be links to tell anything"
    assert linked(laid(World(tmp_path / "turned"), 2)) == straight


def test_a_feed_that_tells_of_protection_makes_the_observation_that_any_other_makes(straight: Linked) -> None:
    own = {(feed, record): observation for feed, record, observation in straight["record"]}
    assert own["asylum_cases", "k3"] == own["border_crossings", "c3"]
    assert own["kandas_cases", "k3"] == own["residence_permits", "p3"]


def test_observations_are_made_of_the_identity_block_alone(straight: Linked, tmp_path: Path) -> None:
    world = bared(laid(World(tmp_path), 0))
    restricted = {column.name for each in world.contracts.values() for column in each.columns if is_protected(column)}
    assert len(restricted) > 30 and not restricted & identity_columns(world)
    build(world.settings, "observation", 1)
    made = {number for (number,) in world.rows("SELECT observation_id FROM intermediate.observation")}
    assert made == {row[0] for row in straight["observed"]}
    world.execute("ALTER TABLE raw.kandas_cases DROP COLUMN citizenship")
    with pytest.raises(ModellingError):
        build(world.settings, "observation", 1)


def test_the_linkage_reads_observations_records_and_verdicts_and_names_no_restricted_column() -> None:
    said = texts()
    relations = {name for each in said.values() for text in each for name in RELATION.findall(text)}
    assert relations == READ
    contracts = load_contracts(CHECKOUT / "sources").values()
    columns = {column.name for each in contracts for column in each.columns if is_protected(column)} - OWN_WORDS
    named = {(file, word) for file, each in said.items() for text in each for word in re.findall(r"\w+", text)}
    assert {(file, word) for file, word in named if word in columns} == set()


@pytest.mark.parametrize("refugee", ["XXB", "XXC"])
def test_a_code_of_refugees_weighs_as_an_unknown_citizenship_does(refugee: str, register: Register) -> None:
    papers = {"surname": "Каримов", "given": "Рустам", "birth": "1988-03-17"}
    register.load(Seen(1, **papers, citizenship="UZB"), Seen(2, **papers, citizenship=refugee), Seen(3, **papers))
    pairs = "SELECT left_observation_id, right_observation_id, weight, origin FROM linkage.pair ORDER BY ALL"
    (uzb_refugee, uzb_unknown, refugee_unknown) = register.connection.execute(pairs).fetchall()
    assert uzb_refugee[2:] == uzb_unknown[2:] == refugee_unknown[2:]
    assert uzb_refugee[3] is None
