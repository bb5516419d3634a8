"""One part of a name and its keys, from its text alone."""

from __future__ import annotations

from typing import NamedTuple

from pipelines.identity.names.readings import consonants, readings
from pipelines.identity.names.roots import root, skeleton, sound
from pipelines.identity.names.scripts import one_script, plain, script_of


class NamePart(NamedTuple):
    """The keys of one part of a name.

    Attributes:
        part: As written, in lower case.
        script: Script of most of its letters.
        form: Its usual reading, the same in all scripts.
        forms: All readings that matter.
        root: Its form without endings and without confused vowels.
        roots: The roots of all readings.
        sound: Its root with consonants made one that lose their marks on the way.
        bones: Consonants of all readings; compared where a script leaves vowels out.
        skeleton: Coarse key for finding candidates.
        is_full: Whether its script writes all sounds; Arabic leaves vowels out, Chinese renders foreign names freely.
    """

    part: str
    script: str
    form: str
    forms: list[str]
    root: str
    roots: list[str]
    sound: str
    bones: list[str]
    skeleton: str
    is_full: bool


def name_part(part: str) -> NamePart:
    """The keys of a part.

    Args:
        part: One token of a name, as `name_tokens` of the macros gives it.
    """
    text = plain(part)
    script = script_of(text)
    forms = [each for each in readings(one_script(text, script), script) if each] or [text or part]
    roots = list(dict.fromkeys(map(root, forms)))
    bones = [each for each in dict.fromkeys(map(consonants, forms)) if each]
    is_full = script != "arabic" and not (script == "han" and len(text) > 2)
    return NamePart(part, script, forms[0], forms, roots[0], roots, sound(roots[0]), bones, skeleton(roots[0]), is_full)
