"""What several screens share: the hall's head with the clock, the slim row at the foot, the waiting line, pages."""

from __future__ import annotations

# ruff: noqa: PLR0917 - x, y, w, h stand in their usual order
from collections.abc import Sequence
from typing import Any

from assets import theme
from assets.texts import clock, long_date, number, pick
from kiosk.flow.state import Touch
from kiosk.screen.kiosk import Kiosk
from kiosk.screen.paint import MARGIN, TARGET, Paint
from server.protocol import KioskArea

HEAD = {True: 186.0, False: 140.0}
"""Height of the head in units: portrait, landscape."""
FOOT = TARGET + 32.0
LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
"""Each language under its own name; one that is not here is shown by its code."""


def head(paint: Paint, kiosk: Kiosk) -> float:
    """The hall's name, its clock and date. Returns the y below."""
    hall, lang = kiosk.state.hall, kiosk.state.lang
    here = kiosk.hall_time()
    date = long_date(here, lang) if here is not None else ""
    right = max(300.0, paint.width_of(date, 32, 500) + 6)
    left = paint.w - 2 * MARGIN - right - 24
    height = HEAD[paint.portrait]
    if hall is not None:
        # Long names make a higher head; very long ones end in an ellipsis rather than above the screen.
        name, place = pick(hall.name, lang), pick(hall.place, lang)
        size = paint.fit(name, 37, 700, left, 110) or 30.0
        name = paint.shortened(name, size, 700, left, 130)
        place = paint.shortened(place, 32, 500, left, 90) if place else ""
        name_h = paint.height_of(name, size, 700, left)
        place_h = paint.height_of(place, 32, 500, left) if place else 0.0
        height = max(height, name_h + place_h + 24)
    paint.panel(0, 0, paint.w, height, theme.BRAND_DARK)
    if hall is not None:
        below = paint.block(MARGIN, (height - name_h - place_h) / 2, left, name, size, 700, theme.CARD)
        if place:
            paint.block(MARGIN, below, left, place, 32, 500, theme.CARD)
    if here is not None:
        x = paint.w - MARGIN - right

        def time_of_day(kiosk: Kiosk) -> str:
            at = kiosk.hall_time()
            return clock(at) if at else ""

        top, high = (height - HEAD[paint.portrait]) / 2, HEAD[paint.portrait]
        words = paint.text(x, top + 12, right, high * 0.56 - 6, clock(here), 64, 700, theme.CARD, halign="right")
        paint.each_second(words, time_of_day)
        paint.text(x, top + high * 0.58, right, high * 0.36, date, 32, 500, theme.CARD, halign="right")
    return height


def foot(paint: Paint, kiosk: Kiosk, ways: Sequence[tuple[Touch, str, bool]] = ()) -> float:
    """The slim row: the other language, further ways on (touch, words, filled), whom to ask. Returns the y above it."""
    _ = kiosk._
    y = paint.h - FOOT
    paint.panel(0, y, paint.w, FOOT, "#E6EDF0")
    x = float(MARGIN)
    for code in kiosk.state.hall.languages if kiosk.state.hall else ():
        if code != kiosk.state.lang:
            name = LANGUAGES.get(code, code)
            wide = max(TARGET + 40, paint.width_of(name, 34, 600) + 56)
            paint.button(
                x, y + 16, wide, TARGET, Touch("language", code), name,
                size=34, weight=600, color=theme.INK, fill=theme.CARD, edge=theme.LINE, edge_width=2, radius=22,
            )  # fmt: skip
            x += wide + 16
    for touch, words, filled in ways:
        wide = min(max(300.0, paint.width_of(words, 36, 700) + 64), (paint.w - x - 320) / 2)
        fill, color = (theme.BRAND, theme.CARD) if filled else (theme.CARD, theme.BRAND_DARK)
        paint.button(
            x, y + 16, wide, TARGET, touch, words,
            size=36, color=color, fill=fill, edge=theme.BRAND, edge_width=3, radius=22,
        )  # fmt: skip
        x += wide + 16
    help_text = pick(kiosk.state.hall.texts.get("help", {}), kiosk.state.lang) if kiosk.state.hall else ""
    paint.text(
        x + 16, y + 8, paint.w - MARGIN - x - 16, FOOT - 16, help_text or _("Cần giúp? Mời gặp cán bộ hướng dẫn"),
        34, 700, theme.INK, halign="right",
    )  # fmt: skip
    return y


def waiting_line(kiosk: Kiosk, area: KioskArea | None) -> str:
    """`7 người đang chờ`, `Đến lượt ngay`, `Chưa nhận số · 13:30` …"""
    _ = kiosk._
    if area is None:
        return ""
    if not area.open:
        return _("Chưa nhận số · %(time)s") % {"time": area.opens_at} if area.opens_at else _("Hôm nay không nhận số")
    if not area.desks_open:
        if area.waiting:
            return _("Hiện chưa có quầy · %(n)s chờ") % {"n": number(area.waiting, kiosk.state.lang)}
        return _("Hiện chưa có quầy")
    if area.waiting == 0:
        return _("Đến lượt ngay") if area.at_once else _("Chưa có ai chờ")
    if area.waiting == 1:
        return _("1 người đang chờ")
    return _("%(n)s người đang chờ") % {"n": number(area.waiting, kiosk.state.lang)}


def view_of(kiosk: Kiosk, code: str) -> KioskArea | None:
    """An area's numbers in the hall's last view; null where it has none of that code."""
    view = kiosk.state.view
    return next((area for area in view.areas if area.code == code), None) if view else None


def pages(
    paint: Paint,
    kiosk: Kiosk,
    x: float,
    y: float,
    w: float,
    page: int,
    count: int,
    starts: Sequence[int] | None = None,
) -> None:
    """Earlier and later page, with where one is between them. `starts`: what a touch names instead of the page."""
    names = starts or range(count)
    _ = kiosk._
    wide = (w - 130) / 2
    style: dict[str, Any] = {
        "size": 36,
        "weight": 600,
        "color": theme.INK,
        "fill": theme.CARD,
        "edge": theme.LINE,
        "edge_width": 3,
    }
    if page > 0:
        paint.button(x, y, wide, TARGET, Touch("turn", names[page - 1]), _("Trang trước"), icon="chevron-left", **style)
    if page + 1 < count:
        paint.button(
            x + w - wide, y, wide, TARGET, Touch("turn", names[page + 1]), _("Trang sau"),
            icon="chevron-right", icon_after=True, **style,
        )  # fmt: skip
    paint.text(x + wide, y, 130, TARGET, f"{page + 1} / {count}", 36, 600, theme.INK, halign="center")
