"""The paper failed: the number, huge, to write down or photograph. Nobody loses a place over a printer.

After a restart it stands here even before the hall has greeted: then without its area's name, and not to be printed.
"""

from __future__ import annotations

# ruff: noqa: PLR0917 - x, y, w, h stand in their usual order
from assets import theme
from assets.texts import number, pick
from kiosk.flow.cancelling import may_cancel
from kiosk.flow.shown import is_fresh, seconds_left
from kiosk.flow.standing import may_print
from kiosk.flow.state import Given, Touch
from kiosk.hall_info import area_of
from kiosk.screen.kiosk import Kiosk
from kiosk.screen.paint import Paint, readable
from kiosk.screen.screens.ticket import digits, served
from server.protocol import AreaInfo

_TOLD = frozenset({"paper_out", "cover_open", "jam", "offline", "timeout"})
"""Faults that the desks are told of."""


def draw(paint: Paint, kiosk: Kiosk) -> None:
    """The number, large, where its paper has not come out."""
    _ = kiosk._
    one = kiosk.state.number_shown()
    if one is None:
        return
    paint.panel(0, 0, paint.w, paint.h, theme.CARD)
    head = 274.0 if paint.portrait else 210.0
    paint.panel(0, 0, paint.w, head, theme.GOLD)
    title, under = _title(kiosk, one)
    side = 100.0 if paint.portrait else 60.0
    paint.text(side, head * 0.14, paint.w - 2 * side, head * 0.46, title, 60, 700, theme.GOLD_INK, halign="center")
    paint.text(side, head * 0.58, paint.w - 2 * side, head * 0.28, under, 40, 600, theme.GOLD_INK, halign="center")
    if paint.portrait:
        w = paint.w - 2 * side
        paint.text(side, 330, w, 84, _("Số của Ông/Bà là"), 44, 600, theme.INK, halign="center")
        digits(paint, one.ticket.number, 40, 420, paint.w - 80, 420)
        below = _facts(paint, kiosk, one, side, 850, w)
        _advice(paint, kiosk, one, side, below + 40, w, paint.h - 70 - 300 - below - 80)
        _buttons(paint, kiosk, one, side, paint.h - 70, w)
        return
    left_w = paint.w * 0.55 - 60
    paint.text(40, head + 20, left_w, 76, _("Số của Ông/Bà là"), 44, 600, theme.INK, halign="center")
    digits(paint, one.ticket.number, 40, head + 100, left_w, 380)
    _facts(paint, kiosk, one, 40, head + 490, left_w)
    x = 40 + left_w + 50
    w = paint.w - x - 60
    _advice(paint, kiosk, one, x, head + 40, w, paint.h - 60 - 300 - head - 80)
    _buttons(paint, kiosk, one, x, paint.h - 60, w)


def _title(kiosk: Kiosk, one: Given) -> tuple[str, str]:
    _ = kiosk._
    kept = _("Số của Ông/Bà vẫn được giữ")
    if not one.known or not may_print(kiosk.state, one):
        kept = _("Chưa rõ số này còn chờ gọi hay không")
    if one.paper == "late":
        return _("Đã có số của Ông/Bà"), _("Phiếu chưa được in") if may_print(kiosk.state, one) else kept
    if one.paper == "unknown":
        return _("Chưa rõ phiếu đã in hay chưa"), kept
    return _("Máy chưa in được phiếu"), kept


def _facts(paint: Paint, kiosk: Kiosk, one: Given, x: float, y: float, w: float) -> float:
    _ = kiosk._
    state = kiosk.state
    if state.hall is not None:
        y = _area(paint, area_of(state.hall, one.ticket.area), state.lang, x, y, w)
    parts = []
    if is_fresh(one, kiosk.now):
        parts.append(_("%(n)s người chờ trước") % {"n": number(one.ticket.ahead, state.lang)})
    if one.ticket.desks and is_fresh(one, kiosk.now) and served(kiosk, one):
        parts.append(_("quầy %(desks)s") % {"desks": ", ".join(one.ticket.desks)})
    if one.ticket.priority:
        parts.append(_("số ưu tiên"))
    if parts:
        y = paint.block(x, y + 14, w, " · ".join(parts), 38, 500, halign="center")
    if one.ticket.rating_code:
        text = _("mã %(code)s để đánh giá phục vụ") % {"code": one.ticket.rating_code}
        y = paint.block(x, y + 4, w, text, 38, 700, halign="center")
    return y


def _area(paint: Paint, area: AreaInfo, lang: str, x: float, y: float, w: float) -> float:
    color = readable(area.color)
    name = f"{area.prefix} · {pick(area.name, lang)}" if area.prefix else pick(area.name, lang)
    size = paint.fit(name, 48, 700, w - 90, 190) or 30
    name_w = min(paint.width_of(name, size, 700), w - 90)
    high = paint.height_of(name, size, 700, name_w + 4)
    left = x + (w - name_w - 84) / 2
    paint.icon(left, y + (high - 68) / 2, 64, area.icon, color, within=68)
    return paint.block(left + 84, y, name_w + 4, name, size, 700, color)


def _advice(paint: Paint, kiosk: Kiosk, one: Given, x: float, y: float, w: float, h: float) -> None:
    _ = kiosk._
    staff = {
        "paper_out": _("Máy hết giấy. Cán bộ đã được báo và sẽ thay giấy."),
        "cover_open": _("Nắp máy in đang mở. Cán bộ đã được báo."),
        "jam": _("Máy bị kẹt giấy. Cán bộ đã được báo."),
        "offline": _("Máy in mất kết nối. Cán bộ đã được báo."),
        "late": _("Chạm “In phiếu” nếu Ông/Bà cần phiếu giấy."),
        "unknown": _("Nếu chưa có phiếu trong tay, Ông/Bà chạm “In lại”."),
        "failed": _("Chạm “In lại” nếu Ông/Bà cần phiếu giấy."),
    }.get(one.paper, _("Máy in không trả lời. Cán bộ đã được báo."))
    if not kiosk.state.linked and one.paper not in {"late", "unknown", "failed"}:
        staff = _("Máy chưa in được và đang mất kết nối. Mời Ông/Bà báo cán bộ hướng dẫn.")
    elif kiosk.state.view and not any(area.desks_open for area in kiosk.state.view.areas) and one.paper in _TOLD:
        staff = _("Mời Ông/Bà báo cán bộ hướng dẫn.")  # the desks were told, but nobody sits there
    if not may_print(kiosk.state, one):
        staff = _("Máy lấy số tạm mất kết nối nên chưa in được phiếu. Mời Ông/Bà báo cán bộ hướng dẫn.")
        if kiosk.state.refused:
            staff = _("Máy này tạm ngừng in phiếu. Mời Ông/Bà báo cán bộ hướng dẫn.")
    if kiosk.state.note == "cancelling":
        staff = _("Đang hủy số…")
    if kiosk.state.note == "cancel_failed":
        staff = _("Chưa hủy được số này. Mời Ông/Bà báo cán bộ hướng dẫn.")
    if kiosk.state.note == "cancel_unreachable":
        staff = _("Mất kết nối nên chưa rõ số này đã được hủy hay chưa. Mời Ông/Bà báo cán bộ hướng dẫn.")
    text = _("Vui lòng ghi lại hoặc chụp ảnh màn hình này.")
    size = 40.0
    first = paint.height_of(text, size, 700, w)
    paint.block(x, y, w, text, size, 700, halign="center")
    paint.text(x, y + first + 6, w, max(60, h - first - 6), staff, size, 500, halign="center", valign="top")


def _buttons(paint: Paint, kiosk: Kiosk, one: Given, x: float, bottom: float, w: float) -> None:
    _ = kiosk._
    y = bottom - 138

    def close(kiosk: Kiosk) -> str:
        return _("Tôi đã ghi số · đóng (%(n)s)") % {"n": seconds_left(kiosk.state, kiosk.now) or 0}

    words = paint.button(
        x, y, w, 138, Touch("done"), close(kiosk),
        size=42, weight=600, color=theme.INK, fill=theme.CARD, edge=theme.LINE, edge_width=3,
    )  # fmt: skip
    paint.each_second(words, close)
    if not may_print(kiosk.state, one):
        return
    text = _("In phiếu") if one.paper == "late" else _("In lại")
    left = may_cancel(kiosk.state, kiosk.now)
    half = (w - 24) / 2
    paint.button(x, y - 24 - 138, half if left is not None else w, 138, Touch("print_again"), text, size=44)
    if left is not None:

        def wrong(kiosk: Kiosk) -> str:
            return _("Chọn nhầm – hủy số này (%(n)s)") % {"n": may_cancel(kiosk.state, kiosk.now) or 0}

        words = paint.button(
            x + half + 24, y - 24 - 138, half, 138, Touch("wrong"), wrong(kiosk),
            size=36, weight=600, color=theme.INK, fill=theme.CARD, edge=theme.LINE, edge_width=3,
        )  # fmt: skip
        paint.each_second(words, wrong)
