"""`python -m display`: reads the command line and sets Kivy's environment before Kivy is imported. No more.

Kivy reads its switches at import: its own command line, settings file and log would otherwise take over, and
`-m` modules, Esc and F1 would be ways out of the program in front of the public.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import tempfile
from pathlib import Path

from assets.window import Windowed, set_size, windowed, worth_reading
from server.client import socket_url

log = logging.getLogger(__name__)


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line, checked. Ends the program with a sentence where it is wrong."""
    parser = argparse.ArgumentParser(prog="luot-display", description="The hall's display.")
    parser.add_argument("--server", required=True, metavar="URL", help="the hall, e.g. http://192.168.1.10:8000")
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="else the environment's LUOT_TOKEN")
    parser.add_argument("--voice", choices=("espeak", "off"), default="espeak", help="off leaves the chime")
    parser.add_argument("--lang", default="vi", help="language of screen and voice")
    parser.add_argument("--windowed", metavar="WxH[+X+Y]", help="a window that can be closed, e.g. 1920x1080")
    given = parser.parse_args(argv)
    try:
        socket_url(given.server)
        given.windowed = windowed(given.windowed) if given.windowed else None
    except ValueError as error:
        parser.error(str(error))
    try:
        token = given.token_file.read_text("utf-8") if given.token_file else os.environ.get("LUOT_TOKEN", "")
    except OSError as error:
        parser.error(f"cannot read the token: {error}")
    given.token = token.strip()
    if not given.token:
        parser.error("no token: give --token-file FILE or set LUOT_TOKEN")
    return given


def prepare(folder: Path, window: Windowed | None) -> None:
    """Kivy's environment and settings; must run before anything of Kivy's is imported but its `config`."""
    os.environ.update(
        KIVY_NO_ARGS="1",
        KIVY_NO_CONFIG="1",
        KIVY_NO_FILELOG="1",
        KIVY_LOG_MODE="PYTHON",
        KIVY_AUDIO="sdl2",
        KIVY_HOME=str(folder / "kivy"),
        # SDL would turn SIGTERM into a wish to close the window, which we refuse: the service could not be stopped.
        SDL_NO_SIGNAL_HANDLERS="1",
    )
    from kivy.config import Config

    Config.set("kivy", "exit_on_escape", "0")
    Config.set("kivy", "window_icon", "")
    Config.remove_option("input", "%(name)s")  # no touch here
    Config.set("graphics", "maxfps", "30")
    Config.set("input", "mouse", "mouse,disable_multitouch")
    set_size(window)


def main(argv: list[str] | None = None) -> None:
    """The program. Returns when its window is closed, which only a `--windowed` one can be."""
    given = arguments(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("kivy").addFilter(worth_reading)
    with tempfile.TemporaryDirectory(prefix="luot-display-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        prepare(folder, given.windowed)
        from display import speech
        from display.app import DisplayApp

        engine: speech.Engine = speech.Silent()
        mute = False
        if given.voice == "espeak":
            try:
                engine = speech.Espeak()
            except speech.Mute as why:
                log.error("no voice: %s; calls are announced by the chime alone", why)
                mute = True
        app = DisplayApp(
            url=given.server,
            token=given.token,
            lang=given.lang,
            engine=engine,
            mute=mute,
            folder=folder,
            closable=given.windowed is not None,
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: app.leave())
        asyncio.run(app.main())


if __name__ == "__main__":
    main()
