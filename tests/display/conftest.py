"""Kivy is told to keep to itself before anybody imports it; a hall, and pictures of each of its states."""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

import assets
from display.board import Announcement, Board
from display.picture import Picture, picture
from server.protocol import DeskInfo, DisplayArea, DisplayCall, DisplayView, HallInfo

os.environ.update(
    KIVY_NO_ARGS="1",
    KIVY_NO_CONFIG="1",
    KIVY_NO_FILELOG="1",
    KIVY_LOG_MODE="PYTHON",
    KIVY_AUDIO="sdl2",
    KIVY_HOME=tempfile.mkdtemp(prefix="luot-kivy-"),
)
os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

NOW = datetime(2026, 11, 23, 1, 47, tzinfo=UTC)
CATALOGUE = Path(assets.__file__).parent / "catalogue" / "default.toml"


@pytest.fixture(scope="session")
def hall() -> HallInfo:
    return msgspec.convert(tomllib.loads(CATALOGUE.read_text("utf-8")), HallInfo)


@pytest.fixture(scope="session")
def long_hall(hall: HallInfo) -> HallInfo:
    """Nine areas, long and hostile names, a desk without a number."""
    replace = msgspec.structs.replace
    return replace(
        hall,
        name={"vi": "ỦY BAN NHÂN DÂN PHƯỜNG TRẦN HƯNG ĐẠO THÀNH PHỐ [b]HỒ CHÍ MINH[/b] <script>"},
        place={"vi": "Trung tâm Phục vụ hành chính công cấp xã số 2 khu vực phía Đông Nam mở rộng"},
        areas=hall.areas + tuple(replace(hall.areas[i], code=f"x{i}", prefix=str(7 + i)) for i in range(3)),
        desks=(*hall.desks, DeskInfo(code="uu-tien", name={"vi": "Quầy hướng dẫn người khuyết tật"}, areas=())),
        priority=replace(hall.priority, short={"vi": hall.priority.rule["vi"] + ": chọn “Lấy số ưu tiên” ở máy"}),
    )


def _calls(*pairs: tuple[str, str]) -> tuple[DisplayCall, ...]:
    made = [
        DisplayCall(seq=n, number=number, desk=desk, area="tu-phap", at="2026-11-23T01:46:00Z", recall=False)
        for n, (number, desk) in enumerate(pairs, 1)
    ]
    return tuple(reversed(made))


def _areas(*rows: tuple[str, int, str, str]) -> tuple[DisplayArea, ...]:
    """Code, waiting, the next numbers (`*` = priority), and `closed`, a time, or ""."""
    return tuple(
        DisplayArea(
            code=code,
            waiting=waiting,
            next=tuple(number.strip("*") for number in following.split()),
            priority=tuple(number.endswith("*") for number in following.split()),
            desks_open=() if shut else ("1",),
            opens_at=shut if ":" in shut else None,
        )
        for code, waiting, following, shut in rows
    )


CALLS = _calls(("1002", "2"), ("6007", "4"), ("3002", "4"), ("1004", "1"), ("2003", "3"), ("1005", "2"))
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
    ("kinh-te", 10, "", "closed"), ("van-phong", 1, "5001*", ""), ("ket-qua", 103, "6008 6009 6010", ""),
)  # fmt: skip
MORE_AREAS = AREAS + _areas(("x0", 3, "7001* 7002*", ""), ("x1", 3, "8001", ""), ("x2", 0, "", "closed"))
QUIET = _areas(*((area.code, 0, "", "") for area in AREAS))
SHUT = _areas(*((area.code, 0, "", "13:30") for area in AREAS))
MISSED = ("1003", "5001")
MANY = ("1003", "5001", "1010", "1020", "3001", "3009", "2009", "2010", "1011", "11234")


def _view(calls: tuple[DisplayCall, ...], areas: tuple[DisplayArea, ...], missed: tuple[str, ...] = (), *,
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


@pytest.fixture(scope="session")
def pictures(hall: HallInfo, long_hall: HallInfo) -> Callable[[str], dict[str, Picture]]:
    """Each state of the screen by name, in a language."""

    def states(lang: str) -> dict[str, Picture]:
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
        return {
            "normal": shown(hall, _view(CALLS, AREAS, MISSED)),
            "empty": shown(hall, _view((), QUIET)),
            "full": shown(hall, _view(FULL_CALLS, FULL_AREAS, MANY)),
            "long": shown(long_hall, _view(LONG_CALLS, MORE_AREAS, MISSED)),
            "cut": shown(hall, _view(CALLS, AREAS, MISSED), "cut"),
            "paused": shown(hall, _view(CALLS, AREAS, MISSED, paused=True)),
            "withdrawn": shown(hall, _view(CALLS, AREAS, MISSED), saying=taken_back),
            "closed": shown(hall, _view((), SHUT, MISSED, open=False, opens_at="2026-11-23T13:30:00+07:00")),
            "closed until Monday": shown(hall, _view((), SHUT, open=False, opens_at="2026-11-30T07:30:00+07:00")),
            "last numbers": shown(hall, _view(CALLS, AREAS, open=False, opens_at="13:30")),
            "connecting": nothing("cut"),
            "refused": nothing("unauthorised"),
        }  # fmt: skip

    return states
