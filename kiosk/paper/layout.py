"""The paper as a picture: a slip's words laid out for a print head, one bit a dot.

Pure: the same slip and width always give the same bitmap. No printer is known here and no file is written; the type
comes from `assets.fonts`. Text is drawn, never interpreted: whatever a name contains is shown as it stands, wrapped
as often as it needs; only a paper that would be longer than `LONGEST` lists fewer papers, and then shortens its texts.
"""

from __future__ import annotations

import functools
import unicodedata
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from assets import fonts
from kiosk.paper.slip import MOST_PAPERS, Slip, shortened, slip_of
from server.protocol import HallInfo, TicketResult

WIDTHS: Final = (384, 512, 576)
"""Dots a line: 58 mm paper at 203 dpi; 80 mm at 180 dpi (TM-T88); 80 mm at 203 dpi."""

LONGEST: Final = 1760
"""Dots of the longest paper, 22 cm at 203 dpi: 4 s on a slow head, with a citizen waiting."""

_REFERENCE: Final = 576
"""The width for which the sizes below are given."""

_SMALLEST_SCALE: Final = 0.8
"""Narrow paper gets narrower lines, not type too small to read: 26 dots become at least 21 (2.6 mm at 203 dpi)."""

_MARGIN: Final = 20
_INK: Final = 0
_BLANK: Final = 255
_THRESHOLD: Final = 140
"""Grey below which a dot is burnt: keeps thin strokes and diacritics closed on thermal paper."""


@functools.lru_cache(maxsize=64)
def _type(weight: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(fonts.font(weight)), size)


@functools.lru_cache(maxsize=16)
def _icons(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(fonts.icon_font()), size)


def paper_of(ticket: TicketResult, hall: HallInfo, lang: str, width: int) -> Image.Image:
    """The bitmap of `ticket`'s paper, at most `LONGEST` dots high."""
    slip = slip_of(ticket, hall, lang)
    for most in range(MOST_PAPERS, -1, -1):
        slip = slip_of(ticket, hall, lang, most)
        if (paper := draw(slip, width)).height <= LONGEST:
            return paper
    return next(paper for n in (160, 80, 40, 20) if (paper := draw(shortened(slip, n), width)).height <= LONGEST)


def draw(slip: Slip, width: int) -> Image.Image:
    """The bitmap of `slip`, mode "1", `width` dots wide, as high as it needs. ValueError for a width unknown."""
    if width not in WIDTHS:
        raise ValueError(f"a ticket is {', '.join(map(str, WIDTHS))} dots wide, not {width}")
    sheet = _Sheet(width)
    sheet.heading(slip.heading)
    sheet.rule()
    sheet.area(slip.icon, slip.area)
    sheet.centred(slip.title, 500, 26)
    sheet.number(slip.number)
    if slip.mark:
        sheet.badge(slip.mark)
    for label, value in slip.rows:
        sheet.row(label, value)
    sheet.rule()
    if slip.procedure:
        sheet.left(slip.procedure, 700, 25)
        for paper in slip.papers:
            sheet.point(paper)
        sheet.rule()
    for line in slip.foot:
        sheet.centred(line, 500, 22)
    sheet.centred(slip.last, 700, 23)
    return sheet.finished()


def printable(text: str) -> str:
    """`text` as it can be drawn: composed letters, runs of white space as one space, control signs as `?`."""
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join("?" if unicodedata.category(sign) in {"Cc", "Cs"} else sign for sign in composed)


def wrap(text: str, font: ImageFont.FreeTypeFont, room: float) -> list[str]:
    """`text` in lines of at most `room` dots; a word longer than a line is broken between letters."""
    lines: list[str] = []
    line = ""
    for word in printable(text).split(" "):
        joined = f"{line} {word}" if line else word
        if font.getlength(joined) <= room:
            line = joined
            continue
        if line:
            lines.append(line)
        line = word
        while font.getlength(line) > room and len(line) > 1:
            fits = next(n for n in range(len(line) - 1, 0, -1) if n == 1 or font.getlength(line[:n]) <= room)
            lines.append(line[:fits])
            line = line[fits:]
    return [*lines, line]


class _Sheet:
    """A strip of paper that grows downwards while it is written on."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.scale = max(width / _REFERENCE, _SMALLEST_SCALE)
        self.margin = self._dots(_MARGIN) if width > WIDTHS[0] else 4
        self.room = width - 2 * self.margin
        self.y = 4
        self._image = Image.new("L", (width, 1024), _BLANK)
        self._pen = ImageDraw.Draw(self._image)

    def _dots(self, size: float) -> int:
        return round(size * self.scale)

    def _reserve(self, height: int) -> None:
        """Make room for `height` further dots."""
        if self.y + height + 64 > self._image.height:
            longer = Image.new("L", (self.width, 2 * self._image.height + height), _BLANK)
            longer.paste(self._image, (0, 0))
            self._image, self._pen = longer, ImageDraw.Draw(longer)

    def _line(self, text: str, font: ImageFont.FreeTypeFont, x: float) -> None:
        """One line at `x`, moving on by its line height."""
        height = round(font.size * 1.36)
        self._reserve(height)
        self._pen.text((round(x), self.y + round(font.size * 1.0)), text, font=font, fill=_INK, anchor="ls")
        self.y += height

    def centred(self, text: str, weight: int, size: float) -> None:
        """In lines of about the same length: reads better than a last word alone, and costs fewer bytes."""
        font = _type(weight, self._dots(size))
        room = self.room
        lines = wrap(text, font, room)
        while len(lines) > 1 and len(narrower := wrap(text, font, room - 8)) == len(lines):
            lines, room = narrower, room - 8
        for line in lines:
            self._line(line, font, (self.width - font.getlength(line)) / 2)

    def heading(self, lines: tuple[str, ...]) -> None:
        """Each in one line, down to four fifths of the size; wrapped where that is not enough."""
        sizes = (n for n in range(27, 21, -1) if all(self._length(line, 700, n) <= self.room for line in lines))
        size = next(sizes, 25)
        for line in lines:
            self.centred(line, 700, size)

    def _length(self, text: str, weight: int, size: float) -> float:
        return _type(weight, self._dots(size)).getlength(printable(text))

    def left(self, text: str, weight: int, size: float, indent: int = 0) -> None:
        font = _type(weight, self._dots(size))
        for line in wrap(text, font, self.room - indent):
            self._line(line, font, self.margin + indent)

    def point(self, text: str) -> None:
        """A paper to bring, with a dot before it."""
        size = self._dots(25)
        self._reserve(2 * size)
        middle, radius = self.y + round(size * 0.68), max(3, size // 6)
        x = self.margin + radius + self._dots(8)
        self._pen.ellipse((x - radius, middle - radius, x + radius, middle + radius), fill=_INK)
        self.left(text, 500, 25, indent=self._dots(32))

    def row(self, label: str, value: str) -> None:
        """Label and value at the edges of a column as wide as the number; on two lines where both do not fit."""
        plain, strong = _type(500, self._dots(24)), _type(700, self._dots(24))
        together = self._length(label, 500, 24) + self._dots(16) + self._length(value, 700, 24)
        inset = max(0, min(self._dots(46), round((self.room - together) / 2)))
        top = self.y
        for line in wrap(label, plain, self.room - 2 * inset):
            self._line(line, plain, self.margin + inset)
        if together <= self.room:
            self.y = top
        for line in wrap(value, strong, self.room - 2 * inset):
            self._line(line, strong, self.width - self.margin - inset - strong.getlength(line))

    def area(self, icon: str, name: str) -> None:
        """The area's icon before the first line of its name; a name longer than two lines is set smaller."""
        sign = _glyph(icon)
        gap, side = (self._dots(14), self._dots(56)) if sign else (0, 0)
        for size in map(self._dots, (36, 32, 28)):
            font = _type(700, size)
            lines = wrap(name, font, self.room - side - gap)
            if len(lines) <= 2:
                break
        widest = max(font.getlength(line) for line in lines)
        x = (self.width - side - gap - widest) / 2
        self._reserve(side)
        if sign:
            middle = self.y + self._dots(4) + round(size * 0.66)
            self._pen.text((round(x), middle), sign, font=_icons(side), fill=_INK, anchor="lm")
        self.y += self._dots(4)
        for line in lines:
            self._line(line, font, x + side + gap)
        self.y += self._dots(4)

    def number(self, digits: str) -> None:
        """As large as the paper is wide; longer numbers are set smaller, never cut."""
        size = self._dots(180)
        while _type(800, size).getlength(digits) > self.room * 0.9:
            size -= 4
        font = _type(800, size)
        left, top, right, bottom = font.getbbox(digits, anchor="ls")
        self._reserve(round(bottom - top) + self._dots(48))
        self.y += self._dots(14)
        self._pen.text(
            ((self.width - (right - left)) / 2 - left, self.y - top), digits, font=font, fill=_INK, anchor="ls"
        )
        self.y += round(bottom - top) + self._dots(22)

    def badge(self, text: str) -> None:
        """White on black: the mark that this number may be called earlier."""
        font = _type(700, self._dots(28))
        width, height = font.getlength(text) + self._dots(48), self._dots(44)
        self._reserve(2 * height)
        left = (self.width - width) / 2
        box = (left, self.y, left + width, self.y + height)
        self._pen.rounded_rectangle(box, radius=self._dots(10), fill=_INK)
        self._pen.text(
            (self.width / 2, self.y + height / 2 + self._dots(10)), text, font=font, fill=_BLANK, anchor="ms"
        )
        self.y += height + self._dots(8)

    def rule(self) -> None:
        self._reserve(40)
        self.y += self._dots(10)
        self._pen.rectangle((self.margin, self.y, self.width - self.margin - 1, self.y + 2), fill=_INK)
        self.y += self._dots(12)

    def finished(self) -> Image.Image:
        paper = self._image.crop((0, 0, self.width, self.y + 4))
        return paper.point(lambda grey: _BLANK if grey >= _THRESHOLD else _INK).convert("1", dither=Image.Dither.NONE)


def _glyph(icon: str) -> str:
    """The icon's sign; none for an area that has no icon or an unknown one (the name says it all)."""
    try:
        return fonts.glyph(icon) if icon else ""
    except KeyError:
        return ""
