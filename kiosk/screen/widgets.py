"""The three things a screen is made of: panels, buttons and words; and how words are made to fit.

Widgets only draw and know their rectangle: a button says which touch it stands for, and sends nothing itself. Words
are plain text, never markup: whatever a name contains is shown as it is.
"""

from __future__ import annotations

# ruff: noqa: PLR0917 - x, y, w, h stand in their usual order
import functools
from pathlib import Path
from typing import Any, Final

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, ObjectProperty
from kivy.uix.widget import Widget

from assets import theme
from assets.window import letters
from kiosk.flow.state import Touch

Builder.load_file(str(Path(__file__).with_suffix(".kv")))

_INK: Final = (*theme.rgb(theme.INK), 1)
"""The colour of most texts: their texture is measured, and then drawn as it is."""


class Panel(Widget):
    """A rounded rectangle. `edge` is drawn inside its border; corners in pixels, from top left clockwise."""

    fill = ListProperty([0, 0, 0, 0])
    edge = ListProperty([0, 0, 0, 0])
    edge_width = NumericProperty(0)
    corners = ListProperty([0, 0, 0, 0])


class Touchable(Panel):
    """A panel that stands for a touch."""

    held = BooleanProperty(False)

    def __init__(self, touch: Touch, **rest: Any) -> None:
        super().__init__(**rest)
        self.touch = touch


class Words(Widget):
    """A text in a box, wrapped; drawn once and kept as a texture."""

    texture = ObjectProperty(None, allownone=True)
    texture_size = ListProperty([0, 0])
    texture_pos = ListProperty([0, 0])

    def __init__(
        self,
        text: str,
        *,
        weight: int,
        size_px: float,
        color: str,
        halign: str,
        valign: str,
        icon: bool = False,
        **rest: Any,
    ) -> None:
        super().__init__(**rest)
        self.weight, self.size_px, self.color = weight, size_px, color
        self.halign, self.valign, self.icon = halign, valign, icon
        self.text = ""
        self.bind(pos=self._place, size=self._place)
        self.say(text)

    def say(self, text: str) -> None:
        """Another text in the same box."""
        if text != self.text:
            self.text = text
            self._place()

    def _place(self, *_: object) -> None:
        self.texture = letters.texture_of(
            self.text,
            letters.ICONS if self.icon else letters.name_of(self.weight),
            self.size_px,
            color=(*theme.rgb(self.color), 1),
            halign=self.halign,
            width=None if self.icon else self.width,
        )
        self.texture_size = self.texture.size
        width, height = self.texture.size
        x = {"left": self.x, "center": self.x + (self.width - width) / 2, "right": self.x + self.width - width}[
            self.halign
        ]
        y = {"top": self.y + self.height - height, "middle": self.y + (self.height - height) / 2, "bottom": self.y}[
            self.valign
        ]
        self.texture_pos = [round(x), round(y)]


@functools.lru_cache(maxsize=4000)
def measured(text: str, weight: int, size: float, width: float | None) -> tuple[int, int]:
    """Width and height in pixels of a text wrapped at `width`."""
    picture = letters.texture_of(text, letters.name_of(weight), size, color=_INK, halign="left", width=width)
    return int(picture.width), int(picture.height)


@functools.lru_cache(maxsize=2000)
def _widest_word(text: str, weight: int, size: float) -> int:
    return max((letters.extents(word, letters.name_of(weight), size)[0] for word in text.split()), default=0)


def fitting(text: str, weight: int, largest: float, smallest: float, width: float, height: float) -> float | None:
    """The largest size in pixels at which the text fits the box with no word broken; None if none does."""
    size = largest
    while size >= smallest - 0.01:
        if _widest_word(text, weight, size) <= width and measured(text, weight, size, width)[1] <= height + 1:
            return size
        if size == smallest:
            break
        size = max(smallest, size - max(1.0, largest / 30))
    # A word longer than any line has to be broken somewhere.
    return smallest if measured(text, weight, smallest, width)[1] <= height + 1 else None
