"""Laws of names that hold for any name: order, case, encoding and look-alike letters are no difference."""

from __future__ import annotations

import unicodedata
from itertools import combinations_with_replacement

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.identity.names import add_values, compare_values, tables
from tests.identity.names.conftest import CompareAll, name_part, name_parts

SAMPLES = (
    "Асан Әсел Жанболат Джанбулатов Zhanbolat Äsel O‘tkir Çelik Əliyev محمد جانبولات 小明 김 Հայկ ნინო राहुल "
    "Үсен Hasan Husan Хасан Alexander Александр Xurshid Цой Мөнхбаяр Юлия Julia Али Ali"
)
PARTS = st.sampled_from(SAMPLES.split())
NAMES = st.lists(PARTS, min_size=1, max_size=4)
LETTERS = st.text(st.sampled_from("абвгғдеёжзиійкқлмнңоөпрстуұүфхһцчшщыэюяәaбcdefghijklmnopqrstuvwxyz'"), min_size=1)
unhurried = settings(deadline=None)
once = settings(derandomize=True, deadline=None, database=None, max_examples=20)
many = settings(once, max_examples=3)  # of twenty and more pairs each; the first is the simplest


@many
@given(st.lists(NAMES.flatmap(lambda names: st.tuples(st.just(names), st.permutations(names))), min_size=20))
def test_the_order_of_parts_is_no_difference(
    compare_all: CompareAll, turned: list[tuple[list[str], list[str]]]
) -> None:
    pairs = [(" ".join(names), " ".join(other)) for names, other in turned]
    assert compare_all(pairs) == [("exact", 100)] * len(pairs)


@many
@given(st.lists(st.tuples(NAMES, NAMES), min_size=20))
def test_the_sides_are_no_difference(compare_all: CompareAll, named: list[tuple[list[str], list[str]]]) -> None:
    pairs = [(" ".join(one), " ".join(other)) for one, other in named]
    assert compare_all(pairs) == compare_all([(other, one) for one, other in pairs])


@once
@given(fields=st.lists(st.tuples(NAMES, st.none() | NAMES), min_size=2, max_size=4))
def test_pairs_compared_together_are_as_compared_alone(
    names: duckdb.DuckDBPyConnection, fields: list[tuple[list[str], list[str] | None]]
) -> None:
    names.execute("CREATE OR REPLACE TEMP TABLE field (native VARCHAR, latin VARCHAR)")
    rows = [(" ".join(native), " ".join(latin) if latin else None) for native, latin in fields]
    names.executemany("INSERT INTO field VALUES ($1, $2)", rows)
    add_values(names, "linkage", "field")
    ids = names.execute("SELECT DISTINCT name_value(native, latin) AS x FROM field ORDER BY x").fetchall()
    pairs = [(x, y) for (x,), (y,) in combinations_with_replacement(ids, 2)]

    def compared(some: list[tuple[int, int]]) -> list[tuple[int, int, int, float, int]]:
        names.execute("CREATE OR REPLACE TEMP TABLE some_pair (x UBIGINT, y UBIGINT)")
        names.executemany("INSERT INTO some_pair VALUES ($1, $2)", some)
        compare_values(names, "linkage", "some_pair", "compared")
        return names.execute("SELECT x, y, worst, mean, missing FROM compared ORDER BY x, y").fetchall()

    together = compared(pairs)
    assert [(x, y) for x, y, *_ in together] == pairs
    assert together == [row for pair in pairs for row in compared([pair])]


@unhurried
@given(PARTS | LETTERS)
def test_case_and_encoding_are_no_difference(part: str) -> None:
    keys = {
        (each.form, *each.forms, *each.roots)
        for each in map(name_part, (part, part.upper(), part.lower(), unicodedata.normalize("NFD", part)))
    }
    assert len(keys) == 1


@unhurried
@given(st.sampled_from(["Асанов", "Қайрат", "Сергеев", "Ильясов", "Ороскул"]), st.integers(0, 6))
def test_a_look_alike_letter_is_no_difference(part: str, place: int) -> None:
    to_latin, _ = tables.homoglyphs()
    lower = part.lower()
    mixed = lower[:place] + lower[place : place + 1].translate(to_latin) + lower[place + 1 :]
    assert name_part(mixed).forms == name_part(part).forms


@unhurried
@given(st.text(min_size=1, max_size=12))
def test_any_text_has_keys(text: str) -> None:
    part = name_part(text)
    assert part.forms[0] == part.form
    assert part.roots[0] == part.root


@unhurried
@given(st.lists(PARTS | LETTERS | st.text(min_size=1, max_size=12), max_size=12))
def test_parts_keyed_together_are_as_keyed_alone(parts: list[str]) -> None:
    assert name_parts(*parts) == list(map(name_part, parts))
