"""An area's procedures with the papers to bring: to take a number, or only to look. One opens at a time; pages turn.

The list is offered, never forced: the two buttons for a number are always in reach. Whatever is open, every procedure
stands on one of the pages.
"""

from __future__ import annotations

# ruff: noqa: PLR0917 - x, y, w, h stand in their usual order
from bisect import bisect_right

from assets import theme
from assets.texts import pick
from kiosk.flow.paging import page_starts
from kiosk.hall_info import area_of
from kiosk.screen.kiosk import Kiosk
from kiosk.screen.paint import MARGIN, TARGET, Paint, readable
from kiosk.screen.screens.frame import pages, view_of, waiting_line
from kiosk.screen.screens.procedure import PARTS, Sizes, draw_row, parts_of, row_of
from kiosk.screen.screens.take import at_foot, at_side
from server.protocol import ProcedureInfo

_GAP = 18.0
_OPEN: Sizes = (38.0, 34.0, 32.0)
_OPEN_SMALL: Sizes = (32.0, 30.0, 30.0)


def draw(paint: Paint, kiosk: Kiosk) -> None:
    """Area (with the buttons for a number) or papers (without)."""
    _ = kiosk._
    state = kiosk.state
    if state.hall is None or state.area is None:
        return
    taking = state.screen == "area"
    paint.panel(0, 0, paint.w, paint.h, theme.PAPER)
    top = _head(paint, kiosk)
    listed = [procedure for procedure in state.hall.procedures if procedure.area == state.area]
    if paint.portrait:
        bottom = at_foot(paint, kiosk, 0, paint.w, paint.h, taking=taking)
        x, w = float(MARGIN), paint.w - 2 * MARGIN
    else:
        side = 560.0 if paint.w > 1600 else 470.0
        at_side(paint, kiosk, paint.w - side, top, side, taking=taking)
        x, w, bottom = float(MARGIN), paint.w - side - MARGIN - 28, paint.h - 12
    y = top + 24
    if listed:
        _list(paint, kiosk, listed, x, y, w, bottom - y - 20, taking=taking)
    else:
        text = _("Mời Ông/Bà lấy số. Cán bộ sẽ hướng dẫn tại quầy.")
        paint.text(x + 40, y, w - 80, bottom - y - 24, text, 46, 600, halign="center")


def _head(paint: Paint, kiosk: Kiosk) -> float:
    state = kiosk.state
    assert state.hall is not None
    area = area_of(state.hall, state.area or "")
    x, w = MARGIN + 140.0, paint.w - 2 * MARGIN - 140 - 110
    height = 200.0 if paint.portrait else 150.0
    name = pick(area.name, state.lang)
    size = paint.fit(name, 52, 700, w, height * 0.58 - 12) or 34.0
    name_h, line_h = paint.height_of(name, size, 700, w), 50.0
    height = max(height, name_h + line_h + 40)
    top = (height - name_h - line_h) / 2
    paint.panel(0, 0, paint.w, height, readable(area.color))
    paint.icon(MARGIN, height / 2 - 55, 100, area.icon, theme.CARD, within=110)
    paint.block(x, top, w, name, size, 700, theme.CARD)
    seen = view_of(kiosk, area.code)
    line = waiting_line(kiosk, seen)
    if seen is not None and seen.open and seen.desks_open:
        line += " · " + kiosk._("quầy %(desks)s") % {"desks": ", ".join(seen.desks_open)}
    if seen is not None and seen.estimate is not None:
        line += " · " + kiosk._("khoảng %(low)s–%(high)s phút") % seen.estimate
    paint.text(x, top + name_h, w, line_h, line, 34, 500, theme.CARD)
    paint.text(paint.w - MARGIN - 90, 0, 90, height, area.prefix, 84, 800, theme.CARD, halign="right")
    return height


# --- the list -----------------------------------------------------------------------------------------------


def _list(
    paint: Paint, kiosk: Kiosk, listed: list[ProcedureInfo], x: float, y: float, w: float, h: float, *, taking: bool
) -> None:
    """The page on which the procedure of the state's place stands. Where an open one is very long, its type is smaller,
    and the question above the list steps aside; one longer than a whole page goes on on the next."""
    _ = kiosk._
    question = _("Ông/Bà cần làm thủ tục nào?") if taking else _("Chạm vào thủ tục để xem giấy tờ cần có")
    aside = _("(không bắt buộc)") if taking else ""
    asked = _question_height(paint, w, question, aside) + 16
    for sizes, above in ((_OPEN, asked), (_OPEN_SMALL, asked), (_OPEN, 0.0), (_OPEN_SMALL, 0.0)):
        rows = [row_of(paint, kiosk, one, n, w, sizes) for n, one in enumerate(listed)]
        room = h - above - (TARGET + _GAP if len(rows) > 1 else 0)
        if max(row.height for row in rows) <= room:
            break
    rows = [part for row in rows for part in parts_of(paint, kiosk, row, w, h - above - TARGET - _GAP)]
    if above:
        _question(paint, x, y, w, question, aside)
    starts = page_starts([row.height for row in rows], h - above, _GAP, TARGET + _GAP)
    keys = [row.key for row in rows]
    wanted = kiosk.state.page if kiosk.state.page in keys else min(kiosk.state.page % PARTS, len(listed) - 1)
    page = bisect_right(starts, keys.index(wanted)) - 1
    end = starts[page + 1] if page + 1 < len(starts) else len(rows)
    at = y + above
    for row in rows[starts[page] : end]:
        draw_row(paint, kiosk, row, x, at, w)
        at += row.height + _GAP
    if len(starts) > 1:
        pages(paint, kiosk, x, y + h - TARGET, w, page, len(starts), [keys[start] for start in starts])


def _question_height(paint: Paint, w: float, question: str, aside: str) -> float:
    wide = paint.width_of(question, 42, 700)
    if aside and wide + 16 + paint.width_of(aside, 34, 500) <= w:
        return paint.height_of(question, 42, 700, wide + 2)
    high = paint.height_of(question, 42 if wide <= w else 38, 700, w)
    return high + (paint.height_of(aside, 34, 500, w) if aside else 0)


def _question(paint: Paint, x: float, y: float, w: float, question: str, aside: str) -> None:
    wide = paint.width_of(question, 42, 700)
    if aside and wide + 16 + paint.width_of(aside, 34, 500) <= w:
        below = paint.block(x, y, wide + 2, question, 42, 700)
        paint.text(x + wide + 16, y, w - wide - 16, below - y, aside, 34, 500, theme.MUTED)
        return
    below = paint.block(x, y, w, question, 42 if wide <= w else 38, 700)
    if aside:
        paint.block(x, below, w, aside, 34, 500, theme.MUTED)
