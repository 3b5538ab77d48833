"""A text on the display that always fits its box. What it says is not decided here."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from kivy.core.text import Label as CoreLabel
from kivy.properties import NumericProperty, StringProperty
from kivy.uix.label import Label

from assets.window.letters import extents

_REFERENCE: Final = 100
"""Font size at which widths are measured; they grow in proportion."""

_DOT: Final = "·"
_LEAST_SHARE: Final = 0.8
"""Share of its size that a text keeps at least where it gives some for a better break."""

_BREAKS: Final = re.compile(r"[ \t\r\n]+")
"""Where a line may be broken; never at a no-break space."""


def extent(text: str, font: str) -> float:
    """Width of `text` in em."""
    return extents(text, font, _REFERENCE)[0] / _REFERENCE


@lru_cache(maxsize=4096)
def height(text: str, font: str, size: int) -> float:
    """Height in pixels of a line of `text` as Kivy lays it out: SDL's line skip, and more where an Ủ or Ễ needs it."""
    label = CoreLabel(text="X\nX", font_name=font, font_size=size)
    label.refresh()
    return max(float(label.texture.height) / 2 + 1, extents(text, font, size)[1])


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
