"""What both programs with a window do about Kivy. No widget here; Kivy is imported only when a function is called."""

from __future__ import annotations

import logging
from typing import Final

_SETTLED: Final = 0.3
"""Seconds until SDL has made up its mind about the window's size."""


def worth_reading(record: logging.LogRecord) -> bool:
    """A filter for Kivy's log: it tells every start in twenty lines, and a traceback for each kind of touch screen that
    it has no library of.

    A filter, because Kivy sets its logger's level anew while it is imported.
    """
    return record.levelno >= logging.WARNING and "is not supported by your" not in record.getMessage()


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
