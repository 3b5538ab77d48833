"""`python -m display`: reads the command line, opens the window and puts the parts together. Wiring only."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
from pathlib import Path
from typing import Final

from assets import logs, parts
from assets.window import kivy_setup, token
from assets.window import place as window
from assets.window.screens import NoScreen
from server.client import options as hall

log = logging.getLogger(__name__)

GRAPHICS: Final = {"maxfps": "30"}
"""Kivy's settings of our own: what moves is slow, and the PC also has a kiosk to draw."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="luot-display", description="The hall's display.")
    hall.add_options(parser)
    token.add_option(parser)
    parser.add_argument("--voice", choices=("espeak", "off"), default="espeak", help="off leaves the chime")
    parser.add_argument("--lang", default="vi", help="language of screen and voice")
    window.add_options(parser)
    parser.add_argument("--log", type=Path, metavar="FILE", help="log to a file instead of stderr")
    return parser


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line, checked. Ends the program with a sentence where it is wrong."""
    parser = _parser()
    given = parser.parse_args(argv)
    why = parts.lacks("display")
    if why is not None:
        parser.error(why)
    try:
        given.tls = hall.tls_of(given)
        given.place = window.place_of(given)
        given.token = token.read_token(given.token_file)
        logs.set_up(given.log)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    return given


def main(argv: list[str] | None = None) -> None:
    """The program. Returns when its window is closed, which only a `--windowed` one can be.

    Exits with 2 on wrong arguments, with 1 where there is no screen: whoever started it tries again later.
    """
    logs.speak_utf8()
    given = arguments(argv)
    logging.getLogger("kivy").addFilter(kivy_setup.worth_reading)
    with tempfile.TemporaryDirectory(prefix="luot-display-", ignore_cleanup_errors=True) as name:
        try:
            kivy_setup.prepare(Path(name) / "kivy", given.place, GRAPHICS)
            kivy_setup.open_window()
        except NoScreen as error:
            sys.exit(str(error))
        from display.app import DisplayApp
        from display.voice import engines

        engine: engines.Engine = engines.Silent()
        mute = False
        if given.voice == "espeak":
            try:
                engine = engines.Espeak()
            except engines.Mute as why:
                log.error("no voice: %s; calls are announced by the chime alone", why)
                mute = True
        app = DisplayApp(
            url=given.server,
            token=given.token,
            lang=given.lang,
            engine=engine,
            mute=mute,
            place=given.place,
            tls=given.tls,
        )
        asyncio.run(app.main())


if __name__ == "__main__":
    main()
