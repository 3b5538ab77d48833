"""The one screen of the display, laid out for 16:9, 4:3 and 9:16. Draws a `Picture` and decides nothing.

Each place keeps its place: a new call changes the card and the rows below it, and nothing else moves.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from kivy.lang import Builder
from kivy.properties import (
    NumericProperty,
    ObjectProperty,
)
from kivy.uix.widget import Widget

from assets import theme
from display.picture import ROWS, Picture
from display.screen.cards import LEAST_DIGIT, AreaRow, CallCard, CallRow, Card, MissedCard
from display.screen.digits import CAP
from display.screen.sentence import Sentence, extent

LEAST_FOOT: Final = 30.0
"""Units: a line of the foot that would have to be smaller takes two lines."""

HEADING: Final = 60.0
"""Units: the line above the areas."""

Box = tuple[float, float, float, float]
"""x, y, width, height in pixels, y from below."""


class HallScreen(Widget):
    """All of it. `show` may be called as often as one likes; only what changed is drawn again."""

    picture = ObjectProperty(Picture(), rebind=False)
    unit = NumericProperty(1)
    head = NumericProperty(100)
    foot = NumericProperty(80)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._header, self._clock = Sentence(font_name="be700"), Sentence(font_name="be700", halign="right")
        self._banner, self._banner_line = Card(), Sentence(font_name="be700", halign="center")
        self._next = Sentence(font_name="be600", color=theme.DISPLAY_MUTED)
        self._foot = [Sentence() for _ in range(6)]
        self._card, self._missed = CallCard(), MissedCard()
        self._rows: list[CallRow] = []
        self._areas: list[AreaRow] = []
        for widget in (self._header, self._clock, self._card, self._missed, self._next, *self._foot):
            self.add_widget(widget)
        self.add_widget(self._banner)
        self.add_widget(self._banner_line)
        self.bind(size=self._again, pos=self._again)

    def show(self, picture: Picture) -> None:
        """Show this picture, if it is another one."""
        if picture != self.picture:
            self.picture = picture
            self._again()

    def wink(self) -> None:
        """Draw the eye to the card: a new call."""
        if self._card.ground == theme.GOLD:
            self._card.wink()

    def _again(self, *_: object) -> None:
        if self.width < 10 or self.height < 10:
            return
        picture: Picture = self.picture
        tall = self.height > self.width
        self.unit = unit = self.width / 1080 if tall else min(self.width / 1600, self.height / 1080)
        margin, gap = 48 * unit if not tall else 36 * unit, 18 * unit
        self.head = (130 if tall else 100) * unit
        lines = self._foot_lines(picture, self.width - 2 * margin)
        self.foot = (30 + 50 * len(lines)) * unit if len(lines) > 1 else 80 * unit
        self._edges(picture, margin, lines)
        top = self.y + self.height - self.head - gap * 1.3
        height = 84 * unit
        self._bar(picture, (margin, top - height, self.width - 2 * margin, height))
        if picture.banner:
            top -= height + gap
        bottom = self.y + self.foot + gap * 1.3
        body = (margin, bottom, self.width - 2 * margin, top - bottom)
        if tall:
            self._tall(picture, body, gap)
        else:
            self._wide(picture, body, gap)

    def _edges(self, picture: Picture, margin: float, lines: list[str]) -> None:
        unit = self.unit
        clock = 190 * unit
        # Not `right` and `top`: Kivy keeps their last values until after those who are told of a new size.
        right, top = self.x + self.width, self.y + self.height
        _place(self._clock, (right - margin - clock, top - self.head, clock, self.head))
        self._clock.want, self._clock.said = 60 * unit, picture.clock
        width = self.width - 2 * margin - clock - 24 * unit
        air = 8 * unit
        _place(self._header, (margin, top - self.head + air, width, self.head - 2 * air))
        self._header.lines, self._header.want, self._header.said = (
            (3 if self.height > self.width else 2),
            46 * unit,
            picture.header,
        )
        height = 50 * unit
        for index, line in enumerate(self._foot):
            y = self.y + self.foot / 2 + (len(lines) / 2 - index - 1) * height
            _place(line, (margin, y, self.width - 2 * margin, height))
            line.want, line.said = 38 * unit, lines[index] if index < len(lines) else ""
        smallest = min((line.font_size for line in self._foot[: len(lines)]), default=0)
        for line in self._foot[: len(lines)]:
            line.want = smallest

    def _foot_lines(self, picture: Picture, width: float) -> list[str]:
        """Hours and priority in one line where there is room for it, the notice in another; a long one in two."""
        if not picture.foot:
            return []
        hours, priority, notice = picture.foot
        joined = f"{hours}\N{NO-BREAK SPACE} •\N{NO-BREAK SPACE} {priority}" if priority else hours

        def fits(line: str, size: float) -> bool:
            return bool((extent(line, "be600") + 1) * size * self.unit <= width)

        lines = [line for line in ([joined, notice] if fits(joined, 35) else [hours, priority, notice]) if line]
        return [part for line in lines for part in ([line] if fits(line, LEAST_FOOT) else _halved(line))]

    def _bar(self, picture: Picture, box: Box) -> None:
        # Hidden, not made small: Kivy 2.3.1 draws a RoundedRectangle of no size as it was before.
        self._banner.opacity = self._banner_line.opacity = 1 if picture.banner else 0
        ground, ink = (theme.BAD, theme.CARD) if picture.alarm else (theme.GOLD_LIGHT, theme.GOLD_INK)
        self._banner.ground, self._banner.radius = ground, 16 * self.unit
        self._banner_line.color = ink
        _place(self._banner, box)
        _place(self._banner_line, box)
        self._banner_line.want, self._banner_line.said = 48 * self.unit, picture.banner

    def _wide(self, picture: Picture, body: Box, gap: float) -> None:
        x, y, width, height = body
        side = (0.4 if self.width / self.height > 1.5 else 0.42) * width if picture.areas else 0
        left = width - side - (1.7 * gap if side else 0)
        share = 0.41 if self.width / self.height > 1.5 else 0.48
        card = height * (self._message_share(picture) or share)
        least = self.height * LEAST_DIGIT * 1.04 / CAP
        card = max(card, least * (0.9 if self.width / self.height > 1.5 else 1.28))
        self._calls(picture, (x, y + height - card, left, card), (x, y, left, height - card - gap), gap)
        self._panels(picture, (x + width - side, y, side, height), 1, gap * 0.8)

    @staticmethod
    def _message_share(picture: Picture) -> float:
        """Share of the calls' place that a card with a sentence takes: there are no calls below it."""
        if picture.card != "message":
            return 0.0
        return 0.78 if picture.missed else 1.0

    def _tall(self, picture: Picture, body: Box, gap: float) -> None:
        x, y, width, height = body
        panels = -(-len(picture.areas) // 2)
        side = min(height * 0.3, panels * 150 * self.unit + HEADING * self.unit) if panels else 0
        left = height - side - (gap if side else 0)
        least = self.height * LEAST_DIGIT * 1.04 / CAP
        card = max(left * (self._message_share(picture) or 0.46), least * 1.3)
        top = y + height
        self._calls(picture, (x, top - card, width, card), (x, top - left, width, left - card - gap), gap)
        self._panels(picture, (x, y, width, side), 2, gap * 0.8)

    def _calls(self, picture: Picture, card: Box, rest: Box, gap: float) -> None:
        self._card.unit = self.unit
        _place(self._card, card)
        self._card.show(picture, self.height)
        _fill(self, self._rows, CallRow, len(picture.rows))
        x, y, width, height = rest
        # Where more are called than usual the rows are narrower; the missed numbers need two of their places then.
        columns, lines = (2, 3) if len(picture.rows) <= ROWS else (3, -(-(len(picture.rows) + 2) // 3))
        row, wide = (height - (lines - 1) * gap) / lines, (width - (columns - 1) * gap) / columns
        cells = [
            (x + column * (wide + gap), y + height - (line + 1) * row - line * gap, wide, row)
            for line in range(lines)
            for column in range(columns)
        ]
        for cell, widget, call in zip(cells, self._rows, picture.rows, strict=False):
            widget.unit = self.unit
            _place(widget, cell)
            widget.show(call, picture.words["desk"])
        self._missed.unit = self.unit
        last = cells[-1] if columns == 2 else (cells[-2][0], cells[-2][1], 2 * wide + gap, row)
        _place(self._missed, rest if picture.card == "message" else last)
        self._missed.show(picture.missed, picture.turn, picture.words)

    def _panels(self, picture: Picture, box: Box, columns: int, gap: float) -> None:
        _fill(self, self._areas, AreaRow, len(picture.areas))
        self._next.opacity = 1 if picture.areas else 0
        if not picture.areas:
            return
        x, y, width, height = box
        head = HEADING * self.unit
        _place(self._next, (x + 4 * self.unit, y + height - 48 * self.unit, width, 48 * self.unit))
        self._next.want, self._next.said = 38 * self.unit, picture.words["next"]
        height -= head
        lines = -(-len(picture.areas) // columns)
        # Few areas keep the size of six, so that they do not grow into posters.
        tallest = height if columns > 1 else height / min(6, max(lines, 4)) * lines
        row = (min(height, tallest) - (lines - 1) * gap) / lines
        cell = (width - (columns - 1) * gap) / columns
        for index, (widget, area) in enumerate(zip(self._areas, picture.areas, strict=True)):
            line, column = divmod(index, columns)
            widget.unit = self.unit * (0.92 if columns > 1 else 1)
            _place(widget, (x + column * (cell + gap), y + height - (line + 1) * row - line * gap, cell, row))
            widget.show(area, picture.words)


def _halved(line: str) -> list[str]:
    """A line as two, broken at the space nearest to its middle."""
    at = min((n for n, sign in enumerate(line) if sign == " "), key=lambda n: abs(n - len(line) / 2), default=None)
    return [line] if at is None else [line[:at], line[at + 1 :]]


def _place(widget: Widget, box: Box) -> None:
    widget.pos, widget.size = (box[0], box[1]), (box[2], box[3])


def _fill(parent: Widget, widgets: list[Any], kind: type[Widget], count: int) -> None:
    """As many widgets of `kind` as are needed, the old ones kept."""
    while len(widgets) > count:
        parent.remove_widget(widgets.pop())
    while len(widgets) < count:
        widgets.append(kind())
        parent.add_widget(widgets[-1])


Builder.load_file(str(Path(__file__).with_suffix(".kv")), rulesonly=True)
