"""What both programs with a window do about Kivy. No widget here; Kivy is imported only when a function is called."""

from __future__ import annotations

import logging
import re
from typing import Final, NamedTuple

from assets import watchdog

_SETTLED: Final = 0.3
"""Seconds until SDL has made up its mind about the window's size."""


class Windowed(NamedTuple):
    """A window instead of the full screen, in pixels; without a place the desktop chooses it."""

    width: int
    height: int
    place: tuple[int, int] | None = None


def windowed(text: str) -> Windowed:
    """`960x540`, or with its place `960x540+590+0`. Raises ValueError with a sentence for a person."""
    found = re.fullmatch(r"(\d{3,5})x(\d{3,5})(?:\+(\d{1,5})\+(\d{1,5}))?", text, re.ASCII)
    if not found or int(found[1]) < 480 or int(found[2]) < 480:
        raise ValueError(f"--windowed {text!r}: expected width x height in pixels, e.g. 1080x1920, at least 480x480")
    place = None if found[3] is None else (int(found[3]), int(found[4]))
    return Windowed(int(found[1]), int(found[2]), place)


def set_size(window: Windowed | None) -> None:
    """Tell Kivy's settings; None: the full screen. Before its window is imported."""
    from kivy.config import Config

    Config.set("graphics", "fullscreen", "0" if window else "auto")
    if window:
        Config.set("graphics", "width", str(window.width))
        Config.set("graphics", "height", str(window.height))
        if window.place:
            Config.set("graphics", "position", "custom")
            Config.set("graphics", "left", str(window.place[0]))
            Config.set("graphics", "top", str(window.place[1]))


def worth_reading(record: logging.LogRecord) -> bool:
    """A filter for Kivy's log: it tells every start in twenty lines, and a traceback for each kind of touch screen that
    it has no library of.

    A filter, because Kivy sets its logger's level anew while it is imported.
    """
    return record.levelno >= logging.WARNING and "is not supported by your" not in record.getMessage()


def feed_the_watchdog() -> None:
    """By the window's own clock: one that no longer draws is started anew."""
    from kivy.clock import Clock

    Clock.schedule_once(lambda _: watchdog.ready())
    Clock.schedule_interval(lambda _: watchdog.alive(), watchdog.EVERY)


def fill_the_screen() -> None:
    """Soon, also where no window manager does it: SDL then believes that it does, and stays 800 x 600."""
    from kivy.clock import Clock
    from kivy.core.window import Window

    def leave(_: float) -> None:
        width, height = Window.system_size
        Window.fullscreen = False

        def grow(_: float) -> None:
            # A size that SDL holds already would not be set: one pixel less first.
            Window.system_size = (width - 1, height - 1)
            Window.left = Window.top = 0
            Window.system_size = (width, height)
            Window.fullscreen = "auto"

        Clock.schedule_once(grow, _SETTLED)

    Clock.schedule_once(leave, _SETTLED)
