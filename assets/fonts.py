"""Where the fonts lie, and which character an icon is.

Fonts come from packages (Be Vietnam Pro, Material Design Icons 7), so that nothing is fetched at run time; no
font is opened here.
"""

from __future__ import annotations

import importlib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

WEIGHTS: Final = {400: "Regular", 500: "Medium", 600: "SemiBold", 700: "Bold", 800: "ExtraBold"}
"""The weights in use and their file names. Static files: Kivy ignores `bold` on variable fonts."""


def font(weight: int) -> Path:
    """The TTF of Be Vietnam Pro in a weight of :data:`WEIGHTS`. Raises KeyError for another."""
    return Path(str(files("fontpkg_be_vietnam_pro"))) / "files" / f"BeVietnamPro-{WEIGHTS[weight]}.ttf"


def icon_font() -> Path:
    """The TTF of Material Design Icons 7."""
    return Path(str(files("fonticon_mdi7"))) / "fonts" / "materialdesignicons-webfont.ttf"


@cache
def glyph(name: str) -> str:
    """The one character of an icon by its name (`home-outline`), in :func:`icon_font`. Raises KeyError."""
    icons = importlib.import_module("fonticon_mdi7").MDI7  # the package ships no types
    found = getattr(icons, name.replace("-", "_"), None)
    if not isinstance(found, str) or name.startswith("_"):
        raise KeyError(name)
    return found.rpartition(".")[2]
