"""One name in all its scripts: each line is a fact about how a name of the region is written."""

from __future__ import annotations

import pytest

from tests.identity.names.conftest import NamePart, name_part

FAMILY = "Джанбулатов Жанбулат Джанбулатова Жанболат Zhanbolat ZHANBOLATOV Janbolat Jan'bolat DZHANBULATOVA جانبولات"
SAME_READING = {
    "kazakh": "Әсел Асель A'sel Ásel Äsel ASEL AESEL ءاسەل",
    "kazakh_alphabets": "Қуаныш Qýanysh Qy'anys' Quanyş Quanysh KUANYSH قۋانىش",
    "kazakh_state": "Нұрсұлтан Nursultan Nūrsūltan Нурсултан نۇرسۇلتان",
    "icao_yu": "Юлия IULIIA YULIYA JULIA",
    "icao_shch": "Щербаков SHCHERBAKOV",
    "icao_kh": "Хасан KHASAN HASAN حسن",
    "icao_zh": "Жанна ZHANNA JANNA",
    "icao_ts": "Цой TSOI TSOY",
    "icao_yo": "Фёдор FEDOR FIODOR Федор",
    "icao_initial_e": "Ерлан ERLAN YERLAN",
    "uzbek": "Ўткир O‘tkir OTKIR Oʻtkir Уткир",
    "uzbek_x": "Хуршид Xurshid KHURSHID HURSHID",
    "kyrgyz": "Төрөбай TOROBAI Torobay",
    "tajik": "Ҷамшед JAMSHED Джамшед",
    "uyghur": "ئابدۇللا Abdulla Абдулла ABDULLAH",
    "turkish": "Çağlar CHAGLAR Чаглар",
    "azeri": "Əliyev ALIYEV Алиев ALIEV",
    "turkmen": "Myrat MYRAT Мырат Mırat",
    "mongolian": "Мөнхбаяр MUNKHBAYAR MONKHBAYAR",
    "chinese": "小明 XIAOMING",
    "chinese_surname": "曾 ZENG",
    "korean": "박 PARK PAK",
    "armenian": "Հարություն HARUTYUN HAROUTIOUN",
    "georgian": "ჟუჟუნა ZHUZHUNA Жужуна",
    "hindi": "राहुल RAHUL Рахул",
    "persian": "محمد MOHAMMAD",
    "arabic_vowel_begins": "ابراهیم IBRAHIM EBRAHIM Ибрагим",
    "arabic_ayn_begins": "علی ALI Али",
    "persian_last_a": "مصطفی MUSTAFA Мустафа",
}


@pytest.mark.parametrize("family", SAME_READING)
def test_a_name_shares_a_reading_with_itself_in_other_scripts(family: str) -> None:
    first, *others = map(name_part, SAME_READING[family].split())
    assert [each.part for each in others if not _agree(first, each)] == []


def _agree(one: NamePart, other: NamePart) -> bool:
    if one.is_full and other.is_full:
        return bool(set(one.forms) & set(other.forms))
    return bool(set(one.bones) & set(other.bones))


def test_a_family_shares_a_root_whatever_office_wrote_it() -> None:
    assert {name_part(part).root for part in FAMILY.split()} == {"janbulat"}


def test_a_chinese_rendering_of_a_kazakh_name_shares_its_skeleton() -> None:
    assert name_part("江布拉特").skeleton == name_part("Жанболат").skeleton


@pytest.mark.parametrize("pair", ["علی Ali", "عثمان Uthman", "ابراهیم Ibrahim", "هدی Huda"])
def test_an_arabic_name_and_its_rendering_have_a_skeleton_in_common(pair: str) -> None:
    written, rendered = map(name_part, pair.split())
    assert set(written.skeletons) & set(rendered.skeletons)


@pytest.mark.parametrize(
    "patronymic", ["Болатұлы", "Болатович", "Болатовна", "Болатқызы", "BOLATULY", "Bolatu'ly", "Bolatúly", "BOLATKYZY"]
)
def test_a_patronymic_has_the_root_of_the_father(patronymic: str) -> None:
    assert name_part(patronymic).root == name_part("Болат").root


@pytest.mark.parametrize(
    ("father", "patronymic"),
    [("Сергей", "Сергеевич"), ("Василий", "Васильевна"), ("Юрий", "Юрьевич"), ("Али", "Алиев")],
)
def test_a_light_end_of_the_father_does_not_hide_him(father: str, patronymic: str) -> None:
    assert name_part(patronymic).root == name_part(father).root


@pytest.mark.parametrize("short", ["Лев", "Ева", "Нина", "Карина", "Дина"])
def test_a_short_given_name_keeps_what_only_looks_like_an_ending(short: str) -> None:
    assert len(name_part(short).root) == len(name_part(short).form)


@pytest.mark.parametrize("pair", ["Айгерим Айгүл", "Асан Үсен", "Hasan Husan", "Zahra Zuhra", "Марат Мурат"])
def test_names_that_twins_bear_have_no_key_in_common(pair: str) -> None:
    one, other = map(name_part, pair.split())
    assert not set(one.forms) & set(other.forms)
    assert not set(one.roots) & set(other.roots)


def test_look_alike_letters_of_another_script_are_folded() -> None:
    mixed = "A\u0439\u0436a\u043d"  # the A's are Latin
    assert name_part(mixed).form == name_part("Айжан").form
    assert name_part("IV\u0410N\u041eV").form == name_part("IVANOV").form


def test_the_script_is_told_by_the_letters() -> None:
    told = {part: name_part(part).script for part in ("Асан", "Asan", "حسن", "نۇر", "明", "김", "Հայկ", "ნინო", "राम")}
    assert list(told.values()) == [
        "cyrillic", "latin", "arabic", "tote", "han", "hangul", "armenian", "georgian", "devanagari"
    ]  # fmt: skip
