"""Which script a part of a name is written in, and look-alike letters of another script inside it.

Only the script is told. What language a name is of, or what people it belongs to, is never asked.
"""

from __future__ import annotations

import re
import unicodedata

from pipelines.identity.names.tables import homoglyphs

RANGES = (
    ("latin", "A-Za-z\u00c0-\u024f\u0259\u1e00-\u1eff"),
    ("cyrillic", "\u0400-\u052f\u1c80-\u1c88"),
    ("arabic", "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff"),
    ("han", "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"),
    ("hangul", "\uac00-\ud7a3"),
    ("armenian", "\u0530-\u058f"),
    ("georgian", "\u10a0-\u10ff\u1c90-\u1cbf"),
    ("devanagari", "\u0900-\u097f"),
)
PATTERNS = {script: re.compile(f"[{letters}]") for script, letters in RANGES}
PURE = re.compile("|".join(f"(?P<{script}>[{letters}][{letters}']*)" for script, letters in RANGES))
# Most parts are plain letters of one of these scripts, which are a part of its own without a look at each.
SIMPLE = {"latin": "^[a-z]+$", "cyrillic": "^[\u0430-\u045fґғқңөүұһә]+$"}
PLAIN = re.compile("[a-z\u0430-\u045fґғқңөүұһә]*")
TOTE = re.compile("[ەۇۆۋېۈڭ]|^ء|ى(?=.)")
UNWRITTEN = re.compile("[\u200b-\u200f\u0640\u064b-\u0652\u0654\u0655\u0670\u06e5\u06e6\u2060\ufeff]")
APOSTROPHES = str.maketrans(dict.fromkeys("’ʻʼ`´‘ʹ′ˈ", "'"))


def plain(part: str) -> str:
    """A part in one way of encoding it: composed, lower case, one apostrophe, nothing invisible."""
    if PLAIN.fullmatch(part):
        return part
    composed = unicodedata.normalize("NFKC", part.translate(APOSTROPHES)).replace("İ", "i").replace("I", "i")
    text = unicodedata.normalize("NFC", UNWRITTEN.sub("", composed.lower()))
    return text.replace("i\u0307", "i").translate(APOSTROPHES).lstrip("'")


def script_of(part: str) -> str:
    """The script of most letters: one of `RANGES`, `tote` (Arabic letters that write vowels) or `other`."""
    pure = PURE.fullmatch(part)
    if pure:
        counts = {str(pure.lastgroup): 1}
    else:
        counts = {script: len(pattern.findall(part)) for script, pattern in PATTERNS.items()}
    script = max(counts, key=lambda each: counts[each])
    if not counts[script]:
        return "other"
    if script == "arabic" and TOTE.search(part):
        return "tote"
    return _of_mixed(part, script) if counts.get("latin") and counts.get("cyrillic") else script


def _of_mixed(part: str, script: str) -> str:
    """Of Latin and Cyrillic letters in one part, those decide that have no look-alike in the other script."""
    to_latin, to_cyrillic = homoglyphs()
    letters = {"latin": to_cyrillic, "cyrillic": to_latin}
    plainly = {
        each: sum(ord(letter) not in known for letter in PATTERNS[each].findall(part))
        for each, known in letters.items()
    }
    if plainly["latin"] == plainly["cyrillic"]:
        return script
    return max(plainly, key=lambda each: plainly[each])


def one_script(part: str, script: str) -> str:
    """The part with look-alike Cyrillic letters in a Latin word made Latin, and the other way round."""
    to_latin, to_cyrillic = homoglyphs()
    if script == "latin" and PATTERNS["cyrillic"].search(part):
        return part.translate(to_latin)
    return part.translate(to_cyrillic) if script == "cyrillic" and PATTERNS["latin"].search(part) else part
