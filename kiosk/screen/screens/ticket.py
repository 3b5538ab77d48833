"""The number is the screen. "Take your paper" stands there only once the printer has answered for it."""

from __future__ import annotations

# ruff: noqa: PLR0917 - x, y, w, h stand in their usual order
from typing import Any

from assets import theme
from assets.texts import number, pick
from kiosk.flow.cancelling import may_cancel
from kiosk.flow.shown import seconds_left
from kiosk.flow.standing import desk_of
from kiosk.flow.state import Given, Touch
from kiosk.hall_info import area_of
from kiosk.screen.kiosk import Kiosk
from kiosk.screen.paint import Paint, readable
from kiosk.screen.screens.frame import view_of

PANEL = "#21515B"
"""The notice on the dark ground: white stands out 8.9:1."""
_SIDE = 100.0


def draw(paint: Paint, kiosk: Kiosk) -> None:
    """The number, and what its citizen does now."""
    one = kiosk.state.number_shown()
    if one is None or kiosk.state.hall is None:
        return
    paint.panel(0, 0, paint.w, paint.h, theme.BRAND_DARK)
    if paint.portrait:
        w = paint.w - 2 * _SIDE
        _heading(paint, kiosk, one, _SIDE, 90, w)
        _card(paint, kiosk, one, _SIDE, 420, w, 664)
        _notice(paint, kiosk, one, _SIDE, 1120, w, 230)
        _buttons(paint, kiosk, one, _SIDE, paint.h - 70, w)
        return
    left_w = paint.w * 0.53 - 90
    _card(paint, kiosk, one, 70, 70, left_w, paint.h - 140)
    x = 70 + left_w + 50
    w = paint.w - x - 60
    _heading(paint, kiosk, one, x, 50, w)
    _notice(paint, kiosk, one, x, 400, w, 260)
    _buttons(paint, kiosk, one, x, paint.h - 60, w)


def _heading(paint: Paint, kiosk: Kiosk, one: Given, x: float, y: float, w: float) -> None:
    _ = kiosk._
    ready = one.paper in {"confirmed", "sent"}
    middle = x + w / 2
    paint.panel(middle - 60, y, 120, 120, theme.GOLD if ready else PANEL, radius=60)
    icon, color = ("check-bold", theme.BRAND_DARK) if ready else ("printer-outline", theme.CARD)
    paint.icon(middle - 60, y, 76, icon, color, within=120)
    if ready:
        assert kiosk.state.hall is not None
        slot = pick(kiosk.state.hall.texts.get("slot", {}), kiosk.state.lang) or _("ở khe bên dưới màn hình")
        paint.text(x, y + 136, w, 84, _("Mời Ông/Bà lấy phiếu"), 62, 700, theme.CARD, halign="center")
        paint.text(x, y + 222, w, 84, slot, 38, 500, theme.CARD, halign="center", valign="top")
    else:
        paint.text(x, y + 136, w, 84, _("Đang in phiếu…"), 62, 700, theme.CARD, halign="center")
        text = _("Xin Ông/Bà chờ trong giây lát")
        paint.text(x, y + 222, w, 84, text, 38, 500, theme.CARD, halign="center", valign="top")


def _card(paint: Paint, kiosk: Kiosk, one: Given, x: float, y: float, w: float, h: float) -> None:
    _ = kiosk._
    state = kiosk.state
    assert state.hall is not None
    area = area_of(state.hall, one.ticket.area)
    color = readable(area.color)
    paint.panel(x, y, w, h, color, radius=36)
    paint.panel(x, y + 24, w, h - 24, theme.CARD, corners=(24, 24, 36, 36))
    facts = h - 190
    name = f"{area.prefix} · {pick(area.name, state.lang)}" if area.prefix else pick(area.name, state.lang)
    icon_w = 74.0
    name_w = min(paint.width_of(name, 48, 700), w - 100 - icon_w)
    left = x + (w - name_w - icon_w) / 2
    size = paint.fit(name, 48, 700, name_w + 4, 92) or 32.0
    name_h = max(92.0, paint.height_of(name, size, 700, name_w + 4))
    paint.icon(left, y + 34 + (name_h - 68) / 2, 60, area.icon, color, within=64)
    paint.text(left + icon_w, y + 34, name_w + 4, name_h + 1, name, size, 700, color)
    mark = 0.0
    if one.ticket.priority:
        mark = 72.0
        text = _("Ưu tiên")
        wide = paint.width_of(text, 36, 700) + 60
        paint.panel(x + (w - wide) / 2, facts - 80 + y, wide, 62, theme.GOLD, radius=31)
        paint.text(x + (w - wide) / 2, facts - 80 + y, wide, 62, text, 36, 700, theme.GOLD_INK, halign="center")
    digits(paint, one.ticket.number, x + w * 0.06, y + 40 + name_h, w * 0.88, facts - 40 - name_h - mark - 16)
    paint.panel(x + 50, y + facts, w - 100, 3, theme.LINE)
    columns = [
        (number(one.ticket.ahead, state.lang), _("người chờ trước")),
        (", ".join(one.ticket.desks) if served(kiosk, one) else "", _("quầy phục vụ")),
    ]
    if desk := desk_of(state, one):
        columns = [(desk, _("quầy phục vụ"))]
    elif one.ticket.estimate is not None:
        columns.insert(1, (f"{one.ticket.estimate['low']}–{one.ticket.estimate['high']}", _("phút chờ dự kiến")))
    columns = [column for column in columns if column[0]]
    wide = (w - 100) / len(columns)
    for n, (figure, label) in enumerate(columns):
        left = x + 50 + n * wide
        paint.text(left, y + facts + 18, wide, 92, figure, 72, 700, theme.INK, halign="center", smallest=36)
        paint.text(left, y + facts + 108, wide, 60, label, 34, 500, theme.MUTED, halign="center")


def digits(paint: Paint, text: str, x: float, y: float, w: float, h: float) -> None:
    """The number so large that its digits, not their line, fill the box: they are 0.73 of the type's size high."""
    size = min(h / 0.76, 560.0)
    while size > 90 and paint.width_of(text, size, 800) > w:
        size -= 6
    line = paint.height_of(text, size, 800, w + 20)
    paint.text(
        x - 10, y + (h - line) / 2 - size * 0.015, w + 20, line + 2, text, size, 800, halign="center", smallest=90
    )


def served(kiosk: Kiosk, one: Given) -> bool:
    """Is a desk of its area open now, as far as is known? The one on its paper may have closed since."""
    seen = view_of(kiosk, one.ticket.area)
    return seen is None or bool(seen.desks_open)


def _notice(paint: Paint, kiosk: Kiosk, one: Given, x: float, y: float, w: float, h: float) -> None:
    _ = kiosk._
    text = _("Mời Ông/Bà ngồi chờ. Khi đến lượt, số được gọi trên loa và màn hình. Số ưu tiên có thể được mời trước.")
    announces = kiosk.state.view.announces if kiosk.state.view else None
    if announces == "shown" or (kiosk.state.hall is not None and not kiosk.state.hall.voice):
        text = _("Mời Ông/Bà ngồi chờ. Khi đến lượt, số hiện trên màn hình. Số ưu tiên có thể được mời trước.")
    if announces == "none":
        text = _("Mời Ông/Bà ngồi chờ. Khi đến lượt, cán bộ gọi số của Ông/Bà. Số ưu tiên có thể được mời trước.")
    if not served(kiosk, one):
        text = _("Lĩnh vực này hiện chưa có quầy phục vụ. Số của Ông/Bà vẫn được giữ và được gọi khi có quầy.")
    if desk := desk_of(kiosk.state, one):
        text = _("Số của Ông/Bà đang được gọi. Mời Ông/Bà đến quầy %(desk)s.") % {"desk": desk}
    if kiosk.state.note == "cancelling":
        text = _("Đang hủy số…")
    if kiosk.state.note == "cancel_failed":
        text = _("Chưa hủy được số này. Mời Ông/Bà báo cán bộ hướng dẫn.")
    if kiosk.state.note == "cancel_unreachable":
        text = _("Mất kết nối nên chưa rõ số này đã được hủy hay chưa. Mời Ông/Bà báo cán bộ hướng dẫn.")
    called = bool(desk) and not kiosk.state.note
    paint.panel(x, y, w, h, theme.GOLD if called else PANEL, radius=28)
    ink, size, weight = (theme.GOLD_INK, 44, 700) if called else (theme.CARD, 36, 500)
    paint.text(x + 44, y + 16, w - 88, h - 32, text, size, weight, ink)


def _buttons(paint: Paint, kiosk: Kiosk, one: Given, x: float, bottom: float, w: float) -> None:
    """From the bottom up: done; another number and wrong choice."""
    _ = kiosk._
    y = bottom - 136
    ready = one.paper in {"confirmed", "sent"}

    def done(kiosk: Kiosk) -> str:
        left = seconds_left(kiosk.state, kiosk.now)
        return _("Xong (%(n)s)") % {"n": left} if ready and left is not None else _("Xong")

    words = paint.button(x, y, w, 136, Touch("done"), done(kiosk), size=46, color=theme.GOLD_INK, fill=theme.GOLD)
    paint.each_second(words, done)
    y -= 24 + 150
    style: dict[str, Any] = {"size": 36, "weight": 600, "fill": theme.BRAND_DARK, "edge": "#9DB4BA", "edge_width": 3}
    half = (w - 24) / 2
    left_to_cancel = may_cancel(kiosk.state, kiosk.now)
    wide = half if left_to_cancel is not None else w
    paint.button(x, y, wide, 150, Touch("another"), _("Lấy thêm số cho người khác"), **style)
    if left_to_cancel is not None:

        def wrong(kiosk: Kiosk) -> str:
            return _("Chọn nhầm – hủy số này (%(n)s)") % {"n": may_cancel(kiosk.state, kiosk.now) or 0}

        words = paint.button(x + half + 24, y, half, 150, Touch("wrong"), wrong(kiosk), **style)
        paint.each_second(words, wrong)
