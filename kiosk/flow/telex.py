"""Vietnamese by Telex, one key at a time: `tiengs` → `tiếng`. Pure; for the comment's on-screen keyboard.

Only the word at the end is looked at. A key that would change nothing is typed as it is; the same key twice takes its
mark back (`ass` → `as`), as people are used to from UniKey.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_TONES: Final = {"f": "\u0300", "s": "\u0301", "r": "\u0309", "x": "\u0303", "j": "\u0323", "z": ""}
_SHAPES: Final = {("a", "a"): "â", ("e", "e"): "ê", ("o", "o"): "ô", ("a", "w"): "ă", ("o", "w"): "ơ", ("u", "w"): "ư"}
_VOWELS: Final = "aăâeêioôơuưy"
_MARKS: Final = frozenset(_TONES.values()) - {""}


def press(text: str, key: str) -> str:
    """`text` after `key` (one character)."""
    start = len(text)
    while start and text[start - 1].isalpha():
        start -= 1
    head, word = text[:start], text[start:]
    changed = _changed(word, key) if word else None
    return head + (changed if changed is not None else word + key)


def _changed(word: str, key: str) -> str | None:
    """The word with the mark that `key` means; None where it is an ordinary letter."""
    low = key.lower()
    bare, tone = _without_tone(word)
    if low in _TONES and _place(bare) is not None:
        mark = _TONES[low]
        if mark and mark == tone:
            return bare + key
        if mark or tone:
            return _with_tone(bare, mark)
        return None
    if low == "d" and "d" in bare.lower() and "đ" not in bare.lower():
        at = bare.lower().rindex("d")
        return _with_tone(bare[:at] + ("Đ" if bare[at].isupper() else "đ") + bare[at + 1 :], tone)
    if low in "aeow":
        return _shaped(bare, tone, key)
    return None


def _shaped(bare: str, tone: str, key: str) -> str | None:
    low = key.lower()
    if low == "w" and bare.lower().endswith("uo"):
        return _with_tone(bare[:-2] + _cased("ư", bare[-2]) + _cased("ơ", bare[-1]), tone)
    for at in range(len(bare) - 1, -1, -1):
        shaped = _SHAPES.get((bare[at].lower(), low))
        if low == "w" and shaped == "ơ" and bare[at - 1 : at].lower() == "u" and at + 1 < len(bare):
            return _with_tone(bare[: at - 1] + _cased("ư", bare[at - 1]) + _cased("ơ", bare[at]) + bare[at + 1 :], tone)
        if shaped:
            return _with_tone(bare[:at] + _cased(shaped, bare[at]) + bare[at + 1 :], tone)
    return None


def _cased(letter: str, like: str) -> str:
    return letter.upper() if like.isupper() else letter


def _without_tone(word: str) -> tuple[str, str]:
    tone = ""
    letters = []
    for letter in word:
        parts = unicodedata.normalize("NFD", letter)
        found = next((mark for mark in parts if mark in _MARKS), "")
        tone = found or tone
        letters.append(unicodedata.normalize("NFC", parts.replace(found, "")) if found else letter)
    return "".join(letters), tone


def _with_tone(bare: str, mark: str) -> str:
    at = _place(bare)
    if at is None or not mark:
        return bare
    return bare[:at] + unicodedata.normalize("NFC", bare[at] + mark) + bare[at + 1 :]


def _place(bare: str) -> int | None:
    """Where the tone stands: a shaped vowel; else the last but one of an open group, the last before a consonant."""
    low = bare.lower()
    vowels = [at for at, letter in enumerate(low) if letter in _VOWELS]
    if low.startswith(("qu", "gi")) and len(vowels) > 1:
        vowels = vowels[1:]
    shaped = [at for at in vowels if low[at] in "ăâêôơư"]
    if shaped:
        return shaped[-1]
    if not vowels:
        return None
    if len(vowels) == 1 or vowels[-1] != len(low) - 1:
        return vowels[-1]
    return vowels[-2]
