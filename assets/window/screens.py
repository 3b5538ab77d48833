"""The screens of this PC, and where each stands on the desktop now. Opens no window.

Asked of the window system itself, again and again: SDL 2.30 notices on X11 that a screen is switched on, but neither
that one is switched off nor that a resolution changes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, NamedTuple


class NoScreen(Exception):
    """There is no screen to draw on."""


class Screen(NamedTuple):
    """A screen's place on the desktop, in pixels from its upper left corner; and whether it is the main one."""

    x: int
    y: int
    width: int
    height: int
    main: bool = False


class Screens:
    """The screens that are on. Raises :class:`NoScreen` where the window system cannot be reached."""

    def __init__(self) -> None:
        self._ask: Callable[[], list[Screen]]
        if sys.platform == "win32":
            self._ask = _of_windows
        else:
            self._ask = _of_x11()

    def now(self) -> tuple[Screen, ...]:
        """From left to right, from top to bottom; two that show the same are one."""
        places: dict[tuple[int, ...], Screen] = {}
        for screen in sorted(self._ask()):
            places[screen[:4]] = screen  # of two that show the same the main one comes last
        return tuple(places.values())

    def chosen(self, wanted: int | None) -> Screen | None:
        """Screen number `wanted` (from 1, in the order of :meth:`now`); without a number the main one, else the
        first. None where there is no such screen now.
        """
        found = self.now()
        if wanted is None:
            return next((screen for screen in found if screen.main), found[0] if found else None)
        return found[wanted - 1] if wanted <= len(found) else None


def _of_x11() -> Callable[[], list[Screen]]:
    from Xlib import display, error

    name = os.environ.get("DISPLAY", "")
    if not name:
        raise NoScreen("no screen: DISPLAY is not set; start this in the desktop's session")
    try:
        server: Any = display.Display(name)
    except (error.DisplayError, error.XauthError, OSError) as trouble:
        raise NoScreen(f"no screen: {trouble}") from trouble
    root = server.screen().root

    def ask() -> list[Screen]:
        try:
            monitors = root.xrandr_get_monitors(is_active=True).monitors
        except error.ConnectionClosedError as trouble:
            raise NoScreen(f"the screen has gone: {trouble}") from trouble
        return [Screen(m.x, m.y, m.width_in_pixels, m.height_in_pixels, bool(m.primary)) for m in monitors]

    return ask


def _of_windows() -> list[Screen]:
    import ctypes
    from ctypes import wintypes

    user32: Any = ctypes.windll.user32  # type: ignore[attr-defined,unused-ignore]  # on Windows only
    found: list[Screen] = []
    kind: Any = ctypes.WINFUNCTYPE(  # type: ignore[attr-defined,unused-ignore]  # the same
        wintypes.BOOL, wintypes.HANDLE, wintypes.HDC, ctypes.POINTER(wintypes.RECT), wintypes.LPARAM
    )

    def note(_monitor: Any, _dc: Any, place: Any, _data: Any) -> bool:
        box = place.contents
        main = (box.left, box.top) == (0, 0)  # Windows puts its main screen there
        found.append(Screen(box.left, box.top, box.right - box.left, box.bottom - box.top, main))
        return True

    user32.EnumDisplayMonitors(None, None, kind(note), 0)
    return found
