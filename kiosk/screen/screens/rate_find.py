"""Whose rating: the number from the paper and, if at hand, its two-digit code; or a tap on one of those just served."""

from __future__ import annotations

# ruff: noqa: PLR0917 - x, y, w, h stand in their usual order
from assets import theme
from assets.texts import pick
from kiosk.flow.rating import SHORTEST_NUMBER
from kiosk.flow.state import Touch
from kiosk.hall_info import area_of
from kiosk.screen.kiosk import Kiosk
from kiosk.screen.paint import MARGIN, TARGET, Paint
from kiosk.screen.screens.frame import pages

_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0", "<")


def draw(paint: Paint, kiosk: Kiosk) -> None:
    """Which visit is rated: those that ended a moment ago, or the number from the paper."""
    _ = kiosk._
    paint.panel(0, 0, paint.w, paint.h, theme.PAPER)
    head = 134.0 if paint.portrait else 116.0
    paint.panel(0, 0, paint.w, head, theme.BRAND_DARK)
    paint.text(MARGIN, 0, paint.w - 2 * MARGIN, head, _("Đánh giá phục vụ"), 46, 700, theme.CARD)
    back_y = paint.h - 44 - TARGET
    if paint.portrait:
        w = paint.w - 2 * MARGIN
        below = _fields(paint, kiosk, MARGIN, _mistake(paint, kiosk, MARGIN, head + 24, w), w)
        below = _keypad(paint, kiosk, MARGIN, below + 16, w, 140)
        _ended(paint, kiosk, MARGIN, below + 30, w, back_y - below - 30 - 24)
        _back(paint, kiosk, MARGIN, back_y, w)
        return
    w = paint.w * 0.5 - MARGIN - 20
    below = _fields(paint, kiosk, MARGIN, head + 16, w)
    _keypad(paint, kiosk, MARGIN, below + 12, w, (paint.h - below - 12 - 20) / 5 - 10)
    x = MARGIN + w + 40
    w = paint.w - x - MARGIN
    y = _mistake(paint, kiosk, x, head + 24, w)
    _ended(paint, kiosk, x, y, w, back_y - y - 24)
    _back(paint, kiosk, x, back_y, w)


def _mistake(paint: Paint, kiosk: Kiosk, x: float, y: float, w: float) -> float:
    """What was wrong with the number, if something was. Returns the y below."""
    text = _regret(kiosk)
    return paint.block(x, y, w, text, 34, 700, theme.BAD) + 12 if text else y


def _regret(kiosk: Kiosk) -> str:
    """Why this number cannot be rated; "" while nothing is wrong."""
    _ = kiosk._
    match kiosk.state.note:
        case "unknown_number" if kiosk.state.rating.code:
            return _("Số và mã này không khớp với phiếu nào hôm nay. Mời Ông/Bà xem lại phiếu.")
        case "unknown_number":
            return _("Hôm nay không có số này. Mời Ông/Bà xem lại số trên phiếu.")
        case "not_served":
            return _("Số này chưa được phục vụ. Mời Ông/Bà đánh giá sau khi được phục vụ.")
        case "already_rated":
            return _("Số này đã được đánh giá. Cảm ơn Ông/Bà.")
        case "too_late":
            return _("Đã quá thời gian đánh giá số này. Cảm ơn Ông/Bà.")
        case "find_failed":
            return _("Chưa kiểm tra được số này. Mời Ông/Bà chạm “Tiếp tục” lần nữa.")
    return ""


def _back(paint: Paint, kiosk: Kiosk, x: float, y: float, w: float) -> None:
    paint.button(
        x, y, w, TARGET, Touch("back"), kiosk._("Quay lại"),
        size=40, weight=600, color=theme.INK, fill=theme.CARD, edge=theme.LINE, edge_width=3, icon="chevron-left",
    )  # fmt: skip


def _fields(paint: Paint, kiosk: Kiosk, x: float, y: float, w: float) -> float:
    """Number and code as two boxes; the one being filled has a strong edge. Returns the y below."""
    _ = kiosk._
    rating = kiosk.state.rating
    wide = (w - 24) * 0.56
    boxes = (
        (x, wide, "number", _("Số trên phiếu"), rating.number, not rating.in_code),
        (x + wide + 24, w - 24 - wide, "code", _("Mã đánh giá (nếu có)"), rating.code, rating.in_code),
    )
    label_h = max(paint.height_of(box[3], 32, 600, box[1] - 48) for box in boxes)
    high = label_h + 20 + 96
    for left, width, field, label, value, chosen in boxes:
        edge, edge_width = (theme.BRAND, 6) if chosen else (theme.LINE, 3)
        paint.button(left, y, width, high, Touch("field", field), fill=theme.CARD, edge=edge, edge_width=edge_width)
        paint.text(left + 24, y + 10, width - 48, label_h, label, 32, 600, theme.MUTED)
        paint.text(left + 24, y + 12 + label_h, width - 48, 96, value or "–", 72, 700, theme.INK)
    return y + high


def _keypad(paint: Paint, kiosk: Kiosk, x: float, y: float, w: float, high: float) -> float:
    _ = kiosk._
    high = max(high, float(TARGET))
    wide = (w - 2 * 14) / 3
    for n, key in enumerate(_KEYS):
        left, top = x + (n % 3) * (wide + 14), y + (n // 3) * (high + 12)
        if key == "<":
            paint.button(left, top, wide, high, Touch("erase"), fill=theme.CARD, edge=theme.LINE, edge_width=3)
            paint.icon(left + wide / 2 - 36, top + high / 2 - 36, 60, "backspace-outline", theme.INK, within=72)
        elif key:
            paint.button(
                left, top, wide, high, Touch("digit", key), key,
                size=56, color=theme.INK, fill=theme.CARD, edge=theme.LINE, edge_width=3,
            )  # fmt: skip
    y += 4 * (high + 12)
    if kiosk.state.note == "finding":
        paint.text(x, y, w, high, _("Đang tìm số…"), 44, 700, theme.INK, halign="center")
    elif len(kiosk.state.rating.number) >= SHORTEST_NUMBER:
        paint.button(x, y, w, high, Touch("find"), _("Tiếp tục"), size=44)
    else:
        paint.text(x, y, w, high, _("Bấm số thứ tự ghi trên phiếu"), 36, 500, theme.MUTED, halign="center")
    return y + high


def _ended(paint: Paint, kiosk: Kiosk, x: float, y: float, w: float, h: float) -> None:
    """Those just served, to be picked; pages where there are many."""
    _ = kiosk._
    view, hall = kiosk.state.view, kiosk.state.hall
    ended = view.ended if view else ()
    if not ended or hall is None:
        return
    title = _("Hoặc chọn số vừa được phục vụ")
    below = paint.block(x, y, w, title, 38, 700) + 14
    columns = max(1, int((w + 16) // 300))
    wide = (w - 16 * (columns - 1)) / columns
    room = y + h - below
    rows = max(1, int((room + 14) // (TARGET + 14)))
    if len(ended) > rows * columns and rows > 1:
        rows -= 1
    size = rows * columns
    count = -(-len(ended) // size)
    page = min(kiosk.state.page, count - 1)
    for n, one in enumerate(ended[page * size : (page + 1) * size]):
        left, top = x + (n % columns) * (wide + 16), below + (n // columns) * (TARGET + 14)
        paint.button(left, top, wide, TARGET, Touch("pick", one.ticket), fill=theme.CARD, edge=theme.LINE, edge_width=3)
        paint.text(left + 24, top + 4, wide - 48, 66, one.number, 46, 700, theme.INK)
        words = (
            _("quầy %(desks)s") % {"desks": one.desk}
            if one.desk
            else pick(area_of(hall, one.area).name, kiosk.state.lang)
        )
        paint.text(left + 24, top + 68, wide - 48, 46, words, 32, 500, theme.MUTED)
    if count > 1 and rows * (TARGET + 14) + TARGET <= room:
        pages(paint, kiosk, x, below + rows * (TARGET + 14), w, page, count)
