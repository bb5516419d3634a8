"""How alike two names are: the level in words."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.identity.names import LEVELS, add_values, compare_values
from pipelines.identity.names.tables import particles
from tests.identity.names.conftest import Compare, CompareAll, Name

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
    ("near", {"patronymic": "Ибраимовна"}, {"patronymic": "Ибрамиовна"}),
    ("near", "Şahin Mehmet", "SAHIN MEHMET"),
    ("near", "Чжан Сяомин", "ZHANG XIAOMING"),
    ("reading", "Чжэн Цзюньжуй", "郑俊瑞"),
    ("reading", "Чжан Сюэминь", "ZHANG XUEMIN"),
    ("exact", "Karimov Abdul Rahman", "KARIMOV ABDULRAHMAN"),
    ("reading", "Karimov Abdul Rahman", "Каримов Абдуррахман"),
    ("reading", {"given_names": "A-SEOK"}, {"given_names": "Асок"}),
    ("root", {"patronymic": "Фаррух угли"}, {"patronymic": "Фаррухович"}),
    ("root", {"patronymic": "Берікқызы"}, {"patronymic": "Бериковна"}),
    ("root", {"patronymic": "SERIKKYZY"}, {"patronymic": "Серікұлы"}),
    ("root", {"surname": "Азиззода"}, {"surname": "AZIZOV"}),
    ("root", {"surname": "Русская"}, {"surname": "RUSSKII"}),
    ("partial", {"given_names": "AMIR HOS"}, {"given_names": "AMIR HOSSEIN"}),
    ("different", {"given_names": "HOS"}, {"given_names": "HOSSEIN"}),
    ("near", "Ким Кёнхан", "GIM GYEONGHAN"),
    ("near", "Ким Кёнхан", "KIM KYONGHAN"),
    ("reading", "Чан Тхань Бинь", "TRAN THANH BINH"),
    ("reading", "Зыонг Суан Хыонг", "DUONG XUAN HUONG"),
    ("reading", "Цой Минхо", "CHOI MINHO"),
    ("reading", "Чхве Минхо", "CHOI MINHO"),
    ("reading", "Ли Минхо", "RHEE MINHO"),
    ("reading", "Бакытмырза Ажаргул", "BAHEETEMIERZHA AJIAERGULI"),
    ("root", {"surname": "Айбатқызы"}, {"surname": "AYIBATEKEZI"}),
    ("near", {"given_names": "Katalina"}, {"given_names": "Катилуна"}),
    ("different", {"given_names": "YINGHUAN"}, {"given_names": "YANCEN"}),
    ("exact", "원 석호", "SEOGHO WON"),
    ("reading", {"given_names": "여진"}, {"given_names": "EOJIN"}),
    ("reading", "돈 여진", "EOJIN DON"),
    ("reading", "عایشه حسینی", "AISHA HOSEINI"),
    ("exact", {"surname": "Al Hamidi"}, {"surname": "Хамиди"}),
    ("exact", {"surname": "Ал Хамиди"}, {"surname": "Хамиди"}),
    ("partial", "Асан Болатов Маратұлы", "Асан Болатов"),
    ("partial", "А. Болатов", "Асан Болатов"),
    ("partial", "Ю. Болатов", "Юрий Болатов"),
    ("partial", "Эванс Д.", "Эванс Джессика"),
    ("partial", "Гао Ч.", "GAO ZHIYONG"),
    ("different", "Ю. Болатов", "Асан Болатов"),
    ("partial", "Хаддад О.", "HADDAD OMAR TAREK"),
    ("far", {"given_names": "FATMA"}, {"given_names": "FADTIMA OMAR"}),
    ("different", {"given_names": "FATMA"}, {"given_names": "SAMIRA OMAR"}),
    ("different", "Асан Болатов Маратұлы", "Асан Болатов Ерланұлы"),
    ("different", "Айгерим Болатова", "Айгүл Болатова"),
    ("different", "Асан Болатов", "Үсен Болатов"),
    ("different", "Иван Иванов", "Иван Петров"),
    ("different", "Иван Иванов", "Иван Петров Сергеевич"),
]


@pytest.fixture(scope="module")
def found(compare_all: CompareAll) -> list[str | None]:
    """The level of each two names, compared together: as alone, `test_laws` says."""
    return [level for level, _ in compare_all([(one, other) for _, one, other in FACTS])]


@pytest.mark.parametrize("place", range(len(FACTS)), ids=lambda place: "-".join(map(str, FACTS[place])))
def test_two_names_stand_at_a_level(found: list[str | None], place: int) -> None:
    level = FACTS[place][0]
    assert found[place] in (("different", "far", "close") if level == "different" else (level,))


def test_an_ending_that_two_fathers_names_share_brings_them_no_nearer(compare: Compare) -> None:
    assert compare({"patronymic": "Ибраимовна"}, {"patronymic": "Байышовна"})[0] in ("different", "far")


@pytest.mark.parametrize(
    ("level", "apart", "grown"), [("exact", "AL HAMIDI", "ALHAMIDI"), ("near", "Аль-Масри", "ELMASRY")]
)
def test_an_article_may_be_grown_on(names: duckdb.DuckDBPyConnection, level: str, apart: str, grown: str) -> None:
    names.execute("CREATE OR REPLACE TEMP TABLE field (native VARCHAR, latin VARCHAR)")
    names.execute("INSERT INTO field (native) VALUES ($1), ($2)", [apart, grown])
    add_values(names, "linkage", "field")
    names.execute("CREATE OR REPLACE TEMP TABLE ends AS SELECT list_sort(list(name_value(native, latin))) x FROM field")
    compare_values(names, "linkage", "(SELECT x[1] AS x, x[2] AS y FROM ends)", "compared")
    assert names.execute("SELECT name_level(worst, missing) FROM compared").fetchall() == [(LEVELS.index(level),)]


def test_names_of_twins_are_never_at_the_level_of_one_name(compare: Compare) -> None:
    assert compare("Hasan Karimov", "Husan Karimov")[0] == "different"
    assert compare("Ҳасан", "ХУСАН")[0] == "different"
    assert compare("Есен", "Үсен")[0] == "different"


def test_a_mononym_is_a_name_even_where_it_is_a_particle_elsewhere(compare: Compare) -> None:
    assert compare("Сухарто", "SUKHARTO")[0] == "exact"
    assert compare("BIN", "Бин")[0] == "exact"
    assert compare("BIN YEIM", {"surname": "빈", "given_names": "예임"})[0] == "exact"


def test_a_name_without_letters_is_compared_with_nothing(compare: Compare) -> None:
    assert compare("---", "Асан") == (None, None)


@pytest.mark.parametrize(
    ("text", "alone", "father"),
    [
        ("Sharofat Suxrobovna", "sharofat", "suxrobovna"),
        ("AYSEL MAMMAD GIZI", "aysel", "mammad gizi"),
        ("JASUR BAXTIYOR OʻGʻLI", "jasur", "baxtiyor o'g'li"),
        ("Ерлан Серікұлы", "ерлан", "серікұлы"),
        ("Ораз Гурбангулы", None, None),
        ("Maria Cristina", None, None),
        ("Олимовна", None, None),
    ],
)
def test_a_father_behind_given_names_is_told_by_what_ends_it(
    names: duckdb.DuckDBPyConnection, text: str, alone: str | None, father: str | None
) -> None:
    found = names.execute(
        """SELECT CASE WHEN father IS NOT NULL THEN given_alone(text) END, father
        FROM (SELECT $1 AS text, father_behind($1) AS father)""",
        [text],
    ).fetchone()
    assert found == (alone, father)


def test_every_word_for_son_or_daughter_behind_a_name_makes_it_a_fathers(names: duckdb.DuckDBPyConnection) -> None:
    words = list(particles("child_behind"))
    missed = "SELECT word FROM (SELECT unnest($1) AS word) WHERE father_behind('Азиз Карим ' || word) IS NULL"
    assert names.execute(missed, [words]).fetchall() == []


def test_a_surname_behind_the_father_is_put_first(names: duckdb.DuckDBPyConnection) -> None:
    texts = ["Галина Борисовна Куликова", "Айсель Мамед кызы Исмаилова", "Иванович Иван Иванович"]
    found = names.execute("SELECT full_name_parts(unnest($1))[1]", [texts]).fetchall()
    assert found == [("куликова",), ("исмаилова",), ("иванович",)]
