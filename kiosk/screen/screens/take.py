"""The buttons beside a list of procedures: a number, a priority number, the way from the papers to them; and back."""

from __future__ import annotations

# ruff: noqa: PLR0917 - x, y, w, h stand in their usual order
from assets import theme
from assets.texts import pick
from kiosk.flow.state import Touch
from kiosk.screen.kiosk import Kiosk
from kiosk.screen.paint import MARGIN, TARGET, Paint
from kiosk.screen.screens.frame import view_of


def at_foot(paint: Paint, kiosk: Kiosk, x: float, w: float, bottom: float, *, taking: bool) -> float:
    """Upright: at the foot. Returns the y above."""
    inner = w - 2 * MARGIN
    back_y = bottom - 50 - TARGET
    left, half = x + MARGIN, (inner - 26) / 2
    if not taking:
        paint.panel(x, back_y - 30, w, bottom - back_y + 30, theme.CARD)
        if _may_take(kiosk):
            back_w = 330.0
            _take_for_this(paint, kiosk, left + back_w + 26, back_y, inner - back_w - 26)
            _back(paint, kiosk, left, back_y, back_w)
        else:
            _back(paint, kiosk, left, back_y, inner)
        return back_y - 30
    high = max(190.0, _first_height(paint, kiosk, half))
    take_y = back_y - 28 - high
    top = take_y - 30
    paint.panel(x, top, w, bottom - top, theme.CARD)
    paint.panel(x, top, w, 2, theme.LINE)
    _takes(paint, kiosk, [(left, take_y, half, high), (left + half + 26, take_y, half, high)])
    _back(paint, kiosk, left, back_y, inner)
    return top


def at_side(paint: Paint, kiosk: Kiosk, x: float, top: float, w: float, *, taking: bool) -> None:
    """Across: in a column on the right."""
    paint.panel(x, top, w, paint.h - top, theme.CARD)
    paint.panel(x, top, 2, paint.h - top, theme.LINE)
    inner, left = w - 80, x + 40
    back_y = paint.h - 36 - TARGET
    _back(paint, kiosk, left, back_y, inner)
    if not taking:
        if _may_take(kiosk):
            _take_for_this(paint, kiosk, left, back_y - 28 - 170, inner, 170.0)
        return
    first_h = max(190.0, min(_first_height(paint, kiosk, inner), back_y - top - 28 - 24 - 150 - 24))
    first_y = back_y - 28 - first_h
    plain_h = min(190.0, first_y - 24 - top - 24)
    _takes(paint, kiosk, [(left, first_y - 24 - plain_h, inner, plain_h), (left, first_y, inner, first_h)])


def _rule(kiosk: Kiosk) -> str:
    """Who has priority, without that word before it: it stands above."""
    assert kiosk.state.hall is not None
    rule, word = pick(kiosk.state.hall.priority.rule, kiosk.state.lang), kiosk._("Ưu tiên")
    if rule.lower().startswith(word.lower() + ":"):
        rule = rule[len(word) + 1 :].strip()
    return rule[:1].upper() + rule[1:]


def _first_height(paint: Paint, kiosk: Kiosk, w: float) -> float:
    """Height of the button for a priority number: its title, and for whom it is."""
    rule = _rule(kiosk)
    return 90 + (paint.height_of(rule, 30, 500, w - 48) if rule else 0) + 20


def _takes(paint: Paint, kiosk: Kiosk, boxes: list[tuple[float, float, float, float]]) -> None:
    """The two buttons for a number; where the area gives none now, when it will."""
    _ = kiosk._
    seen = view_of(kiosk, kiosk.state.area or "")
    if seen is not None and not seen.open:
        x, y, _w, _h = boxes[0]
        right = max(box[0] + box[2] for box in boxes)
        low = max(box[1] + box[3] for box in boxes)
        text = _("Lĩnh vực này nhận số từ %(time)s") % {"time": seen.opens_at} if seen.opens_at else ""
        paint.panel(x, y, right - x, low - y, theme.GOLD_LIGHT, radius=28)
        paint.text(
            x + 30, y + 10, right - x - 60, low - y - 20, text or _("Lĩnh vực này hôm nay không nhận số"),
            42, 700, theme.WARN, halign="center",
        )  # fmt: skip
        return
    plain, (x, y, w, h) = boxes
    paint.button(*plain, Touch("take", False), _("Lấy số thường"), size=48)
    # Outlined: it is not to tempt whom it is not for, and says whom it is for.
    title, rule = _("Lấy số ưu tiên"), _rule(kiosk)
    paint.button(x, y, w, h, Touch("take", True), fill=theme.CARD, edge=theme.BRAND, edge_width=4)
    title_h = 70.0 if rule else h - 40
    paint.text(x + 24, y + 16, w - 48, title_h, title, 44, 700, theme.BRAND_DARK, halign="center")
    if rule:
        room = h - title_h - 16 - 14
        rule = paint.shortened(rule, 30, 500, w - 48, room)
        paint.text(x + 24, y + 16 + title_h, w - 48, room, rule, 30, 500, theme.INK, halign="center", valign="top")


def _may_take(kiosk: Kiosk) -> bool:
    seen = view_of(kiosk, kiosk.state.area or "")
    return kiosk.state.linked and seen is not None and seen.open


def _take_for_this(paint: Paint, kiosk: Kiosk, x: float, y: float, w: float, h: float = TARGET) -> None:
    _ = kiosk._
    text = _("Lấy số cho thủ tục này") if kiosk.state.opened else _("Lấy số lĩnh vực này")
    paint.button(x, y, w, h, Touch("take_for_this"), text, size=40)


def _back(paint: Paint, kiosk: Kiosk, x: float, y: float, w: float) -> None:
    paint.button(
        x, y, w, TARGET, Touch("back"), kiosk._("Quay lại"),
        size=40, weight=600, color=theme.INK, fill=theme.CARD, edge=theme.LINE, edge_width=3, icon="chevron-left",
    )  # fmt: skip
