"""Settles what Kivy reads when it is first imported: no console, no files of its own, no way out of the program.

Kivy's own command line, settings file and log would otherwise take over, and `-m` modules, Esc and F1 would be ways out
in front of the public. Call `prepare` before anything imports `kivy`. No widget is made here.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from assets.window.place import Place, on_a_desktop, screens_here
from assets.window.screens import NoScreen, Screen

log = logging.getLogger(__name__)


def prepare(home: Path, place: Place, graphics: Mapping[str, str] | None = None) -> None:
    """Environment and configuration. `home`: Kivy's own folder. `place`: where on the desktop it draws. `graphics`:
    what else the program sets in that section of Kivy's settings.

    RuntimeError if Kivy was imported already: half of this would then be without effect. Raises :class:`NoScreen`.
    """
    if "kivy" in sys.modules:
        raise RuntimeError("Kivy was imported before it was set up")
    os.environ.update(
        KIVY_HOME=str(home),
        KIVY_LOG_MODE="PYTHON",
        KIVY_NO_ARGS="1",
        KIVY_NO_CONFIG="1",
        KIVY_NO_FILELOG="1",
        # SDL would turn SIGTERM into a wish to close the window, which is refused: the service could not be stopped.
        SDL_NO_SIGNAL_HANDLERS="1",
    )
    os.environ.pop("KIVY_MODULES", None)
    choose_drivers()
    home.mkdir(parents=True, exist_ok=True)
    from kivy.config import Config

    Config.set("kivy", "exit_on_escape", "0")
    Config.set("input", "mouse", "mouse,disable_multitouch")  # right clicks would leave red dots
    # Kivy's own search for panels: SDL reports their touches already, and each would come twice.
    Config.remove_option("input", "%(name)s")
    # Kivy allows the screen saver unless it is told not to, and undoes what SDL has asked of the desktop.
    Config.set("graphics", "allow_screensaver", "0")
    for name, value in (_where(place) | dict(graphics or {})).items():
        Config.set("graphics", name, value)


def choose_drivers() -> None:
    """By which of the system's ways SDL and Kivy draw, unless the environment says so already."""
    if sys.platform == "win32":
        # The OpenGL of old graphics drivers there is too old for Kivy, or crashes; ANGLE draws by Direct3D.
        os.environ.setdefault("KIVY_GL_BACKEND", "angle_sdl2")
    elif sys.platform != "darwin":
        # Left to itself SDL would draw into its memory where it finds no X server, and nobody would ever see it.
        os.environ.setdefault("SDL_VIDEODRIVER", "x11")


def _where(place: Place) -> dict[str, str]:
    """What Kivy's section `graphics` says of the window's place. Raises :class:`NoScreen`."""
    found: dict[str, str] = {"fullscreen": "0"}
    box: tuple[int, int] | None
    if place.window:
        (width, height, box) = place.window
    else:
        screen = screens_here().chosen(place.screen) if on_a_desktop() else Screen(0, 0, 1024, 768)
        box, width, height = (screen[:2], *screen[2:4]) if screen else ((0, 0), 1024, 768)
        found |= {"borderless": "1", "show_cursor": "0"}
        if screen is None:
            log.warning("screen %s is not there: nothing is shown until it is switched on", place.screen)
            found["window_state"] = "hidden"
    found |= {"width": str(width), "height": str(height)}
    if box:
        found |= {"position": "custom", "left": str(box[0]), "top": str(box[1])}
    return found


def open_window() -> None:
    """Open Kivy's window. Raises :class:`NoScreen` where none opens."""
    from kivy.base import EventLoop
    from kivy.core.window import Window

    if Window is None:
        raise NoScreen("no screen: no window can be opened here; the lines above say why")
    EventLoop.ensure_window()


def worth_reading(record: logging.LogRecord) -> bool:
    """A filter for Kivy's log: it tells every start in twenty lines, and a traceback for each kind of touch screen that
    it has no library of.

    A filter, because Kivy sets its logger's level anew while it is imported.
    """
    return record.levelno >= logging.WARNING and "is not supported by your" not in record.getMessage()
