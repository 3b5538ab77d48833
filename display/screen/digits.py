"""A number on the display.

It stands as the font sets it: none of them counts or changes digit by digit, and in fixed cells a 1 leaves a gap that
the largest type makes a hole.
"""

from __future__ import annotations

from typing import Any, Final

from kivy.graphics import Color, Rectangle
from kivy.properties import AliasProperty, ColorProperty, NumericProperty, OptionProperty, StringProperty
from kivy.uix.widget import Widget

from assets.window.letters import texture_of
from display.screen.sentence import extent

CELL: Final = 0.72
"""Width in em to reckon with for a digit: the widest of Be Vietnam Pro ExtraBold, the 4, is 0.723."""

CAP: Final = 0.74
"""Height of a digit in em, measured on the same font."""


def _whole(place: float) -> int:
    """The nearest pixel; the same one whatever order of additions led to a half."""
    return round(round(place, 3))


class Digits(Widget):
    """A number, centred by its height. Where it has no room it is squeezed: in width, never in height."""

    text = StringProperty("")
    em = NumericProperty(40)
    font = StringProperty("be800")
    color = ColorProperty("#FFFFFF")
    halign = OptionProperty("left", options=("left", "center", "right"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        redraw = self._redraw
        self.bind(text=redraw, em=redraw, font=redraw, color=redraw, halign=redraw, pos=redraw, size=redraw)
        redraw()

    def _natural(self) -> float:
        return extent(self.text, self.font) * float(self.em) if self.text else 0.0

    natural = AliasProperty(_natural, None, bind=("text", "em", "font"))
    """Width in pixels that the number would like."""

    @property
    def ink_height(self) -> float:
        """Height of the digits in pixels."""
        return CAP * float(self.em)

    @property
    def squeeze(self) -> float:
        """By how much the digits are squeezed (1: not at all)."""
        return min(1.0, float(self.width) / self.natural) if self.natural else 1.0

    def _redraw(self, *_: object) -> None:
        self.canvas.clear()
        if not self.text or self.em < 1 or self.width < 1:
            return
        texture = texture_of(self.text, self.font, round(self.em))
        width, height = texture.width * self.squeeze, texture.height
        slack = self.width - width
        left = self.x + {"left": 0.0, "center": slack / 2, "right": slack}[self.halign]
        with self.canvas:
            Color(*self.color)
            # Not `center_y`: Kivy keeps its last value until after those who are told that `y` has changed.
            place = (_whole(left), _whole(self.y + (self.height - height) / 2))
            Rectangle(texture=texture, pos=place, size=(width, height))
