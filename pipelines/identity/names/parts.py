"""Parts of names and their keys, each from its text alone; many are worked out at once."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.identity.names import roots
from pipelines.identity.names.readings import MOST_READINGS, readings, ways
from pipelines.identity.names.scripts import SIMPLE, one_script, plain, script_of
from pipelines.identity.names.words import Words
from pipelines.identity.numbering import Flags, Places, number

# A syllable of Hanyu pinyin. Chinese names have two at most in a part, renderings of other names mostly more.
PINYIN = (
    "(?:[bpmf](?:a(?:o|i|ng?)?|ei|eng?|i(?:a[no]|e|u|ng?)?|ou?|u)|me"
    "|(?:[dtnlgkhrzcs]|[zcs]h)(?:a(?:o|i|ng?)?|e(?:i|ng?)?|i(?:ang?|ao?|e|u|ng?)?|ong|ou|u(?:a(?:i|ng?)?|e|i|n|o)?)"
    "|[jqx](?:i(?:a(?:o|ng?)?|e|u|ng?|ong)?|u(?:an|e|n)?)"
    "|y(?:a(?:o|ng?)?|e|i(?:ng?)?|o(?:u|ng)?|u(?:an|e|n)?)|w(?:a(?:i|ng?)?|ei|eng?|o|u)"
    "|a(?:i|o|ng?)?|e(?:i|ng?|r)?|ou?)"
)
RENDERING, CHINESE = f"^{PINYIN}{{3,}}$", f"^{PINYIN}{{1,2}}$"
MOST_CHINESE = 2
KINDS = ("root", "form", "bone", "sound", "skeleton")


class Keyed(NamedTuple):
    """The keys of some parts of names.

    Attributes:
        parts: One row per part, in their order: the part, its script, its usual reading and the keys of this, all its
            roots, `is_full`, whether its script writes all sounds (Arabic leaves vowels out, Chinese renders foreign
            names freely), and `is_rendering`, whether it is pinyin of no fewer than three syllables, as Chinese papers
            write names of other peoples.
        readings: One row per kind of `KINDS`, part (its `place`) and distinct `reading` of this kind, the usual one of
            the part first. A `form` is the same in all scripts; a `root` has no endings and no confused vowels; a
            `sound` is a root with consonants made one that lose their marks on the way; a `bone` has consonants alone
            and is compared where a script leaves vowels out; a `skeleton` is coarse and is for finding candidates.
    """

    parts: pa.Table
    readings: pa.Table


class _Readings(NamedTuple):
    """Readings of parts, or keys of them: of each the place of its part, in the order of the parts; and the texts."""

    of: Places
    words: Words

    def take(self, places: Places) -> _Readings:
        """Those at some places."""
        return _Readings(self.of[places], self.words.take(places))

    def where(self, kept: Flags) -> _Readings:
        """Those that are kept."""
        return self if kept.all() else self.take(np.flatnonzero(kept))

    def distinct(self) -> _Readings:
        """The same without what one part has already, the first one kept."""
        is_kept = np.bincount(self.of)[self.of] == 1
        several = np.flatnonzero(~is_kept)
        codes, _ = number(self.words.take(several).texts())
        _, first = np.unique(self.of[several] << 32 | codes, return_index=True)
        is_kept[several[first]] = True
        return self.where(is_kept)

    def first(self, most: int | Places) -> _Readings:
        """The first ones of each part, of which there may be so many."""
        return self.where(np.arange(len(self.of)) - np.searchsorted(self.of, self.of) < most)

    def beside(self, *others: _Readings) -> _Readings:
        """These and others, in the order of their parts; of one part these come first, the others as they are given."""
        of = np.concatenate([self.of, *(each.of for each in others)])
        if len(of) == len(self.of):
            return self
        order = np.argsort(of, kind="stable")
        return _Readings(of[order], self.words.beside([each.words for each in others]).take(order))


def key_parts(parts: pa.Array) -> Keyed:
    """The keys of parts.

    Args:
        parts: Tokens of names, as the macros of the dictionary give them.
    """
    texts, scripts, written = _written(parts)
    form = _forms(parts, texts, written)
    lengths = pc.utf8_length(texts).to_numpy()
    is_full = (scripts != "arabic") & ~((scripts == "han") & (lengths > MOST_CHINESE))
    is_rendering = (scripts == "latin") & _match(texts, RENDERING)
    is_rendering[is_rendering] = ~_match(texts.filter(pa.array(is_rendering)), CHINESE)
    root = _Readings(form.of, roots.roots(form.words)).distinct()
    bone = _Readings(form.of, roots.bones(form.words)).distinct()
    bone = bone.where(bone.words.lengths > 0)
    sound = _Readings(root.of, roots.sounds(root.words)).distinct()
    coarse = root.where(~is_rendering[root.of]).beside(form.where(is_rendering[form.of]))
    skeleton = _Readings(coarse.of, roots.skeletons(coarse.words)).distinct()
    told = {"part": parts, "script": pa.array(scripts, pa.string()), "is_full": is_full, "is_rendering": is_rendering}
    return _laid_out(told, dict(zip(KINDS, (root, form, bone, sound, skeleton), strict=True)))


def _match(texts: pa.Array, pattern: str) -> Flags:
    found: Flags = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
    return found


class _Ways(NamedTuple):
    """Ways to write parts in one alphabet: of each the place of its part, a text, and how many readings may be kept."""

    of: Places
    texts: pa.Array
    most: Places


def _written(parts: pa.Array) -> tuple[pa.Array, Any, list[tuple[str, _Ways]]]:
    """Parts as `scripts.plain` leaves them, their scripts, and alphabet by alphabet how they may be written.

    Most are plain letters of one script, and are not looked at one by one.
    """
    scripts = np.full(len(parts), "", dtype=object)
    found = []
    for script, pattern in SIMPLE.items():
        simple = np.flatnonzero(_match(parts, pattern))
        scripts[simple] = script
        found.append((script, _Ways(simple, parts.take(pa.array(simple)), np.full(len(simple), MOST_READINGS))))
    is_odd = scripts == ""
    others = np.flatnonzero(is_odd)
    told, odd = [], defaultdict(list)
    for place, part in zip(others.tolist(), parts.take(pa.array(others)).to_pylist(), strict=True):
        text = plain(part)
        script = scripts[place] = script_of(text)
        told.append(text)
        alphabet, (first, *more) = ways(one_script(text, script), script)
        odd[alphabet].append((place, first, MOST_READINGS - 2 * len(more)))
        odd[alphabet] += [(place, other, MOST_READINGS) for other in more]
    for alphabet, rows in odd.items():
        places, texts, most = zip(*rows, strict=True)
        found.append((alphabet, _Ways(np.array(places), pa.array(texts, pa.string()), np.array(most))))
    return pc.replace_with_mask(parts, pa.array(is_odd), pa.array(told, pa.string())), scripts, found


def _forms(parts: pa.Array, texts: pa.Array, written: list[tuple[str, _Ways]]) -> _Readings:
    """The readings of each part, at most `MOST_READINGS`; the part itself where nothing can be read."""
    found = []
    for alphabet, each in written:
        read = _Readings(*readings(Words.of_texts(each.texts), alphabet)).distinct()
        read = read.first(each.most[read.of])
        found.append(_Readings(each.of[read.of], read.words))
    is_read = np.zeros(len(parts), dtype=bool)
    for each_read in found:
        is_read[each_read.of[each_read.words.lengths > 0]] = True
    unread = np.flatnonzero(~is_read)
    whole = [texts[place].as_py() or parts[place].as_py() for place in unread.tolist()]
    first, *others = [*found, _Readings(unread, Words.of_texts(pa.array(whole, pa.string())))]
    together = first.beside(*others).distinct().first(MOST_READINGS)
    return together.where(together.words.lengths > 0)


def _laid_out(told: dict[str, Any], found: dict[str, _Readings]) -> Keyed:
    size = len(told["part"])
    texts = {kind: each.words.texts() for kind, each in found.items()}
    begin = {kind: np.searchsorted(each.of, np.arange(size + 1)) for kind, each in found.items()}
    usual = {
        kind: texts[kind].take(pa.array(begin[kind][:-1], mask=begin[kind][:-1] == begin[kind][1:])) for kind in KINDS
    }
    columns = {kind: usual[kind] for kind in ("form", "root", "bone", "skeleton")}
    all_roots = pa.ListArray.from_arrays(pa.array(begin["root"], pa.int32()), texts["root"])
    kinds = np.repeat(np.arange(len(KINDS), dtype=np.int8), [len(each.of) for each in found.values()])
    rows = {
        "place": np.concatenate([each.of for each in found.values()]),
        "kind": pa.DictionaryArray.from_arrays(pa.array(kinds), pa.array(KINDS)),
        "reading": pa.concat_arrays(list(texts.values())),
    }
    return Keyed(pa.table(told | columns | {"roots": all_roots}), pa.table(rows))
