"""Names across scripts with truth, and what logic-v2 of nomenklatura says: `python name_pairs.py FILE PAIRS SEED`.

Names come from the lists of two makers of test data and are rendered by transliteration libraries that the centre's
keys of names do not use; Kazakh alphabets and the Chinese family-first order are as the decrees have them. No name is
of a person. The other side of a pair that is not one person is the nearest other name of the list.
"""

from __future__ import annotations

import importlib
import json
import random
import re
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import icu
import iuliia
import mimesis
import pyarrow as pa
import pyarrow.parquet as pq
import pypinyin
import unidecode
from followthemoney import model
from hangul_romanize import Transliter
from hangul_romanize.rule import academic
from nomenklatura.matching.logic_v2.model import LogicV2
from nomenklatura.matching.logic_v2.names.match import name_match

Render = Callable[[str], str]

RUSSIAN = str.maketrans("әғқңөұүһі", "агкноуухи")
CYRILLIC = "аәбвгғдеёжзиійкқлмнңоөпрстуұүфхһцчшщъыьэюя"
LATIN = {
    "2017": "a a' b v g g' d e e j z i' i i' k q l m n n' o o' p r s t y' u u' f h h ts c' s' s'  y  e i'y' i'a'",
    "2018": "a á b v g ǵ d e e j z ı i ı k q l m n ń o ó p r s t ý u ú f h h ts ch sh sh  y  e ıý ıa",
    "2021": "a ä b v g ğ d e e j z i ı i k q l m n ñ o ö p r s t u ū ü f h h ts ch ş ş  y  e iu ia",
    "tote": "ا ءا ب ۆ گ ع د ە ە ج ز ي ءى ي ك ق ل م ن ڭ و ءو پ ر س ت ۋ ۇ ءۇ ف ح ھ تس چ ش ش  ى  ە يۋ يا",
}


@dataclass(frozen=True)
class Scripts:
    """One pair of scripts.

    Attributes:
        title: What stands beside what.
        language: Whose list of names.
        family_first: What stands between family and given name in the first script.
        render: From the first script to the second.
    """

    title: str
    language: str
    family_first: str
    render: Render


def _passport(text: str) -> str:
    return str(re.sub("[^A-Z ]", "", unidecode.unidecode(text).upper()))


def _icu(name: str) -> Render:
    transliterator = icu.Transliterator.createInstance(name)
    return lambda text: _passport(transliterator.transliterate(text))


def _alphabet(name: str) -> Render:
    letters = dict(zip(CYRILLIC, re.split(" ", LATIN[name]), strict=True))
    return lambda text: "".join(letters.get(letter, letter) for letter in text.lower())


def _russian_schemes(seed: int) -> Render:
    names = ("icao_doc_9303", "mvd_310", "mvd_782", "gost_52535", "bgn_pcgn", "wikipedia", "telegram", "yandex_maps")
    schemes = [getattr(iuliia, name.upper()) for name in names]
    draw = random.Random(seed)  # noqa: S311
    return lambda text: _passport(draw.choice(schemes).translate(text))


def _pinyin(text: str) -> str:
    return _passport("".join(each[0] for each in pypinyin.pinyin(text, style=pypinyin.NORMAL)))


def _revised_romanization(text: str) -> str:
    romanize = Transliter(academic)
    return _passport(romanize.translit(text).replace("-", ""))


def script_pairs(seed: int) -> list[Scripts]:
    """The pairs of scripts that are measured."""
    russian = _russian_schemes(seed)
    return [
        Scripts("Kazakh, passport (BGN)", "kk", " ", _icu("Kazakh-Latin/BGN")),
        Scripts("Kazakh, passport (Russian)", "kk", " ", lambda text: russian(text.lower().translate(RUSSIAN))),
        Scripts("Kazakh, Russian letters", "kk", " ", lambda text: text.lower().translate(RUSSIAN)),
        *(Scripts(f"Kazakh, alphabet of {name}", "kk", " ", _alphabet(name)) for name in LATIN),
        Scripts("Russian, passport", "ru", " ", russian),
        Scripts("Ukrainian, passport", "uk", " ", _icu("Ukrainian-Latin/BGN")),
        Scripts("Armenian, passport", "hy_AM", " ", _icu("Armenian-Latin/BGN")),
        Scripts("Georgian, passport", "ka_GE", " ", _icu("Georgian-Latin/BGN")),
        Scripts("Hindi, Latin", "hi_IN", " ", _icu("Devanagari-Latin")),
        Scripts("Persian, Latin without vowels", "fa", " ", _passport),
        Scripts("Chinese divided, pinyin", "zh", " ", _pinyin),
        Scripts("Chinese undivided, pinyin", "zh", "", _pinyin),
        Scripts("Korean divided, romanized", "ko", " ", _revised_romanization),
        Scripts("Korean undivided, romanized", "ko", "", _revised_romanization),
    ]


def _flat(names: Any) -> Iterable[str]:
    if isinstance(names, str):
        return [names]
    return [each for part in (names.values() if isinstance(names, dict) else names) for each in _flat(part)]


def _lists(language: str) -> tuple[list[str], list[str]]:
    if "_" in language:
        provider = importlib.import_module(f"faker.providers.person.{language}").Provider
        return sorted(set(provider.first_names)), sorted(set(provider.last_names))
    folder = Path(str(mimesis.__file__)).parent / "datasets" / language
    data = json.loads((folder / "person.json").read_text(encoding="utf-8"))
    given, surnames = (
        sorted({each for each in _flat(data[kind]) if " " not in each}) for kind in ("names", "surnames")
    )
    return given, surnames


def _neighbours(names: list[tuple[str, str]]) -> dict[str, str]:
    """For each name as first written, the nearest other one of the list as rendered."""
    listed = duckdb.from_arrow(pa.table({"name": [a for a, _ in names], "rendered": [b for _, b in names]}))
    stem = "regexp_replace({}.name, '(ая|ий|ой|а)$', '')"
    rows = listed.query(
        "listed",
        f"""SELECT a.name, arg_max(b.rendered, (jaro_winkler_similarity(a.rendered, b.rendered), b.name))
        FROM listed a JOIN listed b ON a.rendered <> b.rendered AND {stem.format("a")} <> {stem.format("b")}
        GROUP BY a.name""",
    ).fetchall()
    return dict(rows)


def make_pairs(scripts: Scripts, pairs: int, seed: int) -> list[dict[str, object]]:
    """Pairs of names with truth, half of them for the threshold; the halves share no name."""
    draw = random.Random(f"{seed}-{scripts.title}")  # noqa: S311
    lists = []
    for names in _lists(scripts.language):
        rendered = [(name, scripts.render(name)) for name in names]
        lists.append([(name, other) for name, other in rendered if other.strip()])
        draw.shuffle(lists[-1])
    made: list[dict[str, object]] = []
    for half in (0, 1):
        given, surnames = (names[half::2] for names in lists)
        near_given, near_surname = _neighbours(given), _neighbours(surnames)
        for _ in range(pairs // 4):
            (name, name_other), (family, family_other) = draw.choice(given), draw.choice(surnames)
            wrong = draw.choice([(family_other, near_given[name]), (near_surname[family], name_other)])
            for same, (right_family, right_name) in ((True, (family_other, name_other)), (False, wrong)):
                order = [right_family, right_name]
                draw.shuffle(order)
                left = f"{family}{scripts.family_first}{name}"
                made.append({"l": left, "r": " ".join(order), "same": same, "is_test": half == 1})
    return made


def score_peer(pairs: list[dict[str, object]]) -> list[float]:
    """Scores of nomenklatura's logic-v2 for two persons of whom the name alone is known."""
    configuration = LogicV2.default_config()

    def person(number: int, name: object) -> Any:
        entity = model.make_entity("Person")
        entity.id = f"person-{number}"
        entity.add("name", name)
        return entity

    return [
        float(name_match(person(2 * n, pair["l"]), person(2 * n + 1, pair["r"]), configuration).score or 0)
        for n, pair in enumerate(pairs)
    ]


def write(file: Path, pairs: int, seed: int) -> float:
    """Writes the pairs of all scripts with the peer's scores; returns the processor seconds that scoring took."""
    made = [{"scripts": each.title} | pair for each in script_pairs(seed) for pair in make_pairs(each, pairs, seed)]
    score_peer(made[:1])  # its lists are loaded once in a process
    began = time.process_time()
    scores = score_peer(made)
    spent = time.process_time() - began
    pq.write_table(pa.Table.from_pylist(made).append_column("score", pa.array(scores)), file)
    return spent


if __name__ == "__main__":
    print(json.dumps(write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
