"""Kiosk and display on the screens of one PC: each on its own, whatever is switched on, off or to another size."""

from __future__ import annotations

import contextlib
import os
import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.conftest import House, Running, running
from tests.halls import FULL
from tests.surroundings import Desktop, desktop, session_bus, wait_for
from tests.tools.screen import screen

pytestmark = pytest.mark.screen

KIOSK = (8, 63, 74)
DISPLAY = (4, 25, 32)
"""The colours of their heads, which reach both upper corners."""
MODES = ("1920x1080", "1280x1024", "1024x768", "1280x720", "1600x900")
BLANK_AFTER = 40
"""Seconds without a key after which X switches the picture off."""


def fills(screen: Desktop, color: tuple[int, int, int], box: tuple[int, int, int, int]) -> bool:
    """Does a program's head reach both upper corners of a part of the desktop, and something its lower ones?"""
    picture = screen.picture()
    x, y, width, height = box
    if picture.width < x + width or picture.height < y + height:
        return False
    corners = [picture.getpixel((at, y + 3)) for at in (x + 3, x + width - 4)]
    below = [picture.getpixel((at, y + height - 4)) for at in (x + 3, x + width - 4)]
    return all(corner == color for corner in corners) and all(pixel != (0, 0, 0) for pixel in below)


def wait_until_it_fills(
    screen: Desktop, color: tuple[int, int, int], box: tuple[int, int, int, int], program: Running
) -> None:
    try:
        wait_for(lambda: fills(screen, color, box), f"{color} on the whole of {box}", 30)
    except AssertionError:
        screen.picture().save(screen.folder / "desktop.png")
        raise AssertionError(f"{screen.folder}/desktop.png; {program.said()[-3000:]}") from None


@contextlib.contextmanager
def both(house: House, env: dict[str, str], folder: Path) -> Iterator[tuple[Running, Running]]:
    printer = ("--printer", f"preview:{folder / 'paper'}", "--data", str(folder / "kiosk"), "--screen", "1")
    with (
        running(folder / "kiosk.log", env, *house.words("kiosk"), *printer) as kiosk,
        running(folder / "display.log", env, *house.words("display"), "--screen", "2") as display,
    ):
        yield kiosk, display


@pytest.mark.proof
@pytest.mark.parametrize("managed", [False, True], ids=["bare", "openbox"])
def test_each_fills_its_own_screen_whatever_becomes_of_the_screens_and_neither_goes_dark(
    house: House, tmp_path: Path, managed: bool
) -> None:
    chance = random.Random(11)
    with desktop(tmp_path, managed=managed, tv=True) as screen:
        screen.tool("xset", "s", str(BLANK_AFTER))
        begun = time.monotonic()
        with both(house, screen.environment(), tmp_path) as (kiosk, display):
            left, right = (0, 0, 1920, 1080), (1920, 0, 1280, 720)
            wait_until_it_fills(screen, KIOSK, left, kiosk)
            wait_until_it_fills(screen, DISPLAY, right, display)
            screen.tv_off()
            wait_for(lambda: "has gone" in display.said(), "the display without its TV")
            wait_until_it_fills(screen, KIOSK, left, kiosk)
            screen.tv_on()
            wait_until_it_fills(screen, DISPLAY, right, display)
            for change in range(20 if FULL else 6):
                one, other = chance.choice(MODES), chance.choice(MODES)
                screen.resolution(one)
                screen.tv_off()
                screen.tv_on(other)
                (w, h), (v, u) = (tuple(map(int, mode.split("x"))) for mode in (one, other))
                wait_until_it_fills(screen, KIOSK, (0, 0, w, h), kiosk)
                wait_until_it_fills(screen, DISPLAY, (w, 0, v, u), display)
                assert kiosk.alive(), change
                assert display.alive(), change
            wait_for(lambda: time.monotonic() > begun + (3 if FULL else 1.2) * BLANK_AFTER, "the time to go dark", 150)
            assert not screen.blanked()
            for program in (display, kiosk):
                assert program.stop() == 0
            # A control: without them X does switch it off.
            wait_for(screen.blanked, "X's own blanking", 2 * BLANK_AFTER)


def test_on_a_desktop_they_keep_the_screen_awake_for_as_long_as_they_run(house: House, tmp_path: Path) -> None:
    with (
        session_bus() as bus,
        desktop(tmp_path, managed=True, tv=True) as screen,
        both(house, {**screen.environment(), **bus.env}, tmp_path) as (kiosk, display),
    ):
        wait_until_it_fills(screen, KIOSK, (0, 0, 1920, 1080), kiosk)
        wait_until_it_fills(screen, DISPLAY, (1920, 0, 1280, 720), display)
        wait_for(lambda: len(bus.awake) == 2, "both to ask for it")
        for _ in range(20):
            time.sleep(0.1)
            assert len(bus.awake) == 2, "one has taken it back"


def test_a_window_that_may_be_closed_keeps_its_place(house: House, tmp_path: Path) -> None:
    with desktop(tmp_path, managed=True) as screen:
        words = (*house.words("display"), "--windowed", "960x540+300+200")
        with running(tmp_path / "display.log", screen.environment(), *words):
            wait_for(lambda: screen.picture().getpixel((700, 500)) != (0, 0, 0), "the window")
            assert screen.picture().getpixel((1900, 1000)) == (0, 0, 0)


@pytest.mark.parametrize("part", ["kiosk", "display"])
@pytest.mark.parametrize("screen", ["none", "not there yet", "wants a cookie"])
def test_without_a_screen_a_program_ends_soon_and_never_reports_itself_well(
    house: House, tmp_path: Path, part: str, screen: str
) -> None:
    with contextlib.ExitStack() as stack:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("SDL_", "KIVY_"))}
        env.pop("DISPLAY", None)
        if screen == "not there yet":
            env["DISPLAY"] = ":4711"
        elif screen == "wants a cookie":
            env["DISPLAY"] = stack.enter_context(closed_x(tmp_path))
            env["XAUTHORITY"] = str(tmp_path / "no-cookie")
        manager = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        env["NOTIFY_SOCKET"] = str(tmp_path / "notify")
        more = ("--printer", f"preview:{tmp_path}", "--data", str(tmp_path / "k")) if part == "kiosk" else ()
        program = stack.enter_context(running(tmp_path / "log", env, *house.words(part), *more))
        assert program.process.wait(20) == 1
        assert "no screen" in program.said()
        assert "Traceback" not in program.said()
        with pytest.raises(BlockingIOError):
            manager.recv(100)


@contextlib.contextmanager
def closed_x(folder: Path) -> Iterator[str]:
    """An X server that lets nobody in without its cookie."""
    cookie = folder / "cookie"
    # Family 256 (local), then address, number, name and data, each with its length (Xau(3)).
    parts = [b"", b"", b"MIT-MAGIC-COOKIE-1", os.urandom(16)]
    cookie.write_bytes(b"\xff\xff" + b"".join(len(part).to_bytes(2, "big") + part for part in parts))
    with screen((640, 480), "-auth", str(cookie)) as closed:
        yield closed.name
