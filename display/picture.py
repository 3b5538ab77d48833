"""What stands on the screen, as words and numbers: made of the hall, the board and the link's state. Pure.

The one place that decides which of the display's states is shown: connecting, refused, cut off, closed, paused,
empty, calling. Kivy draws a :class:`Picture` and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from assets import theme
from assets.fonts import glyph
from assets.texts import clock, long_date, pick, translator
from display.board import Board
from server.protocol import AreaInfo, DisplayArea, HallInfo

NEXT: Final = 2
"""Numbers shown as next in an area, at most (the hall sends up to five)."""


@dataclass(frozen=True, slots=True)
class Row:
    """A call: its number and the desk's sign (`3`, or a short name)."""

    number: str
    desk: str


@dataclass(frozen=True, slots=True)
class AreaPanel:
    """One area: its digit, icon and colour, who is next, and how many wait. `message` stands instead of numbers."""

    prefix: str
    icon: str
    color: str
    next: tuple[str, ...]
    marks: tuple[bool, ...]
    waiting: str
    message: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole screen. `card` names what the large card is: a call, a call taken back, or `title` and `line`."""

    header: str = ""
    clock: str = ""
    banner: str = ""
    alarm: bool = False
    """The banner tells of a fault, not of the hall's hours."""
    card: Literal["call", "withdrawn", "message"] = "message"
    fresh: bool = False
    """The card's call may be shown as new: the link is up, and no later call has gone since."""
    number: str = ""
    desk: str = ""
    title: str = ""
    line: str = ""
    rows: tuple[Row, ...] = ()
    missed: tuple[str, ...] = ()
    areas: tuple[AreaPanel, ...] = ()
    foot: tuple[str, ...] = ()
    """Hours, who has priority, notice; any may be ""."""
    words: dict[str, str] = field(default_factory=dict)
    """The fixed words, in the screen's language."""


def picture(
    hall: HallInfo | None, board: Board, *, link: str, lang: str, now: datetime | None, heard: datetime | None
) -> Picture:
    """The screen at the hall's time `now` (aware). `link` is the client's state; `heard` when it last had a word."""
    _ = translator(lang)
    words = {
        "desk": _("Quầy"),
        "waiting": _("chờ"),
        "mark": _("ƯT"),
        "missed": _("Đã gọi, vắng mặt"),
        "ask": _("mời báo cán bộ tại quầy"),
    }
    if hall is None or now is None:
        refused = link in {"unauthorised", "update_needed"}
        title = _("Màn hình chưa được kết nối") if refused else _("Đang kết nối…")
        line = _("Mời báo người phụ trách") if refused else ""
        return Picture(title=title, line=line, words=words)
    zone = ZoneInfo(hall.timezone)
    here = now.astimezone(zone)
    header = " · ".join(filter(None, (pick(hall.name, lang), pick(hall.place, lang)))).upper()
    view = board.view
    up = link == "connected"
    if view is None:
        title = _("Đang kết nối…")
        return Picture(header=header, clock=clock(here), title=title, foot=_foot(hall, {}, lang, here), words=words)

    at_work = any(area.desks_open for area in view.areas)
    opens = _opening(view.opens_at, here, lang, _)
    banner, alarm = "", False
    if not up:
        since = clock((heard or now).astimezone(zone))
        banner, alarm = _("Mất kết nối – cập nhật lúc %(time)s") % {"time": since}, True
    elif view.paused:
        banner = _("Tạm dừng phục vụ – mời Ông/Bà chờ trong giây lát")
    elif not view.open and at_work:
        banner = _("Đã hết giờ lấy số – các quầy đang phục vụ những số còn lại")

    desks = {desk.code: _sign(desk.code, pick(desk.name, lang)) for desk in hall.desks}
    calls = [Row(call.number, desks.get(call.desk, call.desk)) for call in board.shown()]
    if not view.open and not at_work and not view.paused:
        return Picture(
            header=header,
            clock=clock(here),
            banner=banner,
            alarm=alarm,
            title=_("Ngoài giờ làm việc"),
            line=opens,
            missed=view.missed,
            foot=_foot(hall, view.notice, lang, here),
            words=words,
        )
    saying = board.current
    card: Literal["call", "withdrawn", "message"]
    title = line = ""
    if saying is not None and saying.kind == "withdrawn":
        card, newest, older = "withdrawn", Row(saying.number, ""), calls
        line = _("xin vui lòng chờ")
    elif calls:
        card, newest, older = "call", calls[0], calls[1:]
    else:
        card, newest, older = "message", Row("", ""), []
        title, line = _("Mời Ông/Bà lấy số"), _("và theo dõi số được gọi tại đây")
    return Picture(
        header=header,
        clock=clock(here),
        banner=banner,
        alarm=alarm,
        card=card,
        fresh=up and board.fresh,
        number=newest.number,
        desk=newest.desk,
        title=title,
        line=line,
        rows=tuple(older[:5]),
        missed=view.missed,
        areas=_areas(hall, view.areas, _),
        foot=_foot(hall, view.notice, lang, here),
        words=words,
    )


def _areas(hall: HallInfo, areas: tuple[DisplayArea, ...], _: Callable[[str], str]) -> tuple[AreaPanel, ...]:
    known = {area.code: area for area in hall.areas}
    return tuple(_area(known[area.code], area, _) for area in areas if area.code in known)


def _area(info: AreaInfo, area: DisplayArea, _: Callable[[str], str]) -> AreaPanel:
    message = ""
    if not area.desks_open:
        opening = _("mở quầy lúc %(time)s") % {"time": area.opens_at} if area.opens_at else ""
        message = opening or _("chưa có quầy mở")
    elif not area.next:
        message = _("đến lượt ngay")
    try:
        icon = glyph(info.icon)
    except KeyError:  # a hall's own setting, newer than this program's icons: digit and colour still tell the area
        icon = ""
    return AreaPanel(
        prefix=info.prefix,
        icon=icon,
        color=theme.lift(info.color, theme.DISPLAY_SIDE, 5),
        next=() if message else area.next[:NEXT],
        marks=() if message else area.priority[:NEXT],
        waiting=str(area.waiting),
        message=message,
    )


def _foot(hall: HallInfo, notice: dict[str, str], lang: str, here: datetime) -> tuple[str, ...]:
    _ = translator(lang)
    today = sorted({(s.start, s.end) for s in hall.sessions if here.weekday() in s.weekdays})
    hours = " · ".join(f"{start}–{end}" for start, end in today)
    first = _("Giờ làm việc %(hours)s") % {"hours": hours} if today else _("Hôm nay không làm việc")
    return first, pick(hall.priority.short, lang), pick(notice or hall.texts.get("notice", {}), lang)


def _opening(opens_at: str | None, here: datetime, lang: str, _: Callable[[str], str]) -> str:
    """When the hall opens again, as a sentence; "" where nobody knows. `opens_at` is ISO 8601, or `HH:MM` today."""
    if not opens_at:
        return ""
    if len(opens_at) == len("13:30"):
        return _("Mở cửa lúc %(time)s") % {"time": opens_at}
    at = datetime.fromisoformat(opens_at).astimezone(here.tzinfo)
    if at.date() == here.date():
        return _("Mở cửa lúc %(time)s") % {"time": clock(at)}
    return _("Mở cửa lúc %(time)s, %(date)s") % {"time": clock(at), "date": long_date(at, lang)}


def _sign(code: str, name: str) -> str:
    """What stands large beside the word "Quầy": a short code as it is, else the desk's name."""
    return code if len(code) <= 3 else name
