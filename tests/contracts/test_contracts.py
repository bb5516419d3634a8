"""What holds for every feed folder: the contract, its rules, and the samples beside it.

That intake gives exactly the expected reasons is shown in `test_samples.py`, not here.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
import yaml

from pipelines.contracts import ColumnType, Contract, Marking, load_contract, load_contracts
from pipelines.contracts.registry import ContractError
from pipelines.intake.macros import MACROS
from pipelines.intake.tables import SQL_TYPES
from pipelines.storage import open_memory
from tests.contracts.sample_rows import SOURCES, rows_of, sample_path

ROOT = Path(__file__).parents[2]
FEEDS = sorted(path.parent.name for path in SOURCES.glob("*/feed.yml"))
SAMPLED = [feed for feed in FEEDS if sample_path(feed, "bad").exists()]
REAL = [feed for feed in FEEDS if (SOURCES / feed / "real.csv").exists()]
HARMFUL = {
    "applicant_group",
    "arrival_reason",
    "article",
    "ban_until",
    "centre_code",
    "court",
    "ethnicity",
    "family_id",
    "host_id",
    "needs",
    "origin_country",
    "return_area",
    "wage_contract_kzt",
    "wage_kzt",
}
TELLING = {"asylum_cases", "enforcement_cases", "kandas_cases", "return_cases", "settlement_support"}
INTAKE_REASONS = {
    "calendar_not_gregorian",
    "control_character",
    "missing_required",
    "not_a_boolean",
    "not_a_date",
    "not_a_number",
    "not_a_timestamp",
    "out_of_range",
    "too_long",
}
NAME_COLUMNS = (
    "surname",
    "given_names",
    "patronymic",
    "full_name",
    "former_names",
    "surname_latin",
    "given_names_latin",
)
TRAINING_NAME = "TEST"
WITHOUT_COLUMNS = {"segment_unreadable", "wrong_field_count"}


def contract(feed: str) -> Contract:
    """The contract of one feed of the repository."""
    return load_contracts(SOURCES)[feed]


def rows(feed: str, name: str) -> list[list[str]]:
    """Header and rows of a feed's sample, or of another file in its folder."""
    return rows_of(SOURCES / feed / name if "." in name else sample_path(feed, name))


def expected(feed: str, name: str) -> dict[str, list[str]]:
    """Codes by record id."""
    codes: dict[str, list[str]] = yaml.safe_load((SOURCES / feed / name).read_text(encoding="utf-8"))
    return codes


def record_ids(feed: str, name: str) -> list[str]:
    """Record id of each row of a sample."""
    header, *body = rows(feed, name)
    places = [header.index(contract(feed).column(name).delivered_as) for name in contract(feed).record_id]
    return ["|".join(row[place] for place in places) for row in body]


def test_an_agency_has_one_name_in_each_language() -> None:
    names = {tuple(contract.agency.model_dump().values()) for contract in load_contracts(SOURCES).values()}
    assert len({en for _, _, en in names}) == len(names)
    assert [words for words in names if not all(map(re.compile("[\u0400-\u04ff]").match, words[:2]))] == []


def test_every_folder_with_a_contract_is_a_feed() -> None:
    assert sorted(load_contracts(SOURCES)) == FEEDS


@pytest.mark.parametrize("feed", FEEDS)
def test_every_column_rule_and_expectation_says_what_it_is_for(feed: str) -> None:
    loaded = contract(feed)
    assert [column.name for column in loaded.columns if len(column.meaning) < 10] == []
    assert [rule.id for rule in loaded.rules if len(rule.reason) < 30] == []
    assert [promise.type for promise in loaded.expectations if len(promise.reason) < 30] == []


@pytest.mark.parametrize("feed", FEEDS)
def test_rules_are_conditions_on_the_columns_of_the_feed(feed: str) -> None:
    loaded = contract(feed)
    columns = [f"{column.name} {SQL_TYPES.get(column.type, 'VARCHAR')}" for column in loaded.columns]
    columns += ["happened_on DATE"]
    columns += [f"{column.name}_first DATE" for column in loaded.columns if column.type is ColumnType.partial_date]
    with open_memory() as connection:
        connection.execute(MACROS)
        connection.execute(f"CREATE TABLE delivered ({', '.join(columns)}, business_date DATE)")
        kinds = [connection.sql(f"SELECT ({rule.holds}) AS holds FROM delivered").types[0] for rule in loaded.rules]
    assert {str(kind) for kind in kinds} <= {"BOOLEAN"}


@pytest.mark.parametrize("feed", FEEDS)
def test_rule_ids_are_unique(feed: str) -> None:
    ids = [rule.id for rule in contract(feed).rules]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("feed", [feed for feed in FEEDS if contract(feed).identity_block])
def test_a_person_feed_holds_back_a_row_that_nobody_could_ever_recognise(feed: str) -> None:
    assert {rule.id: rule.severity for rule in contract(feed).rules}["identity_missing"] == "quarantine"


@pytest.mark.parametrize("feed", FEEDS)
def test_what_can_harm_a_person_is_restricted(feed: str) -> None:
    # The code by which a register names a thing of its own says nothing about a person.
    registered = contract(feed).record_id
    harmful = [column for column in contract(feed).columns if column.name in HARMFUL and (column.name,) != registered]
    assert [column.name for column in harmful if column.marking is not Marking.restricted] == []


def test_a_feed_whose_name_tells_of_protection_ethnicity_or_offence_is_restricted() -> None:
    restricted = {feed for feed in FEEDS if contract(feed).marking is Marking.restricted}
    assert restricted == TELLING & set(FEEDS)


@pytest.mark.parametrize("feed", [feed for feed in FEEDS if contract(feed).marking is Marking.restricted])
def test_of_a_restricted_feed_no_fact_is_open(feed: str) -> None:
    open_columns = {column.name for column in contract(feed).columns if column.marking is Marking.open}
    assert open_columns == set(contract(feed).record_id)


@pytest.mark.parametrize("feed", SAMPLED)
@pytest.mark.parametrize("sample", ["good", "bad"])
def test_samples_have_the_columns_of_the_contract(feed: str, sample: str) -> None:
    promised = [column.delivered_as for column in contract(feed).columns]
    given = rows(feed, sample)[0]
    if sample_path(feed, sample).suffix == ".edi":  # its columns are those of the message
        promised = [name for name in given if name in promised]
    assert given == promised


@pytest.mark.parametrize("feed", REAL)
def test_public_rows_have_columns_of_the_contract_and_ids_of_their_own(feed: str) -> None:
    assert set(rows(feed, "real.csv")[0]) <= {column.name for column in contract(feed).columns}
    ids = record_ids(feed, "real.csv")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("feed", SAMPLED)
def test_every_bad_row_is_expected_and_nothing_else_is(feed: str) -> None:
    assert set(expected(feed, "bad.expected.yml")) == set(record_ids(feed, "bad"))
    assert set(expected(feed, "good.expected.yml")) <= set(record_ids(feed, "good"))


@pytest.mark.parametrize("feed", SAMPLED)
def test_expected_reasons_are_rules_that_hold_back_or_checks_of_intake(feed: str) -> None:
    loaded = contract(feed)
    names = {column.name for column in loaded.columns}
    known = {f"{reason}:{name}" for reason in INTAKE_REASONS for name in names}
    known |= {rule.id for rule in loaded.rules if rule.severity == "quarantine"} | {
        "record_id_conflict",
        *WITHOUT_COLUMNS,
    }
    given = {code for codes in expected(feed, "bad.expected.yml").values() for code in codes}
    assert given - known == set()


@pytest.mark.parametrize("feed", SAMPLED)
def test_expected_marks_are_rules_that_flag_or_marks_of_intake(feed: str) -> None:
    loaded = contract(feed)
    known = {rule.id for rule in loaded.rules if rule.severity == "flag"} | {"identity_insufficient"}
    known |= {f"unknown_code:{column.name}" for column in loaded.columns}
    known |= {
        f"{column.name}_unverified" for column in loaded.columns if column.type in (ColumnType.iin, ColumnType.bin)
    }
    given = {code for codes in expected(feed, "good.expected.yml").values() for code in codes}
    assert given - known == set()


@pytest.mark.parametrize("feed", SAMPLED)
def test_every_rule_is_shown_by_a_row(feed: str) -> None:
    shown = [*expected(feed, "bad.expected.yml").values(), *expected(feed, "good.expected.yml").values()]
    assert {rule.id for rule in contract(feed).rules} - {code for codes in shown for code in codes} == set()


@pytest.mark.parametrize("feed", [feed for feed in SAMPLED if contract(feed).identity_block])
@pytest.mark.parametrize("sample", ["good", "bad"])
def test_names_in_samples_come_from_the_lists_of_synthetic_names(feed: str, sample: str) -> None:
    listed = synthetic_words()
    header, *body = rows(feed, sample)
    places = [header.index(column) for column in NAME_COLUMNS if column in header]
    words = {word.strip("\x07") for row in body for place in places for word in row[place].split()}
    assert {word for word in words if len(set(word)) > 1 and word != TRAINING_NAME} - listed == set()


def synthetic_words() -> set[str]:
    """Every word of the names from which the simulator makes people."""
    with (ROOT / "pipelines" / "simulation" / "names.csv").open(encoding="utf-8", newline="") as file:
        return {
            word for row in csv.DictReader(file) for key in ("native", "cyrillic", "latin") for word in row[key].split()
        }


def test_a_contract_with_an_unknown_key_is_refused_with_its_path(tmp_path: Path) -> None:
    path = written(tmp_path / "posts", "surprise: 1\n")
    with pytest.raises(ContractError, match=r"posts/feed\.yml: surprise: "):
        load_contract(path)


def test_a_contract_in_the_folder_of_another_feed_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "centres", "")
    with pytest.raises(ContractError, match="says feed 'posts' but stands in the folder 'centres'"):
        load_contract(path)


def test_a_column_that_would_hide_one_of_intake_is_refused(tmp_path: Path) -> None:
    hidden = "  - {name: outcome, type: text, meaning: What came of it}\n"
    with pytest.raises(ContractError, match="say `header: outcome`"):
        load_contract(written(tmp_path / "posts", hidden))


def test_a_header_of_its_own_is_one_by_which_the_column_is_read(tmp_path: Path) -> None:
    renamed = "  - {name: result, header: outcome, type: text, meaning: What came of it, aliases: [came_of_it]}\n"
    column = load_contract(written(tmp_path / "posts", renamed)).column("result")
    assert (column.delivered_as, column.aliases) == ("outcome", ("outcome", "came_of_it"))


def test_an_expectation_about_a_column_that_the_feed_lacks_is_refused(tmp_path: Path) -> None:
    promise = "expectations:\n  - {type: values_known, column: colour, reason: none}\n"
    with pytest.raises(ContractError, match="unknown column 'colour'"):
        load_contract(written(tmp_path / "posts", promise))


def written(folder: Path, more: str) -> Path:
    """A small contract of the feed `posts` in a folder of its own, with lines added."""
    folder.mkdir()
    path = folder / "feed.yml"
    path.write_text(
        "feed: posts\n"
        "title: {kk: a, ru: b, en: c}\n"
        "agency: d\n"
        "description: e\n"
        "cadence: daily\n"
        "record_id: [code]\n"
        "columns:\n"
        "  - {name: code, type: text, meaning: Code of the post}\n" + more,
        encoding="utf-8",
    )
    return path


def test_a_folder_without_feeds_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="MIC_SOURCES"):
        load_contracts(tmp_path / "mistyped")
