"""The pieces of the display's screen: the card of the newest call, older calls, areas, missed numbers.

Each takes its part of a `Picture` and draws it in the box it was given; where the boxes lie is `layout`'s affair.
"""

from __future__ import annotations

from typing import Final

from kivy.animation import Animation
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

from assets import theme
from assets.fonts import glyph
from display.picture import AreaPanel, Picture, Row
from display.screen.digits import CAP, CELL, Digits
from display.screen.sentence import extent

LEAST_DIGIT: Final = 1 / 6
"""Height of the newest number's digits as a share of the screen's: read from 10 m."""

SIGN: Final = 52.0
"""Units: width of the mark of a priority number."""

SHORT: Final = 3
"""A desk's sign of at most so many letters stands beside the word "Quầy"; a longer one is its name."""


class Card(Widget):
    """A rounded ground that writing stands on."""

    ground = StringProperty(theme.DISPLAY_ROW)
    radius = NumericProperty(0)
    unit = NumericProperty(1)


class CallCard(Card):
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
        self.stacked = 4 * CELL * self.em > self.width * 0.7
        if self.stacked:  # as narrow as the rule allows: the less the digits have to be squeezed
            self.em = height * LEAST_DIGIT * 1.01 / CAP
        self.low = self.height - self.em * 0.86 - 24 * self.unit
        call = picture.card == "call"
        gold = call and picture.gold
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


class CallRow(Card):
    """One call: number, arrow, desk."""

    number = StringProperty("")
    desk = StringProperty("")
    word = StringProperty("")
    em = NumericProperty(60)
    desk_width = NumericProperty(60)

    waits = BooleanProperty(False)

    def show(self, row: Row, word: str) -> None:
        """Show this call. `word`: *Quầy*, where there is room for it."""
        self.waits = row.waits
        self.ground = theme.DISPLAY_WAITS if row.waits else theme.DISPLAY_ROW
        self.number, self.desk, self.word = row.number, row.desk, word if len(row.desk) <= SHORT else ""
        share = 0.48 if self.width > 390 * self.unit else 0.4
        em = self.em = min(self.height * 0.72, 112 * self.unit, self.width * share / (4 * CELL))
        natural = (extent(row.desk, "be800") * 1.03 + 0.1) * em
        self.desk_width = min(natural, self.width * (0.22 if self.word else 0.36))


class Mark(Card):
    """A word in a coloured field."""

    word = StringProperty("")


class AreaRow(Card):
    """One area: short name, the next number large, the one after it where there is room, and how many wait."""

    name = StringProperty("")
    icon = StringProperty("")
    accent = StringProperty(theme.DISPLAY_MUTED)
    message = StringProperty("")
    waiting = StringProperty("")
    waiting_word = StringProperty("")
    numbers = ListProperty()
    """Made anew for each picture, as many as there is room for."""

    def show(self, area: AreaPanel, words: dict[str, str]) -> None:
        """Show how an area stands, and who is next there."""
        self.name, self.icon, self.accent = area.name, area.icon, area.color
        self.message, self.waiting, self.waiting_word = area.message, area.waiting, words["waiting"]
        for widget in self.numbers:
            self.remove_widget(widget)
        self.numbers = []
        x, end = self.ids.message.x, self.ids.waiting.x
        # The first number's digits, 0.74 em high, are read from 10 m; the next one's by those who come nearer.
        largest, least = min(self.height, 110 * self.unit), 0.0
        for number, marked in zip(area.next, area.marks, strict=True):
            mark = (SIGN + 10) * self.unit if marked else 0
            em = min(largest, (end - x - mark) / extent(number, "be800"))
            if em < least:
                break
            x = self._put(number, em, x, words["mark"] if marked else "") + 12 * self.unit
            largest = min(self.height * 0.42, 46 * self.unit)
            least = 0.68 * largest

    def _put(self, number: str, em: float, x: float, mark: str) -> float:
        """One number with its mark, if it has one; where they end."""
        first = not self.numbers
        color = theme.DISPLAY_TEXT if first else theme.DISPLAY_MUTED
        width = extent(number, "be800") * em + 1
        digits = Digits(text=number, em=em, color=color, size=(width, self.height), pos=(x, self.y))
        placed: list[Widget] = [digits]
        x += width
        if mark:
            height = min(40 * self.unit, self.height * 0.4)
            sign = Mark(word=mark, unit=self.unit, size=(SIGN * self.unit, height))
            sign.pos = (x + 8 * self.unit, self.y + (self.height - height) / 2)
            placed.append(sign)
            x += (SIGN + 10) * self.unit
        for widget in placed:
            self.add_widget(widget)
        self.numbers = [*self.numbers, *placed]
        return x


class MissedCard(Card):
    """Numbers that were absent when they were called."""

    numbers = StringProperty("")
    title = StringProperty("")

    def show(self, missed: tuple[str, ...], turn: int, words: dict[str, str]) -> None:
        """The newest, always, and of the others as many as fit at full size, by turns; the rest as `+3`."""
        self.title = words.get("missed", "")
        size = min(58 * self.unit, self.height * 0.38)
        room = (self.width - 60 * self.unit) / size - 0.1
        said = _gapped(missed)
        others = list(missed[1:])
        for shown in range(len(others) - 1, -1, -1):
            if not missed or extent(said, "be800") <= room:
                break
            first = turn * shown % len(others) if shown else 0
            kept = [(others * 2)[first + n] for n in range(shown)]
            said = _gapped((missed[0], *kept, f"+{len(others) - shown}"))
        self.numbers = said
        self.opacity = 1 if said else 0


def _gapped(numbers: tuple[str, ...]) -> str:
    # The line breaks at spaces and joins words by one: no-break spaces keep the numbers apart.
    return ("\N{NO-BREAK SPACE}" * 2).join(numbers)
