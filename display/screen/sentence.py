"""The two kinds of writing on the display: numbers, and lines that always fit. They decide no content.

Numbers stand as the font sets them: none of them counts or changes digit by digit, and in fixed cells a 1 leaves a
gap that the largest type makes a hole.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from kivy.core.text import Label as CoreLabel
from kivy.core.text import LabelBase
from kivy.graphics import Color, Rectangle
from kivy.properties import AliasProperty, ColorProperty, NumericProperty, OptionProperty, StringProperty
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from assets import fonts

CELL: Final = 0.72
"""Width in em to reckon with for a digit: the widest of Be Vietnam Pro ExtraBold, the 4, is 0.723."""

CAP: Final = 0.74
"""Height of a digit in em, measured on the same font."""

_REFERENCE: Final = 100
"""Font size at which widths are measured; they grow in proportion."""

_DOT: Final = "·"
_LEAST_SHARE: Final = 0.8
"""Share of its size that a text keeps at least where it gives some for a better break."""

_BREAKS: Final = re.compile(r"[ \t\r\n]+")
"""Where a line may be broken; never at a no-break space."""


def register_fonts() -> None:
    """Make the fonts known to Kivy as `be500` … `be800` and `icons`."""
    for weight in fonts.WEIGHTS:
        LabelBase.register(f"be{weight}", fn_regular=str(fonts.font(weight)))
    LabelBase.register("icons", fn_regular=str(fonts.icon_font()))


@lru_cache(maxsize=4096)
def extent(text: str, font: str) -> float:
    """Width of `text` in em."""
    width: int = CoreLabel(font_name=font, font_size=_REFERENCE).get_extents(text)[0]
    return width / _REFERENCE


@lru_cache(maxsize=4096)
def height(text: str, font: str, size: int) -> float:
    """Height in pixels of a line of `text` as Kivy lays it out: SDL's line skip, and more where an Ủ or Ễ needs it."""
    label = CoreLabel(text="X\nX", font_name=font, font_size=size)
    label.refresh()
    tallest: int = label.get_extents(text)[1]
    return max(float(label.texture.height) / 2 + 1, tallest)


@lru_cache(maxsize=400)
def _texture(number: str, font: str, size: int) -> Any:
    label = CoreLabel(text=number, font_name=font, font_size=size)
    label.refresh()
    return label.texture


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
        texture = _texture(self.text, self.font, round(self.em))
        width, height = texture.width * self.squeeze, texture.height
        slack = self.width - width
        left = self.x + {"left": 0.0, "center": slack / 2, "right": slack}[self.halign]
        with self.canvas:
            Color(*self.color)
            # Not `center_y`: Kivy keeps its last value until after those who are told that `y` has changed.
            place = (_whole(left), _whole(self.y + (self.height - height) / 2))
            Rectangle(texture=texture, pos=place, size=(width, height))


class Sentence(Label):
    """A text that fits its box: as large as `want`, over as many lines as there is room for, else smaller."""

    said = StringProperty("")
    """The text as it was given; `text` has the line breaks."""
    want = NumericProperty(30)
    lines = NumericProperty(1)
    """Lines it may take, at most."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bind(said=self._fit, want=self._fit, lines=self._fit, size=self._fit, font_name=self._fit)
        self._fit()

    def _fit(self, *_: object) -> None:
        # With a height here Kivy drops a last line that would fit; without, it centres the lines in the box.
        self.text_size = (self.width, None)
        words = _BREAKS.split(self.said.strip())
        if not self.said.strip() or self.width < 2 or self.height < 2:
            self.text = ""
            return
        size = float(self.want)
        while True:
            broken = self._broken(words, self.width / size)
            if len(broken) <= self.lines and all(self._em(line) * size <= self.width for line in broken):
                broken = self._even(words, broken, self.width / size)
                if len(broken) * height(self.said, self.font_name, int(size)) <= self.height or size < 6:
                    break
            elif size < 6:
                break
            size *= 0.96
        halves = self._at_the_dot(words)
        if halves and len(broken) > 1:
            # Two names of which neither is torn are worth a little of their size.
            smaller = min(size, *(self.width / self._em(half) for half in halves))
            if smaller > _LEAST_SHARE * size:
                size, broken = smaller, halves
        self.font_size = int(size)
        # A dot between two names says nothing at the end or the start of a line.
        self.text = "\n".join(line.removesuffix(f" {_DOT}").removeprefix(f"{_DOT} ") for line in broken)

    def _even(self, words: list[str], broken: list[str], width: float) -> list[str]:
        """The same number of lines, about even: without a lone last word."""
        while len(broken) > 1:
            narrower = self._broken(words, width := width * 0.97)
            if len(narrower) > len(broken) or any(self._em(line) > width for line in narrower):
                break
            broken = narrower
        return broken

    @staticmethod
    def _at_the_dot(words: list[str]) -> list[str]:
        """Two names joined by a dot, as two lines; nothing where there are not two."""
        at = words.index(_DOT) if words.count(_DOT) == 1 else 0
        return [" ".join(words[:at]), " ".join(words[at + 1 :])] if 0 < at < len(words) - 1 else []

    def _em(self, line: str) -> float:
        # Kivy breaks a line that is a pixel too wide, and hinting rounds each letter: leave it that room.
        return extent(line, self.font_name) * 1.04 + 0.06

    def _broken(self, words: list[str], width: float) -> list[str]:
        """The words in lines of at most `width` em, a longer word in a line of its own."""
        found = [words[0]]
        for word in words[1:]:
            longer = f"{found[-1]} {word}"
            if self._em(longer) <= width:
                found[-1] = longer
            else:
                found.append(word)
        return found
