"""The pieces of the display's screen: the card of the newest call, older calls, areas, missed numbers.

Each takes its part of a `Picture` and draws it in the box it was given; where the boxes lie is `screen`'s affair.
"""

from __future__ import annotations

from typing import Final

from kivy.animation import Animation
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

from assets import theme
from assets.fonts import glyph
from display.picture import NEXT, AreaPanel, Picture, Row
from display.widgets import CAP, CELL, Digits, extent

LEAST_DIGIT: Final = 1 / 6
"""Height of the newest number's digits as a share of the screen's: read from 10 m."""

SHORT: Final = 3
"""A desk's sign of at most so many letters stands beside the word "Quầy"; a longer one is its name."""


class Panel(Widget):
    """A rounded ground for others to stand on."""

    ground = StringProperty(theme.DISPLAY_ROW)
    radius = NumericProperty(0)
    unit = NumericProperty(1)


class CallCard(Panel):
    """The newest call, a call taken back, or a sentence where there is no call."""

    number = StringProperty("")
    desk = StringProperty("")
    word = StringProperty("")
    aside = StringProperty("")
    title = StringProperty("")
    line = StringProperty("")
    ink = StringProperty(theme.GOLD_INK)
    arrow = StringProperty("")
    em = NumericProperty(100)
    low = NumericProperty(80)
    """Height of the line under the number where the two are stacked."""
    stacked = BooleanProperty(False)
    word_width = NumericProperty(0)
    indent = NumericProperty(0)
    """Where the arrow begins in that line, so that arrow, word and desk stand together in its middle."""
    glow = NumericProperty(0)
    """Share of white over the ground, 0 … 1."""

    def show(self, picture: Picture, height: float) -> None:
        """`height` is the screen's, in pixels."""
        self.em = height * LEAST_DIGIT * 1.04 / CAP
        self.stacked = 4 * CELL * self.em > self.width * 0.68
        if self.stacked:  # as narrow as the rule allows: the less the digits have to be squeezed
            self.em = height * LEAST_DIGIT * 1.01 / CAP
        self.low = self.height - self.em * 0.86 - 24 * self.unit
        call = picture.card == "call"
        gold = call and picture.fresh
        self.ground = theme.GOLD if gold else theme.DISPLAY_ROW
        self.ink = theme.GOLD_INK if gold else theme.DISPLAY_TEXT
        self.number, self.desk = picture.number, picture.desk if call else ""
        self.word = picture.words["desk"] if call and len(picture.desk) <= SHORT else ""
        self.arrow = glyph("arrow-right") if call else ""
        self.word_width = (extent(self.word, "be600") * 1.05 + 0.2) * 74 * self.unit if self.word else 0
        line = 162 * self.unit + self.word_width + extent(self.desk, "be800") * 0.9 * self.low
        self.indent = (self.width - line) / 2 if self.word else self.width * 0.06
        self.aside = picture.line if picture.card == "withdrawn" else ""
        self.title = picture.title if picture.card == "message" else ""
        self.line = picture.line if picture.card == "message" else ""

    def wink(self) -> None:
        """Two slow pulses of light: the one thing that moves. Slower than 3 a second (WCAG 2.3.1)."""
        Animation.cancel_all(self, "glow")
        pulse = Animation(glow=0.7, duration=0.4) + Animation(glow=0, duration=0.4)
        pulse += Animation(glow=0.7, duration=0.4) + Animation(glow=0, duration=0.4)
        pulse.start(self)


class CallRow(Panel):
    number = StringProperty("")
    desk = StringProperty("")
    word = StringProperty("")
    em = NumericProperty(60)
    desk_width = NumericProperty(60)

    def show(self, row: Row, word: str) -> None:
        self.number, self.desk, self.word = row.number, row.desk, word if len(row.desk) <= SHORT else ""
        em = self.em = min(self.height * 0.72, 112 * self.unit, self.width * 0.48 / (4 * CELL))
        natural = (extent(row.desk, "be800") * 1.03 + 0.1) * em
        self.desk_width = min(natural, self.width * (0.22 if self.word else 0.36))


class Mark(Panel):
    word = StringProperty("")


class AreaRow(Panel):
    """One area; the numbers are made anew for each picture, as many as there is room for."""

    prefix = StringProperty("")
    icon = StringProperty("")
    accent = StringProperty(theme.DISPLAY_MUTED)
    message = StringProperty("")
    waiting = StringProperty("")
    waiting_word = StringProperty("")
    side = NumericProperty(40)
    piled = BooleanProperty(True)
    numbers = ListProperty()

    def show(self, area: AreaPanel, words: dict[str, str]) -> None:
        self.piled = self.height > 96 * self.unit
        self.side = min(self.height * (0.42 if self.piled else 0.56), 58 * self.unit)
        self.prefix, self.icon, self.accent = area.prefix, area.icon, area.color
        self.message, self.waiting, self.waiting_word = area.message, area.waiting, words["waiting"]
        for widget in self.numbers:
            self.remove_widget(widget)
        self.numbers = []
        x = self.ids.message.x
        room = self.ids.waiting.x - x - 6 * self.unit
        largest = min(self.height * 0.5, 60 * self.unit)
        mark, gap = 52 * self.unit, 14 * self.unit
        count = min(NEXT, len(area.next))
        while count:
            chosen = list(zip(area.next, area.marks, strict=True))[:count]
            signs = sum((mark + gap / 2) for _, marked in chosen if marked) + gap * (count - 1)
            em = min(largest, (room - signs) / (CELL * sum(len(number) for number, _ in chosen)))
            if em >= largest * 0.72 or count == 1:
                break
            count -= 1
        else:
            return
        for number, marked in chosen:
            width = len(number) * CELL * em
            self._put(Digits(text=number, em=em, size=(width, self.height), pos=(x, self.y)))
            x += width
            if marked:
                height = min(40 * self.unit, self.height * 0.4)
                sign = Mark(word=words["mark"], unit=self.unit, size=(mark, height))
                sign.pos = (x + gap / 2, self.center_y - height / 2)
                self._put(sign)
                x += mark + gap / 2
            x += gap

    def _put(self, widget: Widget) -> None:
        self.add_widget(widget)
        self.numbers.append(widget)


class MissedCard(Panel):
    numbers = StringProperty("")
    title = StringProperty("")
    line = StringProperty("")

    def show(self, missed: tuple[str, ...], words: dict[str, str]) -> None:
        """The latest that fit, at full size; the rest as `+3`."""
        self.title, self.line = words.get("missed", ""), words.get("ask", "")
        size = min(56 * self.unit, self.height * 0.36)
        room = (self.width - 60 * self.unit) / size - 0.1
        kept = list(missed)
        while kept:
            rest = len(missed) - len(kept)
            said = "   ".join([*kept, *([f"+{rest}"] if rest else [])])
            if extent(said, "be800") <= room:
                break
            kept.pop(0)
        else:
            said = ""
        # The line breaks at spaces and joins words by one: no-break spaces keep the numbers apart.
        self.numbers = said.replace(" ", "\N{NO-BREAK SPACE}")
        self.opacity = 1 if said else 0
