"""Texts as Kivy draws and measures them, for the widgets of both programs.

Kept, because screens are drawn anew at each change. Fonts have names: `be400` … `be800` and `icons`; importing this
module makes them known to Kivy. Import only after `kivy_setup.prepare`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from kivy.core.text import Label as CoreLabel
from kivy.core.text import LabelBase

from assets import fonts

ICONS = "icons"
"""The name of the font of icons."""


def name_of(weight: int) -> str:
    """The name of Be Vietnam Pro in a weight of :data:`fonts.WEIGHTS`."""
    return f"be{weight}"


for _weight in fonts.WEIGHTS:
    LabelBase.register(name_of(_weight), fn_regular=str(fonts.font(_weight)))
LabelBase.register(ICONS, fn_regular=str(fonts.icon_font()))


@lru_cache(maxsize=1200)
def texture_of(
    text: str,
    font: str,
    size: float,
    *,
    color: tuple[float, ...] = (1, 1, 1, 1),
    halign: str = "left",
    width: float | None = None,
) -> Any:
    """The texture of a text of `size` pixels in a colour (RGBA, 0 … 1), wrapped at `width` pixels; None: not at all."""
    label = CoreLabel(
        text=text or " ",
        font_name=font,
        font_size=size,
        color=color,
        text_size=(None if width is None else round(width), None),
        halign=halign,
    )
    label.refresh()
    return label.texture


@lru_cache(maxsize=6000)
def extents(text: str, font: str, size: float) -> tuple[int, int]:
    """Width and height in pixels of a text in one line. A number's width grows in proportion with its size."""
    width, height = CoreLabel(font_name=font, font_size=size).get_extents(text)
    return int(width), int(height)
