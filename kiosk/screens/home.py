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
_LINE_ROW = 64.0


def draw(paint: Paint, kiosk: Kiosk) -> None:
    _ = kiosk._
    paint.panel(0, 0, paint.w, paint.h, theme.PAPER)
    top, bottom = head(paint, kiosk), foot(paint, kiosk)
    areas = kiosk.state.hall.areas if kiosk.state.hall else ()
    title = _("Mời Ông/Bà chọn lĩnh vực")
    top = banner(paint, kiosk, top)
    buttons = [
        (Touch("papers"), _("Xem giấy tờ cần có"), "file-document-outline", True),
        (Touch("rating"), _("Đánh giá phục vụ"), "emoticon-happy-outline", False),
    ]
    if paint.portrait:
        y = bottom - 28 - 136
        half = (paint.w - 2 * MARGIN - GAP) / 2
        for n, one in enumerate(buttons):
            _side_button(paint, MARGIN + n * (half + GAP), y, half, 136, *one)
        paint.text(MARGIN, top + 20, paint.w - 2 * MARGIN, 84, title, 54, 700, theme.INK)
        tiles(paint, kiosk, areas, MARGIN, top + 120, paint.w - 2 * MARGIN, y - top - 120 - 28)
        return
    side = 380.0 if paint.w > 1600 else 320.0
    width = paint.w - 2 * MARGIN - side - GAP
    paint.text(MARGIN, top + 12, width, 76, title, 50, 700, theme.INK)
    tiles(paint, kiosk, areas, MARGIN, top + 100, width, bottom - top - 100 - 24)
    high = (bottom - top - 100 - 24 - GAP) / 2
    for n, one in enumerate(buttons):
        _side_button(paint, MARGIN + width + GAP, top + 100 + n * (high + GAP), side, high, *one)


def _side_button(
    paint: Paint, x: float, y: float, w: float, h: float, touch: Touch, text: str, icon: str, full: bool
) -> None:
    fill, color = (theme.BRAND, theme.CARD) if full else (theme.CARD, theme.BRAND_DARK)
    if h < 200:
        paint.button(x, y, w, h, touch, text, size=38, color=color, fill=fill, edge=theme.BRAND, edge_width=3)
        return
    paint.button(x, y, w, h, touch, color=color, fill=fill, edge=theme.BRAND, edge_width=3)
    paint.icon(x + w / 2 - 55, y + h / 2 - 130, 96, icon, color, within=110)
    paint.text(x + 24, y + h / 2 - 8, w - 48, h / 2 - 20, text, 40, 700, color, halign="center", valign="top")


def banner(paint: Paint, kiosk: Kiosk, top: float) -> float:
    """Numbers without a paper: the newest, to come back to. Returns the y below."""
    _ = kiosk._
    offers = kiosk.state.unclaimed()
    if not offers:
        return top
    one = offers[-1]
    text = _("Số %(number)s chưa có phiếu – chạm để xem") % {"number": one.ticket.number}
    paint.button(
        MARGIN, top + 20, paint.w - 2 * MARGIN, TARGET, Touch("unclaimed", one.key), text,
        size=38, color=theme.GOLD_INK, fill=theme.GOLD, icon="ticket-outline",
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
    count = len(areas)
    while count > 1:
        room = h - (TARGET + GAP if count < len(areas) else 0)
        columns, rows = _grid(paint, count)
        wide, high = (w - GAP * (columns - 1)) / columns, (room - GAP * (rows - 1)) / rows
        if all(_fits(paint, kiosk, area, wide, high, waiting) for area in areas):
            break
        count -= 1
    pages_count = math.ceil(len(areas) / count)
    page = min(kiosk.state.page, pages_count - 1)
    columns, rows = _grid(paint, count)
    room = h - (TARGET + GAP if pages_count > 1 else 0)
    wide, high = (w - GAP * (columns - 1)) / columns, (room - GAP * (rows - 1)) / rows
    for n, area in enumerate(areas[page * count : (page + 1) * count]):
        row, column = divmod(n, columns)
        _tile(paint, kiosk, area, x + column * (wide + GAP), y + row * (high + GAP), wide, high, waiting)
    if pages_count > 1:
        pages(paint, kiosk, x, y + room + GAP, w, page, pages_count)


def _grid(paint: Paint, count: int) -> tuple[int, int]:
    """Columns and rows: two columns upright, three across (two for four or fewer)."""
    most = 2 if paint.portrait or count <= 4 else 3
    columns = min(most, count) if not (paint.portrait and count == 2) else 1
    return columns, math.ceil(count / columns)


def _beside(high: float) -> bool:
    """Low tiles have their icon beside the name, not above it."""
    return high < 300


def _fits(paint: Paint, kiosk: Kiosk, area: AreaInfo, wide: float, high: float, waiting: bool) -> bool:
    w, h = _name_box(wide, high, waiting)
    return paint.fit(pick(area.name, kiosk.state.lang), 42, 700, w, h) is not None


def _name_box(wide: float, high: float, waiting: bool) -> tuple[float, float]:
    """Room for name and everyday words."""
    foot_row = _LINE_ROW + 14 if waiting else 16
    if _beside(high):
        return wide - _PAD - 24 - 160, high - 20 - foot_row
    return wide - _PAD - 32, high - 30 - _ICON - 14 - foot_row


def _tile(
    paint: Paint, kiosk: Kiosk, area: AreaInfo, x: float, y: float, wide: float, high: float, waiting: bool
) -> None:
    lang = kiosk.state.lang
    color = readable(area.color)
    paint.button(x, y, wide, high, Touch("area", area.code), fill=color)
    paint.panel(x + 16, y, wide - 16, high, theme.CARD, edge=theme.LINE, edge_width=2, radius=28)
    w, h = _name_box(wide, high, waiting)
    if _beside(high):
        left, top = x + _PAD, y + 18
        paint.text(x + wide - 24 - 60, y + 18, 60, 70, area.prefix, 52, 700, color, halign="right", valign="top")
        paint.icon(x + wide - 24 - 150, y + 12, 76, area.icon, color, within=84)
    else:
        left, top = x + _PAD, y + 30 + _ICON + 10
        paint.icon(x + _PAD - 4, y + 28, _ICON, area.icon, color, within=_ICON)
        paint.text(x + wide - 32 - 80, y + 22, 80, 84, area.prefix, 62, 700, color, halign="right")
    name = pick(area.name, lang)
    size = paint.fit(name, 42, 700, w, h) or 30
    below = paint.block(left, top, w, name, size, 700)
    often = pick(area.words, lang)
    room = top + h - below - 4
    if often and (often_size := paint.fit(often, 32, 500, w, room)):
        paint.block(left, below + 2, w, often, often_size, 500, theme.MUTED)
    if waiting:
        line_y = y + high - _LINE_ROW - 10
        paint.panel(left, line_y, wide - _PAD - 32, 2, theme.LINE)
        text = waiting_line(kiosk, view_of(kiosk, area.code))
        paint.text(left, line_y + 4, wide - _PAD - 32, _LINE_ROW, text, 33, 600)
