"""One procedure of the list: closed, its name and what people call it; open, its papers and what to know besides."""

from __future__ import annotations

# ruff: noqa: PLR0917 - x, y, w, h stand in their usual order
import re
from dataclasses import dataclass, replace
from typing import Final

from assets import theme
from assets.texts import pick
from kiosk.flow.state import Touch
from kiosk.screen.kiosk import Kiosk
from kiosk.screen.paint import TARGET, Paint
from server.protocol import ProcedureInfo

PARTS: Final = 1000
"""A row's key is its place in the list; of a further part of an open one, so many more for each part before it."""
_POINT = 40.0

Sizes = tuple[float, float, float]
"""Type of the name, the papers and what stands below them, of an open procedure."""


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    size: float
    weight: int
    color: str
    before: float
    """Units of white above it."""
    point: bool = False
    """A paper, with a dot before it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A card of the list. `lines`: of an open procedure, or of one part of it; None is a closed one."""

    one: ProcedureInfo
    key: int
    height: float
    name_size: float = 38.0
    lines: tuple[_Line, ...] | None = None


def row_of(paint: Paint, kiosk: Kiosk, one: ProcedureInfo, place: int, w: float, sizes: Sizes) -> Row:
    """The card of `one` at its place in the list, open where the state says so."""
    if one.code != kiosk.state.opened:
        text_w = w - 72 - 70
        height = paint.height_of(pick(one.name, kiosk.state.lang), 38, 700, text_w) + 40
        if phrase := _phrase(kiosk, one):
            height += paint.height_of(phrase, 32, 500, text_w) + 2
        return Row(one, place, max(height, float(TARGET)))
    name, paper, line = sizes
    lines = [_Line(pick(text, kiosk.state.lang), paper, 500, theme.INK, 6, point=True) for text in one.papers]
    for n, (text, weight, color) in enumerate(_facts(kiosk, one)):
        lines.append(_Line(text, line, weight, color, 2 if n else 10))
    return _sized(paint, kiosk, Row(one, place, 0.0, name, tuple(lines)), w)


def parts_of(paint: Paint, kiosk: Kiosk, row: Row, w: float, room: float) -> list[Row]:
    """The row itself; one that is open and higher than `room` as several, each with the name and some of the lines."""
    if row.lines is None or row.height <= room:
        return [row]
    parts: list[Row] = []
    lines: tuple[_Line, ...] = ()
    for line in row.lines:
        if lines and _sized(paint, kiosk, replace(row, lines=(*lines, line)), w).height > room:
            parts.append(replace(row, lines=lines))
            lines = ()
        lines += (line,)
    parts.append(replace(row, lines=lines))
    return [_sized(paint, kiosk, replace(part, key=row.key + PARTS * n), w) for n, part in enumerate(parts)]


def _sized(paint: Paint, kiosk: Kiosk, row: Row, w: float) -> Row:
    assert row.lines is not None
    name_w = w - 72 - _close_width(paint, kiosk)
    height = 20 + paint.height_of(pick(row.one.name, kiosk.state.lang), row.name_size, 700, name_w)
    for line in row.lines:
        text_w = w - 72 - (_POINT if line.point else 0)
        height += line.before + paint.height_of(line.text, line.size, line.weight, text_w)
    return replace(row, height=max(height + 22, float(TARGET)))


def _phrase(kiosk: Kiosk, one: ProcedureInfo) -> str:
    """What people call it: the first of its everyday words. The others are there to be searched for."""
    return re.split(r"[,;]", pick(one.words, kiosk.state.lang))[0].strip()


def _facts(kiosk: Kiosk, one: ProcedureInfo) -> list[tuple[str, int, str]]:
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
        named = _("lệ phí") in fee.lower()  # it says itself what it is about
        lines.append((fee if named else _("Lệ phí: %(fee)s") % {"fee": fee}, 600, theme.INK))
        if exempt := pick(one.exempt, lang):
            lines.append((_("Miễn cho: %(whom)s") % {"whom": exempt}, 500, theme.INK))
    source = []
    if one.decision:
        source.append(_("Căn cứ %(decision)s") % {"decision": one.decision})
    if month := re.fullmatch(r"(\d{4})-(\d{2})", one.checked_on):
        source.append(_("thông tin kiểm tra tháng %(month)s") % {"month": f"{month[2]}/{month[1]}"})
    if source:
        text = " · ".join(source)
        lines.append((text[0].upper() + text[1:], 500, theme.MUTED))
    return lines


def draw_row(paint: Paint, kiosk: Kiosk, row: Row, x: float, y: float, w: float) -> None:
    """One procedure's card, open or closed."""
    touch = Touch("procedure", row.one.code)
    if row.lines is None:
        paint.button(x, y, w, row.height, touch, fill=theme.CARD, edge=theme.LINE, edge_width=2)
        _closed_card(paint, kiosk, row.one, x, y, w, row.height)
        return
    paint.button(x, y, w, row.height, touch, fill=theme.CARD, edge=theme.BRAND, edge_width=4)
    text_w, close_w = w - 72, _close_width(paint, kiosk)
    close_x = x + w - 24 - close_w
    paint.icon(close_x, y + 14, 46, "chevron-up", theme.BRAND, within=56)
    paint.text(close_x + 60, y + 14, close_w - 60, 56, kiosk._("Đóng"), 34, 600, theme.BRAND)
    at = paint.block(x + 36, y + 20, text_w - close_w, pick(row.one.name, kiosk.state.lang), row.name_size, 700)
    for line in row.lines:
        at += line.before
        indent = _POINT if line.point else 0.0
        if line.point:
            paint.panel(x + 36 + 12, at + line.size * 0.53, 12, 12, theme.INK, radius=6)
        at = paint.block(x + 36 + indent, at, text_w - indent, line.text, line.size, line.weight, line.color)


def _close_width(paint: Paint, kiosk: Kiosk) -> float:
    return 60 + paint.width_of(kiosk._("Đóng"), 34, 600) + 8


def _closed_card(paint: Paint, kiosk: Kiosk, one: ProcedureInfo, x: float, y: float, w: float, h: float) -> None:
    lang = kiosk.state.lang
    text_w = w - 72 - 70
    hint = _phrase(kiosk, one)
    name_h = paint.height_of(pick(one.name, lang), 38, 700, text_w)
    hint_h = paint.height_of(hint, 32, 500, text_w) + 2 if hint else 0
    paint.icon(x + w - 36 - 56, y + h / 2 - 28, 52, "chevron-down", theme.BRAND, within=56)
    at = paint.block(x + 36, y + (h - name_h - hint_h) / 2, text_w, pick(one.name, lang), 38, 700)
    if hint:
        paint.block(x + 36, at + 2, text_w, hint, 32, 500, theme.MUTED)
