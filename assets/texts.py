"""Sentences, numbers and dates in the languages of the hall.

The Vietnamese sentence is its own key; every other language is a gettext file beside this module
(`texts/en.po`), compiled in memory. What cannot be translated comes back in Vietnamese, never empty. Locales
that Babel does not know (Mường, Thái, Tày, Dao, Mông) get Vietnamese dates and numbers. Nothing is cut or
laid out here.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

SOURCE: Final = "vi"
"""The language of the sentences in the code."""

_FOLDER: Final = Path(__file__).parent / "texts"
_LOCALES: Final = {"en": "en_GB"}


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
    compiled = BytesIO()
    write_mo(compiled, _read(lang))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled).gettext


def catalog(lang: str) -> dict[str, str]:
    """Every sentence of `lang` by its Vietnamese key, for the web pages; empty where there is none."""
    if lang == SOURCE or lang not in languages():
        return {}
    return {str(entry.id): str(entry.string) for entry in _read(lang) if entry.id and entry.string}


@cache
def _read(lang: str) -> Catalog:
    with (_FOLDER / f"{lang}.po").open("rb") as file:
        return read_po(file, locale=lang)


def pick(text: Mapping[str, str], lang: str) -> str:
    """A text of the settings in `lang`, in Vietnamese where that is missing; "" where there is none."""
    return text.get(lang) or text.get(SOURCE, "")


def number(n: float, lang: str) -> str:
    """`1284` → `1.284` (English `1,284`)."""
    return format_decimal(n, locale=_locale(lang))


def percent(share: float, lang: str, digits: int = 1) -> str:
    """A share of 1 as a percentage: `0.942` → `94,2 %` (English `94.2%`); the space does not break."""
    figure = format_decimal(share * 100, format="#,##0." + "0" * digits if digits else "#,##0", locale=_locale(lang))
    return f"{figure}%" if _locale(lang) == "en_GB" else f"{figure}\N{NO-BREAK SPACE}%"


def long_date(day: date, lang: str) -> str:
    """`Thứ Hai, 23/11/2026`; English `Monday, 23 November 2026`. A datetime counts as it stands."""
    pattern = "EEEE, d MMMM y" if _locale(lang) == "en_GB" else "EEEE, dd/MM/y"
    return format_date(day, pattern, locale=_locale(lang))


def short_date(day: date) -> str:
    """`23/11/2026`, in every language."""
    return f"{day:%d/%m/%Y}"


def clock(at: datetime) -> str:
    """`08:47`, in the zone of `at`."""
    return f"{at:%H:%M}"


def _locale(lang: str) -> str:
    return _LOCALES.get(lang, SOURCE)
