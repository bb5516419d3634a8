"""One part of a name and its keys, from its text alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from pipelines.identity.names.readings import consonants, readings
from pipelines.identity.names.roots import root, skeleton, sound
from pipelines.identity.names.scripts import one_script, plain_and_script

# Syllables of Hanyu pinyin, three or more: Chinese names have two at most in a part.
PINYIN = re.compile(
    "(?:[bpmf](?:a(?:o|i|ng?)?|ei|eng?|i(?:a[no]|e|u|ng?)?|ou?|u)|me"
    "|(?:[dtnlgkhrzcs]|[zcs]h)(?:a(?:o|i|ng?)?|e(?:i|ng?)?|i(?:ang?|ao?|e|u|ng?)?|ong|ou|u(?:a(?:i|ng?)?|e|i|n|o)?)"
    "|[jqx](?:i(?:a(?:o|ng?)?|e|u|ng?|ong)?|u(?:an|e|n)?)"
    "|y(?:a(?:o|ng?)?|e|i(?:ng?)?|o(?:u|ng)?|u(?:an|e|n)?)|w(?:a(?:i|ng?)?|ei|eng?|o|u)"
    "|a(?:i|o|ng?)?|e(?:i|ng?|r)?|ou?){3,}"
)


class NamePart(NamedTuple):
    """The keys of one part of a name.

    Attributes:
        part: As written, in lower case.
        script: Script of most of its letters.
        form: Its usual reading, the same in all scripts.
        forms: All readings that matter.
        root: Its form without endings and without confused vowels.
        roots: The roots of all readings.
        sounds: The roots with consonants made one that lose their marks on the way.
        bones: Consonants of all readings; compared where a script leaves vowels out.
        skeleton: Coarse key of its usual reading.
        skeletons: Those of all readings, for finding candidates.
        is_full: Whether its script writes all sounds; Arabic leaves vowels out, Chinese renders foreign names freely.
        is_rendering: Whether it is pinyin of three syllables or more, as Chinese papers write names of other peoples.
    """

    part: str
    script: str
    form: str
    forms: list[str]
    root: str
    roots: list[str]
    sounds: list[str]
    bones: list[str]
    skeleton: str
    skeletons: list[str]
    is_full: bool
    is_rendering: bool


def name_part(part: str) -> NamePart:
    """The keys of a part.

    Args:
        part: One token of a name, as `name_tokens` of the macros gives it.
    """
    text, script = plain_and_script(part)
    forms = [each for each in readings(one_script(text, script), script) if each] or [text or part]
    is_full = script != "arabic" and not (script == "han" and len(text) > 2)
    is_rendering = script == "latin" and PINYIN.fullmatch(text) is not None
    roots = _each(root, forms)
    bones = [each for each in _each(consonants, forms) if each]
    sounds, skeletons = _each(sound, roots), _each(skeleton, forms if is_rendering else roots)
    return NamePart(
        part, script, forms[0], forms, roots[0], roots, sounds, bones, skeletons[0], skeletons, is_full, is_rendering
    )


def _each(key: Callable[[str], str], texts: list[str]) -> list[str]:
    """The distinct keys of some readings, in their order; most have one."""
    return [key(texts[0])] if len(texts) == 1 else list(dict.fromkeys(map(key, texts)))
