"""Screens of one sentence: please wait, thanks, not possible, closed, cut off; each with what to do and whom to ask."""

from __future__ import annotations

# ruff: noqa: PLR0917 - x, y, w, h stand in their usual order
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from assets import theme
from assets.texts import clock, long_date
from kiosk.flow.cancelling import may_restore
from kiosk.flow.shown import seconds_left
from kiosk.flow.state import Touch
from kiosk.screen.kiosk import Kiosk
from kiosk.screen.paint import MARGIN, SMALLEST, TARGET, Paint
from kiosk.screen.screens.frame import foot, head
from kiosk.screen.screens.home import banner
from kiosk.screen.widgets import Words


def wait(paint: Paint, kiosk: Kiosk) -> None:
    """Asked, not yet answered."""
    _ = kiosk._
    text = _("Đang lấy số…") if kiosk.state.screen == "asking" else _("Đang gửi đánh giá…")
    paint.panel(0, 0, paint.w, paint.h, theme.BRAND_DARK)
    y = paint.h / 2 - 190
    paint.panel(paint.w / 2 - 80, y, 160, 160, "#21515B", radius=80)
    paint.icon(paint.w / 2 - 80, y, 96, "timer-sand", theme.CARD, within=160)
    paint.text(100, y + 190, paint.w - 200, 90, text, 62, 700, theme.CARD, halign="center")
    under = _("Xin Ông/Bà chờ trong giây lát")
    paint.text(100, y + 286, paint.w - 200, 70, under, 40, 500, theme.CARD, halign="center")


def thanks(paint: Paint, kiosk: Kiosk) -> None:
    """What was done, in a sentence."""
    _ = kiosk._
    state = kiosk.state
    number = {"number": state.note_number}
    if state.note in {"cancelled", "restoring"}:
        title = _("Đã hủy số %(number)s") % number
        under = _("Nếu đã có phiếu, phiếu đó không còn giá trị.")
        if state.note == "restoring":
            under = _("Đang lấy lại số…")
    else:
        title, under = _("Cảm ơn Ông/Bà!"), _("Đánh giá đã được ghi nhận.")
    paint.panel(0, 0, paint.w, paint.h, theme.BRAND_DARK)
    y = paint.h / 2 - 330
    paint.panel(paint.w / 2 - 80, y, 160, 160, theme.GOLD, radius=80)
    paint.icon(paint.w / 2 - 80, y, 100, "check-bold", theme.BRAND_DARK, within=160)
    paint.text(100, y + 190, paint.w - 200, 100, title, 66, 700, theme.CARD, halign="center")
    paint.text(100, y + 296, paint.w - 200, 110, under, 40, 500, theme.CARD, halign="center", valign="top")
    w = min(880.0, paint.w - 200)
    x, y = (paint.w - w) / 2, paint.h - 220
    paint.button(x, y, w, 136, Touch("done"), _("Xong"), size=46, color=theme.GOLD_INK, fill=theme.GOLD)
    if may_restore(state):

        def back(kiosk: Kiosk) -> str:
            left = seconds_left(kiosk.state, kiosk.now) or 0
            return _("Lấy lại số %(number)s (%(n)s)") % {"number": kiosk.state.note_number, "n": left}

        words = paint.button(
            x, y - 24 - 136, w, 136, Touch("restore"), back(kiosk),
            size=42, weight=600, fill=theme.BRAND_DARK, edge="#9DB4BA", edge_width=3,
        )  # fmt: skip
        paint.each_second(words, back)


def sorry(paint: Paint, kiosk: Kiosk) -> None:
    """What could not be done, and what the citizen does now."""
    _ = kiosk._
    title, under = _regret(kiosk.state.note, kiosk.state.note_number, kiosk.state.note_desk, _)
    paint.panel(0, 0, paint.w, paint.h, theme.PAPER)
    top = head(paint, kiosk)
    _middle(paint, top, paint.h - 260, "alert-circle-outline", theme.WARN, title, under)
    w = min(880.0, paint.w - 2 * MARGIN)
    paint.button((paint.w - w) / 2, paint.h - 220, w, 136, Touch("done"), _("Đã hiểu"), size=46)


def _regret(code: str, number: str, desk: str, _: Callable[[str], str]) -> tuple[str, str]:
    """Title and what to do, for a refusal; `number` is the one that was meant, `desk` where it is called to."""
    staff = _("Mời Ông/Bà gặp cán bộ hướng dẫn.")
    match code:
        case "closed":
            return _("Hiện chưa nhận số"), _("Lĩnh vực này đã hết giờ lấy số.") + " " + staff
        case "too_fast":
            return _("Xin chờ một chút"), _("Máy vừa phát nhiều số liên tiếp. Mời Ông/Bà thử lại sau nửa phút.")
        case "no_numbers_left":
            return _("Hôm nay đã hết số"), staff
        case "unreachable":
            return (
                _("Chưa nhận được số"),
                _("Yêu cầu của Ông/Bà đã được ghi lại; khi có số, số sẽ hiện tại màn hình này.") + " " + staff,
            )
        case "number_called":
            return (
                _("Số %(number)s đang được gọi") % {"number": number},
                _("Mời Ông/Bà đến quầy %(desk)s ngay, không cần phiếu.") % {"desk": desk},
            )
        case "number_over":
            return (
                _("Không in phiếu số %(number)s nữa") % {"number": number},
                _("Số này đã được gọi, hết hiệu lực hoặc đã có phiếu.") + " " + staff,
            )
        case "restore_unreachable":
            return _("Chưa rõ đã lấy lại được số %(number)s chưa") % {"number": number}, staff
        case _code if _code.startswith("restore_"):
            return _("Không lấy lại được số %(number)s") % {"number": number}, _("Mời Ông/Bà lấy số mới.")
        case "rating_already_rated":
            return _("Số này đã được đánh giá"), _("Cảm ơn Ông/Bà. Mỗi lượt phục vụ được đánh giá một lần.")
        case "rating_too_late":
            return _("Đã quá thời gian đánh giá"), _("Cảm ơn Ông/Bà. Ý kiến khác xin gửi cán bộ hướng dẫn.")
        case "rating_not_served":
            return _("Số này chưa được phục vụ"), _("Mời Ông/Bà đánh giá sau khi được phục vụ.")
        case "rating_unknown_number":
            return _("Không đánh giá được số này"), staff
        case _code if _code.startswith("rating_"):
            return _("Chưa gửi được đánh giá"), staff
    return _("Chưa lấy được số"), staff


def closed(paint: Paint, kiosk: Kiosk) -> None:
    """Outside of hours: when it opens. Papers may be looked at, and what is over may be rated."""
    _ = kiosk._
    paint.panel(0, 0, paint.w, paint.h, theme.PAPER)
    top, bottom = head(paint, kiosk), foot(paint, kiosk)
    top = banner(paint, kiosk, top)
    y = bottom - 28 - 136
    # No notice here: it is about numbers that are given, and beside a closed sign it only confuses.
    _middle(paint, top, y - 20, "clock-outline", theme.BRAND, _("Ngoài giờ lấy số"), _opening(kiosk))
    half = (paint.w - 2 * MARGIN - 24) / 2
    style: dict[str, Any] = {
        "size": 38,
        "color": theme.BRAND_DARK,
        "fill": theme.CARD,
        "edge": theme.BRAND,
        "edge_width": 3,
    }
    paint.button(MARGIN, y, half, 136, Touch("papers"), _("Xem giấy tờ cần có"), size=38)
    paint.button(MARGIN + half + 24, y, half, 136, Touch("rating"), _("Đánh giá phục vụ"), **style)


def _opening(kiosk: Kiosk) -> str:
    _ = kiosk._
    view, hall = kiosk.state.view, kiosk.state.hall
    if view is None or not view.opens_at or hall is None:
        return _("Mời Ông/Bà xem lịch làm việc hoặc gặp cán bộ hướng dẫn.")
    opens = datetime.fromisoformat(view.opens_at).astimezone(ZoneInfo(hall.timezone))
    here = kiosk.hall_time()
    if here is not None and opens.date() == here.date():
        return _("Nhận số trở lại lúc %(time)s") % {"time": clock(opens)}
    return _("Nhận số lúc %(time)s, %(date)s") % {"time": clock(opens), "date": long_date(opens, kiosk.state.lang)}


def cut(paint: Paint, kiosk: Kiosk) -> None:
    """No hall, no place in it, or no disk: nobody can be given a number here; a person can."""
    _ = kiosk._
    paint.panel(0, 0, paint.w, paint.h, theme.PAPER)
    top, bottom = head(paint, kiosk), foot(paint, kiosk)
    top = banner(paint, kiosk, top)
    under = _("Máy lấy số tạm mất kết nối. Mời Ông/Bà gặp cán bộ hướng dẫn để lấy số.")
    if kiosk.state.note == "out_of_order" or kiosk.state.refused:
        under = _("Máy lấy số tạm ngừng. Mời Ông/Bà gặp cán bộ hướng dẫn để lấy số.")
    if kiosk.state.overdue and not kiosk.state.refused:
        under += " " + _("Yêu cầu vừa gửi đã được ghi lại; khi có số, số sẽ hiện tại đây.")
    y = bottom - 28 - 136
    if kiosk.state.refused:
        w = paint.w - 2 * MARGIN
        staff = _for_staff(kiosk)
        high = paint.height_of(staff, SMALLEST, 500, w)
        paint.block(MARGIN, y - 20 - high, w, staff, SMALLEST, 500, theme.MUTED, halign="center")
        bottom = y - 20 - high
    else:
        bottom = y
    _middle(paint, top, bottom - 20, "account-voice", theme.WARN, _("Mời gặp cán bộ hướng dẫn"), under)
    if kiosk.state.hall is not None:
        paint.button(MARGIN, y, paint.w - 2 * MARGIN, 136, Touch("papers"), _("Xem giấy tờ cần có"), size=38)


def _for_staff(kiosk: Kiosk) -> str:
    """What has to be done with a kiosk that the hall does not take: no cable will help."""
    _ = kiosk._
    if kiosk.state.refused == "update_needed":
        return _("Cán bộ: máy này và máy chủ khác phiên bản; cần cập nhật cho giống nhau.")
    return _("Cán bộ: máy chủ không nhận máy này; cần ghép lại tại trang quản lý, mục Thiết bị.")


def _middle(paint: Paint, top: float, bottom: float, icon: str, color: str, title: str, under: str) -> None:
    w = min(paint.w - 2 * MARGIN - 40, 1180.0)
    x = (paint.w - w) / 2
    title_h = paint.height_of(title, 60, 700, w)
    under_h = paint.height_of(under, 40, 500, w)
    # The icon goes first where there is no room for all.
    icon_h = 200.0 if bottom - top >= 230 + title_h + under_h else 0.0
    y = top + max(10, (bottom - top - icon_h - title_h - under_h - 30) / 2)
    if icon_h:
        paint.icon(paint.w / 2 - 90, y, 170, icon, color, within=180)
    y = paint.block(x, y + icon_h, w, title, 60, 700, color, halign="center")
    paint.block(x, y + 16, w, under, 40, 500, halign="center")


def warn(paint: Paint, kiosk: Kiosk) -> None:
    """Over any screen that would be left: is somebody still there? Any touch says yes."""
    _ = kiosk._

    def left(kiosk: Kiosk) -> str:
        return _("Màn hình sẽ trở về đầu sau %(n)s giây") % {"n": seconds_left(kiosk.state, kiosk.now) or 0}

    x, y, w, words = _ask(paint, _("Ông/Bà còn ở đây không?"), left(kiosk))
    paint.each_second(words, left)
    paint.button(x, y, w, TARGET + 10, Touch("still_here"), _("Tiếp tục"), size=46)


def ask_to_cancel(paint: Paint, kiosk: Kiosk) -> None:
    """Over the number: is it really to be cancelled? To keep it is what stands out."""
    _ = kiosk._
    one = kiosk.state.number_shown()
    if one is None:
        return
    under = _("Phiếu vừa in không dùng được nữa.")
    if one.paper not in {"confirmed", "sent", "printing"}:
        under = _("Số này sẽ không được gọi nữa.")
    x, y, w, _words = _ask(paint, _("Hủy số %(number)s?") % {"number": one.ticket.number}, under)
    half = (w - 24) / 2
    paint.button(x, y, half, TARGET + 10, Touch("keep"), _("Giữ số"), size=46)
    paint.button(
        x + half + 24, y, half, TARGET + 10, Touch("cancel"), _("Hủy"),
        size=46, weight=600, color=theme.INK, fill=theme.CARD, edge=theme.LINE, edge_width=3,
    )  # fmt: skip


def _ask(paint: Paint, title: str, under: str) -> tuple[float, float, float, Words]:
    """A question over the screen. Returns where its answers stand (x, y, w), and the words under the title."""
    # One button under all of it: whatever is touched, nothing of the screen below is meant.
    paint.button(0, 0, paint.w, paint.h, Touch("stay"), fill=theme.BRAND_DARK, radius=0, opacity=0.75)
    w = min(paint.w - 120, 900.0)
    x, y = (paint.w - w) / 2, paint.h / 2 - 230
    paint.panel(x, y, w, 460, theme.CARD, radius=36)
    paint.text(x + 40, y + 30, w - 80, 110, title, 54, 700, halign="center")
    words = paint.text(x + 40, y + 150, w - 80, 110, under, 40, 500, halign="center")
    return x + 50, y + 290, w - 100, words
