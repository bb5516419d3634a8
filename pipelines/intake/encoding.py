"""In which encoding a text is: UTF-8, or a Windows-1251 that can be believed.

Other code pages put other letters in the same bytes, so a text that is neither is refused rather than guessed.
"""

from __future__ import annotations

import codecs
import re

from pipelines.intake.delivery import RejectedError

ENCODINGS = {"utf-8": "utf-8", "utf8": "utf-8", "windows-1251": "cp1251", "cp1251": "cp1251"}
COMMON_LETTERS = "аеинорстлвыі"
SIGNS = re.escape(bytes(range(0x80, 0xA0)).decode("cp1251", errors="ignore"))
FEWEST_LETTERS = 3


def detect_encoding(sample: bytes, declared: str | None, allowed: tuple[str, ...]) -> str:
    """Python name of the text's encoding.

    Args:
        sample: The first bytes of the text.
        declared: What the manifest says.
        allowed: What the contract allows.

    Raises:
        RejectedError: The encoding is none that the feed may use.
    """
    if declared is not None:
        name = ENCODINGS.get(declared.lower())
        if name is None or name not in {ENCODINGS[item] for item in allowed}:
            raise RejectedError("encoding_not_allowed", f"the manifest names the encoding {declared!r}")
        if name == "cp1251" and _lines_in_utf8(sample)[0]:
            raise RejectedError("encoding_implausible", "the manifest says Windows-1251, the text is UTF-8")
        return name
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in sample[:64]:
        raise RejectedError("encoding_not_allowed", "the file is UTF-16; send UTF-8")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=False)
        return "utf-8"
    except UnicodeDecodeError:
        return _cyrillic(sample, allowed)


def _lines_in_utf8(sample: bytes) -> tuple[int, int]:
    """How many lines beyond ASCII are UTF-8, and how many are not; the last line may be cut."""
    found = [0, 0]
    for line in sample.splitlines()[:-1]:
        if not line.isascii():
            try:
                line.decode("utf-8")
                found[0] += 1
            except UnicodeDecodeError:
                found[1] += 1
    return found[0], found[1]


def _cyrillic(sample: bytes, allowed: tuple[str, ...]) -> str:
    good, bad = _lines_in_utf8(sample)
    text = sample.decode("cp1251", errors="replace")
    letters = [letter for letter in text if letter.isalpha() and ord(letter) > 127]
    if "windows-1251" not in allowed or good > bad or len(letters) < FEWEST_LETTERS:
        return "utf-8"
    cyrillic = [letter for letter in letters if "\u0400" <= letter <= "\u04ff"]
    common = sum(letter.lower() in COMMON_LETTERS for letter in cyrillic)
    lower = sum(letter.islower() for letter in letters)
    is_plausible = len(cyrillic) > 0.6 * len(letters) and common > 0.45 * len(cyrillic) and not _looks_of_a_mac(text)
    if is_plausible and (lower >= 0.4 * len(letters) or _looks_upper(text)):
        return "cp1251"
    raise RejectedError("encoding_implausible", "the text is neither UTF-8 nor plausible Windows-1251")


def _looks_of_a_mac(text: str) -> bool:
    """Small letters lie where Windows-1251 has them, capitals where it has signs."""
    return len(re.findall(f"[{SIGNS}](?=[а-я])", text)) > len(re.findall("(?<![А-Яа-я])[А-Я](?=[а-я])", text))


def _looks_upper(text: str) -> bool:
    return any(word.isupper() and len(word) > 2 for word in re.findall(r"[\u0410-\u042f]+", text)) and not re.search(
        r"[\u0430-\u044f][\u0410-\u042f]{2,}", text
    )
