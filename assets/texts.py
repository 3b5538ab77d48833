"""Sentences, numbers and dates in the languages of the hall.

The Vietnamese sentence is its own key; every other language is a gettext file beside this module (`texts/en.po`). What
cannot be translated comes back in Vietnamese, never empty. Languages whose dates and numbers are not known here (Mường,
Thái, Tày, Dao, Mông) get Vietnamese ones, as Unicode's CLDR has them. Nothing is cut or laid out here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from assets import po

SOURCE: Final = "vi"
"""The language of the sentences in the code."""

_FOLDER: Final = Path(__file__).parent / "texts"
_ENGLISH: Final = "en"
_DAYS: Final = {
    SOURCE: ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật"),
    _ENGLISH: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def N_(sentence: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a sentence for translation where it is written, but translated only where it is shown."""
    return sentence


@cache
def languages() -> tuple[str, ...]:
    """Codes of the languages there are texts for, Vietnamese first."""
    return (SOURCE, *sorted(path.stem for path in _FOLDER.glob("*.po")))


@cache
def translator(lang: str) -> Callable[[str], str]:
    """The function that turns a Vietnamese sentence into `lang`; Vietnamese where we do not have it."""
    if lang == SOURCE or lang not in languages():
        return N_
    known = _read(lang)
    return lambda sentence: known.get(sentence, sentence)


def catalog(lang: str) -> dict[str, str]:
    """Every sentence of `lang` by its Vietnamese key, for the web pages; empty where there is none."""
    if lang == SOURCE or lang not in languages():
        return {}
    return dict(_read(lang))


@cache
def _read(lang: str) -> dict[str, str]:
    return po.read(_FOLDER / f"{lang}.po")


def pick(text: Mapping[str, str], lang: str) -> str:
    """A text of the settings in `lang`, in Vietnamese where that is missing; "" where there is none."""
    return text.get(lang) or text.get(SOURCE, "")


def number(n: float, lang: str) -> str:
    """`1284` → `1.284` (English `1,284`); at most three decimals."""
    text = f"{Decimal(str(n)):,.3f}".rstrip("0").rstrip(".")
    return _signs("0" if text == "-0" else text, lang)


def percent(share: float, lang: str, digits: int = 1) -> str:
    """A share of 1 as a percentage: `0.942` → `94,2 %` (English `94.2%`); the space does not break."""
    figure = _signs(f"{Decimal(str(share * 100)):,.{digits}f}", lang)
    return f"{figure}%" if lang == _ENGLISH else f"{figure}\N{NO-BREAK SPACE}%"


def _signs(figure: str, lang: str) -> str:
    """English separators turned into those of `lang`."""
    return figure if lang == _ENGLISH else figure.translate(str.maketrans(",.", ".,"))


def long_date(day: date, lang: str) -> str:
    """`Thứ Hai, 23/11/2026`; English `Monday, 23 November 2026`. A datetime counts as it stands."""
    if lang == _ENGLISH:
        return f"{_DAYS[lang][day.weekday()]}, {day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{_DAYS[SOURCE][day.weekday()]}, {short_date(day)}"


def short_date(day: date) -> str:
    """`23/11/2026`, in every language."""
    return f"{day:%d/%m/%Y}"


def clock(at: datetime) -> str:
    """`08:47`, in the zone of `at`."""
    return f"{at:%H:%M}"
