"""Home: the hall's areas as tiles; papers and rating below; and the same tiles to choose whose papers to see.

As many tiles a page as fit with every name whole: 4, 6 or 9 usually; fewer, and pages, where names are very long.
"""

from __future__ import annotations

# ruff: noqa: PLR0917 - x, y, w, h stand in their usual order
import math
from collections.abc import Sequence

from assets import theme
from assets.texts import pick
from kiosk.paint import MARGIN, TARGET, Paint, readable
from kiosk.screens import Kiosk
from kiosk.screens.frame import foot, head, pages, view_of, waiting_line
from kiosk.state import Touch
from server.protocol import AreaInfo

GAP = 24.0
_PAD = 46.0
_ICON = 92.0


def draw(paint: Paint, kiosk: Kiosk) -> None:
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
        box = _box(paint, count, len(areas), w, h)
        row = _line_row(paint, lines, *box)
        if all(_fits(paint, kiosk, area, *box, row) for area in areas):
            break
        count -= 1
    wide, high = _box(paint, count, len(areas), w, h)
    row = _line_row(paint, lines, wide, high)
    size = min(_name_size(paint, kiosk, area, wide, high, row) for area in areas)
    pages_count = math.ceil(len(areas) / count)
    page = min(kiosk.state.page, pages_count - 1)
    columns, _rows = _grid(paint, count)
    for n, area in enumerate(areas[page * count : (page + 1) * count]):
        at_row, column = divmod(n, columns)
        at = (x + column * (wide + GAP), y + at_row * (high + GAP))
        _tile(paint, kiosk, area, *at, wide, high, lines[page * count + n], row, size)
    if pages_count > 1:
        pages(paint, kiosk, x, y + h - TARGET, w, page, pages_count)


def _box(paint: Paint, count: int, total: int, w: float, h: float) -> tuple[float, float]:
    """Width and height of a tile where `count` of `total` stand on a page."""
    columns, rows = _grid(paint, count)
    room = h - (TARGET + GAP if count < total else 0)
    return (w - GAP * (columns - 1)) / columns, (room - GAP * (rows - 1)) / rows


def _line_row(paint: Paint, lines: Sequence[str], wide: float, high: float) -> float:
    """Height of the waiting line: one row of words, or two where a tile is narrow; nothing where there is none."""
    if not any(lines):
        return 0.0
    size = _type(high)[2]
    w = _line_width(wide, high)
    return 20 + max(paint.height_of(line, paint.fit(line, size, 600, w, size * 1.5) or 30, 600, w) for line in lines)


def _line_width(wide: float, high: float) -> float:
    """Room for the waiting line: in a low tile icon and digit stand beside it."""
    return wide - _PAD - (20 + 92 if _low(high) else 20)


def _type(high: float) -> tuple[float, float, float]:
    """Type of the name, the everyday words and the waiting line: larger in tiles that have the room."""
    return (54.0, 40.0, 40.0) if high > 480 else (42.0, 32.0, 32.0)


def _grid(paint: Paint, count: int) -> tuple[int, int]:
    """Columns and rows: two columns upright, three across (two for four or fewer)."""
    most = 2 if paint.portrait or count <= 4 else 3
    columns = min(most, count) if not (paint.portrait and count == 2) else 1
    return columns, math.ceil(count / columns)


def _beside(high: float) -> bool:
    """Low tiles have their icon beside the name, not above it."""
    return high < 300


def _low(high: float) -> bool:
    """So low that digit and icon take the whole height, beside the waiting line too."""
    return high < 250


def _fits(paint: Paint, kiosk: Kiosk, area: AreaInfo, wide: float, high: float, row: float) -> bool:
    w, h = _name_box(wide, high, row)
    return h > 40 and paint.fit(pick(area.name, kiosk.state.lang), 42, 700, w, h) is not None


def _name_size(paint: Paint, kiosk: Kiosk, area: AreaInfo, wide: float, high: float, row: float) -> float:
    w, h = _name_box(wide, high, row)
    return paint.fit(pick(area.name, kiosk.state.lang), _type(high)[0], 700, w, h) or 30.0


def _name_box(wide: float, high: float, row: float) -> tuple[float, float]:
    """Room for name and everyday words."""
    if _beside(high):
        return wide - _PAD - 20 - 92, high - 14 - row - 18
    return wide - _PAD - 32, high - 30 - _ICON - 14 - row - 18


def _tile(
    paint: Paint,
    kiosk: Kiosk,
    area: AreaInfo,
    x: float,
    y: float,
    wide: float,
    high: float,
    line: str,
    row: float,
    size: float,
) -> None:
    """`row`: height of the waiting line; `size`: type of the name; both the same on all tiles."""
    lang = kiosk.state.lang
    color = readable(area.color)
    paint.panel(x, y, min(120.0, wide / 2), high, color, radius=28)
    paint.panel(x + 16, y, wide - 16, high, theme.CARD, edge=theme.LINE, edge_width=2, radius=28)
    w, h = _name_box(wide, high, row)
    left = x + _PAD
    if _beside(high):
        top = y + 14
        paint.text(x + wide - 20 - 80, y + 6, 80, 70, area.prefix, 52, 700, color, halign="center")
        paint.icon(x + wide - 20 - 80, y + 72, 66, area.icon, color, within=80)
    else:
        top = y + 30 + _ICON + 10
        paint.icon(left - 4, y + 28, _ICON, area.icon, color, within=_ICON)
        paint.text(x + wide - 32 - 80, y + 22, 80, 84, area.prefix, 62, 700, color, halign="right")
    name = paint.broken(pick(area.name, lang), size, 700, w)
    below = paint.block(left, top, w, name, size, 700)
    often = pick(area.words, lang)
    room = top + h - below - 4
    if often and (often_size := paint.fit(often, _type(high)[1], 500, w, room)):
        paint.block(left, below + 2, w, often, often_size, 500, theme.MUTED)
    if line:
        line_y = y + high - row - 8
        w = _line_width(wide, high)
        paint.panel(left, line_y, w, 2, theme.LINE)
        paint.text(left, line_y + 3, w, row - 3, line, _type(high)[2], 600)
    # Over all of it, and seen only while it is held.
    paint.button(x, y, wide, high, Touch("area", area.code), fill=theme.CARD, opacity=0.0)
