"""Views of the hall as the display gets them, for tests: calls, areas, missed numbers; few, many and long; and the
picture of each state.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import msgspec

import assets
from display.board import Announcement, Board
from display.picture import Picture, picture
from server.protocol import DeskInfo, DisplayArea, DisplayCall, DisplayView, HallInfo

NOW = datetime(2026, 11, 23, 1, 47, tzinfo=UTC)
"""The hall's time in all of them."""


def _calls(*pairs: tuple[str, str]) -> tuple[DisplayCall, ...]:
    """Number and desk, oldest first; `*` at the number: its citizen has come."""
    made = [
        DisplayCall(
            seq=n,
            number=number.strip("*"),
            desk=desk,
            area="tu-phap",
            at="2026-11-23T01:46:00Z",
            recall=False,
            answered=number.endswith("*"),
        )
        for n, (number, desk) in enumerate(pairs, 1)
    ]
    return tuple(reversed(made))


def _areas(*rows: tuple[str, int, str, str]) -> tuple[DisplayArea, ...]:
    """Code, waiting, the next numbers (`*` = priority), and `closed`, `paused`, `over`, a time, or ""."""
    return tuple(
        DisplayArea(
            code=code,
            waiting=waiting,
            next=tuple(number.strip("*") for number in following.split()),
            priority=tuple(number.endswith("*") for number in following.split()),
            desks_open=() if shut else ("1",),
            opens_at=shut if ":" in shut else None,
            open=":" not in shut and shut != "over",
            paused=shut == "paused",
            at_once=not waiting and not shut,
        )
        for code, waiting, following, shut in rows
    )


CALLS = _calls(("1002*", "2"), ("6007*", "4"), ("3002*", "4"), ("1004", "1"), ("2003", "3"), ("1005", "2"))
COME = _calls(("1002*", "2"), ("6007*", "4"), ("3002*", "4"), ("1004*", "1"), ("2003*", "3"), ("1005*", "2"))
TWELVE = _calls(*((str(1001 + n), str(1 + n)) for n in range(12)))
LONG_CALLS = _calls(
    ("1002", "uu-tien"), ("19101", "4"), ("3002", "1"), ("11004", "1"), ("2003", "3"), ("1005", "uu-tien")
)
FULL_CALLS = _calls(("11002", "12"), ("19101", "12"), ("3002", "4"), ("11004", "1"), ("2003", "3"), ("11005", "12"))
AREAS = _areas(
    ("tu-phap", 7, "1009* 1006", ""), ("dat-dai", 1, "2004", ""), ("xa-hoi", 2, "3003 3004", ""),
    ("kinh-te", 0, "", "13:30"), ("van-phong", 0, "", ""), ("ket-qua", 3, "6008 6009 6010", ""),
)  # fmt: skip
FULL_AREAS = _areas(
    ("tu-phap", 128, "19101* 11006*", ""), ("dat-dai", 131, "2004* 2005*", ""), ("xa-hoi", 22, "3003 3004*", ""),
    ("kinh-te", 10, "", "closed"), ("van-phong", 1, "5001*", "paused"), ("ket-qua", 0, "", "over"),
)  # fmt: skip
MORE_AREAS = AREAS + _areas(("x0", 3, "7001* 7002*", ""), ("x1", 103, "18001", ""), ("x2", 0, "", "closed"))
QUIET = _areas(*((area.code, 0, "", "") for area in AREAS))
SHUT = _areas(*((area.code, 0, "", "13:30") for area in AREAS))
MISSED = ("1003", "5001")
MANY = ("1003", "5001", "1010", "1020", "3001", "3009", "2009", "2010", "1011", "11234")


def view_of(calls: tuple[DisplayCall, ...], areas: tuple[DisplayArea, ...], missed: tuple[str, ...] = (), *,
          open: bool = True, paused: bool = False, opens_at: str | None = None) -> DisplayView:  # fmt: skip
    return DisplayView(
        calls=calls,
        withdrawn=(),
        missed=missed,
        areas=areas,
        open=open,
        paused=paused,
        opens_at=opens_at,
    )


@cache
def default_hall() -> HallInfo:
    """The hall of the catalogue."""
    catalogue = Path(assets.__file__).parent / "catalogue" / "default.toml"
    return msgspec.convert(tomllib.loads(catalogue.read_text("utf-8")), HallInfo)


@cache
def long_names() -> HallInfo:
    """Nine areas, long and hostile names, a desk without a number."""
    replace = msgspec.structs.replace
    hall = default_hall()
    return replace(
        hall,
        name={"vi": "ỦY BAN NHÂN DÂN PHƯỜNG TRẦN HƯNG ĐẠO THÀNH PHỐ [b]HỒ CHÍ MINH[/b] <script>"},
        place={"vi": "Trung tâm Phục vụ hành chính công cấp xã số 2 khu vực phía Đông Nam mở rộng"},
        areas=hall.areas + tuple(replace(hall.areas[i], code=f"x{i}", prefix=str(7 + i)) for i in range(3)),
        desks=(*hall.desks, DeskInfo(code="uu-tien", name={"vi": "Quầy hướng dẫn người khuyết tật"}, areas=())),
        priority=replace(hall.priority, short={"vi": hall.priority.rule["vi"] + ": chọn “Lấy số ưu tiên” ở máy"}),
    )


def states(lang: str) -> dict[str, Picture]:
    """Each state of the screen by name, in a language."""
    hall, long_hall = default_hall(), long_names()

    def shown(
        info: HallInfo, view: DisplayView, link: str = "connected", saying: Announcement | None = None
    ) -> Picture:
        board = Board()
        board.update(view, 9, NOW)
        board.current = saying
        return picture(info, board, link=link, lang=lang, now=NOW, heard=NOW)

    def nothing(link: str) -> Picture:
        return picture(None, Board(), link=link, lang=lang, now=None, heard=None)

    taken_back = Announcement(9, "withdrawn", "1006", "", "")
    older = Announcement(4, "call", "1004", "1", "", calls=(4,))
    return {
        "normal": shown(hall, view_of(CALLS, AREAS, MISSED)),
        "come": shown(hall, view_of(COME, AREAS)),
        "older read out": shown(hall, view_of(CALLS, AREAS, MISSED), saying=older),
        "twelve": shown(hall, view_of(TWELVE, AREAS, MANY[3:8])),
        "empty": shown(hall, view_of((), QUIET)),
        "full": shown(hall, view_of(FULL_CALLS, FULL_AREAS, MANY)),
        "long": shown(long_hall, view_of(LONG_CALLS, MORE_AREAS, MISSED)),
        "cut": shown(hall, view_of(CALLS, AREAS, MISSED), "cut"),
        "paused": shown(hall, view_of(CALLS, AREAS, MISSED, paused=True)),
        "withdrawn": shown(hall, view_of(CALLS, AREAS, MISSED), saying=taken_back),
        "closed": shown(hall, view_of((), SHUT, MISSED, open=False, opens_at="2026-11-23T13:30:00+07:00")),
        "closed until Monday": shown(hall, view_of((), SHUT, open=False, opens_at="2026-11-30T07:30:00+07:00")),
        "last numbers": shown(hall, view_of(CALLS, AREAS, open=False, opens_at="13:30")),
        "connecting": nothing("cut"),
        "refused": nothing("unauthorised"),
    }  # fmt: skip
