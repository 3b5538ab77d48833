"""Kivy is told to keep to itself before anybody imports it; a hall, and pictures of each of its states."""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

import assets
from display.board import Announcement, Board
from display.picture import Picture, picture
from server.protocol import DeskInfo, DisplayView, HallInfo
from tests.display.samples import (
    AREAS,
    CALLS,
    COME,
    FULL_AREAS,
    FULL_CALLS,
    LONG_CALLS,
    MANY,
    MISSED,
    MORE_AREAS,
    NOW,
    QUIET,
    SHUT,
    TWELVE,
    view_of,
)

os.environ.update(
    KIVY_NO_ARGS="1",
    KIVY_NO_CONFIG="1",
    KIVY_NO_FILELOG="1",
    KIVY_LOG_MODE="PYTHON",
    KIVY_HOME=tempfile.mkdtemp(prefix="luot-kivy-"),
)
os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

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

    return states
