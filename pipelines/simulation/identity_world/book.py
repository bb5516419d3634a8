"""All names of the world in every form in which a source may write them, as arrays that are picked by number.

A form is a script and a spelling: `home` and `second` are the scripts of the person's own country, `cyrillic0` to
`cyrillic2` Russian spellings, `latin0` to `latin3` passport spellings. `FORMS` says by which tables a list gets them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.simulation.identity_world.spelling import spelled

FILE = Path(__file__).with_name("names.csv")
Numbers = NDArray[np.int64]
Steps = tuple[tuple[str, int], ...]
Row = dict[str, str]
FORM_NAMES = ("home", "second", "cyrillic0", "cyrillic1", "cyrillic2", "latin0", "latin1", "latin2", "latin3")
MALE, FEMALE, OTHER = 0, 1, 2
MARKS = str.maketrans("", "", "’ʼ")


def _cyrillic(table: str) -> dict[str, Steps]:
    """Forms of a list at home in Cyrillic with letters that Russian lacks."""
    return {f"cyrillic{v}": ((table, v),) for v in range(3)} | {
        "latin0": (("cyr>latin", 0),),
        "latin1": ((table, 0), ("cyr>latin", 0)),
        "latin2": ((table, 1), ("cyr>latin", 1)),
        "latin3": (("cyr>latin", 1),),
    }


def _latin(to_latin: Steps, to_cyrillic: str, middle: Steps = ()) -> dict[str, Steps]:
    """Forms of a list whose Latin spelling comes by `to_latin`, and the Cyrillic one by `to_cyrillic` from `middle`."""
    forms: dict[str, Steps] = {f"cyrillic{v}": (*middle, (to_cyrillic, v)) for v in range(3)}
    forms |= {f"latin{v}": tuple((table, v) for table, _ in to_latin) for v in range(2)}
    return forms | {
        "latin2": (*middle, (to_cyrillic, 0), ("cyr>latin", 0)) if not middle else forms["latin0"],
        "latin3": forms["latin1"],
    }


def _through_chinese(to_kazakh: Steps, to_latin: str, home: Steps) -> dict[str, Steps]:
    """Forms of a Turkic list of China: at home in Arabic script, in papers in characters and their pinyin."""
    characters: Steps = (*to_kazakh, ("kk>han", 0))
    pinyin: Steps = (*characters, ("han>pinyin", 0))
    return {f"cyrillic{v}": (*to_kazakh, ("kk>cyr", v)) for v in range(3)} | {
        "home": home,
        "second": characters,
        "latin0": pinyin,
        "latin1": ((to_latin, 0),),
        "latin2": ((to_latin, 1),),
        "latin3": pinyin,
    }


LATIN_KOREAN: dict[str, Steps] = {f"latin{v}": (("ko", v % 2),) for v in range(4)}
CYRILLIC_KOREAN: dict[str, Steps] = {f"cyrillic{v}": (("ko", 2),) for v in range(3)}
RUSSIAN: dict[str, Steps] = {f"latin{v}": (("cyr>latin", v),) for v in range(4)}
FORMS: dict[str, dict[str, Steps]] = {
    "ru": RUSSIAN,
    "tt": RUSSIAN,
    "kk": _cyrillic("kk>cyr") | {"second": (("kk>kazlatin", 0),), "latin3": (("kk>kazlatin", 2),)},
    "kg": _cyrillic("kg>cyr"),
    "tj": _cyrillic("tj>cyr"),
    "uk": _cyrillic("uk>cyr"),
    "kz": _through_chinese((), "cyr>latin", (("kk>tote", 0),)),
    "ug": _through_chinese((("ug>kk", 0),), "ug>latin", (("ug>arab", 0),)),
    "uz": _latin((("uz>latin", 0),), "uz>cyr") | {"second": (("uz>uzcyr", 0),)},
    "az": _latin((("az>latin", 0),), "az>cyr"),
    "tr": _latin((("tr>latin", 0),), "tr>cyr"),
    "de": _latin((("de>latin", 0),), "latin>cyr"),
    "in": _latin((), "latin>cyr"),
    "pk": _latin((), "latin>cyr"),
    "hy": _latin((("hy>latin", 0),), "latin>cyr", (("hy>latin", 0),)),
    "ka": _latin((("ka>latin", 0),), "latin>cyr", (("ka>latin", 0),)),
    "ko": LATIN_KOREAN | CYRILLIC_KOREAN,
}
READ_FORMS: dict[str, dict[str, Steps]] = {
    "zh": {f"cyrillic{v}": (("pinyin>cyr", 0),) for v in range(3)},
    "fa": _latin((("reading>latin", 0),), "latin>cyr", (("reading>latin", 0),)),
    "ar": _latin((("reading>latin", 0),), "latin>cyr", (("reading>latin", 1),)),
}
SCRIPTS = ("Cyrl", "Latn", "Arab", "Hans", "Hang", "Armn", "Geor")
HOME_SCRIPTS = {
    "kz": ("Arab", "Hans"),
    "ug": ("Arab", "Hans"),
    "kk": ("Cyrl", "Latn"),
    "uz": ("Latn", "Cyrl"),
    "zh": ("Hans", "Hans"),
    "ko": ("Hang", "Hang"),
    "hy": ("Armn", "Armn"),
    "ka": ("Geor", "Geor"),
    "fa": ("Arab", "Arab"),
    "ar": ("Arab", "Arab"),
} | dict.fromkeys(("az", "tr", "de", "in", "pk"), ("Latn", "Latn"))
FATHERS = {
    "kk": ("ұлы", "қызы"),
    "uz": (" o‘g‘li", " qizi"),
    "az": (" oğlu", " qızı"),
    **dict.fromkeys(("ru", "tt", "kg", "tj", "uk"), ("", "")),
}


@dataclass(frozen=True)
class Part:
    """Names of one kind: their texts by form, and where those of each list stand with which weight."""

    texts: dict[str, pa.Array]
    start: Numbers
    count: Numbers
    bounds: NDArray[np.float64]

    def pick(self, rng: np.random.Generator, lists: Numbers) -> Numbers:
        """One number per person within the person's list, by the weights of the names."""
        first, last = self.start[lists], self.start[lists] + self.count[lists]
        low = np.where(first > 0, self.bounds[first - 1], 0.0)
        drawn = low + rng.random(len(lists)) * (self.bounds[last - 1] - low)
        return np.asarray(np.minimum(np.searchsorted(self.bounds, drawn, side="right"), last - 1) - first)


@dataclass(frozen=True)
class Book:
    """Lists of names with their parts; given names and patronymics are split by sex.

    A surname stands in four rows: man, woman, and both with the other ending.
    """

    lists: tuple[str, ...]
    surname: Part
    given: tuple[Part, Part]
    patronymic: tuple[dict[str, pa.Array], dict[str, pa.Array]]
    home_script: Numbers
    second_script: Numbers
    has_other: NDArray[np.bool_]


@lru_cache(maxsize=1)
def load_book() -> Book:
    """The book of the names that ship with the package."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    lists = tuple(sorted({row["names"] for row in rows}))
    parts = {kind: _sorted(rows, kind, lists) for kind in ("surname", "given_m", "given_f")}
    endings = [("home", "home"), ("home_f", "home"), ("other", "home"), ("other_f", "home_f")]
    written = [_forms(parts["surname"], *ending) for ending in endings]
    interleaved = {form: pa.array(np.column_stack([texts[form] for texts in written]).ravel()) for form in FORM_NAMES}
    given = tuple(
        _part(parts[kind], lists, _arrays(_forms(parts[kind], "home", "home")), 0.7) for kind in ("given_m", "given_f")
    )
    scripts = [HOME_SCRIPTS.get(name, ("Cyrl", "Cyrl")) for name in lists]
    return Book(
        lists,
        _part(parts["surname"], lists, interleaved, 0.6),
        (given[0], given[1]),
        (_patronymics(parts["given_m"], MALE), _patronymics(parts["given_m"], FEMALE)),
        np.array([SCRIPTS.index(home) for home, _ in scripts]),
        np.array([SCRIPTS.index(second) for _, second in scripts]),
        np.array([bool(row["other"]) for row in parts["surname"]]),
    )


def _sorted(rows: list[Row], part: str, lists: tuple[str, ...]) -> list[Row]:
    return [row for name in lists for row in rows if row["names"] == name and row["part"] == part]


def _part(rows: list[Row], lists: tuple[str, ...], texts: dict[str, pa.Array], slope: float) -> Part:
    counts = dict.fromkeys(lists, 0)
    weights = []
    for row in rows:
        weights.append(float(row["weight"] or 0) or 1 / (counts[row["names"]] + 5) ** slope)
        counts[row["names"]] += 1
    count = np.array(list(counts.values()))
    return Part(texts, np.cumsum(count) - count, count, np.cumsum(weights))


def _arrays(texts: dict[str, list[str]]) -> dict[str, pa.Array]:
    return {form: pa.array(names) for form, names in texts.items()}


def _forms(rows: list[Row], column: str, instead: str) -> dict[str, list[str]]:
    """Every name in every form, beginning with a capital."""
    written: dict[str, list[str]] = {form: [] for form in FORM_NAMES}
    for name, group in _by_list(rows):
        home = [row[column] or row[instead] or row["home"] for row in group]
        reading = [row["latin"] for row in group]
        forms = READ_FORMS.get(name) or FORMS[name]
        for form in FORM_NAMES:
            is_read = name in READ_FORMS and form not in ("home", "second")
            names = _through(reading if is_read else home, forms.get(form, ()))
            written[form] += _capital(name.translate(MARKS) for name in names) if "latin" in form else _capital(names)
    return written


def _by_list(rows: list[Row]) -> Iterable[tuple[str, list[Row]]]:
    for name in dict.fromkeys(row["names"] for row in rows):
        yield name, [row for row in rows if row["names"] == name]


def _through(names: list[str], steps: Steps) -> list[str]:
    for table, variant in steps:
        names = spelled(names, table, variant)
    return names


def _capital(names: Iterable[str]) -> list[str]:
    return [" ".join(map(_first_capital, name.split(" "))) for name in names]


def _first_capital(word: str) -> str:
    return word[:1].title() + word[1:]


def _patronymics(rows: list[Row], sex: int) -> dict[str, pa.Array]:
    """Per form the patronymics that come from each man's name; null for lists that have none."""
    written: dict[str, list[str | None]] = {form: [] for form in FORM_NAMES}
    for name, group in _by_list(rows):
        home = [row["home"] for row in group]
        for form in FORM_NAMES:
            if name not in FATHERS:
                written[form] += [None] * len(group)
            elif form in ("home", "second") and FATHERS[name][sex]:
                own = [father + FATHERS[name][sex] for father in home]
                written[form] += [_first_capital(one) for one in _through(own, FORMS[name].get(form, ()))]
            else:
                variant = 1 if form.endswith(("1", "2")) else 0
                russian = [
                    _russian(father, sex) for father in _through(home, FORMS[name].get(f"cyrillic{variant}", ()))
                ]
                latin: Steps = (("cyr>latin", int(form[-1])),) if form.startswith("latin") else ()
                written[form] += _capital(_through(russian, latin))
    return {form: pa.array(names, pa.string()) for form, names in written.items()}


def _russian(father: str, sex: int) -> str:
    soft = father[-1:] in "йьиыеэюя"
    stem = father[:-1] if father[-1:] in "йьаяоё" else father
    return stem + ("ев" if soft else "ов") + ("ич" if sex == MALE else "на")
