"""Laws of names that hold for any name: order, case, encoding and look-alike letters are no difference."""

from __future__ import annotations

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.identity.names import tables
from pipelines.identity.names.parts import name_part
from tests.identity.names.conftest import Compare

SAMPLES = (
    "Асан Әсел Жанболат Джанбулатов Zhanbolat Äsel O‘tkir Çelik Əliyev محمد جانبولات 小明 김 Հայկ ნინო राहुल "
    "Үсен Hasan Husan Хасан Alexander Александр Xurshid Цой Мөнхбаяр Юлия Julia Али Ali"
)
PARTS = st.sampled_from(SAMPLES.split())
NAMES = st.lists(PARTS, min_size=1, max_size=4)
LETTERS = st.text(st.sampled_from("абвгғдеёжзиійкқлмнңоөпрстуұүфхһцчшщыэюяәaбcdefghijklmnopqrstuvwxyz'"), min_size=1)
unhurried = settings(deadline=None)
once = settings(derandomize=True, deadline=None, database=None, max_examples=20)


@once
@given(names=NAMES, data=st.data())
def test_the_order_of_parts_is_no_difference(compare: Compare, names: list[str], data: st.DataObject) -> None:
    turned = data.draw(st.permutations(names))
    assert compare(" ".join(names), " ".join(turned)) == ("exact", 100)


@once
@given(one=NAMES, other=NAMES)
def test_the_sides_are_no_difference(compare: Compare, one: list[str], other: list[str]) -> None:
    assert compare(" ".join(one), " ".join(other)) == compare(" ".join(other), " ".join(one))


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
