"""How alike two names are: the level in words."""

from __future__ import annotations

import pytest

from tests.identity.names.conftest import Compare, Name

FACTS: list[tuple[str, Name, Name]] = [
    ("exact", "Асан Болатов", "Болатов Асан"),
    ("exact", "Асан Болатов", {"surname": "BOLATOV", "given_names": "ASAN"}),
    ("exact", "Әуезов Болат ұлы", "Әуезов Болат"),
    ("exact", "Омар бин Али", "ОМАР АЛИ"),
    ("exact", "张小明", {"surname": "ZHANG", "given_names": "XIAOMING"}),
    ("reading", {"surname": "ZHANG", "given_names": "XIAO MING"}, "张小明"),
    ("reading", "Нур-Султан Алиев", "АЛИЕВ НУРСУЛТАН"),
    ("reading", "JULIA MOROZ", "Юлия Мороз"),
    ("reading", "محمد رضایی", "MOHAMMAD REZAEI"),
    ("reading", "محمود علی", "MAHMUD ALI"),
    ("near", "محمود علی", "MOHAMMAD ALI"),
    ("reading", "حسین کریمی", "Хусейн Карими"),
    ("root", "Иванова Анна", "ИВАНОВ АННА"),
    ("root", "Болат Асан", "БУЛАТОВ АСАН"),
    ("near", "Абдрахманов Ерлан", "АБДРАХМАНОВ ЕРЛАМ"),
    ("near", "Şahin Mehmet", "SAHIN MEHMET"),
    ("near", "Чжан Сяомин", "ZHANG XIAOMING"),
    ("near", "Чжэн Цзюньжуй", "郑俊瑞"),
    ("near", "Ким Кёнхан", "GIM GYEONGHAN"),
    ("near", "Ким Кёнхан", "KIM KYONGHAN"),
    ("near", "Бакытмырза Ажаргул", "BAHEETEMIERZHA AJIAERGULI"),
    ("reading", "عایشه حسینی", "AISHA HOSEINI"),
    ("exact", {"surname": "Al Hamidi"}, {"surname": "Хамиди"}),
    ("partial", "Асан Болатов Маратұлы", "Асан Болатов"),
    ("partial", "А. Болатов", "Асан Болатов"),
    ("different", "Асан Болатов Маратұлы", "Асан Болатов Ерланұлы"),
    ("different", "Айгерим Болатова", "Айгүл Болатова"),
    ("different", "Асан Болатов", "Үсен Болатов"),
    ("different", "Иван Иванов", "Иван Петров"),
    ("different", "Иван Иванов", "Иван Петров Сергеевич"),
]


@pytest.mark.parametrize(("level", "one", "other"), FACTS)
def test_two_names_stand_at_a_level(compare: Compare, level: str, one: Name, other: Name) -> None:
    found = compare(one, other)[0]
    assert found in (("different", "far", "close") if level == "different" else (level,))


def test_names_of_twins_are_never_at_the_level_of_one_name(compare: Compare) -> None:
    assert compare("Hasan Karimov", "Husan Karimov")[0] in ("near", "different")


def test_a_mononym_is_a_name_even_where_it_is_a_particle_elsewhere(compare: Compare) -> None:
    assert compare("Сухарто", "SUKHARTO")[0] == "exact"
    assert compare("BIN", "Бин")[0] == "exact"
    assert compare("BIN YEIM", {"surname": "빈", "given_names": "예임"})[0] == "exact"


def test_a_name_without_letters_is_compared_with_nothing(compare: Compare) -> None:
    assert compare("---", "Асан") == (None, None)
