"""Kivy is told to keep to itself before anybody imports it; halls and views to show."""

from __future__ import annotations

import os
import tempfile
import tomllib
from pathlib import Path

import msgspec
import pytest

import assets
from server.protocol import DisplayArea, DisplayCall, DisplayView, HallInfo, Withdrawn

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

CATALOGUE = Path(assets.__file__).parent / "catalogue" / "default.toml"


@pytest.fixture(scope="session")
def hall() -> HallInfo:
    return msgspec.convert(tomllib.loads(CATALOGUE.read_text("utf-8")), HallInfo)


def call(seq: int, number: str, desk: str = "1", at: str = "2026-11-23T01:46:00Z", recall: bool = False) -> DisplayCall:
    return DisplayCall(seq=seq, number=number, desk=desk, area="tu-phap", at=at, recall=recall)


def withdrawn(seq: int, of: int, number: str, at: str = "2026-11-23T01:46:30Z") -> Withdrawn:
    return Withdrawn(seq=seq, call=of, number=number, at=at)


def area(code: str, waiting: int = 0, next: tuple[str, ...] = (), priority: tuple[bool, ...] | None = None,
         desks: tuple[str, ...] = ("1",), opens_at: str | None = None) -> DisplayArea:  # fmt: skip
    marks = priority if priority is not None else (False,) * len(next)
    return DisplayArea(code=code, waiting=waiting, next=next, priority=marks, desks_open=desks, opens_at=opens_at)


def view(
    *calls: DisplayCall,
    withdrawn: tuple[Withdrawn, ...] = (),
    missed: tuple[str, ...] = (),
    areas: tuple[DisplayArea, ...] = (),
    open: bool = True,
    paused: bool = False,
    opens_at: str | None = None,
) -> DisplayView:
    """A view whose calls are given oldest first, and stand newest first as on the wire."""
    return DisplayView(
        calls=tuple(reversed(calls)), withdrawn=withdrawn, missed=missed, areas=areas, open=open, paused=paused, opens_at=opens_at
    )  # fmt: skip


NORMAL_AREAS = (
    area("tu-phap", 7, ("1009", "1006"), (True, False)),
    area("dat-dai", 1, ("2004",)),
    area("xa-hoi", 2, ("3003", "3004")),
    area("kinh-te", 0, desks=(), opens_at="13:30"),
    area("van-phong", 0),
    area("ket-qua", 3, ("6008", "6009", "6010")),
)
NORMAL_CALLS = (
    call(1, "1002", "2"), call(2, "6007", "4"), call(3, "3002", "4"), call(4, "1004", "1"), call(5, "2003", "3"),
    call(6, "1005", "2"),
)  # fmt: skip
