"""A call as words, in the hall's language. Pure.

Numbers are spelled in words by ourselves: espeak-ng reads 15 as "mười năm".
"""

from __future__ import annotations

from typing import Final

from assets.texts import translator
from display.board import Announcement

_DIGITS: Final = {
    "vi": ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}
_TEENS: Final = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def spoken(lang: str) -> str:
    """The language in which a hall that shows `lang` speaks: there are words for Vietnamese and English only."""
    return lang if lang in _DIGITS else "vi"


def digits(number: str, lang: str) -> str:
    """A ticket's number digit by digit: `1008` → `một không không tám`."""
    return " ".join(_DIGITS[spoken(lang)][int(digit)] for digit in number if digit.isdecimal())


def count(n: int, lang: str) -> str:
    """0 … 99 as one says it: 15 → `mười lăm`, 21 → `hai mươi mốt`. Raises ValueError beyond."""
    if not 0 <= n <= 99:
        raise ValueError(n)
    ones = _DIGITS[spoken(lang)]
    ten, one = divmod(n, 10)
    if n < 10:
        return ones[n]
    if spoken(lang) == "en":
        return _TEENS[one] if ten == 1 else _TENS[ten - 2] + (f"-{ones[one]}" if one else "")
    head = "mười" if ten == 1 else f"{ones[ten]} mươi"
    tail = {0: "", 1: "một" if ten == 1 else "mốt", 5: "lăm"}.get(one, ones[one])
    return f"{head} {tail}".strip()


def sentence(call: Announcement, desk_name: str, lang: str) -> str:
    """What is said. A desk whose code is no number is said by its name."""
    lang = spoken(lang)
    _ = translator(lang)
    number = digits(call.number, lang)
    if call.kind == "withdrawn":
        return _("Số %(number)s xin vui lòng chờ.") % {"number": number}
    if call.desk.isdecimal() and int(call.desk) <= 99:
        desk = count(int(call.desk), lang)
        return _("Mời công dân có số thứ tự %(number)s, đến quầy số %(desk)s.") % {"number": number, "desk": desk}
    return _("Mời công dân có số thứ tự %(number)s, đến %(desk)s.") % {"number": number, "desk": desk_name}
