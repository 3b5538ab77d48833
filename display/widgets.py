"""The two kinds of writing on the display: digits in fixed cells, and lines that always fit. They decide no content."""

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
"""Width of a digit's cell in em: the widest digit of Be Vietnam Pro ExtraBold, the 4, is 0.723."""

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
def _texture(digit: str, font: str, size: int) -> Any:
    label = CoreLabel(text=digit, font_name=font, font_size=size)
    label.refresh()
    return label.texture


class Digits(Widget):
    """A number whose digits stand in cells of one width, so that nothing shifts when it changes.

    Where the cells have no room they give up what their digits do not fill (the 1 is half as wide as the 4). Only then
    are the digits squeezed: in width, never in height.
    """

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
        return len(self.text) * CELL * float(self.em)

    natural = AliasProperty(_natural, None, bind=("text", "em"))
    """Width in pixels that the cells would like."""

    @property
    def ink_height(self) -> float:
        """Height of the digits in pixels."""
        return CAP * float(self.em)

    def _redraw(self, *_: object) -> None:
        self.canvas.clear()
        if not self.text or self.em < 1 or self.width < 1:
            return
        cells, squeeze = self.cells()
        slack = self.width - sum(cells)
        left = self.x + {"left": 0.0, "center": slack / 2, "right": slack}[self.halign]
        with self.canvas:
            Color(*self.color)
            for digit, cell in zip(self.text, cells, strict=True):
                texture = _texture(digit, self.font, round(self.em))
                width, height = texture.width * squeeze, texture.height
                x = left + (cell - width) / 2
                Rectangle(texture=texture, pos=(round(x), round(self.center_y - height / 2)), size=(width, height))
                left += cell

    def cells(self) -> tuple[list[float], float]:
        """Width of each digit's cell in pixels, and by how much the digits are squeezed (1: not at all)."""
        own = [extent(digit, self.font) * self.em for digit in self.text]
        spare = self.natural - sum(own)
        room = min(1.0, max(0.0, (self.width - sum(own)) / spare)) if spare > 0 else 0.0
        squeeze = min(1.0, self.width / sum(own))
        return [(width + room * (CELL * self.em - width)) * squeeze for width in own], squeeze


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
        self.text = "\n".join(broken)

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
        at = words.index(_DOT) + 1 if words.count(_DOT) == 1 else 0
        return [" ".join(words[:at]), " ".join(words[at:])] if 1 < at < len(words) else []

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
