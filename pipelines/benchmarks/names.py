"""Names across scripts, measured beside the best matcher known: F1 per pair of scripts, and what a comparison costs.

Names come from the lists of two makers of test data and are rendered by transliteration libraries that the keys of
`pipelines.identity.names` do not use; Kazakh alphabets and the Chinese family-first order are as the decrees have them.
No name is of a person. The other side of a pair that is not one person is the nearest other name of the list. The
threshold comes from names that the figures are not of. Packages for this are in the group `name-peers`.
"""

from __future__ import annotations

import importlib
import json
import random
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from pipelines.benchmarks.processes import Measure
from pipelines.identity.names import add_values, compare_values, create_dictionary
from pipelines.storage import open_memory

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


class PeersMissingError(Exception):
    """A package of the group `name-peers` is not installed."""


def _load(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as missing:
        raise PeersMissingError(
            f"the package {module} is not installed: run `uv pip install --group name-peers` in an environment apart"
        ) from missing


def _passport(text: str) -> str:
    return str(re.sub("[^A-Z ]", "", _load("unidecode").unidecode(text).upper()))


def _icu(name: str) -> Render:
    transliterator = _load("icu").Transliterator.createInstance(name)
    return lambda text: _passport(transliterator.transliterate(text))


def _alphabet(name: str) -> Render:
    letters = dict(zip(CYRILLIC, re.split(" ", LATIN[name]), strict=True))
    return lambda text: "".join(letters.get(letter, letter) for letter in text.lower())


def _russian_schemes(seed: int) -> Render:
    iuliia = _load("iuliia")
    names = ("icao_doc_9303", "mvd_310", "mvd_782", "gost_52535", "bgn_pcgn", "wikipedia", "telegram", "yandex_maps")
    schemes = [getattr(iuliia, name.upper()) for name in names]
    draw = random.Random(seed)  # noqa: S311
    return lambda text: _passport(draw.choice(schemes).translate(text))


def _pinyin(text: str) -> str:
    pypinyin = _load("pypinyin")
    return _passport("".join(each[0] for each in pypinyin.pinyin(text, style=pypinyin.NORMAL)))


def _revised_romanization(text: str) -> str:
    romanize = _load("hangul_romanize").Transliter(_load("hangul_romanize.rule").academic)
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
        provider = _load(f"faker.providers.person.{language}").Provider
        return sorted(set(provider.first_names)), sorted(set(provider.last_names))
    folder = Path(str(_load("mimesis").__file__)).parent / "datasets" / language
    data = json.loads((folder / "person.json").read_text(encoding="utf-8"))
    given, surnames = (
        sorted({each for each in _flat(data[kind]) if " " not in each}) for kind in ("names", "surnames")
    )
    return given, surnames


def _neighbours(connection: duckdb.DuckDBPyConnection, names: list[tuple[str, str]]) -> dict[str, str]:
    """For each name as first written, the nearest other one of the list as rendered."""
    connection.register("listed", pa.table({"name": [a for a, _ in names], "rendered": [b for _, b in names]}))
    stem = "regexp_replace({}.name, '(ая|ий|ой|а)$', '')"
    rows = connection.execute(
        f"""SELECT a.name, arg_max(b.rendered, (jaro_winkler_similarity(a.rendered, b.rendered), b.name))
        FROM listed a JOIN listed b ON a.rendered <> b.rendered AND {stem.format("a")} <> {stem.format("b")}
        GROUP BY a.name"""
    ).fetchall()
    connection.unregister("listed")
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
    with open_memory() as connection:
        for half in (0, 1):
            given, surnames = (names[half::2] for names in lists)
            near_given, near_surname = _neighbours(connection, given), _neighbours(connection, surnames)
            for _ in range(pairs // 4):
                (name, name_other), (family, family_other) = draw.choice(given), draw.choice(surnames)
                wrong = draw.choice([(family_other, near_given[name]), (near_surname[family], name_other)])
                for same, (right_family, right_name) in ((True, (family_other, name_other)), (False, wrong)):
                    order = [right_family, right_name]
                    draw.shuffle(order)
                    left = f"{family}{scripts.family_first}{name}"
                    made.append({"l": left, "r": " ".join(order), "same": same, "is_test": half == 1})
    return made


def score_here(pairs: list[dict[str, object]]) -> list[float]:
    """Scores of the centre, from nothing: dictionary, values and comparison."""
    with open_memory() as connection:
        connection.execute("SET threads = 1")
        connection.register("given", pa.Table.from_pylist(pairs))
        create_dictionary(connection, "linkage")
        divided = "array_to_string(full_name_parts({}), ' ')"
        connection.execute(
            f"""CREATE TABLE pair AS
            SELECT row_number() OVER () AS pair_id, {divided.format("l")} AS l, {divided.format("r")} AS r FROM given"""
        )
        connection.execute(
            "CREATE TABLE names AS SELECT l AS native, NULL::VARCHAR AS latin FROM pair UNION SELECT r, NULL FROM pair"
        )
        add_values(connection, "linkage", "names")
        ends = ", ".join(
            f"{end}(name_value(l, NULL), name_value(r, NULL)) AS {name}"
            for end, name in (("least", "x"), ("greatest", "y"))
        )
        connection.execute(f"CREATE TABLE value_pair AS SELECT DISTINCT {ends} FROM pair")
        compare_values(connection, "linkage", "value_pair", "compared")
        rows = connection.execute(
            f"""SELECT coalesce((mean + worst) / 2 - 5 * missing, 0) / 100
            FROM (SELECT pair_id, {ends} FROM pair) LEFT JOIN compared USING (x, y) ORDER BY pair_id"""
        ).fetchall()
        return [float(row[0]) for row in rows]


def score_peer(pairs: list[dict[str, object]]) -> list[float]:
    """Scores of nomenklatura's logic-v2 for two persons of whom the name alone is known."""
    model = _load("followthemoney").model
    configuration = _load("nomenklatura.matching.logic_v2.model").LogicV2.default_config()
    match = _load("nomenklatura.matching.logic_v2.names.match").name_match

    def person(number: int, name: object) -> Any:
        entity = model.make_entity("Person")
        entity.id = f"person-{number}"
        entity.add("name", name)
        return entity

    return [
        float(match(person(2 * n, pair["l"]), person(2 * n + 1, pair["r"]), configuration).score or 0)
        for n, pair in enumerate(pairs)
    ]


def f1(scores: np.ndarray, same: np.ndarray, threshold: float) -> float:
    """F1 of saying `same` from a threshold on."""
    said = scores >= threshold
    return float(2 * (said & same).sum() / max(1, said.sum() + same.sum()))


def measure_names(pairs: int, seed: int = 1) -> list[Measure]:
    """F1 of the centre and of the peer for each pair of scripts and for all, and what the comparisons cost.

    The centre's cost is that of everything from the texts on: dictionary, keys and comparison.
    """
    titles = script_pairs(seed)
    made = {scripts.title: make_pairs(scripts, pairs, seed) for scripts in titles}
    every = [pair for each in made.values() for pair in each]
    ways = {"centre": score_here, "logic-v2": score_peer}
    score_peer(every[:1])  # its lists are loaded once in a process
    scores, cost = {}, {}
    for way, score in ways.items():
        start = time.process_time()
        scores[way] = np.array(score(every))
        cost[way] = time.process_time() - start
    title = np.array([name for name, each in made.items() for _ in each])
    same, is_test = (np.array([bool(pair[key]) for pair in every]) for key in ("same", "is_test"))
    found: list[Measure] = []
    for name in [*made, "all"]:
        here = (title == name) | (name == "all")
        best = {way: _threshold(scores[way][here & ~is_test], same[here & ~is_test]) for way in ways}
        tested = here & is_test
        reached = {way: round(100 * f1(scores[way][tested], same[tested], best[way]), 1) for way in ways}
        found.append({"scripts": name, "measure": "F1", "pairs": int(tested.sum()), **reached})
    spent = {way: round(cost[way] / len(every) * 1e5, 1) for way in ways}
    return [*found, {"scripts": "all", "measure": "CPU seconds per 100,000", "pairs": len(every), **spent}]


def _threshold(scores: np.ndarray, same: np.ndarray) -> float:
    return float(max(np.unique(scores), key=lambda cut: f1(scores, same, cut)))
