"""The rating: five faces with words. The best are sent with one tap; the lowest ask what was wrong, if one likes."""

from __future__ import annotations

# ruff: noqa: PLR0917 - x, y, w, h stand in their usual order
from typing import Any

from assets import theme
from assets.texts import pick
from kiosk.flow import rating as rating_rules
from kiosk.flow.state import Touch
from kiosk.screen.kiosk import Kiosk
from kiosk.screen.paint import MARGIN, TARGET, Paint

_FACES = {
    5: (
        ("emoticon-frown-outline", "#B3261E"), ("emoticon-sad-outline", "#C46A00"),
        ("emoticon-neutral-outline", "#8A7A00"), ("emoticon-happy-outline", "#4E9138"),
        ("emoticon-excited-outline", "#2B7A4B"),
    ),
    3: (
        ("emoticon-frown-outline", "#B3261E"), ("emoticon-neutral-outline", "#8A7A00"),
        ("emoticon-excited-outline", "#2B7A4B"),
    ),
}  # fmt: skip
"""Icon and colour from worst to best; the words below say the same."""
_ROWS = {
    True: ("12345678", "90abcdef", "ghijklmn", "opqrstuv", "wxyz,.?!"),
    False: ("1234567890", "qwertyuiop", "asdfghjkl?", "zxcvbnm,.!"),
}
"""Keys upright and across: ten keys as wide as a finger do not stand side by side on an upright screen, eight do."""


def draw(paint: Paint, kiosk: Kiosk) -> None:
    """The faces, and after a bad one the reasons and the citizen's own words."""
    _ = kiosk._
    state = kiosk.state
    hall, rating = state.hall, state.rating
    if hall is None:
        return
    paint.panel(0, 0, paint.w, paint.h, theme.PAPER)
    head = 134.0 if paint.portrait else 100.0
    paint.panel(0, 0, paint.w, head, theme.BRAND_DARK)
    half = paint.w / 2 - MARGIN
    paint.text(MARGIN, 0, half, head, _("Số %(number)s") % {"number": rating.number}, 42, 600, theme.CARD)
    if rating.desk:
        text = _("Quầy %(desk)s") % {"desk": rating.desk}
        paint.text(paint.w / 2, 0, half, head, text, 42, 600, theme.CARD, halign="right")
    if rating.typing:
        _typing(paint, kiosk, head)
        return
    low = 0 < rating.score <= rating_rules.low_scores(state)
    compact = low and not paint.portrait
    x, w = float(MARGIN), paint.w - 2 * MARGIN
    y = head + (56 if paint.portrait else 14 if compact else 50)
    question = pick(hall.rating.question, state.lang)
    failed = _("Chưa rõ đã gửi được chưa. Những gì Ông/Bà chọn và viết vẫn còn: mời gửi lại.")
    if compact and state.note == "rating_not_sent":
        question = failed
    size = (paint.fit(question, 46, 700, w, 66) or 32.0) if compact else 58.0
    y = paint.block(x, y, w, question, size, 700, halign="center")
    bottom = paint.h - (60 if paint.portrait else 20)
    foot = _buttons(paint, kiosk, x, bottom, w, low=low)
    if compact:
        y += 6
    elif state.note == "rating_not_sent":
        y = paint.block(x, y + 12, w, failed, 36, 700, theme.BAD, halign="center") + 44
    else:
        y = _privacy(paint, kiosk, x, y, w) + (44 if paint.portrait else 50)
    if low:
        high, size = (164.0, 62.0) if compact else (290.0, 120.0)
    else:
        # Nothing else stands there yet: large, and where a hand reaches without being lifted high.
        high, size = 430.0, 184.0
        y += max(0.0, (foot - y - high) * 0.45)
    _faces(paint, kiosk, 24, y, paint.w - 48, high, size, compact=compact)
    y += high
    if low:
        _reasons(paint, kiosk, x, y + (50 if paint.portrait else 8), w, foot - y - (74 if paint.portrait else 16))


def _privacy(paint: Paint, kiosk: Kiosk, x: float, y: float, w: float) -> float:
    text = kiosk._("Không ghi tên Ông/Bà. Cán bộ tại quầy không xem được từng đánh giá.")
    return paint.block(x, y + 4, w, text, 34, 500, theme.MUTED, halign="center")


def _faces(paint: Paint, kiosk: Kiosk, x: float, y: float, w: float, h: float, size: float, *, compact: bool) -> None:
    """`size` of an icon, as far as its tile is as wide."""
    state = kiosk.state
    assert state.hall is not None
    levels = state.hall.rating.levels
    faces = _FACES[5 if len(levels) == 5 else 3]
    gap = 12.0
    wide = (w - gap * (len(levels) - 1)) / len(levels)
    for n, level in enumerate(levels):
        left = x + n * (wide + gap)
        chosen = state.rating.score == n + 1
        fill, edge, edge_width = (theme.GOLD_LIGHT, theme.WARN, 8) if chosen else (theme.CARD, theme.LINE, 3)
        paint.button(left, y, wide, h, Touch("face", n + 1), fill=fill, edge=edge, edge_width=edge_width)
        icon, color = faces[min(n, len(faces) - 1)]
        size = min(size, wide - 8)
        top = y + (8 if compact else 30)
        paint.icon(left + wide / 2 - size / 2, top, size, icon, color, within=size)
        words_y = top + size + (0 if compact else 16)
        paint.text(
            left + 8, words_y, wide - 16, y + h - words_y - 10, pick(level, state.lang), 40 if size > 120 else 34, 600,
            halign="center", valign="middle" if compact else "top",
        )  # fmt: skip


def _reasons(paint: Paint, kiosk: Kiosk, x: float, y: float, w: float, h: float) -> None:
    """What was not good, as chips that wrap; below them the way to a comment."""
    _ = kiosk._
    state = kiosk.state
    assert state.hall is not None
    y_end = y + h
    wrong = _("Điều gì chưa tốt?") if len(state.hall.rating.levels) == 5 else _("Điều gì chưa tốt? (mời chọn)")
    at = paint.block(x, y, w, wrong, 42 if paint.portrait else 36, 700) + (12 if paint.portrait else 4)
    gap = 16.0 if paint.portrait else 10.0
    left = x
    for code, text in state.hall.rating.reasons.items():
        chosen = code in state.rating.reasons
        label = pick(text, state.lang)
        wide = min(max(float(TARGET), paint.width_of(label, 34, 600) + 116), w)
        if left > x and left + wide > x + w:
            left, at = x, at + TARGET + gap
        paint.button(
            left, at, wide, TARGET, Touch("reason", code), label,
            size=34, weight=600, color=theme.CARD if chosen else theme.INK, fill=theme.BRAND if chosen else theme.CARD,
            edge=theme.BRAND if chosen else theme.LINE, edge_width=3, radius=58,
            icon="check-bold" if chosen else "",
        )  # fmt: skip
        left += wide + gap
    comment_y = at + TARGET + gap
    high = min(126.0, y_end - comment_y)
    beside = high < TARGET
    if beside:
        # No room for a row of its own: it joins the last row of reasons, or stays away where that is full.
        if x + w - left < 300:
            return
        comment_y, high, x, w = at, float(TARGET), left, x + w - left
    paint.button(x, comment_y, w, high, Touch("type", True), fill=theme.CARD, edge=theme.LINE, edge_width=3)
    comment = _end_of(paint, state.rating.comment, w - 72, high - 16) or _("Chạm để viết góp ý (không bắt buộc)…")
    color = theme.INK if state.rating.comment else theme.MUTED
    paint.text(x + 36, comment_y + 8, w - 72, high - 16, comment, 34, 500, color)


def _end_of(paint: Paint, text: str, w: float, h: float) -> str:
    """The end of a long comment, after an ellipsis, where all of it does not fit: it goes on being written there."""
    if not text or paint.fit(text, 34, 500, w, h):
        return text
    words = text.split()
    while len(words) > 1 and not paint.fit("… " + " ".join(words), 34, 500, w, h):
        words = words[1:]
    return "… " + " ".join(words)


def _buttons(paint: Paint, kiosk: Kiosk, x: float, bottom: float, w: float, *, low: bool) -> float:
    _ = kiosk._
    high = 136.0 if paint.portrait else float(TARGET)
    y = bottom - high
    style: dict[str, Any] = {
        "size": 42,
        "weight": 600,
        "color": theme.INK,
        "fill": theme.CARD,
        "edge": theme.LINE,
        "edge_width": 3,
    }
    if not low:
        paint.button(x, y, w, high, Touch("back"), _("Quay lại"), icon="chevron-left", **style)
        return y
    back = 312.0
    paint.button(x, y, back, high, Touch("back"), _("Quay lại"), icon="chevron-left", **style)
    if rating_rules.may_send(kiosk.state):
        paint.button(x + back + 28, y, w - back - 28, high, Touch("send"), _("Gửi đánh giá"), size=44)
    else:
        text = _("Mời Ông/Bà chọn ít nhất một lý do")
        paint.text(x + back + 28, y, w - back - 28, high, text, 36, 600, theme.INK, halign="center")
    return y


def _typing(paint: Paint, kiosk: Kiosk, top: float) -> None:
    """The comment and a keyboard; Vietnamese is typed by Telex."""
    _ = kiosk._
    state = kiosk.state
    x, w = 24.0 if paint.portrait else float(MARGIN), paint.w - (48 if paint.portrait else 2 * MARGIN)
    gap = 8.0
    high = float(TARGET)
    rows = _ROWS[paint.portrait]
    wide = (w - (len(rows[0]) - 1) * gap) / len(rows[0])
    rows_y = paint.h - 30 - (len(rows) + 1) * (high + gap)
    hint = _("Gõ kiểu Telex: aa = â, ow = ơ, dd = đ, s f r x j là dấu") if state.lang == "vi" else ""
    y = top + 24
    if hint:
        y = paint.block(x, y, w, hint, 32, 500, theme.MUTED) + 12
    box = rows_y - y - 20
    paint.panel(x, y, w, box, theme.CARD, edge=theme.BRAND, edge_width=5, radius=28)
    written = _end_of(paint, state.rating.comment, w - 100, box - 40)
    text = written + "|" if written else _("Góp ý của Ông/Bà…")
    color = theme.INK if state.rating.comment else theme.MUTED
    paint.text(x + 36, y + 20, w - 72, box - 40, text, 40, 500, color, valign="top")
    style: dict[str, Any] = {"color": theme.INK, "fill": theme.CARD, "edge": theme.LINE, "edge_width": 2}
    for n, row in enumerate(rows):
        for column, key in enumerate(row):
            left, top_of_row = x + column * (wide + gap), rows_y + n * (high + gap)
            paint.button(left, top_of_row, wide, high, Touch("key", key), radius=16, **style)
            paint.text(left, top_of_row, wide, high, key, 44, 600, halign="center")
    last = rows_y + len(rows) * (high + gap)
    third = (w - 2 * gap) / 4
    paint.button(x, last, third, high, Touch("erase"), radius=16, **style)
    paint.icon(x + third / 2 - 36, last + high / 2 - 36, 60, "backspace-outline", theme.INK, within=72)
    paint.button(
        x + third + gap, last, 2 * third - gap, high, Touch("key", " "), _("dấu cách"), size=36, radius=16, **style
    )
    paint.button(x + 3 * third + gap, last, third + gap, high, Touch("type", False), _("Xong"), size=42, radius=16)
