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

ROWS: Final = 5
"""Calls below the newest, where not more than these wait for their citizens."""

TURN: Final = 8
"""Seconds for which a missed number stands before the next ones take their turn."""


@dataclass(frozen=True, slots=True)
class Row:
    """A call: its number and the desk's sign (`3`, or a short name). `waits`: its citizen has not come yet."""

    number: str
    desk: str
    waits: bool = False


@dataclass(frozen=True, slots=True)
class AreaPanel:
    """One area: its short name, icon and colour, who is next, and how many wait. `message` stands instead of
    numbers.
    """

    name: str
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
    gold: bool = False
    """The card's call waits for its citizen, and the link is up: what the card says is so now."""
    number: str = ""
    desk: str = ""
    title: str = ""
    line: str = ""
    rows: tuple[Row, ...] = ()
    missed: tuple[str, ...] = ()
    """Newest first."""
    turn: int = 0
    """Grows while there are many missed numbers: those for which there is no room take turns."""
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
        "next": _("SẮP ĐẾN LƯỢT"),
        "mark": _("ƯT"),
        "missed": _("Vắng mặt – mời báo cán bộ tại quầy"),
    }
    refused = link in {"unauthorised", "update_needed"}  # not a cable: somebody must pair it, or update it
    if hall is None or now is None or refused:
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

    at_work = any(area.desks_open or area.paused for area in view.areas) or any(line.waits for line in board.lines())
    turn = int(now.timestamp() // TURN) if len(view.missed) > 1 else 0
    opens = _opening(view.opens_at, here, lang, _)
    banner, alarm = "", False
    if not up:
        since = clock((heard or now).astimezone(zone))
        banner, alarm = _("Mất kết nối – cập nhật lúc %(time)s") % {"time": since}, True
    elif not view.open and at_work:
        left = any(area.waiting for area in view.areas) or any(line.waits for line in board.lines())
        rest = _("Đã hết giờ lấy số – các quầy đang phục vụ những số còn lại")
        banner = rest if left else _("Đã hết giờ lấy số")
    elif view.paused:
        banner = _("Tạm dừng phục vụ – mời Ông/Bà chờ")

    desks = {desk.code: _sign(desk.code, pick(desk.name, lang)) for desk in hall.desks}
    calls = [Row(line.number, desks.get(line.desk, line.desk), up and line.waits) for line in board.lines()]
    # Nobody who is called is left out, however many desks a hall has; who has come stands only where there is room.
    withdrawn = board.current is not None and not board.current.calls
    calls = [row for n, row in enumerate(calls) if n < ROWS + (not withdrawn) or row.waits]
    if not view.open and not at_work:
        return Picture(
            header=header,
            clock=clock(here),
            banner=banner,
            alarm=alarm,
            title=_("Ngoài giờ lấy số"),
            line=opens,
            missed=view.missed,
            turn=turn,
            foot=_foot(hall, None, lang, here),
            words=words,
        )
    card: Literal["call", "withdrawn", "message"]
    title = line = ""
    if withdrawn and board.current is not None:
        card, newest, older = "withdrawn", Row(board.current.number, ""), calls
        line = _("xin vui lòng chờ")
    elif calls:
        card, newest, older = "call", calls[0], calls[1:]
    else:
        card, newest, older = "message", Row("", ""), []
        title, line = _("Mời Ông/Bà lấy số"), _("và theo dõi số được gọi tại đây")
        if not view.open:
            title, line = _("Số được gọi hiện tại đây"), ""
    return Picture(
        header=header,
        clock=clock(here),
        banner=banner,
        alarm=alarm,
        card=card,
        gold=newest.waits,
        number=newest.number,
        desk=newest.desk,
        title=title,
        line=line,
        rows=tuple(older),
        missed=view.missed,
        turn=turn,
        areas=_areas(hall, view.areas, lang, _),
        foot=_foot(hall, view.notice, lang, here, at_work=True),
        words=words,
    )


def _areas(hall: HallInfo, areas: tuple[DisplayArea, ...], lang: str, _: Callable[[str], str]) -> tuple[AreaPanel, ...]:
    known = {area.code: area for area in hall.areas}
    return tuple(_area(known[area.code], area, lang, _) for area in areas if area.code in known)


def _area(info: AreaInfo, area: DisplayArea, lang: str, _: Callable[[str], str]) -> AreaPanel:
    message = _message(area, _)
    try:
        icon = glyph(info.icon)
    except KeyError:  # a hall's own setting, newer than this program's icons: name and colour still tell the area
        icon = ""
    return AreaPanel(
        name=pick(info.short or info.name, lang),
        icon=icon,
        color=theme.lift(info.color, theme.DISPLAY_SIDE, 5),
        next=() if message else area.next[:NEXT],
        marks=() if message else area.priority[:NEXT],
        waiting=str(area.waiting),
        message=message,
    )


def _message(area: DisplayArea, _: Callable[[str], str]) -> str:
    """What stands instead of the next numbers. Never the word "quầy": beside it a digit would look like a desk's."""
    if area.desks_open or area.paused:
        if area.next:
            return ""
        if area.open:
            free = _("đến lượt ngay") if area.at_once else _("chưa có ai chờ")
            return free if area.desks_open else _("tạm dừng")
    if area.opens_at:
        return _("phục vụ từ %(time)s") % {"time": area.opens_at}
    return _("chưa phục vụ") if area.open else _("hôm nay không nhận thêm số")


def _foot(
    hall: HallInfo, notice: dict[str, str] | None, lang: str, here: datetime, *, at_work: bool = False
) -> tuple[str, ...]:
    """Hours, who has priority, and the notice: the hall's own unless the view has one; none where it is null.

    A hall that is `at_work` on a day without hours has none to tell.
    """
    _ = translator(lang)
    today = sorted({(s.start, s.end) for s in hall.sessions if here.weekday() in s.weekdays})
    hours = " · ".join(f"{start}–{end}" for start, end in today)
    none = _("Hôm nay có làm thêm") if at_work else _("Hôm nay không làm việc")
    first = _("Giờ làm việc %(hours)s") % {"hours": hours} if today else none
    told = {} if notice is None else notice or hall.texts.get("notice", {})
    return first, pick(hall.priority.short, lang), pick(told, lang)


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
