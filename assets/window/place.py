"""Where a program draws: what its options say, and a window that stays there. Kivy is imported only when that is."""

from __future__ import annotations

import argparse
import logging
import os
import re
from functools import cache
from typing import Any, Final, NamedTuple

from assets.window.screens import Screen, Screens

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 1.0
"""s between two looks at where the screens are."""
TRIES: Final = 5
"""So often a window is put in its place; then a window manager wants it elsewhere, and it stays until that changes."""


class Windowed(NamedTuple):
    """A window instead of the full screen, in pixels; without a place the desktop chooses it."""

    width: int
    height: int
    place: tuple[int, int] | None = None


class Place(NamedTuple):
    """Where the program draws: in a window, or on the whole of a screen (None: the main one)."""

    window: Windowed | None = None
    screen: int | None = None


def windowed(text: str) -> Windowed:
    """`960x540`, or with its place `960x540+590+0`. Raises ValueError with a sentence for a person."""
    found = re.fullmatch(r"(\d{3,5})x(\d{3,5})(?:\+(\d{1,5})\+(\d{1,5}))?", text, re.ASCII)
    if not found or int(found[1]) < 480 or int(found[2]) < 480:
        raise ValueError(f"--windowed {text!r}: expected width x height in pixels, e.g. 1080x1920, at least 480x480")
    place = None if found[3] is None else (int(found[3]), int(found[4]))
    return Windowed(int(found[1]), int(found[2]), place)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that say where the program draws."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--screen", metavar="N", help="the screen to fill: 1 is the leftmost; else the main one")
    group.add_argument("--windowed", metavar="WxH[+X+Y]", help="a window, e.g. 1920x1080; Ctrl+C ends it")


def place_of(options: argparse.Namespace) -> Place:
    """What these options say. Raises ValueError with a sentence for a person."""
    if options.screen is not None and not re.fullmatch(r"[1-9]", options.screen, re.ASCII):
        raise ValueError(f"--screen {options.screen!r}: expected the number of a screen, 1 (the leftmost) to 9")
    return Place(
        windowed(options.windowed) if options.windowed else None, int(options.screen) if options.screen else None
    )


def on_a_desktop() -> bool:
    """Is there a screen that people see? Tests draw into SDL's memory."""
    return os.environ.get("SDL_VIDEODRIVER") not in {"offscreen", "dummy"}


def stay_in_place(place: Place) -> Keeper | None:
    """Keep the window on the whole of its screen, whatever is switched on, off or to another resolution.

    By its own place and size, not by SDL's full screen: that is set once, on the first screen, and on a bare X server
    SDL only believes in it.
    """
    if place.window or not on_a_desktop():
        return None
    from kivy.clock import Clock
    from kivy.core.window import Window

    keeper = Keeper(Window, screens_here(), place.screen)
    Clock.schedule_once(keeper.look, 0.3)
    Clock.schedule_interval(keeper.look, LOOK_EVERY)
    return keeper


class Keeper:
    """Keeps one window (Kivy's) on the whole of one of the screens."""

    def __init__(self, window: Any, screens: Screens, wanted: int | None) -> None:
        self._window = window
        self._screens = screens
        self._wanted = wanted
        self._aim: Screen | None = None
        self._tries = 0
        self.hidden = screens.chosen(wanted) is None
        """Whether there is no such screen now, and so nothing to be seen."""

    def look(self, _: float) -> None:
        """Once in a while."""
        found = self._screens.chosen(self._wanted)
        if found is None:
            if not self.hidden:
                log.warning("screen %s has gone: nothing is shown until it is back", self._wanted)
                self._window.hide()
                self.hidden = True
            return
        if self.hidden:
            log.info("screen %s is there", self._wanted)
            self._window.show()
            self.hidden, self._aim = False, None
        if found[:4] != self._box():
            self._move(found)

    def _box(self) -> tuple[int, int, int, int]:
        width, height = self._window.system_size
        return self._window.left, self._window.top, width, height

    def _move(self, to: Screen) -> None:
        if to != self._aim:
            self._aim, self._tries = to, 0
            log.info("filling the screen of %d x %d at %d, %d", to.width, to.height, to.x, to.y)
        if self._tries == TRIES:
            log.warning("the desktop keeps the window at %s instead of %s", self._box(), tuple(to[:4]))
        self._tries += 1
        if self._tries > TRIES:
            return
        # A place or size that SDL holds already would not be set, though X may hold another: one pixel less first.
        self._window.system_size = (to.width - 1, to.height - 1)
        self._window.left, self._window.top = to.x, to.y
        self._window.system_size = (to.width, to.height)


@cache
def screens_here() -> Screens:
    """The screens of this PC, by one connection to the X server for the whole program."""
    return Screens()
