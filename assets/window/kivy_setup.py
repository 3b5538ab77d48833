"""Settles what Kivy reads when it is first imported: no console, no files of its own, no way out of the kiosk.

Call `prepare` before anything imports `kivy`. No widget is made here.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from assets.window import place as window


def prepare(home: Path, place: window.Place) -> None:
    """Environment and configuration. `home`: Kivy's own folder. `place`: where on the desktop it draws.

    RuntimeError if Kivy was imported already: half of this would then be without effect. Raises :class:`NoScreen`.
    """
    if "kivy" in sys.modules:
        raise RuntimeError("Kivy was imported before it was set up")
    os.environ.update(
        KIVY_HOME=str(home),
        KIVY_LOG_MODE="PYTHON",
        KIVY_NO_ARGS="1",
        KIVY_NO_CONFIG="1",
        # SDL would turn SIGTERM into a wish to close the window, which is refused: the service could not be stopped.
        SDL_NO_SIGNAL_HANDLERS="1",
    )
    os.environ.pop("KIVY_MODULES", None)
    home.mkdir(parents=True, exist_ok=True)
    from kivy.config import Config

    Config.set("kivy", "exit_on_escape", "0")
    Config.set("kivy", "pause_on_minimize", "0")
    Config.set("input", "mouse", "mouse,disable_multitouch")  # right clicks would leave red dots
    # Kivy's own search for panels: SDL reports their touches already, and each would come twice.
    Config.remove_option("input", "%(name)s")
    Config.set("graphics", "multisamples", "0")  # rounded corners are smooth enough, and old PCs are slow
    Config.set("graphics", "resizable", "0")
    if place.window is None:
        Config.set("graphics", "show_cursor", "0")
    window.prepare(place)
