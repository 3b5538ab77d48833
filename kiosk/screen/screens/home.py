"""Home: the hall's areas as tiles; papers and rating below; and the same tiles to choose whose papers to see.

As many tiles a page as fit with every name whole: 4, 6 or 9 usually; fewer, and pages, where names are very long. The
everyday words are what many look for: the icon moves beside the name before they go, and some of them before all.
"""

from __future__ import annotations

# ruff: noqa: PLR0917 - x, y, w, h stand in their usual order
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assets import theme
from assets.texts import pick
from kiosk.flow.state import Touch
from kiosk.screen.kiosk import Kiosk
from kiosk.screen.paint import MARGIN, SMALLEST, TARGET, Paint, readable
from kiosk.screen.screens.frame import foot, head, pages, view_of, waiting_line
from server.protocol import AreaInfo

GAP = 24.0
_PAD = 46.0
_ICON = 92.0


def draw(paint: Paint, kiosk: Kiosk) -> None:
    """The first screen: the hall's areas."""
    _ = kiosk._
    paint.panel(0, 0, paint.w, paint.h, theme.PAPER)
    ways = [
        (Touch("papers"), _("Xem giấy tờ cần có"), True),
        (Touch("rating"), _("Đánh giá phục vụ"), False),
    ]
    top, bottom = head(paint, kiosk), foot(paint, kiosk, () if paint.portrait else ways)
    areas = kiosk.state.hall.areas if kiosk.state.hall else ()
    top = banner(paint, kiosk, top)
    width = paint.w - 2 * MARGIN
    title_h = 116.0 if paint.portrait else 84.0
    title = _("Mời Ông/Bà chọn lĩnh vực")
    paint.text(MARGIN, top + 8, width, title_h - 8, title, 54 if paint.portrait else 48, 700, theme.INK)
    if paint.portrait:
        bottom -= 28 + 136
        half = (width - GAP) / 2
        for n, (touch, text, filled) in enumerate(ways):
            fill, color = (theme.BRAND, theme.CARD) if filled else (theme.CARD, theme.BRAND_DARK)
            paint.button(
                MARGIN + n * (half + GAP), bottom, half, 136, touch, text,
                size=38, color=color, fill=fill, edge=theme.BRAND, edge_width=3,
            )  # fmt: skip
    tiles(paint, kiosk, areas, MARGIN, top + title_h, width, bottom - top - title_h - (28 if paint.portrait else 20))


def banner(paint: Paint, kiosk: Kiosk, top: float) -> float:
    """Numbers without a paper, to come back to: each its own button, the newest three. Returns the y below."""
    _ = kiosk._
    offers = kiosk.state.unclaimed()[-3:]
    if not offers:
        return top
    wide = (paint.w - 2 * MARGIN - GAP * (len(offers) - 1)) / len(offers)
    for n, one in enumerate(offers):
        text = _("Số %(number)s chưa có phiếu – chạm để xem") if len(offers) == 1 else _("Số %(number)s chưa có phiếu")
        if one.paper == "unknown":  # it may be in somebody's hand
            text = _("Số %(number)s – chạm để xem")
        paint.button(
            MARGIN + n * (wide + GAP), top + 20, wide, TARGET, Touch("unclaimed", one.key),
            text % {"number": one.ticket.number},
            size=38, color=theme.GOLD_INK, fill=theme.GOLD, icon="ticket-outline" if len(offers) == 1 else "",
        )  # fmt: skip
    return top + 20 + TARGET


def choose_for_papers(paint: Paint, kiosk: Kiosk) -> None:
    """Whose papers are to be looked at: only areas that have procedures to show."""
    _ = kiosk._
    paint.panel(0, 0, paint.w, paint.h, theme.PAPER)
    top = head(paint, kiosk)
    hall = kiosk.state.hall
    known = {procedure.area for procedure in hall.procedures} if hall else set()
    areas = [area for area in hall.areas if area.code in known] if hall else []
    width = paint.w - 2 * MARGIN
    paint.text(MARGIN, top + 16, width, 92, _("Xem giấy tờ của lĩnh vực nào?"), 50, 700, theme.INK)
    y = paint.h - 40 - 132
    paint.button(
        MARGIN, y, width, 132, Touch("back"), _("Quay lại"),
        size=40, weight=600, color=theme.INK, fill=theme.CARD, edge=theme.LINE, edge_width=3, icon="chevron-left",
    )  # fmt: skip
    tiles(paint, kiosk, areas, MARGIN, top + 120, width, y - top - 120 - 28, waiting=False)


def tiles(
    paint: Paint,
    kiosk: Kiosk,
    areas: Sequence[AreaInfo],
    x: float,
    y: float,
    w: float,
    h: float,
    *,
    waiting: bool = True,
) -> None:
    """The areas in a grid that fills the box."""
    if not areas:
        return
    lines = [waiting_line(kiosk, view_of(kiosk, area.code)) if waiting else "" for area in areas]
    count = len(areas)
    while count > 1:
        shape = _shape(paint, kiosk, areas, lines, *_box(paint, count, len(areas), w, h))
        if all(_fits(paint, kiosk, area, shape) for area in areas):
            break
        count -= 1
    wide, high = _box(paint, count, len(areas), w, h)
    shape = _shape(paint, kiosk, areas, lines, wide, high)
    pages_count = math.ceil(len(areas) / count)
    page = min(kiosk.state.page, pages_count - 1)
    columns, _rows = _grid(paint, count)
    for n, area in enumerate(areas[page * count : (page + 1) * count]):
        at_row, column = divmod(n, columns)
        at = (x + column * (wide + GAP), y + at_row * (high + GAP))
        _tile(paint, kiosk, area, *at, shape, lines[page * count + n])
    if pages_count > 1:
        pages(paint, kiosk, x, y + h - TARGET, w, page, pages_count)


def _grid(paint: Paint, count: int) -> tuple[int, int]:
    """Columns and rows: two columns upright, three across (two for four or fewer)."""
    most = 2 if paint.portrait or count <= 4 else 3
    columns = min(most, count) if not (paint.portrait and count == 2) else 1
    return columns, math.ceil(count / columns)


def _box(paint: Paint, count: int, total: int, w: float, h: float) -> tuple[float, float]:
    """Width and height of a tile where `count` of `total` stand on a page."""
    columns, rows = _grid(paint, count)
    room = h - (TARGET + GAP if count < total else 0)
    return (w - GAP * (columns - 1)) / columns, (room - GAP * (rows - 1)) / rows


# --- one tile -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shape:
    """What all tiles of a page have in common. Lengths in units."""

    wide: float
    high: float
    beside: bool
    """Icon and digit stand beside the name, not above it."""
    row: float
    """Height of the waiting line: one row of words, or two where a tile is narrow; 0 where there is none."""
    name: float = 30.0
    """Type of the names: as large as the longest one allows."""

    @property
    def _large(self) -> bool:
        return self.high > 480

    @property
    def words_type(self) -> float:
        return 40.0 if self._large else 32.0

    @property
    def largest_name(self) -> float:
        return 54.0 if self._large else 42.0

    @property
    def low(self) -> bool:
        """So low that digit and icon take the whole height, beside the waiting line too."""
        return self.beside and self.high < 250

    @property
    def line_width(self) -> float:
        return self.wide - _PAD - (20 + 92 if self.low else 20)

    @property
    def box(self) -> tuple[float, float]:
        """Room for name and everyday words."""
        if self.beside:
            return self.wide - _PAD - 20 - 92, self.high - 14 - self.row - 18
        return self.wide - _PAD - 32, self.high - 30 - _ICON - 14 - self.row - 18


def _shape(
    paint: Paint, kiosk: Kiosk, areas: Sequence[AreaInfo], lines: Sequence[str], wide: float, high: float
) -> _Shape:
    """The icon above the name where that leaves room for everybody's words; else beside it."""
    tried = []
    for beside in (False, True):
        shape = _Shape(wide, high, beside, 0.0)
        shape = replace(shape, row=_line_row(paint, lines, shape))
        shape = replace(shape, name=min(_name_size(paint, kiosk, area, shape) for area in areas))
        whole = [_words_shown(paint, kiosk, area, shape) == pick(area.words, kiosk.state.lang) for area in areas]
        fits = all(_fits(paint, kiosk, area, shape) for area in areas)
        tried.append((not fits, -sum(whole), beside, shape))
    return min(tried, key=lambda one: one[:3])[3]


def _line_row(paint: Paint, lines: Sequence[str], shape: _Shape) -> float:
    if not any(lines):
        return 0.0
    size, w = shape.words_type, shape.line_width
    return 20 + max(paint.height_of(line, paint.fit(line, size, 600, w, size * 1.5) or 30, 600, w) for line in lines)


def _fits(paint: Paint, kiosk: Kiosk, area: AreaInfo, shape: _Shape) -> bool:
    w, h = shape.box
    return h > 40 and paint.fit(pick(area.name, kiosk.state.lang), 42, 700, w, h) is not None


def _name_size(paint: Paint, kiosk: Kiosk, area: AreaInfo, shape: _Shape) -> float:
    """The largest type of the name that leaves room for one line of words; of the name alone where none does."""
    name, (w, h) = pick(area.name, kiosk.state.lang), shape.box
    for room in (h - 2 - paint.height_of("X", SMALLEST, 500, w), h):
        if size := paint.fit(name, shape.largest_name, 700, w, room):
            return size
    return SMALLEST


def _words_shown(paint: Paint, kiosk: Kiosk, area: AreaInfo, shape: _Shape) -> str:
    """The everyday words under the name, or so many of them, up to a comma, as there is room for."""
    lang, (w, h) = kiosk.state.lang, shape.box
    name = paint.broken(pick(area.name, lang), shape.name, 700, w)
    room = h - paint.height_of(name, shape.name, 700, w) - 4
    said = pick(area.words, lang)
    while said and not paint.fit(said, shape.words_type, 500, w, room):
        said = said.rpartition(",")[0].rstrip()
    return said


def _tile(paint: Paint, kiosk: Kiosk, area: AreaInfo, x: float, y: float, shape: _Shape, line: str) -> None:
    lang, wide, high = kiosk.state.lang, shape.wide, shape.high
    color = readable(area.color)
    paint.panel(x, y, min(120.0, wide / 2), high, color, radius=28)
    paint.panel(x + 16, y, wide - 16, high, theme.CARD, edge=theme.LINE, edge_width=2, radius=28)
    w, h = shape.box
    left = x + _PAD
    if shape.beside:
        top = y + 14
        paint.text(x + wide - 20 - 80, y + 6, 80, 70, area.prefix, 52, 700, color, halign="center")
        paint.icon(x + wide - 20 - 80, y + 72, 66, area.icon, color, within=80)
    else:
        top = y + 30 + _ICON + 10
        paint.icon(left - 4, y + 28, _ICON, area.icon, color, within=_ICON)
        paint.text(x + wide - 32 - 80, y + 22, 80, 84, area.prefix, 62, 700, color, halign="right")
    name = paint.broken(pick(area.name, lang), shape.name, 700, w)
    below = paint.block(left, top, w, name, shape.name, 700)
    if often := _words_shown(paint, kiosk, area, shape):
        size = paint.fit(often, shape.words_type, 500, w, top + h - below - 4) or SMALLEST
        paint.block(left, below + 2, w, often, size, 500, theme.MUTED)
    if line:
        line_y = y + high - shape.row - 8
        paint.panel(left, line_y, shape.line_width, 2, theme.LINE)
        paint.text(left, line_y + 3, shape.line_width, shape.row - 3, line, shape.words_type, 600)
    # Over all of it, and seen only while it is held.
    paint.button(x, y, wide, high, Touch("area", area.code), fill=theme.CARD, opacity=0.0)
