"""The harsh world of identity: it is as harsh as it says, spells by its own tables, and follows its seed alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.simulation.identity_world import OBSERVED, TRUTH, Rates, collapse, identity_records, write_records
from pipelines.simulation.identity_world.book import FORM_NAMES, FORMS, READ_FORMS, load_book
from pipelines.simulation.identity_world.people import populate
from pipelines.simulation.identity_world.slips import mistyped
from pipelines.simulation.identity_world.spelling import load_letters, spelled
from pipelines.storage import open_memory
from tests.identification_numbers import has_valid_check_digit, iin_birth_and_sex

PERSONS = 6_000
NEAR = 0.02
BY_PERSON = """CREATE TABLE by_person AS
WITH shown AS (
  SELECT DISTINCT person, observation_id, script, birth_date,
    upper(replace(document_number, ' ', '')) || document_state AS document
  FROM observation JOIN truth USING (observation_id)
)
SELECT person, count(DISTINCT observation_id) AS observations, count(DISTINCT script) AS scripts,
  count(document) > count(DISTINCT document) AS shares_document,
  bool_or(length(birth_date) < 10 OR birth_date LIKE '%-01-01') AS is_partial
FROM shown GROUP BY person"""


@pytest.fixture(scope="module")
def world() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_memory() as connection:
        connection.register("records", identity_records(PERSONS, 5))
        collapse(connection, "records")
        connection.execute(BY_PERSON)
        yield connection


def one(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    return connection.execute(query).fetchall()[0][0]


def test_records_have_the_columns_of_an_observation_and_the_truth(world: duckdb.DuckDBPyConnection) -> None:
    names = [name for name, *_ in world.execute("DESCRIBE records").fetchall()]
    assert names == [*OBSERVED, "iin_verified", *TRUTH]
    assert one(world, "SELECT count(*) FROM records") > 5 * PERSONS
    assert one(world, "SELECT count(DISTINCT person) FROM records") == PERSONS


def test_the_shares_are_those_that_are_promised(world: duckdb.DuckDBPyConnection) -> None:
    several = "FROM by_person WHERE observations > 1"
    assert one(world, f"SELECT avg((NOT shares_document)::INT) {several}") == pytest.approx(0.30, abs=NEAR)
    assert one(world, "SELECT avg((scripts > 1)::INT) FROM by_person") == pytest.approx(0.40, abs=NEAR)
    assert one(world, "SELECT avg(is_partial::INT) FROM by_person") == pytest.approx(0.10, abs=NEAR)
    assert one(world, "SELECT avg(is_twin::INT) FROM truth") == pytest.approx(0.01, abs=NEAR / 4)


def test_every_script_is_there(world: duckdb.DuckDBPyConnection) -> None:
    scripts = {script for (script,) in world.execute("SELECT DISTINCT script FROM truth").fetchall()}
    assert scripts == {"Cyrl", "Latn", "Arab", "Hans", "Hang", "Armn", "Geor"}


def test_a_twentieth_of_the_records_is_mistyped() -> None:
    clean, slipped = (identity_records(2_000, 8, Rates(typing=share)) for share in (0.0, 0.05))
    assert clean.num_rows == slipped.num_rows
    tuples = [{tuple(row.values()) for row in table.select(OBSERVED).to_pylist()} for table in (clean, slipped)]
    wrong = sum(tuple(row.values()) not in tuples[0] for row in slipped.select(OBSERVED).to_pylist())
    assert wrong / slipped.num_rows == pytest.approx(0.05, abs=0.01)


def test_an_iin_is_verified_by_its_check_digit_and_by_what_stands_beside_it(world: duckdb.DuckDBPyConnection) -> None:
    rows = world.execute("SELECT iin, birth_date, sex, iin_verified FROM observation WHERE iin IS NOT NULL").fetchall()
    assert {verified for *_, verified in rows} == {True, False}
    for iin, born, sex, verified in rows:
        told = iin_birth_and_sex(iin)
        agrees = told is not None and str(told[0]).startswith(born) and sex in (None, told[1])
        assert verified == (agrees and has_valid_check_digit(iin))


def test_an_observation_is_of_one_person_but_for_few_written_alike(world: duckdb.DuckDBPyConnection) -> None:
    tuples = f"FROM records SELECT count(DISTINCT person) AS persons GROUP BY {', '.join(OBSERVED)}"
    assert one(world, f"SELECT count(*) FROM ({tuples}) WHERE persons > 1") < PERSONS / 1_000


def test_twins_share_birth_surname_and_father_and_have_documents_in_a_row() -> None:
    people = populate(load_book(), Rates(), 2_000, 1)
    elder = np.flatnonzero(people.twin)[::2]
    for column in (people.born, people.surname, people.father, people.group, people.names):
        assert (column[elder] == column[elder + 1]).all()
    assert (people.document[elder] + 1 == people.document[elder + 1]).all()
    same = (people.sex[elder] == people.sex[elder + 1]) & (people.given[elder] == people.given[elder + 1])
    assert len(elder) == 10 and not same.any()


def test_no_two_persons_have_one_number_by_chance() -> None:
    people = populate(load_book(), Rates(reused_number=0), 5_000, 1)
    assert len(np.unique(people.document)) == 5_000
    assert len(np.unique(people.iin[people.iin > 0])) == (people.iin > 0).sum() > 0


def test_same_seed_gives_the_same_records_and_another_seed_others() -> None:
    assert identity_records(300, 1).equals(identity_records(300, 1))
    assert not identity_records(300, 1).equals(identity_records(300, 2))


def test_a_written_world_equals_the_one_in_memory(tmp_path: Path) -> None:
    rows = write_records(tmp_path / "records.parquet", 300, 1)
    assert pq.read_table(tmp_path / "records.parquet").equals(identity_records(300, 1))
    assert rows == identity_records(300, 1).num_rows


@pytest.mark.parametrize(
    ("name", "table", "variant", "becomes"),
    [
        ("жанболат", "kk>cyr", 1, "джанболат"),
        ("хайруллин", "cyr>latin", 0, "khairullin"),
        ("юлия", "cyr>latin", 1, "yuliya"),
        ("ғалия", "kk>kazlatin", 0, "ğaliia"),
        ("нұрлан", "kk>han", 0, "努尔兰"),
        ("нұрлан", "kk>tote", 0, "نۇرلان"),
        ("o‘g‘iljon", "uz>cyr", 0, "угилджон"),
        ("zhangxiaoming", "pinyin>cyr", 0, "чжансяомин"),
        ("민세", "ko", 0, "minse"),
        ("müller", "de>latin", 0, "mueller"),
    ],
)
def test_names_are_spelled_by_the_tables(name: str, table: str, variant: int, becomes: str) -> None:
    assert spelled([name], table, variant) == [becomes]


def test_every_table_that_a_list_goes_through_is_in_the_file() -> None:
    used = {table for forms in (FORMS | READ_FORMS).values() for steps in forms.values() for table, _ in steps}
    assert used - {"ko"} <= set(load_letters())
    assert set(load_book().lists) == set(FORMS | READ_FORMS)


def test_every_name_has_every_form_and_russian_ones_are_cyrillic() -> None:
    book = load_book()
    for part in (book.surname, *book.given):
        assert {len(part.texts[form]) for form in FORM_NAMES} == {len(part.texts["home"])}
        assert all(name and name.strip() for form in FORM_NAMES for name in part.texts[form].to_pylist())
    latin = [name for name in book.surname.texts["latin0"].to_pylist() if not name.isascii()]
    assert latin == []


def test_a_slip_changes_a_text_by_one_key_at_most() -> None:
    texts = pa.array(["Novikov", "Ли", "X", None, "Нұрлан"] * 40)
    found = mistyped(texts, np.random.default_rng(1)).to_pylist()
    for before, after in zip(texts.to_pylist(), found, strict=True):
        assert (after is None) == (before is None)
        if before is not None:
            assert abs(len(after) - len(before)) <= 1
            assert len(before) < 3 or after[0] == before[0]
    assert sum(after != before for before, after in zip(texts.to_pylist(), found, strict=True)) > 120
