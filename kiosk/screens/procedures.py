"""An area's procedures with the papers to bring: to take a number, or only to look. One opens at a time; pages turn.

The list is offered, never forced: the two buttons for a number are always in reach.
"""

from __future__ import annotations

# ruff: noqa: PLR0917 - x, y, w, h stand in their usual order
from assets import theme
from assets.texts import pick
from kiosk.paint import MARGIN, TARGET, Paint, readable
from kiosk.screens import Kiosk
from kiosk.screens.frame import pages, view_of, waiting_line
from kiosk.slip import area_of
from kiosk.state import Touch
from server.protocol import ProcedureInfo

_GAP = 18.0
_POINT = 40.0

_Sizes = tuple[float, float, float] | None
_OPEN: _Sizes = (38.0, 34.0, 32.0)
_OPEN_SMALL: _Sizes = (32.0, 30.0, 30.0)
"""Type of the name, the papers and what stands below them, of an open procedure; None is a closed one."""


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
        bottom = _actions(paint, kiosk, 0, paint.w, paint.h, taking=taking)
        x, w = float(MARGIN), paint.w - 2 * MARGIN
    else:
        side = 560.0 if paint.w > 1600 else 470.0
        _side(paint, kiosk, paint.w - side, top, side, taking=taking)
        x, w, bottom = float(MARGIN), paint.w - side - MARGIN - 28, paint.h - 12
    y = top + 24
    opened = next((one for one in listed if one.code == state.opened), None)
    if opened and _height(paint, kiosk, opened, w, _OPEN) > bottom - y - 170 - TARGET:
        # Very long papers: question and pages step aside until it is closed again, and the type is smaller.
        sizes = _OPEN if _height(paint, kiosk, opened, w, _OPEN) <= bottom - y - 16 else _OPEN_SMALL
        _card(paint, kiosk, opened, x, y, w, _height(paint, kiosk, opened, w, sizes), sizes)
    elif listed:
        question = _("Ông/Bà cần làm thủ tục nào?") if taking else _("Chạm vào thủ tục để xem giấy tờ cần có")
        y = _question(paint, x, y, w, question, _("(không bắt buộc)") if taking else "")
        _list(paint, kiosk, listed, x, y + 16, w, bottom - y - 36)
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


def _question(paint: Paint, x: float, y: float, w: float, question: str, aside: str) -> float:
    wide = paint.width_of(question, 42, 700)
    if aside and wide + 16 + paint.width_of(aside, 34, 500) <= w:
        below = paint.block(x, y, wide + 2, question, 42, 700)
        paint.text(x + wide + 16, y, w - wide - 16, below - y, aside, 34, 500, theme.MUTED)
        return below
    below = paint.block(x, y, w, question, 42 if wide <= w else 38, 700)
    return paint.block(x, below, w, aside, 34, 500, theme.MUTED) if aside else below


# --- the list -----------------------------------------------------------------------------------------------


def _list(paint: Paint, kiosk: Kiosk, listed: list[ProcedureInfo], x: float, y: float, w: float, h: float) -> None:
    """The page with the chosen procedures; an open one pushes the last ones to the next page."""
    state = kiosk.state
    heights = [_height(paint, kiosk, one, w, _OPEN if one.code == state.opened else None) for one in listed]
    if sum(heights) + _GAP * (len(listed) - 1) <= h:
        starts = [0]
    else:
        starts = _starts([_height(paint, kiosk, one, w, None) for one in listed], h - TARGET - _GAP)
    page = min(state.page, len(starts) - 1)
    first = starts[page]
    end = starts[page + 1] if page + 1 < len(starts) else len(listed)
    room = h - (TARGET + _GAP if len(starts) > 1 else 0)
    shown = _around(list(range(first, end)), heights, room, [one.code for one in listed], state.opened)
    at = y
    for n in shown:
        _card(paint, kiosk, listed[n], x, at, w, heights[n], _OPEN if listed[n].code == state.opened else None)
        at += heights[n] + _GAP
    if len(starts) > 1:
        pages(paint, kiosk, x, y + h - TARGET, w, page, len(starts))


def _starts(heights: list[float], room: float) -> list[int]:
    """With which procedure each page begins."""
    starts, used = [0], 0.0
    for n, height in enumerate(heights):
        if used and used + height > room:
            starts.append(n)
            used = 0.0
        used += height + _GAP
    return starts


def _around(page: list[int], heights: list[float], room: float, codes: list[str], opened: str | None) -> list[int]:
    """What of the page fits around the open procedure: those before it go first, then those after it.

    They come back when it is closed; the open one is always whole.
    """
    while len(page) > 1 and sum(heights[n] for n in page) + _GAP * (len(page) - 1) > room:
        page = page[1:] if codes[page[0]] != opened and codes[page[-1]] == opened else page[:-1]
    return page


def _lines(kiosk: Kiosk, one: ProcedureInfo) -> list[tuple[str, int, str]]:
    """What stands under the papers: what to know, how long, how much; text, weight, colour."""
    lang, _ = kiosk.state.lang, kiosk._
    lines = []
    if note := pick(one.note, lang):
        lines.append((note, 600, theme.INK))
    if elsewhere := pick(one.elsewhere, lang):
        lines.append((elsewhere, 600, theme.WARN))
    if limit := pick(one.time_limit, lang):
        lines.append((_("Thời hạn: %(limit)s") % {"limit": limit}, 600, theme.INK))
    if fee := pick(one.fee, lang):
        lines.append((_("Lệ phí: %(fee)s") % {"fee": fee}, 600, theme.INK))
        if exempt := pick(one.exempt, lang):
            lines.append((_("Miễn cho: %(whom)s") % {"whom": exempt}, 500, theme.INK))
    if one.decision or one.checked_on:
        source = " · ".join(part for part in (one.decision, one.checked_on) if part)
        lines.append((_("Theo: %(source)s") % {"source": source}, 500, theme.MUTED))
    return lines


def _height(paint: Paint, kiosk: Kiosk, one: ProcedureInfo, w: float, sizes: _Sizes) -> float:
    lang = kiosk.state.lang
    if sizes is None:
        text_w = w - 72 - 70
        height = paint.height_of(pick(one.name, lang), 38, 700, text_w) + 40
        if hint := pick(one.words, lang) or pick(one.note, lang):
            height += paint.height_of(hint, 32, 500, text_w) + 2
        return max(height, float(TARGET))
    name, paper_size, line_size = sizes
    text_w = w - 72
    height = paint.height_of(pick(one.name, lang), name, 700, text_w) + 20
    for paper in one.papers:
        height += paint.height_of(pick(paper, lang), paper_size, 500, text_w - _POINT) + 6
    lines = _lines(kiosk, one)
    for text, weight, _color in lines:
        height += paint.height_of(text, line_size, weight, text_w) + 2
    return max(height + (8 if lines else 0) + 22, float(TARGET))


def _card(
    paint: Paint, kiosk: Kiosk, one: ProcedureInfo, x: float, y: float, w: float, h: float, sizes: _Sizes
) -> None:
    lang = kiosk.state.lang
    edge, edge_width = (theme.BRAND, 4) if sizes else (theme.LINE, 2)
    paint.button(x, y, w, h, Touch("procedure", one.code), fill=theme.CARD, edge=edge, edge_width=edge_width)
    if sizes is None:
        _closed_card(paint, kiosk, one, x, y, w, h)
        return
    name, paper_size, line_size = sizes
    text_w = w - 72
    at = paint.block(x + 36, y + 20, text_w, pick(one.name, lang), name, 700)
    for paper in one.papers:
        at += 6
        paint.panel(x + 36 + 12, at + paper_size * 0.53, 12, 12, theme.INK, radius=6)
        at = paint.block(x + 36 + _POINT, at, text_w - _POINT, pick(paper, lang), paper_size, 500)
    at += 8
    for text, weight, color in _lines(kiosk, one):
        at = paint.block(x + 36, at + 2, text_w, text, line_size, weight, color)


def _closed_card(paint: Paint, kiosk: Kiosk, one: ProcedureInfo, x: float, y: float, w: float, h: float) -> None:
    lang = kiosk.state.lang
    text_w = w - 72 - 70
    hint = pick(one.words, lang) or pick(one.note, lang)
    name_h = paint.height_of(pick(one.name, lang), 38, 700, text_w)
    hint_h = paint.height_of(hint, 32, 500, text_w) + 2 if hint else 0
    paint.icon(x + w - 36 - 56, y + h / 2 - 28, 52, "chevron-down", theme.BRAND, within=56)
    at = paint.block(x + 36, y + (h - name_h - hint_h) / 2, text_w, pick(one.name, lang), 38, 700)
    if hint:
        paint.block(x + 36, at + 2, text_w, hint, 32, 500, theme.MUTED)


# --- the buttons --------------------------------------------------------------------------------------------


def _actions(paint: Paint, kiosk: Kiosk, x: float, w: float, bottom: float, *, taking: bool) -> float:
    """Upright: at the foot. Returns the y above."""
    _ = kiosk._
    inner = w - 2 * MARGIN
    back_y = bottom - 50 - TARGET
    if not taking:
        paint.panel(x, back_y - 30, w, bottom - back_y + 30, theme.CARD)
        _back(paint, kiosk, x + MARGIN, back_y, inner)
        return back_y - 30
    rule = _rule(kiosk)
    take_y = back_y - 28 - 190
    rule_h = paint.height_of(rule, 32, 500, inner) if rule else 0
    top = take_y - 24 - rule_h - 30
    paint.panel(x, top, w, bottom - top, theme.CARD)
    paint.panel(x, top, w, 2, theme.LINE)
    if rule:
        paint.block(x + MARGIN, top + 26, inner, rule, 32, 500, theme.MUTED)
    half = (inner - 26) / 2
    _takes(paint, kiosk, [(x + MARGIN, take_y, half, 190.0), (x + MARGIN + half + 26, take_y, half, 190.0)])
    _back(paint, kiosk, x + MARGIN, back_y, inner)
    return top


def _side(paint: Paint, kiosk: Kiosk, x: float, top: float, w: float, *, taking: bool) -> None:
    """Across: in a column on the right."""
    paint.panel(x, top, w, paint.h - top, theme.CARD)
    paint.panel(x, top, 2, paint.h - top, theme.LINE)
    inner, left = w - 80, x + 40
    back_y = paint.h - 36 - TARGET
    _back(paint, kiosk, left, back_y, inner)
    if not taking:
        return
    rule = _rule(kiosk)
    high = 190.0
    second = back_y - 28 - high
    third = second - 24 - high
    _takes(paint, kiosk, [(left, third, inner, high), (left, second, inner, high)])
    if rule:
        paint.text(left, top + 16, inner, third - top - 32, rule, 34, 500, theme.MUTED, valign="bottom")


def _rule(kiosk: Kiosk) -> str:
    """Who has priority, with the word before it where the hall's own sentence does not begin with it."""
    assert kiosk.state.hall is not None
    rule = pick(kiosk.state.hall.priority.rule, kiosk.state.lang)
    word = kiosk._("Ưu tiên")
    return rule if not rule or rule.lower().startswith(word.lower()) else f"{word}: {rule[0].lower()}{rule[1:]}"


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
    plain, first = boxes
    paint.button(*plain, Touch("take", False), _("Lấy số thường"), size=48)
    paint.button(*first, Touch("take", True), _("Lấy số ưu tiên"), size=48, color=theme.GOLD_INK, fill=theme.GOLD)


def _back(paint: Paint, kiosk: Kiosk, x: float, y: float, w: float) -> None:
    paint.button(
        x, y, w, TARGET, Touch("back"), kiosk._("Quay lại"),
        size=40, weight=600, color=theme.INK, fill=theme.CARD, edge=theme.LINE, edge_width=3, icon="chevron-left",
    )  # fmt: skip
